"""The coverage ledger: which declared point was visited in which month, who keeps it, who must still go where.

It counts the visits that coverage is tallied from; it keeps no track of anybody and ranks nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from weathermap.store.sql import query

MONTHS = 6


@dataclass(frozen=True)
class Kept:
    """One inspector's points, and how many of them wait for this month's visit. `person`: '' for those nobody keeps."""

    patrol: str
    person: str
    name: str
    points: int
    missing: int


def month_bounds(now: datetime, timezone: str, months: int = MONTHS) -> list[datetime]:
    """Where each of the last months begins in the city, oldest first, then where the next one begins."""
    local = now.astimezone(ZoneInfo(timezone))
    first = local.year * 12 + local.month - months  # months since year 0, January = 0
    return [datetime((first + k) // 12, (first + k) % 12 + 1, 1, tzinfo=local.tzinfo) for k in range(months + 1)]


def coverage_ledger(
    connection: Connection,
    city_id: int,
    bounds: Sequence[datetime],
    person: str | None = None,
    patrol: str | None = None,
    area_id: int | None = None,
) -> list[Row[Any]]:
    """Declared points by code, each with `months`: its visits in each month of `bounds`."""
    asked = {"city_id": city_id, "bounds": list(bounds), "person": person, "patrol": patrol, "within": area_id}
    return list(connection.execute(query("coverage_ledger"), asked))


def keepers(rows: Sequence[Row[Any]]) -> list[Kept]:
    """Who keeps how many of these points, and how many wait, by group and code: an order of names, not of merit."""
    found: dict[tuple[str, str, str], list[bool]] = {}
    for row in rows:
        found.setdefault((row.patrol or "", row.person or "", row.keeper or ""), []).append(not row.months[-1])
    return [Kept(*who, len(waits), sum(waits)) for who, waits in sorted(found.items(), key=lambda one: one[0])]
