"""Citizens' rounds (巡访): who goes, to which points, what was found, and what became of it.

What a round saw are visits of kind `round`; what it found are their issues. The caller owns the transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from weathermap.errors import Refused, UnknownName
from weathermap.people.accounts import Account
from weathermap.store.registry import City
from weathermap.store.sql import query
from weathermap.store.visit_tables import round_, round_member, round_point

MEMBER_KINDS: dict[str, tuple[str, str]] = {
    "veteran": ("老同志", "Old comrade"),
    "delegate": ("两代表一委员", "Delegate or committee member"),
    "volunteer": ("志愿者", "Volunteer"),
    "other": ("其他市民", "Other citizen"),
}
NAME, FOLLOW_UP, MEMBERS, POINTS = 80, 2_000, 60, 200


@dataclass(frozen=True)
class Round:
    """A round as it is set up. `key`: the form's own; `members`: (name, kind); `points`: codes."""

    key: str
    name: str
    held_on: date
    members: tuple[tuple[str, str], ...]
    points: tuple[str, ...]


def keep_round(connection: Connection, city: City, account: Account, made: Round) -> int:
    """Store a round once. Returns its id. Raises Refused, UnknownName."""
    r = round_.c
    stored = connection.execute(select(r.round_id).where(r.city_id == city.city_id, r.key == made.key)).scalar()
    if stored is not None:
        return int(stored)
    _check(city, made)
    row = {"city_id": city.city_id, "key": made.key, "name": made.name, "held_on": made.held_on}
    new = round_.insert().values(**row, person_id=account.person_id).returning(r.round_id)
    round_id = int(connection.execute(new).scalar_one())
    _keep_who_and_where(connection, city, round_id, made)
    return round_id


def _keep_who_and_where(connection: Connection, city: City, round_id: int, made: Round) -> None:
    members = [
        {"round_id": round_id, "place": place, "name": name, "kind": kind}
        for place, (name, kind) in enumerate(made.members)
    ]
    ids = [int(city.point_ids[city.book.points[code]]) for code in dict.fromkeys(made.points)]
    connection.execute(round_member.insert(), members)
    connection.execute(round_point.insert(), [{"round_id": round_id, "point_id": point} for point in ids])


def change_round(connection: Connection, city: City, round_id: int, made: Round) -> None:
    """Another name, day, members or points; a point that the round visited stays. Raises Refused, UnknownName."""
    _check(city, made)
    r, m, p = round_.c, round_member.c, round_point.c
    changed = round_.update().where(r.round_id == round_id, r.city_id == city.city_id)
    if not connection.execute(changed.values(name=made.name, held_on=made.held_on)).rowcount:
        raise _no_round(round_id)
    visited = [row for row in points_of(connection, round_id) if row.visits and row.code not in made.points]
    if visited:
        names = "、".join(row.name for row in visited)
        codes = ", ".join(row.code for row in visited)
        zh = f"这些点位已走访，不能移出：{names}。"
        raise Refused(f"The round was at these points already: {codes}.", "Leave them in.", zh)
    connection.execute(round_member.delete().where(m.round_id == round_id))
    connection.execute(round_point.delete().where(p.round_id == round_id))
    _keep_who_and_where(connection, city, round_id, made)


def _no_round(round_id: int) -> UnknownName:
    return UnknownName(f"There is no round {round_id}.", "Open it from the list.", f"没有第 {round_id} 次巡访。")


def _check(city: City, made: Round) -> None:
    if not made.name or len(made.name) > NAME:
        raise Refused("A round needs a name.", f"Write up to {NAME} characters.", f"请写名称，{NAME} 个字以内。")
    if not 0 < len(made.members) <= MEMBERS:
        raise Refused("A round has members.", f"Name 1 to {MEMBERS}.", f"请写成员，1 到 {MEMBERS} 人。")
    for name, kind in made.members:
        if not name or len(name) > NAME:
            raise Refused("A member has no name.", f"Write up to {NAME} characters.", f"成员姓名要 1 到 {NAME} 个字。")
        if kind not in MEMBER_KINDS:
            kinds = ", ".join(MEMBER_KINDS)
            raise UnknownName(f"There is no kind of member {kind!r}.", f"Kinds: {kinds}.", f"没有这种成员：{kind}。")
    if not 0 < len(made.points) <= POINTS:
        raise Refused("A round goes to points.", f"Choose 1 to {POINTS}.", f"请选点位，1 到 {POINTS} 个。")
    unknown = [code for code in made.points if code not in city.book.points]
    if unknown:
        raise UnknownName(
            f"There are no such declared points: {', '.join(unknown)}.",
            "Take them out, or choose by name.",
            f"没有这些点位：{'、'.join(unknown)}。请移除，或按名称选。",
        )


def follow_up(connection: Connection, city: City, round_id: int, words: str) -> None:
    """What became of the round, in words. Raises UnknownName, Refused."""
    if len(words) > FOLLOW_UP:
        zh = f"后续有 {len(words)} 个字，最多 {FOLLOW_UP} 个。"
        raise Refused(f"The words have {len(words)} characters.", f"At most {FOLLOW_UP} are kept.", zh)
    r = round_.c
    changed = round_.update().where(r.round_id == round_id, r.city_id == city.city_id).values(follow_up=words)
    if not connection.execute(changed).rowcount:
        raise _no_round(round_id)


def list_rounds(connection: Connection, city_id: int, round_id: int | None = None) -> list[Row[Any]]:
    """Rounds, the newest first, each with its members, points, visited points, findings, and how many are rectified."""
    return list(connection.execute(query("rounds"), {"city_id": city_id, "round_id": round_id}))


def members_of(connection: Connection, round_id: int) -> list[Row[Any]]:
    """Members in the order given."""
    m = round_member.c
    return list(connection.execute(select(round_member).where(m.round_id == round_id).order_by(m.place)))


def points_of(connection: Connection, round_id: int) -> list[Row[Any]]:
    """Points of a round, each with whether the round's visit is in, and its issues: number, state, category."""
    return list(connection.execute(query("round_points"), {"round_id": round_id}))
