"""City time and UTC, vectorised: microseconds since 1970 in a zone's wall clock and in UTC. NONE stays NONE.

A wall time that happens twice (clocks go back) is its first instant; one that never happens (clocks go forward) is
moved forward by the gap: 02:30 becomes 03:30. Both are flagged. This is `fold=0` of the standard library.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

NONE = np.iinfo(np.int64).min
CLEAR, AMBIGUOUS, NONEXISTENT = 0, 1, 2
DAY_US = 86_400_000_000
EPOCH_DAY = datetime(1970, 1, 1).toordinal()
FIRST_YEAR, LAST_YEAR = 1970, 2099
Times = NDArray[np.int64]


@dataclass(frozen=True)
class _Offsets:
    """A zone's offsets from 1970 to 2099: `offset[i]` holds from `since[i]` to `since[i + 1]`, all µs."""

    since: Times  # UTC instants of change; the first is the beginning of time
    offset: Times
    settled: Times  # wall time from which `offset[i]` is the answer
    doubtful: Times  # wall time from which that answer's change makes times ambiguous or nonexistent


def to_utc(naive_us: Times, timezone: str) -> tuple[Times, NDArray[np.uint8]]:
    """(UTC instants, flags CLEAR | AMBIGUOUS | NONEXISTENT) of wall times in `timezone`; shapes (n,)."""
    zone = _offsets(timezone)
    naive = np.asarray(naive_us, dtype=np.int64)
    row = np.searchsorted(zone.settled, naive, side="right") - 1
    utc = naive - zone.offset[row]
    following = np.minimum(row + 1, len(zone.since) - 1)
    doubt = (following > row) & (naive >= zone.doubtful[following])
    back = zone.offset[following] < zone.offset[row]
    flags = np.where(doubt, np.where(back, AMBIGUOUS, NONEXISTENT), CLEAR).astype(np.uint8)
    none = naive == NONE
    return np.where(none, NONE, utc), np.where(none, np.uint8(CLEAR), flags)


def to_local(us: Times, timezone: str) -> Times:
    """Wall times in `timezone` of UTC instants; shape (n,)."""
    zone = _offsets(timezone)
    instants = np.asarray(us, dtype=np.int64)
    row = np.searchsorted(zone.since, instants, side="right") - 1
    local: Times = np.where(instants == NONE, NONE, instants + zone.offset[np.maximum(row, 0)])
    return local


def local_days(us: Times, timezone: str) -> NDArray[np.int64]:
    """The city's day of UTC instants, as ordinals of `datetime.date`; NONE stays NONE; shape (n,)."""
    local = to_local(us, timezone)
    days: NDArray[np.int64] = np.where(local == NONE, NONE, local // DAY_US + EPOCH_DAY)
    return days


def local_day_texts(us: Times, timezone: str) -> NDArray[np.object_]:
    """The city's day of UTC instants as texts like 2026-05-01, '' for NONE; shape (n,)."""
    local = to_local(us, timezone)
    known = local != NONE
    days = np.where(known, local // DAY_US, 0)
    unique, back = np.unique(days, return_inverse=True)
    texts = np.datetime_as_string(unique.astype("datetime64[D]")).astype(object)[back]
    texts[~known] = ""
    return np.asarray(texts, dtype=object)


@lru_cache(maxsize=64)
def _offsets(timezone: str) -> _Offsets:
    """Changes of offset found by looking at every day's start and halving the days that differ down to the second."""
    zone = ZoneInfo(timezone)
    start = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    days = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - start).days
    since, offset = [NONE + 2 * DAY_US], [_offset_us(zone, 0)]
    before = offset[0]
    for day in range(1, days + 1):
        after = _offset_us(zone, day * 86_400)
        if after != before:
            since.append(_change(zone, (day - 1) * 86_400, day * 86_400, before))
            offset.append(after)
            before = after
    since_us, offset_us = np.array(since, dtype=np.int64), np.array(offset, dtype=np.int64)
    previous = np.concatenate([offset_us[:1], offset_us[:-1]])
    settled = since_us + np.maximum(previous, offset_us)
    doubtful = since_us + np.minimum(previous, offset_us)
    settled[0] = doubtful[0] = NONE
    return _Offsets(since_us, offset_us, settled, doubtful)


def _offset_us(zone: ZoneInfo, second: int) -> int:
    utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    found = utc.astimezone(zone).utcoffset() or timedelta()
    return round(found.total_seconds()) * 1_000_000


def _change(zone: ZoneInfo, low: int, high: int, before: int) -> int:
    """First instant (µs) after `low` and up to `high` (s) whose offset is not `before`."""
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_us(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high * 1_000_000
