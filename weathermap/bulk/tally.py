"""The tallies of a large load: of what its chunks kept for counting, one kind of subject after the other.

So memory holds the deltas of one kind at a time, and a load that was killed is tallied like any other.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.bulk.counted import Counted
from weathermap.bulk.counting import Sums, count, prefix_rows, spread
from weathermap.bulk.ordered import Ordered, Room, alone
from weathermap.bulk.plan import stand
from weathermap.bulk.subjects import sliced, slices, subjects_of
from weathermap.store import binary as b
from weathermap.store.registry import City
from weathermap.tally.measures import MEASURES
from weathermap.tally.post import (
    bucket_sizes,
    lock_folder,
    log_fold,
    stored_buckets,
    stored_entries,
    take_stored,
    write_rows,
)
from weathermap.tally.prefix import ENTRY_BITS, SHIFT_S, keys_of, packed_entries, without_opposites

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]
KEYS_AT_ONCE, ROWS_AT_ONCE = 4_000_000, 1_000_000


def tally_all(connection: Connection, city: City, chunks: Iterable[Counted], issues: int) -> int:
    """Count issues that nobody sees yet, at most `issues`. Takes the folder's lock. Returns the rows written."""
    lock_folder(connection)
    holders = len(city.pack.config.levels) + len(city.pack.config.overlays) + 1
    room, written, now = Room(issues, holders), 0, int(time.time()) + SHIFT_S
    for chunk in chunks:
        row, entry = _entries(chunk)
        ahead = entry >> 6 > now
        if ahead.any():
            b.copy_table(connection, "tally_delta", _postings(city, row[ahead], entry[ahead], chunk))
        row, entry = row[~ahead], entry[~ahead]
        if room.fits(chunk, entry):
            room.take(chunk, row, entry)
        else:  # of another age: by itself
            written += _count(connection, city, alone(chunk, row, entry))
    written += _count(connection, city, room.ordered())
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


def _count(connection: Connection, city: City, counted: Ordered) -> int:
    kinds = _kinds(city, counted.holders, counted.category, counted.source)
    everyone = city.all_subjects
    stored = np.zeros(int(everyone[-1]) + 1, dtype=np.int64)
    stored[everyone] = stored_entries(connection, everyone)
    return sum(_merge_kind(connection, subjects, counted, stored) for subjects in kinds)


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


def _merge_kind(connection: Connection, subjects: Ids, counted: Ordered, stored: Ints) -> int:
    """Merge the entries of these subjects into their prefix rows, as many at a time as memory should hold. `stored`:
    how many each subject has stored, by its id.

    One subject of more entries than that, such as the city, is merged one span of time after the other.
    """
    there = np.zeros(int(subjects.max(initial=0)) + 1, dtype=bool)
    there[subjects] = True
    distinct: Ints = np.flatnonzero(there[1:]).astype(np.int64) + 1
    ranks = _ranks(subjects, distinct)
    new = count(counted, ranks, len(distinct))
    end, weight = np.cumsum(new), np.cumsum(new + stored[distinct])
    written, first = 0, 0
    while first < len(distinct):
        fitting = np.searchsorted(weight, (weight[first - 1] if first else 0) + KEYS_AT_ONCE, side="right")
        last = max(int(fitting), first + 1)
        if last > fitting:
            written += _merge_one(connection, int(distinct[first]), ranks == first, counted)
        else:
            some = distinct[first:last]
            keys = spread(counted, ranks, first, end[first:last] - (end[first - 1] if first else 0))
            written += _merge(connection, some, bucket_sizes(connection, some), keys, _nothing(len(some)))
        first = last
    return written


def _merge_one(connection: Connection, subject: int, counts: NDArray[np.bool_], counted: Ordered) -> int:
    """Merge the entries of one subject of very many, span after span; `counts`: which issues count for it."""
    ranks = counts.astype(np.int32) - 1
    some = np.array([subject])
    sizes, before, written = bucket_sizes(connection, some), _nothing(1), 0
    for span in counted.spans(int(sizes[0]), *stored_buckets(connection, subject), KEYS_AT_ONCE):
        keys = spread(span.of, ranks, 0, count(span.of, ranks, 1))
        written += _merge(connection, some, sizes, keys, before, span.since, span.until)
    return written


def _nothing(subjects: int) -> Sums:
    return np.zeros((subjects, len(MEASURES)), dtype=np.int32)


def _ranks(subjects: Ids, distinct: Ints) -> Ids:
    """Place of each subject among the distinct ones, −1 for none."""
    rank_of = np.full(int(distinct[-1]) + 1 if len(distinct) else 1, -1, dtype=np.int32)
    rank_of[distinct] = np.arange(len(distinct))
    return rank_of[subjects]


def _merge(
    connection: Connection,
    subjects: Ints,
    sizes: Ints,
    keys: Ints,
    before: Sums,
    since: int | None = None,
    until: int | None = None,
) -> int:
    """`before`: as `prefix_rows` takes it; `since`, `until`: the buckets of these keys, all if None."""
    stored = take_stored(connection, subjects, sizes, since, until)
    if stored is not None:
        keys = np.concatenate([keys, keys_of(np.searchsorted(subjects, stored.subject), stored)])
        keys.sort()
    rows = prefix_rows(keys, subjects, sizes, before)
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
