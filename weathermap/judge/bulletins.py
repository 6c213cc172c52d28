"""The life of a bulletin: drafted, shown to those it names, objected to, answered, published. Its facts never change.

Those named see their part for a set time before it goes out; it is published when that time is over and every objection
has an answer. One that names nobody need be shown to nobody. The caller owns the transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from weathermap.errors import Refused, UnknownName
from weathermap.notice.writing import tell_of_bulletin
from weathermap.people.accounts import Account
from weathermap.store import tables as s
from weathermap.store.bulletin_tables import bulletin as t
from weathermap.store.bulletin_tables import bulletin_objection as o

HEARING = timedelta(hours=24)  # for those named
STATES = {
    "draft": ("草稿", "Draft"),
    "shown": ("公示，听取意见", "Shown to those named"),
    "published": ("已发布", "Published"),
    "withdrawn": ("已撤回", "Withdrawn"),
}
LONGEST = 1_000  # characters of an objection or an answer


def draft(
    connection: Connection,
    account: Account,
    city_id: int,
    kind: str,
    head: Mapping[str, str],
    facts: Mapping[str, Any],
    picture: str,
    units: Sequence[str],
    at: datetime,
    job_id: int | None = None,
) -> int:
    """Keep a draft with its facts. Returns its number. `job_id`: of the job that writes it, for which there is one."""
    row = {"city_id": city_id, "kind": kind, "head": dict(head), "facts": dict(facts), "picture": picture}
    row |= {"units": list(units), "at": at, "state": "draft", "created_by": account.account_id}
    row |= {"created_at": datetime.now(UTC), "job_id": job_id}
    found: int = connection.execute(t.insert().values(row).returning(t.c.bulletin_id)).scalar_one()
    return found


def find_bulletin(connection: Connection, city_id: int, number: int) -> Row[Any]:
    """Raises UnknownName."""
    row = connection.execute(select(t).where(t.c.bulletin_id == number, t.c.city_id == city_id)).one_or_none()
    if row is None:
        raise UnknownName(f"There is no bulletin {number}.", "See /bulletins.")
    return row


def bulletin_of_job(connection: Connection, job_id: int) -> int | None:
    """The bulletin that a job wrote when it was tried before."""
    return connection.execute(select(t.c.bulletin_id).where(t.c.job_id == job_id)).scalar()


def list_bulletins(connection: Connection, city_id: int, unit: str | None, limit: int = 100) -> list[Row[Any]]:
    """The newest first, without their facts. `unit`: only what somebody of this unit sees: what was published, and
    what names the unit and is shown."""
    columns = [c for c in t.c if c.name not in ("facts", "picture")]
    statement = select(*columns).where(t.c.city_id == city_id).order_by(t.c.bulletin_id.desc()).limit(limit)
    if unit is not None:
        statement = statement.where((t.c.state == "published") | ((t.c.state == "shown") & t.c.units.any(unit)))
    return list(connection.execute(statement).all())


def rewrite(connection: Connection, row: Row[Any], head: Mapping[str, str]) -> None:
    """Another head; what it says of the matter stands once it was shown. Raises Refused once it is out."""
    if row.state != "shown":
        _must(row, "draft")
    kept = {"matter": row.head["matter"]} if row.state == "shown" else {}
    changed = update(t).where(t.c.bulletin_id == row.bulletin_id, t.c.state == row.state)
    connection.execute(changed.values(head={**head, **kept}))


def show(connection: Connection, row: Row[Any], actor: int, now: datetime) -> None:
    """Show those named their part, from now on for `HEARING`, and tell them. `actor`: the person; 0: the program."""
    _must(row, "draft")
    values = {"state": "shown", "shown_at": now, "open_until": now + HEARING}
    statement = update(t).where(t.c.bulletin_id == row.bulletin_id, t.c.state == "draft").values(values)
    if connection.execute(statement).rowcount:
        _tell(connection, row, "show", _named(connection, row), actor, now)


def object_to(connection: Connection, row: Row[Any], account: Account, said: str, now: datetime) -> None:
    """What a unit that is named says against it. Raises Refused: too late, not named, nothing said."""
    _must(row, "shown")
    unit = connection.execute(select(s.unit.c.code).where(s.unit.c.unit_id == account.unit_id)).scalar()
    if unit is None or unit not in row.units:
        raise Refused("This bulletin does not name your unit.", "Ask the office that wrote it.")
    if now > row.open_until:
        raise Refused("The time for objections is over.", "Speak to the office that wrote it.")
    if not said.strip():
        raise Refused("Nothing was written.", "Say what is wrong and why.")
    values = {"bulletin_id": row.bulletin_id, "unit_id": account.unit_id, "account_id": account.account_id}
    connection.execute(o.insert().values({**values, "at": now, "said": said.strip()[:LONGEST]}))
    _tell(connection, row, "object", [None], account.person_id or 0, now)


def answer(connection: Connection, row: Row[Any], number: int, account: Account, words: str, now: datetime) -> None:
    """The office's answer to an objection, which stands in the bulletin. Raises Refused."""
    _must(row, "shown")
    if not words.strip():
        raise Refused("Nothing was written.", "Say what came of the objection.")
    values = {"answer": words.strip()[:LONGEST], "answered_by": account.account_id, "answered_at": now}
    mine = (o.c.objection_id == number) & (o.c.bulletin_id == row.bulletin_id)
    answered = connection.execute(update(o).where(mine).values(values).returning(o.c.unit_id)).scalars().all()
    _tell(connection, row, "answer", answered, account.person_id or 0, now)


