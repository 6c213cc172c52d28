"""Proposals of the ladder: somebody decides. Taking one is that person's own move; the program never makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from weathermap.city.ladder import LadderStep
from weathermap.errors import Refused, Stale, UnknownName
from weathermap.issue.given import NOTE_LENGTH, Wish
from weathermap.issue.hands import make_moves
from weathermap.people.accounts import Account
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.notice_tables import ladder_step
from weathermap.store.registry import City
from weathermap.store.sql import query


def steps_for(city: City, account: Account) -> list[LadderStep]:
    """The steps on which this account decides."""
    if account.person_id is None:
        return []
    return [step for step in city.pack.ladder if step.decider and step.decider in account.roles]


def proposals(connection: Connection, city: City, account: Account, limit: int) -> Sequence[Row[Any]]:
    """Those that wait for this account, the longest overdue first."""
    steps = [step.code for step in steps_for(city, account)]
    return connection.execute(
        query("proposals"), {"city_id": city.city_id, "steps": steps, "limit": limit, "area": account.area}
    ).all() if steps else []  # fmt: skip


def count_proposals(connection: Connection, city: City, account: Account) -> int:
    """How many wait for this account."""
    steps = [step.code for step in steps_for(city, account)]
    s, i = ladder_step.c, t.issue.c
    asked = (
        select(func.count())
        .join_from(ladder_step, t.issue, (i.issue_id == s.issue_id) & (i.deadline == s.deadline))
        .where(s.city_id == city.city_id, s.state == "open", s.step.in_(steps), i.state == "handling")
        .where(func.issue_within(i.places, account.area))
    )
    return int(connection.execute(asked).scalar_one()) if steps else 0


def take_proposal(
    connection: Connection, settings: Settings, city: City, account: Account, step: str, wish: Wish
) -> None:
    """Make the proposed move, as `wish` words it, and note it taken.

    Raises UnknownName, Refused, Stale, and what the move itself raises; then the caller rolls back.
    """
    found = _own_step(city, account, step)
    answer = make_moves(connection, settings, city, account, [_of(wish, found.move)])[0]
    if answer.error is not None:
        raise answer.error
    _decide(connection, city, account, wish.number, step, "taken", "")


def dismiss_proposal(connection: Connection, city: City, account: Account, step: str, number: str, why: str) -> None:
    """Note that nothing follows, and why. Raises UnknownName, Refused, Stale."""
    _own_step(city, account, step)
    if not why.strip() or len(why) > NOTE_LENGTH:
        zh = f"请写明不采纳的理由，最多 {NOTE_LENGTH} 个字。"
        raise Refused("A reason is needed.", f"Say why nothing follows, in at most {NOTE_LENGTH} characters.", zh)
    _decide(connection, city, account, number, step, "dismissed", why.strip())


def _of(wish: Wish, move: str) -> Wish:
    return replace(wish, move=move)


def _own_step(city: City, account: Account, code: str) -> LadderStep:
    found = next((step for step in city.pack.ladder if step.code == code), None)
    if found is None:
        raise UnknownName(f"The ladder has no step {code!r}.", "Look again.", "阶梯里没有这一步。")
    if found not in steps_for(city, account):
        raise Refused(f"{account.name} does not decide on this.", f"A {found.decider} does.", "这一步不由您决定。")
    return found


def _decide(
    connection: Connection, city: City, account: Account, number: str, step: str, state: str, note: str
) -> None:
    i, s = t.issue.c, ladder_step.c
    mine = select(i.issue_id).where(i.number == number, i.city_id == city.city_id).scalar_subquery()
    values = {"state": state, "decided_at": datetime.now(UTC), "decided_by": account.person_id, "note": note}
    done = connection.execute(
        ladder_step.update().where(s.issue_id == mine, s.step == step, s.state == "open").values(values)
    )
    if not done.rowcount:
        raise Stale(f"This step for {number} was decided meanwhile.", "Look again.", "这一步已有人决定。")
