"""Rebuilding every tally of a city from its events, points and visits: after borders changed, or to mend."""

from __future__ import annotations

import time as time_
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby

import numpy as np
from sqlalchemy import Connection, select, text

from weathermap.store import tables as t
from weathermap.store.registry import City
from weathermap.store.sql import query
from weathermap.store.visit_tables import visit
from weathermap.tally.fold import fold_once
from weathermap.tally.late import counted_by, keep_late_points
from weathermap.tally.measures import Delta, M
from weathermap.tally.post import FOLD_LOCK, append_deltas, log_fold
from weathermap.tally.prefix import Deltas
from weathermap.tally.replay import replay
from weathermap.visit.visits import cover, declared_second

Posting = tuple[list[Delta], list[int]]  # deltas, and the subjects that they count for


def rebuild_tallies(connection: Connection, city: City) -> int:
    """Replace all tallies of a city's units and of its present boundary version. Returns the number of postings.

    What earlier boundary versions counted stays as it is: past days are shown as they were judged.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": FOLD_LOCK})
    while fold_once(connection):  # what has come still counts for the earlier borders
        pass
    before = counted_by(connection, city.city_id, city.version)
    connection.execute(query("rebuild_clear"), {"city_id": city.city_id, "version": city.version})
    connection.execute(text("DELETE FROM tally_delta WHERE city_id = :city_id"), {"city_id": city.city_id})
    deltas: list[Delta] = []
    holders: list[int] = []
    subjects: list[list[int]] = []
    for posted, counted in _postings(connection, city):
        holders += [len(subjects)] * len(posted)
        deltas += posted
        subjects.append(counted)
    append_deltas(connection, city.city_id, deltas, holders, subjects)
    if len(before):
        keep_late_points(connection, city.city_id, before, points_counted(connection, city), int(time_.time()))
    log_fold(connection, city.city_id, [])
    return len(subjects)


def _postings(connection: Connection, city: City) -> Iterator[Posting]:
    yield from _issue_postings(connection, city)
    yield from _point_postings(connection, city)


def _issue_postings(connection: Connection, city: City) -> Iterator[Posting]:
    chosen = select(t.unit.c.code, t.unit.c.unit_id).where(t.unit.c.city_id == city.city_id)
    units = {row.code: row.unit_id for row in connection.execute(chosen)}
    rows = connection.execute(query("rebuild_events").execution_options(yield_per=20_000), {"city_id": city.city_id})
    for _, events in groupby(rows, key=lambda row: row.issue_id):
        told = list(events)
        first = told[0]
        deltas, held = replay(told)
        if deltas and len(held) < 2:
            yield deltas, city.subjects(first.places, first.unit_id or 0, first.category_id, first.source_id)
        elif deltas:
            yield deltas, city.counted(first.places, first.category_id, first.source_id)
            for unit, counted in held:
                yield counted, city.counted([units[unit]], first.category_id, first.source_id)


def points_counted(connection: Connection, city: City) -> Deltas:
    """What the declared points of a city and their visits post, for each subject."""
    posted = list(_point_postings(connection, city))
    holder = np.repeat(np.arange(len(posted)), [len(deltas) for deltas, _ in posted])
    return Deltas.spread(
        [delta for deltas, _ in posted for delta in deltas], holder, [counted for _, counted in posted]
    )


def _point_postings(connection: Connection, city: City) -> Iterator[Posting]:
    """Declared points from the day of their declaration (else from the beginning), and their coverage."""
    visits: dict[int, list[int]] = defaultdict(list)
    for point_id, at in connection.execute(
        select(visit.c.point_id, visit.c.started_at).where(visit.c.city_id == city.city_id)
    ):
        visits[point_id].append(int(at.timestamp()))
    for row in connection.execute(select(t.point).where(t.point.c.city_id == city.city_id, ~t.point.c.retired)):
        declared = declared_second(row.declared_on, city.pack.config.timezone)
        counted = row.places if row.unit_id is None else [*row.places, row.unit_id]
        yield [(declared, M["declared"], 1), *cover(visits[row.point_id], [], declared)], counted