def objections_of(connection: Connection, number: int) -> list[Row[Any]]:
    """The objections to a bulletin, the oldest first, with the unit's code and name."""
    statement = (
        select(o, s.unit.c.code.label("unit"), s.unit.c.name.label("unit_name"))
        .join(s.unit, s.unit.c.unit_id == o.c.unit_id)
        .where(o.c.bulletin_id == number)
        .order_by(o.c.objection_id)
    )
    return list(connection.execute(statement).all())


def publish(connection: Connection, row: Row[Any], account: Account, now: datetime) -> None:
    """Send it out. Raises Refused while those named may still object, or an objection has no answer."""
    if row.state == "draft" and row.units:
        raise Refused("Those whom it names have not seen it yet.", "Show it to them first.")
    if row.state not in ("draft", "shown"):
        _must(row, "shown")
    if row.state == "shown" and now < row.open_until:
        raise Refused("Those whom it names may still object.", "Wait until their time is over.")
    if any(not objection.answer for objection in objections_of(connection, row.bulletin_id)):
        raise Refused("An objection has no answer yet.", "Answer each objection first.")
    values = {"state": "published", "published_at": now, "published_by": account.account_id}
    statement = update(t).where(t.c.bulletin_id == row.bulletin_id, t.c.state == row.state).values(values)
    if connection.execute(statement).rowcount:
        _tell(connection, row, "publish", _named(connection, row), account.person_id or 0, now)


def withdraw(connection: Connection, row: Row[Any]) -> None:
    """Take back what was not published; it stays on the list."""
    if row.state == "published":
        raise Refused("It was published.", "Publish a correction.")
    connection.execute(update(t).where(t.c.bulletin_id == row.bulletin_id).values(state="withdrawn"))


def _named(connection: Connection, row: Row[Any]) -> Sequence[int]:
    """The ids of the units that a bulletin names."""
    u = s.unit.c
    return connection.execute(select(u.unit_id).where(u.city_id == row.city_id, u.code.in_(row.units))).scalars().all()


def _tell(
    connection: Connection, row: Row[Any], step: str, units: Sequence[int | None], actor: int, now: datetime
) -> None:
    tell_of_bulletin(connection, row.city_id, now, row.bulletin_id, step, units, actor)


def _must(row: Row[Any], state: str) -> None:
    if row.state != state:
        raise Refused(f"It is not {STATES[state][1].lower()}: {STATES[row.state][1].lower()}.", "Load the page anew.")
