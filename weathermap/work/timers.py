"""Supervision that runs by itself: what falls due is noticed, units are reminded, next steps are proposed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Connection, Engine, func, select

from weathermap.issue.batch import NONE, Batch, Moves, empty_reports
from weathermap.issue.intake import take_in
from weathermap.judge.ladder import Due, due_steps, settle_steps, take_steps
from weathermap.notice.writing import tell_of_proposals
from weathermap.store import tables as t
from weathermap.store.registry import City, open_city

AT_ONCE = 100  # issues locked in one transaction
PACE_S = 5.0


class Timers:
    """Looks after every city of a store whose pack has a ladder. Any number may look at once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._cities: dict[int, City] = {}

    def once(self) -> int:
        """One look at all cities. Returns the number of steps taken."""
        with self.engine.connect() as connection:
            cities = self._watched(connection)
        return sum(self._look(city) for city in cities)

    def _watched(self, connection: Connection) -> list[City]:
        """The cities, each read again when another pack was loaded."""
        p, c = t.pack_version.c, t.city.c
        rows = connection.execute(
            select(c.city_id, c.code, func.max(p.pack_version).label("pack_version"))
            .join(t.pack_version, p.city_id == c.city_id)
            .group_by(c.city_id, c.code)
        ).all()
        for row in rows:
            held = self._cities.get(row.city_id)
            if held is None or held.pack_version != row.pack_version:
                self._cities[row.city_id] = open_city(connection, row.code)
        return [city for city in self._cities.values() if city.pack.ladder]

    def _look(self, city: City) -> int:
        with self.engine.begin() as connection:
            return watch(connection, city, time.time_ns() // 1_000)


def watch(connection: Connection, city: City, now: int) -> int:
    """Take the steps that some issues of a city have come to by `now` (µs); the caller owns the transaction.

    Returns their number; 0 when nothing waits, or somebody else is at it.
    """
    at = datetime.fromtimestamp(now / 1_000_000, UTC)
    settle_steps(connection, city.city_id, at)
    due = take_steps(connection, city.city_id, due_steps(connection, city.city_id, city.pack.ladder, at, AT_ONCE), at)
    reminders = [each for each in due if each.reminder]
    if reminders:
        take_in(connection, city, Batch(empty_reports(), _urges(reminders, now)), now, tell=True)
    # their last event: a reminder of the same look comes before the proposal
    urged = {each.issue.issue_id for each in reminders}
    proposals = [each for each in due if not each.reminder]
    rows = [(e.issue.issue_id, e.issue.seq + (e.issue.issue_id in urged), e.issue.unit_id, e.step) for e in proposals]
    tell_of_proposals(connection, city.city_id, at, rows)
    return len(due)


def _urges(due: Sequence[Due], now: int) -> Moves:
    """The reminders as moves; the instant is never before the issue's last event, which `plan` sees to."""

    def texts(values: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        return np.array(values, dtype=object)

    return Moves(
        source=texts([each.issue.source for each in due]),
        source_key=texts([each.issue.source_key for each in due]),
        move=texts(["urge"] * len(due)),
        at=np.full(len(due), now, dtype=np.int64),
        actor=texts([""] * len(due)),
        until=np.full(len(due), NONE, dtype=np.int64),
        note=texts([each.step.text or each.step.name for each in due]),
    )
