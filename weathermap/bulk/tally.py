"""The tallies of a large load: of what its chunks kept for counting, one kind of subject after the other.

So memory holds the deltas of one kind at a time, and a load that was killed is tallied like any other.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.bulk.counted import Counted
from weathermap.bulk.counting import prefix_rows, spread
from weathermap.bulk.plan import stand
from weathermap.bulk.subjects import sliced, slices, subjects_of
from weathermap.store import binary as b
from weathermap.store.registry import City
from weathermap.tally.post import bucket_sizes, lock_folder, log_fold, take_stored, write_rows
from weathermap.tally.prefix import ENTRY_BITS, SHIFT_S, keys_of, packed_entries, without_opposites

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]
KEYS_AT_ONCE, ROWS_AT_ONCE = 4_000_000, 1_000_000
KEY_BITS = 63
LEAST = SHIFT_S << 6  # the first entry of 1970
MOST_ENTRIES = 8  # room for so many an issue


class _Counted:
    """What issues count, ±1 each, and what they count for; in room taken beforehand, so that nothing is held twice."""

    def __init__(self, issues: int, holders: int) -> None:
        self.n = 0
        self.bits = issues.bit_length()
        self._used = 0
        self._ordered = np.empty(issues * MOST_ENTRIES, dtype=np.int64)  # untouched room takes no memory
        self._holders = np.empty((issues, holders), dtype=np.int32)
        self._category, self._source, self._size = (np.empty(issues, dtype=np.int32) for _ in range(3))

    def fits(self, issues: Counted, entry: Ints) -> bool:
        """Whether there is room, and each entry and its issue's row are one number."""
        low, high = (int(entry.min()), int(entry.max())) if len(entry) else (LEAST, LEAST)
        within = low >= LEAST and (high - LEAST).bit_length() + self.bits <= KEY_BITS
        return within and self.n + len(issues) <= len(self._size) and self._used + len(entry) <= len(self._ordered)

    def take(self, issues: Counted, row: Ids, entry: Ints) -> None:
        """Issues, and their entries with the row of each."""
        here, after = slice(self.n, self.n + len(issues)), self._used + len(entry)
        self._ordered[self._used : after] = entry - LEAST << self.bits | row + np.int64(self.n)
        self._holders[here], self._category[here], self._source[here] = issues.holders, issues.category, issues.source
        self._size[here] = np.bincount(row, minlength=len(issues))
        self.n, self._used = here.stop, after

    def ordered(self) -> _Ordered:
        """All of it, ascending."""
        whole = self._ordered[: self._used]
        whole.sort()
        n = slice(self.n)
        return _Ordered(whole, self.bits, LEAST, self._holders[n], self._category[n], self._source[n], self._size[n])


@dataclass(frozen=True)
class _Ordered:
    """(entry − least) << bits | row of its issue, ascending; and by row what the issues count for."""

    ordered: Ints
    bits: int
    least: int
    holders: Ids  # areas of levels and overlays, then the unit; 0 for none
    category: Ids
    source: Ids
    size: Ids  # how many entries each issue has


def tally_all(connection: Connection, city: City, chunks: Iterable[Counted], issues: int) -> int:
    """Count issues that nobody sees yet, at most `issues`. Takes the folder's lock. Returns the rows written."""
    lock_folder(connection)
    holders = len(city.pack.config.levels) + len(city.pack.config.overlays) + 1
    counted, written, now = _Counted(issues, holders), 0, int(time.time()) + SHIFT_S
    for chunk in chunks:
        row, entry = _entries(chunk)
        ahead = entry >> 6 > now
        if ahead.any():
            b.copy_table(connection, "tally_delta", _postings(city, row[ahead], entry[ahead], chunk))
        row, entry = row[~ahead], entry[~ahead]
        if counted.fits(chunk, entry):
            counted.take(chunk, row, entry)
        else:  # of another age: by itself
            written += _count(connection, city, _alone(chunk, row, entry))
    written += _count(connection, city, counted.ordered())
    log_fold(connection, city.city_id, [])
    return written


def _entries(issues: Counted) -> tuple[Ids, Ints]:
    """Row of the issue and packed entry (shifted) of each ±1 that issues post."""
    standing = stand(issues.shape, issues.start, issues.end, issues.deadline, issues.red)
    found = [
        (posted.rows.astype(np.int32), packed_entries(second + SHIFT_S, measure, amount < 0))
        for posted in standing.posted
        for second, measure, amount in posted.deltas
    ]
    if not found:
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
    row, entry = zip(*found, strict=True)
    return np.concatenate(row), np.concatenate(entry)


