"""Visits of points, and the coverage that they give: a declared point counts as covered for 30 days after a visit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, select

from weathermap.errors import UnknownName
from weathermap.issue.batch import Visits
from weathermap.store import copy
from weathermap.store import tables as t
from weathermap.store.registry import City
from weathermap.store.visit_tables import visit
from weathermap.tally.measures import COVER_S, Delta, M

SECOND_US = 1_000_000


@dataclass(frozen=True)
class Coverage:
    """How many visits were new, and what they post: see `post_deltas`."""

    visits: int
    deltas: list[Delta]
    holders: list[int]
    subjects: list[list[int]]


def take_visits(connection: Connection, city: City, visits: Visits) -> Coverage:
    """Store visits not stored yet (by key). The caller posts what they cover."""
    known = set(
        connection.execute(
            select(visit.c.key).where(visit.c.city_id == city.city_id, visit.c.key.in_(visits.key.tolist()))
        ).scalars()
        if len(visits) < 1_000
        else connection.execute(select(visit.c.key).where(visit.c.city_id == city.city_id)).scalars()
    )
    fresh = visits.take(np.array([key not in known for key in visits.key], dtype=bool))
    if not len(fresh):
        return Coverage(0, [], [], [])
    points = _points(fresh, city)
    ids = city.point_ids[points]
    earlier = _earlier(connection, ids)
    people = [
        int(city.person_ids[row]) if (row := city.book.people.get(code, -1)) >= 0 else 0 for code in fresh.inspector
    ]
    copy.copy_columns(
        connection,
        "visit",
        {
            "city_id": copy.numbers([city.city_id] * len(fresh)),
            "key": copy.texts(fresh.key),
            "kind": copy.texts(fresh.kind),
            "point_id": copy.numbers(ids),
            "person_id": copy.optional(people, 0),
            "started_at": copy.instants(fresh.start),
            "ended_at": copy.instants(fresh.end),
        },
    )
    return _coverage(connection, city, points, fresh.start // SECOND_US, earlier)


def declared_second(declared_on: date | None, timezone: str) -> int:
    """From when on a point counts: 00:00 of the day of its declaration, else the beginning. Seconds since 1970Z."""
    return int(datetime.combine(declared_on or date(2000, 1, 1), time(), ZoneInfo(timezone)).timestamp())


def cover(starts: list[int], before: list[int], declared: int) -> list[Delta]:
    """What visits at `starts` post when those at `before` were posted: +1 where coverage begins, −1 where it ends.

    `declared`: the second from which on the point counts; a visit before covers what is left of its 30 days then.
    """
    deltas: list[Delta] = [(start, M["visits"], 1) for start in starts]
    old, new = _spans(before, declared), _spans([*before, *starts], declared)
    for span, sign in [(span, -1) for span in old if span not in new] + [(span, 1) for span in new if span not in old]:
        deltas += [(span[0], M["covered"], sign), (span[1], M["covered"], -sign)]
    return deltas


def _spans(starts: list[int], declared: int) -> list[tuple[int, int]]:
    """The stretches of time in which a point visited at `starts` is covered."""
    spans: list[tuple[int, int]] = []
    for start in sorted(starts):
        begin, end = max(start, declared), start + COVER_S
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        elif begin < end:
            spans.append((begin, end))
    return spans


def _points(visits: Visits, city: City) -> list[int]:
    try:
        return [city.book.points[code] for code in visits.point]
    except KeyError as missing:
        raise UnknownName(
            f"A visit names point {missing}, which the pack does not have.", "Add it to points.csv."
        ) from missing


def _earlier(connection: Connection, ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[int, list[int]]:
    """Starts of the stored visits of these points, seconds."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = connection.execute(
        select(visit.c.point_id, visit.c.started_at).where(visit.c.point_id.in_(np.unique(ids).tolist()))
    )
    for point_id, started_at in rows:
        found[point_id].append(_seconds(started_at))
    return found


def _seconds(at: datetime) -> int:
    return int(at.timestamp() // 1)


def _coverage(
    connection: Connection,
    city: City,
    points: list[int],
    starts: np.ndarray[tuple[int], np.dtype[np.int64]],
    earlier: dict[int, list[int]],
) -> Coverage:
    by_point: dict[int, list[int]] = defaultdict(list)
    for point, start in zip(points, starts.tolist(), strict=True):
        by_point[int(city.point_ids[point])].append(start)
    rows = connection.execute(
        select(t.point.c.point_id, t.point.c.places, t.point.c.unit_id, t.point.c.declared_on).where(
            t.point.c.point_id.in_(list(by_point))
        )
    ).all()
    deltas: list[Delta] = []
    holders: list[int] = []
    subjects: list[list[int]] = []
    for row in rows:
        declared = declared_second(row.declared_on, city.pack.config.timezone)
        posted = cover(by_point[row.point_id], earlier.get(row.point_id, []), declared)
        holders += [len(subjects)] * len(posted)
        deltas += posted
        subjects.append(row.places if row.unit_id is None else [*row.places, row.unit_id])
    return Coverage(len(starts), deltas, holders, subjects)
