"""Rounds that were held before they are kept here: their visits are stored already. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from weathermap.store import tables as t
from weathermap.store.registry import City
from weathermap.store.sql import query
from weathermap.store.visit_tables import observation, round_, round_member, round_point, visit
from weathermap.visit.rounds import Round


@dataclass(frozen=True)
class Held:
    """A round as it was. `leader`: a person's code; `visits`: ids; `seen`: (visit, standard, edition, issue)."""

    round: Round
    leader: str
    follow_up: str
    visits: tuple[int, ...]
    seen: tuple[tuple[int, str, str, int | None], ...]


def loose_visits(connection: Connection, city: City) -> Sequence[Row[Any]]:
    """A demo's visits of rounds in none yet, by day: visit_id, point, kind, day, found [[issue, category], …]."""
    asked = {"city_id": city.city_id, "zone": city.pack.config.timezone}
    return connection.execute(query("demo_rounds"), asked).all()


def keep_held(connection: Connection, city: City, held: Held) -> None:
    """Store a round with its members, points, and what was seen; its visits become the round's."""
    p, made = t.person.c, held.round
    leader = select(p.person_id).where(p.city_id == city.city_id, p.code == held.leader).scalar_subquery()
    row = {"city_id": city.city_id, "key": made.key, "name": made.name, "held_on": made.held_on}
    new = round_.insert().values(**row, person_id=leader, follow_up=held.follow_up).returning(round_.c.round_id)
    round_id = connection.execute(new).scalar_one()
    members = [{"round_id": round_id, "place": k, "name": n, "kind": kind} for k, (n, kind) in enumerate(made.members)]
    connection.execute(round_member.insert(), members)
    ids = [int(city.point_ids[city.book.points[code]]) for code in made.points]
    connection.execute(round_point.insert(), [{"round_id": round_id, "point_id": point} for point in ids])
    connection.execute(visit.update().where(visit.c.visit_id.in_(held.visits)).values(round_id=round_id))
    seen = [
        {"visit_id": of, "standard": code, "edition": edition, "result": "fail" if issue else "pass", "issue_id": issue}
        for of, code, edition, issue in held.seen
    ]
    if seen:
        connection.execute(observation.insert(), seen)
