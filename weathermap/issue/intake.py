"""The one way in: a batch is planned, then written in the caller's transaction. One report is a batch of one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select, text

from weathermap.issue.appending import Plan
from weathermap.issue.batch import NONE, Batch
from weathermap.issue.plan import plan
from weathermap.issue.track import SECOND_US, Key, Track, is_late
from weathermap.issue.writer import write_plan
from weathermap.store import tables as t
from weathermap.store.packs import hold_pack
from weathermap.store.registry import City
from weathermap.store.sql import execute_often
from weathermap.tally.measures import LONG_S, Flow
from weathermap.visit.visits import take_visits

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Taken:
    """What an intake stored."""

    issues: int
    events: int
    visits: int


def take_in(connection: Connection, city: City, batch: Batch, recorded: int | None = None, tell: bool = False) -> Taken:
    """Plan and write a batch. Raises UnknownName, IllegalMove or StoreError; then the caller rolls back.

    `tell`: whoever should know is told, by notices written with the rest; for what happens now, not for history.
    `recorded`: when it becomes known, µs since 1970Z; None: now; NONE: everything counts as known when it happened.
    """
    if city.pack_version:
        hold_pack(connection, city.city_id, city.pack_version)
    known = time.time_ns() // 1_000 if recorded is None else recorded
    planned = plan_batch(connection, city, batch, known)
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
    write_plan(connection, city, planned, tell)
    return Taken(len(planned.new), len(planned.events), visits)


def was_live(connection: Connection, city: City, recorded: int) -> bool:
    """Whether a wall could show the city before `recorded` (µs)."""
    since = connection.execute(select(t.city.c.live_since).where(t.city.c.city_id == city.city_id)).scalar_one()
    return since is not None and _us(since) < recorded


def plan_batch(connection: Connection, city: City, batch: Batch, recorded: int = NONE) -> Plan:
    """Reserve ids, lock the issues that are continued, and plan."""
    reports = batch.reports
    ids: list[int] = []
    if len(reports):
        chosen = text("SELECT nextval('issue_id_seq') FROM generate_series(1, :n)")
        ids = list(connection.execute(chosen, {"n": len(reports)}).scalars())
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
    return {(row.source, row.source_key): _track(row, city) for row in rows}


def _track(row: object, city: City) -> Track:
    r = row._mapping  # type: ignore[attr-defined]
    instants = {
        name: _us(r[name]) for name in ("deadline", "notified_at", "fed_back_at", "rectified_at", "suspended_at")
    }
    flow = Flow(
        red_line=r["red_line"],
        notified=_second(r["notified_at"]),
        deadline=_second(r["deadline"]),
        grace=LONG_S if r["long_at"] is None else (_second(r["long_at"]) or 0) - (_second(r["deadline"]) or 0),
        feedback=_second(r["fed_back_at"]),
        suspended=_second(r["suspended_at"]),
        extended=r["extended"],
    )
    return Track(
        issue_id=r["issue_id"],
        key=(r["source"], r["source_key"]),
        category=r["category"],
        unit=r["unit"] or "",
        subjects=city.subjects(r["places"], r["unit_id"] or 0, r["category_id"], r["source_id"]),
        unit_id=r["unit_id"] or 0,
        person_id=r["person_id"] or 0,
        state=r["state"],
        seq=r["seq"],
        hash=bytes(r["hash"]),
        last_us=_us(r["last_at"]),
        flow=flow,
        deadline_us=instants["deadline"],
        given_us=_us(datetime.fromisoformat(r["given"])) if r["given"] else NONE,
        notified_us=instants["notified_at"],
        fed_back_us=instants["fed_back_at"],
        rectified_us=instants["rectified_at"],
        suspended_us=instants["suspended_at"],
        places=r["places"],
        category_id=r["category_id"],
        source_id=r["source_id"],
        start_seq=r["seq"],
    )


def _us(at: datetime | None) -> int:
    return NONE if at is None else (at - EPOCH) // (datetime.resolution)


def _second(at: datetime | None) -> int | None:
    return None if at is None else _us(at) // SECOND_US
