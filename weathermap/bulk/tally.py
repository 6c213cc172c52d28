"""The tallies of a large load: read back from its partition, one kind of subject after the other.

So memory holds the deltas of one kind at a time, and a load that was killed is tallied like any other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.bulk.plan import stand
from weathermap.bulk.stored import Stored, read_part
from weathermap.bulk.subjects import sliced, slices, subjects_of
from weathermap.store import binary as b
from weathermap.store.registry import City
from weathermap.tally.post import bucket_sizes, lock_folder, log_fold, take_stored, write_rows
from weathermap.tally.prefix import (
    ENTRY_BITS,
    SHIFT_S,
    keys_of,
    packed_entries,
    sorted_rows,
    without_opposites,
)

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]
SUBJECTS_AT_ONCE = 2_000  # a year of days each
KEYS_AT_ONCE = 6_000_000


@dataclass
class _Counted:
    """What is to be counted: each ±1 with the row of its issue, and what the issues count for; in parts, then whole."""

    n: int = 0
    parts: list[tuple[NDArray[Any], ...]] = field(default_factory=list)

    def take(self, issues: Stored) -> None:
        row, entry = _entries(issues)
        held = np.column_stack([issues.places, issues.unit])
        self.parts.append(((row + self.n).astype(np.int32), entry, held, issues.category, issues.source))
        self.n += len(issues.shape)

    def whole(self) -> tuple[NDArray[Any], ...]:
        """Row, entry; holders, category, source by row. The parts are given up one column after the other."""
        columns = [list(column) for column in zip(*self.parts, strict=True)]
        self.parts.clear()
        return tuple(np.concatenate(columns.pop(0)) for _ in range(len(columns)))


def tally_part(connection: Connection, city: City, part: str) -> int:
    """Count the issues of a partition that nobody sees yet. Takes the folder's lock. Returns the rows written."""
    lock_folder(connection)
    counted = _Counted()
    read_part(connection, city, part, counted.take)
    if not counted.parts:
        return 0
    row, entry, holders, category, source = counted.whole()
    ahead = (entry >> 6) > int(time.time()) + SHIFT_S
    if ahead.any():
        _post_ahead(connection, city, row[ahead], entry[ahead], holders, category, source)
        row, entry = row[~ahead], entry[~ahead]
    written = 0
    for subjects in _kinds(city, holders, category, source):
        written += _merge_kind(connection, subjects, row, entry)
    log_fold(connection, city.city_id, [])
    return written


def _entries(issues: Stored) -> tuple[Ints, Ints]:
    """Row of the issue and packed entry (shifted) of each ±1 that issues post, ascending; opposite ones left out."""
    standing = stand(issues.shape, issues.start, issues.end, issues.deadline, issues.red)
    keys = [
        posted.rows << ENTRY_BITS | packed_entries(second + SHIFT_S, measure, amount < 0)
        for posted in standing.posted
        for second, measure, amount in posted.deltas
    ]
    whole = np.concatenate(keys)
    whole.sort()
    whole = without_opposites(whole)
    return whole >> ENTRY_BITS, whole & (1 << ENTRY_BITS) - 1


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


def _merge_kind(connection: Connection, subjects: Ids, row: Ids, entry: Ints) -> int:
    """Merge the entries of these subjects into their prefix rows, as many at a time as memory should hold."""
    distinct: Ints = np.unique(subjects[subjects > 0]).astype(np.int64)
    ranks = [_ranks(column, distinct)[row] for column in subjects.T]
    size = np.sum([np.bincount(rank[rank >= 0], minlength=len(distinct)) for rank in ranks], axis=0)
    end = np.cumsum(size)
    written, first = 0, 0
    while first < len(distinct):
        fitting = int(np.searchsorted(end, (end[first - 1] if first else 0) + KEYS_AT_ONCE, side="right"))
        last = min(max(fitting, first + 1), first + SUBJECTS_AT_ONCE, len(distinct))
        keys = []
        for rank in ranks:
            here = _within(rank, first, last)
            keys.append((rank[here].astype(np.int64) - first) << ENTRY_BITS | entry[here])
        written += _merge(connection, distinct[first:last], np.concatenate(keys))
        first = last
    return written


def _ranks(column: Ids, distinct: Ints) -> Ids:
    """Place of each subject among the distinct ones, −1 for none."""
    return np.where(column > 0, np.searchsorted(distinct, column), -1).astype(np.int32)


def _within(rank: Ids, first: int, last: int) -> Ints:
    return np.flatnonzero((rank >= first) & (rank < last))


def _merge(connection: Connection, subjects: Ints, keys: Ints) -> int:
    keys.sort()
    sizes = bucket_sizes(connection, subjects)
    stored = take_stored(connection, subjects, sizes)
    if stored is not None:
        keys = np.concatenate([keys, keys_of(np.searchsorted(subjects, stored.subject), stored)])
        keys.sort()
    rows = sorted_rows(without_opposites(keys), subjects, sizes)
    write_rows(connection, rows)
    return len(rows)


def _post_ahead(
    connection: Connection, city: City, row: Ids, entry: Ints, holders: Ids, category: Ids, source: Ids
) -> None:
    """What lies ahead waits for the folder: one posting an issue."""
    issues, first = np.unique(row, return_index=True)
    subjects = subjects_of(city, holders[issues], category[issues], source[issues])
    bounds = np.append(first, len(row)).astype(np.int32)
    table = pa.table(
        {
            "city_id": b.constant(city.city_id, len(issues), pa.int16()),
            "subjects": b.lists(subjects, subjects > 0),
            "entries": pa.ListArray.from_arrays(pa.array(bounds), pa.array(entry - (SHIFT_S << 6))),
        }
    )
    b.copy_table(connection, "tally_delta", table)