def _alone(issues: Counted, row: Ids, entry: Ints) -> _Ordered:
    bits, least = len(issues).bit_length(), int(entry.min())
    size = np.bincount(row, minlength=len(issues)).astype(np.int32)
    whole = np.sort(entry - least << bits | row)
    return _Ordered(whole, bits, least, issues.holders, issues.category, issues.source, size)


def _count(connection: Connection, city: City, counted: _Ordered) -> int:
    kinds = _kinds(city, counted.holders, counted.category, counted.source)
    return sum(_merge_kind(connection, subjects, counted) for subjects in kinds)


def _kinds(city: City, holders: Ids, category: Ids, source: Ids) -> Iterator[Ids]:
    """Subjects by issue, 0 for none, in groups that share none: each level, all overlays together, units, slices."""
    levels, overlays = len(city.pack.config.levels), len(city.pack.config.overlays)
    for k in range(levels):
        yield holders[:, k : k + 1]
    if overlays:
        yield holders[:, levels : levels + overlays]
    yield holders[:, -1:]
    for holder in sliced(city, holders):
        for known, which in ((city.slices.by_category, category), (city.slices.by_source, source)):
            blocks = (slice(first, first + ROWS_AT_ONCE) for first in range(0, len(holder), ROWS_AT_ONCE))
            found = [slices(known, holder[block], which[block]) for block in blocks]
            yield np.concatenate(found)[:, None] if found else np.zeros((0, 1), dtype=np.int32)


def _merge_kind(connection: Connection, subjects: Ids, counted: _Ordered) -> int:
    """Merge the entries of these subjects into their prefix rows, as many at a time as memory should hold."""
    there = np.zeros(int(subjects.max(initial=0)) + 1, dtype=bool)
    there[subjects] = True
    distinct: Ints = np.flatnonzero(there[1:]).astype(np.int64) + 1
    ranks = _ranks(subjects, distinct)
    of_rank = np.zeros(len(distinct) + 1, dtype=np.int64)  # the last: of no subject
    for first in range(0, len(ranks), ROWS_AT_ONCE):
        for column in ranks[first : first + ROWS_AT_ONCE].T:
            of_rank += np.bincount(
                np.where(column < 0, len(distinct), column), counted.size[first : first + ROWS_AT_ONCE], len(of_rank)
            ).astype(np.int64)
    end = np.cumsum(of_rank[:-1])
    written, first = 0, 0
    while first < len(distinct):
        before = int(end[first - 1]) if first else 0
        last = max(int(np.searchsorted(end, before + KEYS_AT_ONCE, side="right")), first + 1)
        keys = spread(counted.ordered, counted.bits, counted.least, ranks, first, end[first:last] - before)
        written += _merge(connection, distinct[first:last], keys)
        first = last
    return written


def _ranks(subjects: Ids, distinct: Ints) -> Ids:
    """Place of each subject among the distinct ones, −1 for none."""
    rank_of = np.full(int(distinct[-1]) + 1 if len(distinct) else 1, -1, dtype=np.int32)
    rank_of[distinct] = np.arange(len(distinct))
    return rank_of[subjects]


def _merge(connection: Connection, subjects: Ints, keys: Ints) -> int:
    sizes = bucket_sizes(connection, subjects)
    stored = take_stored(connection, subjects, sizes)
    if stored is not None:
        keys = np.concatenate([keys, keys_of(np.searchsorted(subjects, stored.subject), stored)])
        keys.sort()
    rows = prefix_rows(keys, subjects, sizes)
    write_rows(connection, rows)
    return len(rows)


def _postings(city: City, row: Ids, entry: Ints, of: Counted) -> pa.Table:
    """What lies ahead waits for the folder: one posting an issue."""
    keys = row.astype(np.int64) << ENTRY_BITS | entry
    keys.sort()
    keys = without_opposites(keys)
    row, entry = keys >> ENTRY_BITS, keys & (1 << ENTRY_BITS) - 1
    issues, first = np.unique(row, return_index=True)
    subjects = subjects_of(city, of.holders[issues], of.category[issues], of.source[issues])
    bounds = np.append(first, len(row)).astype(np.int32)
    return pa.table(
        {
            "city_id": b.constant(city.city_id, len(issues), pa.int16()),
            "subjects": b.lists(subjects, subjects > 0),
            "entries": pa.ListArray.from_arrays(pa.array(bounds), pa.array(entry - (SHIFT_S << 6))),
        }
    )
