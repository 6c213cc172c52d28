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
KEYS_AT_ONCE = 4_000_000
KEY_BITS = 63


@dataclass(frozen=True)
class _Part:
    """What some issues count: each ±1 as a shifted entry with the row of its issue; and by row, what they count for."""

    row: Ids
    entry: Ints
    holders: Ids  # areas of levels and overlays, then the unit; 0 for none
    category: Ids
    source: Ids


@dataclass(frozen=True)
class _Ordered:
    """The same of many issues, ascending: (entry − least) << bits | row."""

    ordered: Ints
    bits: int
    least: int
    holders: Ids
    category: Ids
    source: Ids

    @property
    def entries(self) -> Ints:
        """How many entries each issue has."""
        return np.bincount(self.ordered & (1 << self.bits) - 1, minlength=len(self.category))


def tally_all(connection: Connection, city: City, chunks: Iterable[Counted]) -> int:
    """Count issues that nobody sees yet. Takes the folder's lock. Returns the rows written."""
    lock_folder(connection)
    parts: list[_Part] = []
    now = int(time.time()) + SHIFT_S
    for issues in chunks:
        if not len(issues):
            continue
        row, entry = _entries(issues)
        ahead = entry >> 6 > now
        if ahead.any():
            b.copy_table(connection, "tally_delta", _postings(city, row[ahead], entry[ahead], issues))
        parts.append(_Part(row[~ahead], entry[~ahead], issues.holders, issues.category, issues.source))
    if not parts:
        return 0
    written = 0
    for counted in _together(parts):
        size = counted.entries
        for subjects in _kinds(city, counted.holders, counted.category, counted.source):
            written += _merge_kind(connection, subjects, size, counted)
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
    row, entry = zip(*found, strict=True)
    return np.concatenate(row), np.concatenate(entry)


def _together(parts: list[_Part]) -> Iterator[_Ordered]:
    """The parts as one, or, where row and entry of all do not fit into a number, one by one. They are given up."""
    bits = sum(len(part.category) for part in parts).bit_length()
    some = [part.entry for part in parts if len(part.entry)]
    span = max((int(e.max()) for e in some), default=0) - min((int(e.min()) for e in some), default=0)
    if bits + span.bit_length() > KEY_BITS and len(parts) > 1:
        while parts:
            yield from _together([parts.pop()])
        return
    ordered = np.empty(sum(map(len, some)), dtype=np.int64)
    least = min((int(e.min()) for e in some), default=0)
    at = first = 0
    for part in parts:
        end = at + len(part.entry)
        ordered[at:end] = part.entry - least << bits | part.row + np.int64(first)
        at, first = end, first + len(part.category)
    columns = [[part.holders for part in parts], [part.category for part in parts], [part.source for part in parts]]
    parts.clear()
    some.clear()
    ordered.sort()
    holders, category, source = (np.concatenate(columns.pop(0)) for _ in range(3))
    yield _Ordered(ordered, bits, least, holders, category, source)


def _kinds(city: City, holders: Ids, category: Ids, source: Ids) -> Iterator[Ids]:
    """Subjects by issue, 0 for none, in groups that share none: each level, all overlays together, units, slices."""
    levels, overlays = len(city.pack.config.levels), len(city.pack.config.overlays)
    for k in range(levels):
        yield holders[:, k : k + 1]
    if overlays:
        yield holders[:, levels : levels + overlays]
    yield holders[:, -1:]
    for holder in sliced(city, holders):
        yield slices(city.slices.by_category, holder, category)[:, None]
        yield slices(city.slices.by_source, holder, source)[:, None]


def _merge_kind(connection: Connection, subjects: Ids, size: Ints, counted: _Ordered) -> int:
    """Merge the entries of these subjects into their prefix rows, as many at a time as memory should hold."""
    distinct: Ints = np.unique(subjects[subjects > 0]).astype(np.int64)
    ranks = _ranks(subjects, distinct)
    of_rank = [np.bincount(column[column >= 0], size[column >= 0], len(distinct)) for column in ranks.T]
    end = np.cumsum(np.sum(of_rank, axis=0)).astype(np.int64)
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
