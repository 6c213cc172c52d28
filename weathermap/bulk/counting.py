"""The compiled loops of counting: sorted entries of many issues → the prefix rows of many subjects.

Byte for byte what `weathermap.tally.prefix.sorted_rows` makes of the same entries (a test holds both together).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from weathermap.bulk.ordered import Ordered
from weathermap.locate.kernel import compiled, fixed
from weathermap.tally.measures import MEASURES
from weathermap.tally.prefix import ENTRY_BITS, SHIFT_S, Rows

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]
Sums = NDArray[np.int32]
BITS = ENTRY_BITS
LOW = (1 << ENTRY_BITS) - 1
SHIFT = SHIFT_S
WIDTH = len(MEASURES)


def spread(counted: Ordered, ranks: Ids, first: int, ends: Ints) -> Ints:
    """The keys of the subjects of rank `first` and up to `first + len(ends)`, sorted.

    `ranks`: of what each issue counts for, −1 for none, shape (issues, subjects); `ends`: how many entries the subjects
    up to each have, running, from 0.
    """
    keys = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    heads = np.append(0, ends[:-1]).astype(np.int64)
    counts = ((ranks >= first) & (ranks < first + len(ends))).any(axis=1)
    asked = fixed(np.packbits(counts, bitorder="little"), np.uint8)  # a bit an issue: small enough to stay at hand
    ordered = fixed(counted.ordered, np.int64)
    _spread(ordered, counted.bits, counted.least, asked, fixed(ranks, np.int32), first, heads, keys)
    return keys


def count(counted: Ordered, ranks: Ids, n: int) -> Ints:
    """How many entries the subjects of each rank below `n` have; `ranks` as `spread` takes them."""
    found = np.zeros(n, dtype=np.int64)
    _count(fixed(counted.ordered, np.int64), counted.bits, fixed(ranks, np.int32), found)
    return found


def prefix_rows(keys: Ints, subjects: Ints, sizes: Ints, before: Sums) -> Rows:
    """The prefix rows of sorted keys, opposite ones left out; `subjects` and their bucket lengths `sizes` by rank.

    `before`: the sums of each subject before its first key, shape (subjects, measures); afterwards after its last.
    """
    keys, by_rank = fixed(keys, np.int64), fixed(sizes, np.int64)
    n, kept = _measure(keys, by_rank)
    rank, bucket = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    sums, packed = np.zeros((WIDTH, n), dtype=np.int32), np.empty(kept, dtype=np.int32)
    bounds = np.empty(n + 1, dtype=np.int64)
    _fill(keys, by_rank, before, rank, bucket, sums, packed, bounds)
    return Rows(subjects[rank], bucket, sums.T, packed.byteswap().view(">i4"), bounds)


@compiled
def _spread(ordered: Any, bits: int, least: int, asked: Any, ranks: Any, first: int, heads: Any, keys: Any) -> None:
    low, last = (1 << bits) - 1, first + len(heads)
    for k in range(len(ordered)):
        row, entry = ordered[k] & low, (ordered[k] >> bits) + least
        if not asked[row >> 3] >> (row & 7) & 1:
            continue
        for j in range(ranks.shape[1]):
            rank = ranks[row, j]
            if first <= rank < last:
                place = rank - first
                keys[heads[place]] = place << BITS | entry
                heads[place] += 1


@compiled
def _count(ordered: Any, bits: int, ranks: Any, found: Any) -> None:
    low = (1 << bits) - 1
    for k in range(len(ordered)):
        row = ordered[k] & low
        for j in range(ranks.shape[1]):
            if ranks[row, j] >= 0:
                found[ranks[row, j]] += 1


@compiled
def _together(keys: Any, k: int) -> Any:
    """Where the keys end that differ from key k by their sign at most, and what they amount to."""
    end, amount = k, 0
    while end < len(keys) and keys[end] >> 1 == keys[k] >> 1:
        amount += 1 - 2 * (keys[end] & 1)
        end += 1
    return end, amount


@compiled
def _bucket(key: int, sizes: Any) -> Any:
    rank, at = key >> BITS, ((key & LOW) >> 6) - SHIFT
    bucket = at // sizes[rank]
    return rank, bucket, at - bucket * sizes[rank]


@compiled
def _measure(keys: Any, sizes: Any) -> Any:
    """How many rows there are, and entries in them."""
    n, kept, k = 0, 0, 0
    last_rank, last_bucket = -1, 0
    while k < len(keys):
        end, amount = _together(keys, k)
        if amount != 0:
            rank, bucket, _ = _bucket(keys[k], sizes)
            if rank != last_rank or bucket != last_bucket:
                n, last_rank, last_bucket = n + 1, rank, bucket
            kept += abs(amount)
        k = end
    return n, kept


@compiled
def _fill(keys: Any, sizes: Any, before: Any, ranks: Any, buckets: Any, sums: Any, packed: Any, bounds: Any) -> None:
    n, kept, k = -1, 0, 0
    last_rank, last_bucket = -1, 0
    while k < len(keys):
        end, amount = _together(keys, k)
        if amount != 0:
            rank, bucket, second = _bucket(keys[k], sizes)
            if rank != last_rank or bucket != last_bucket:
                n += 1
                ranks[n], buckets[n], bounds[n] = rank, bucket, kept
                if rank == last_rank:
                    sums[:, n] = sums[:, n - 1]
                else:
                    sums[:, n] = before[rank]
                last_rank, last_bucket = rank, bucket
            measure = keys[k] >> 1 & 31
            sums[measure, n] += amount
            for _ in range(abs(amount)):
                packed[kept] = second << 6 | measure << 1 | (amount < 0)
                kept += 1
        k = end
    for i in range(n + 1):
        if i == n or ranks[i + 1] != ranks[i]:
            before[ranks[i]] = sums[:, i]
    bounds[n + 1] = kept
