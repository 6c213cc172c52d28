"""Public numbers of issues: `<city>-<yyyymmdd>-<6 digits>`, counted by city-local intake day; gaps are allowed."""

from __future__ import annotations

import time
from datetime import date

import numpy as np
from sqlalchemy import Connection

from weathermap.city.clock import local_days
from weathermap.issue.batch import NONE, Times
from weathermap.store.registry import City
from weathermap.store.sql import query


def public_numbers(connection: Connection, city: City, reported_at: Times, recorded: int = NONE) -> list[str]:
    """A number for each report (µs since 1970Z, shape (n,)), in their order. `recorded`: when known, µs; NONE: now.

    Until the transaction ends, no other gets a number of the same days: ask for them last.
    """
    days = local_days(reported_at, city.pack.config.timezone)
    rank = np.empty(len(days), dtype=np.int64)
    counts: dict[int, int] = {}
    for i, day in enumerate(days.tolist()):
        counts[day] = counts.get(day, 0) + 1
        rank[i] = counts[day]
    if not counts:
        return []
    rows = connection.execute(
        query("number_days"),
        {
            "city_id": city.city_id,
            "days": [date.fromordinal(d) for d in counts],
            "counts": list(counts.values()),
            "recorded": time.time_ns() // 1_000 if recorded == NONE else recorded,
        },
    )
    start = {row.day.toordinal(): row.last - counts[row.day.toordinal()] for row in rows}
    return [
        f"{city.code}-{date.fromordinal(day):%Y%m%d}-{start[day] + k:06d}"
        for day, k in zip(days.tolist(), rank.tolist(), strict=True)
    ]
