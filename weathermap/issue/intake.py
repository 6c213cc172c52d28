"""The one way in: a batch is planned, then written in the caller's transaction. One report is a batch of one."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, text

from weathermap.issue.appending import Plan
from weathermap.issue.batch import NONE, Batch
from weathermap.issue.held import Hands, micros, track_of
from weathermap.issue.plan import plan
from weathermap.issue.track import SECOND_US, Key, Track, is_late
from weathermap.issue.writer import write_plan
from weathermap.store import tables as t
from weathermap.store.copy import Column
from weathermap.store.packs import check_pack, hold_pack
from weathermap.store.registry import City
from weathermap.store.sql import execute_often
from weathermap.visit.visits import take_visits


@dataclass(frozen=True)
class Taken:
    """What an intake stored."""

    issues: int
    events: int
    visits: int


def take_in(
    connection: Connection,
    city: City,
    batch: Batch,
    recorded: int | None = None,
    tell: bool = False,
    held: Collection[Hands] | None = None,
    beside: Mapping[str, Mapping[str, Column]] | None = None,
) -> Taken:
    """Plan and write a batch. Raises UnknownName, IllegalMove or StoreError; then the caller rolls back.

    `tell`: whoever should know is told, by notices written with the rest; for what happens now, not for history.
    `recorded`: when it becomes known, µs since 1970Z; None: now; NONE: everything counts as known when it happened.
    `held`: the issues that the moves continue, where the caller has locked them; `beside`: rows of other tables that
    are written with the rest.
    """
    if held and city.pack_version:
        check_pack(next(iter(held)).pack_version, city.pack_version)
    elif city.pack_version:
        hold_pack(connection, city.city_id, city.pack_version)
    known = time.time_ns() // 1_000 if recorded is None else recorded
    planned = plan_batch(connection, city, batch, known, held)
    visits = 0
    if batch.visits is not None and len(batch.visits):
        covered = take_visits(connection, city, batch.visits)
        visits = covered.visits
        planned.holders += [len(planned.subjects) + holder for holder in covered.holders]
        planned.subjects += covered.subjects
        first = len(planned.deltas)
        planned.deltas += covered.deltas
        for row, (second, _, _) in enumerate(covered.deltas, first):
            if is_late(second * SECOND_US, known, city.since):
                planned.late_deltas.append(row)
    if planned.late_deltas and not was_live(connection, city, planned.late_s * SECOND_US):
        planned.late_events.clear()  # the first load of a city: no wall had shown anything yet
        planned.late_deltas.clear()
    write_plan(connection, city, planned, tell, beside)
    return Taken(len(planned.new), len(planned.events), visits)


def was_live(connection: Connection, city: City, recorded: int) -> bool:
    """Whether a wall could show the city before `recorded` (µs)."""
    since = connection.execute(select(t.city.c.live_since).where(t.city.c.city_id == city.city_id)).scalar_one()
    return since is not None and micros(since) < recorded


def plan_batch(
    connection: Connection, city: City, batch: Batch, recorded: int = NONE, held: Collection[Hands] | None = None
) -> Plan:
    """Reserve ids, lock the issues that are continued unless they are `held`, and plan."""
    reports = batch.reports
    ids: list[int] = []
    if len(reports):
        chosen = text("SELECT nextval('issue_id_seq') FROM generate_series(1, :n)")
        ids = list(connection.execute(chosen, {"n": len(reports)}).scalars())
    if held is not None:
        return plan(batch, city, ids, {(row.source, row.source_key): track_of(row, city) for row in held}, recorded)
    fresh = set(zip(reports.source.tolist(), reports.source_key.tolist(), strict=True))
    moved = set(zip(batch.moves.source.tolist(), batch.moves.source_key.tolist(), strict=True)) - fresh
    return plan(batch, city, ids, stored_tracks(connection, city, moved), recorded)


def stored_tracks(connection: Connection, city: City, keys: set[Key]) -> dict[Key, Track]:
    """The present state of stored issues, locked until the transaction ends."""
    if not keys:
        return {}
    sources = [key[0] for key in keys]
    asked = {"city_id": city.city_id, "sources": sources, "keys": [key[1] for key in keys]}
    rows = execute_often(connection, "issue_tracks", asked)
    return {(row.source, row.source_key): track_of(row, city) for row in rows}
