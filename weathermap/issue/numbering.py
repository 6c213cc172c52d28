"""Public numbers of issues: `<city>-<yyyymmdd>-<6 digits>`, counted by city-local intake day; gaps are allowed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray
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
    known = time.time_ns() // 1_000 if recorded == NONE else recorded
    return number_texts(city.code, days, reserve_numbers(connection, city, days, known))


def reserve_numbers(
    connection: Connection, city: City, days: NDArray[np.int64], recorded: int | None
) -> dict[int, int]:
    """Day (ordinal) → the last number given out before these reports. `recorded`: a city without reports is live since
    then (µs); None: it stays as it is, for nobody sees these reports yet."""
    if not len(days):
        return {}
    distinct, counts = np.unique(days, return_counts=True)
    rows = connection.execute(
        query("number_days"),
        {
            "city_id": city.city_id,
            "days": [date.fromordinal(day) for day in distinct.tolist()],
            "counts": counts.tolist(),
            "recorded": recorded,
        },
    )
    last = {row.day.toordinal(): row.last for row in rows}
    return {day: last[day] - n for day, n in zip(distinct.tolist(), counts.tolist(), strict=True)}


def number_texts(code: str, days: NDArray[np.int64], before: Mapping[int, int]) -> list[str]:
    """A number for each report of a city; `before`: day (ordinal) → the last number given out on it, shape (n,)."""
    distinct, day, counts = np.unique(days, return_inverse=True, return_counts=True)
    order = np.argsort(day, kind="stable")
    rank = np.empty(len(days), dtype=np.int64)
    rank[order] = np.arange(len(days)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = np.array([before[each] + 1 for each in distinct.tolist()], dtype=np.int64)
    name = [f"{code}-{date.fromordinal(each):%Y%m%d}-" for each in distinct.tolist()]
    pairs = zip(day.tolist(), (first[day] + rank).tolist(), strict=True)
    return [f"{name[each]}{k:06d}" for each, k in pairs]
