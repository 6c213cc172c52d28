"""What citizens said and who they are is kept no longer than the pack says: erased some time after all is over.

The issue, its events and its photos stay; the events hold a salted digest of the words, and the salt goes with them, so
that nobody can find out by trying what they were. Each erasure stands in the access log.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select, text

from weathermap.people.access_log import note
from weathermap.snap.tickets import fate_of, parts_of
from weathermap.store import tables as t
from weathermap.store.people_tables import reporter
from weathermap.store.snap_tables import snap, snap_answer
from weathermap.store.sql import query

PAUSE_S = 3_600.0
MOST = 500  # in one transaction
LOCK = 0xE2A5E
OVER = frozenset({"rectified", "rejected", "void"})
DAYS = 365  # where the pack says nothing else


@dataclass(frozen=True)
class Erased:
    """How many citizens' reports lost their words, and how many reporters their number and name."""

    reports: int
    reporters: int


def erase_due(engine: Engine) -> int:
    """Erase what is due in every city, at most MOST of each. Returns how much; any number may look at once."""
    done = 0
    with engine.connect() as connection:
        cities = connection.execute(select(t.city.c.city_id).order_by(t.city.c.city_id)).scalars().all()
    for city_id in cities:
        with engine.begin() as connection:
            if connection.execute(text("SELECT pg_try_advisory_xact_lock(:a)"), {"a": LOCK}).scalar():
                erased = erase_city(connection, city_id, days_of(connection, city_id), datetime.now(UTC))
                done += erased.reports + erased.reporters
    return done


def days_of(connection: Connection, city_id: int) -> int:
    """For how many days after the end the city's newest pack keeps them."""
    p = t.pack_version.c
    asked = select(p.config).where(p.city_id == city_id).order_by(p.pack_version.desc()).limit(1)
    config = connection.execute(asked).scalar() or {}
    return int(config.get("city", {}).get("citizens_days", DAYS))


def erase_city(connection: Connection, city_id: int, days: int, now: datetime, trial: bool = False) -> Erased:
    """Erase, or with `trial` only count, what ended `days` before `now`. The caller owns the transaction."""
    before = now - timedelta(days=days)
    asked = {"city_id": city_id, "before": before, "most": MOST}
    rows = [row for row in connection.execute(query("citizens_due"), asked) if _over(connection, row, before)]
    if not trial:
        for row in rows:
            _erase(connection, row.snap_id, now)
    i = t.issue.c
    gone = []
    for row in connection.execute(query("reporters_due"), asked).all():
        issues = connection.execute(select(t.issue).where(i.issue_id.in_(row.issues))).all() if row.issues else []
        if all(_over(connection, issue, before) for issue in issues):
            gone.append(row.reporter_id)
    if gone and not trial:
        connection.execute(reporter.delete().where(reporter.c.reporter_id.in_(gone)))
    if (rows or gone) and not trial:
        note(
            connection, None, "erase citizens", f"{len(rows)} reports, {len(gone)} reporters, {days} days after the end"
        )
    return Erased(len(rows), len(gone))


def _over(connection: Connection, issue: Any, before: datetime) -> bool:
    """Whether nothing that this issue became has been heard of since."""
    if issue.state in OVER:
        return True
    fate = fate_of(connection, issue)
    ends = parts_of(connection, fate) or [fate]
    return all(one.state in OVER and one.last_at < before for one in ends)


def _erase(connection: Connection, snap_id: int, now: datetime) -> None:
    values = {"words": "", "code": None, "salt": secrets.token_bytes(16), "erased_at": now}
    connection.execute(snap.update().where(snap.c.snap_id == snap_id).values(values))
    connection.execute(snap_answer.update().where(snap_answer.c.snap_id == snap_id).values(words=""))
