"""Suspensions end by themselves: on the day that was approved, at the latest after the pack's backlog days (积存)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, Row, select, text

from weathermap.issue.batch import NONE, Batch, Moves, empty_reports
from weathermap.issue.intake import take_in
from weathermap.store import tables as t
from weathermap.store.registry import open_city
from weathermap.store.sql import query

PACE_S = 60.0
AT_ONCE = 500  # issues in one transaction
LOCK = 0x17C19  # one looks at a time


def suspended_of(connection: Connection, city_id: int, days: int) -> list[Row[Any]]:
    """All suspended issues, the next to come back first: rows of backlog.sql."""
    return list(connection.execute(query("backlog"), {"city_id": city_id, "days": days}))


def resume_due(engine: Engine) -> int:
    """Resume what has been suspended for long enough, in every city. Returns how many; any number may look at once."""
    done = 0
    with engine.connect() as connection:
        codes = connection.execute(select(t.city.c.code).order_by(t.city.c.city_id)).scalars().all()
    for code in codes:
        with engine.begin() as connection:
            done += _resume(connection, code, datetime.now(UTC))
    return done


def _resume(connection: Connection, code: str, now: datetime) -> int:
    p, c = t.pack_version.c, t.city.c
    asked = select(c.city_id, p.config).join(t.pack_version, p.city_id == c.city_id).where(c.code == code)
    city = connection.execute(asked.order_by(p.pack_version.desc()).limit(1)).first()
    if city is None or not connection.execute(text("SELECT pg_try_advisory_xact_lock(:a)"), {"a": LOCK}).scalar():
        return 0
    days = int(city.config["city"].get("backlog_days", 60))
    due = [row for row in suspended_of(connection, city.city_id, days) if row.back_at <= now][:AT_ONCE]
    if due:
        take_in(connection, open_city(connection, code), _resumes(due, days), tell=True)
    return len(due)


def _resumes(due: Sequence[Row[Any]], days: int) -> Batch:
    now = time.time_ns() // 1_000

    def texts(values: Sequence[Any]) -> np.ndarray[Any, Any]:
        return np.array([*values, None], dtype=object)[:-1]

    def why(row: Row[Any]) -> dict[str, object]:
        whole = (row.back_at - row.suspended_at).total_seconds() >= days * 86_400
        return {"by_itself": "backlog" if whole else "until"}

    n = len(due)
    moves = Moves(
        source=texts([row.source for row in due]),
        source_key=texts([row.source_key for row in due]),
        move=texts(["resume"] * n),
        at=np.full(n, now, dtype=np.int64),
        actor=texts([""] * n),
        until=np.full(n, NONE, dtype=np.int64),
        note=texts([""] * n),
        facts=texts([why(row) for row in due]),
    )
    return Batch(empty_reports(), moves)
