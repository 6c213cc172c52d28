"""Prefix sums in memory: deltas → the rows of `tally_prefix`, and back.

A row holds the sums of one subject up to the end of one bucket, and in `detail` every delta inside that bucket, so
that the sums at any second are the row's sums minus what came later in its bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from weathermap.tally.measures import MEASURES, Delta

HOUR_S, DAY_S, TEN_DAYS_S = 3600, 86_400, 864_000
SHIFT_S, ENTRY_BITS = 1 << 35, 42  # a key: rank of the subject, 36 bits of seconds since the year 881, measure, sign
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Deltas:
    """Single deltas of single subjects, parallel arrays (n,). `at`: seconds since 1970Z."""

    subject: Ints
    at: Ints
    measure: Ints
    n: Ints

    @classmethod
    def of_postings(cls, subjects: list[list[int]], entries: list[list[int]]) -> Self:
        """The deltas of rows of `tally_delta`, parallel lists: each entry counts for all subjects of its row."""
        packed = np.array([entry for row in entries for entry in row], dtype=np.int64)
        holder = np.repeat(np.arange(len(entries)), [len(row) for row in entries])
        return cls.spread(np.column_stack(unpacked(packed)), holder, subjects)

    @classmethod
    def spread(cls, deltas: list[Delta] | Ints, holder: Ints, subjects: list[list[int]]) -> Self:
        """One delta for each subject of its holder: `holder[i]` is the row in `subjects` of `deltas[i]`."""
        base = np.array(deltas, dtype=np.int64).reshape(-1, 3)
        lengths = np.array([len(s) for s in subjects], dtype=np.int64)
        flat = np.array([s for row in subjects for s in row], dtype=np.int64)
        starts = np.cumsum(lengths) - lengths
        repeat = lengths[holder]
        first = np.cumsum(repeat) - repeat
        within = np.arange(repeat.sum()) - np.repeat(first, repeat)
        subject = flat[np.repeat(starts[holder], repeat) + within]
        spread = np.repeat(base, repeat, axis=0)
        return cls(subject, spread[:, 0], spread[:, 1], spread[:, 2])

    def __len__(self) -> int:
        return len(self.subject)

    def join(self, other: Self) -> Self:
        """Both, one after the other."""
        pairs = zip(self._columns(), other._columns(), strict=True)
        return type(self)(*(np.concatenate(pair) for pair in pairs))

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Self:
        """The chosen ones."""
        return type(self)(*(column[chosen] for column in self._columns()))

    def _columns(self) -> tuple[Ints, Ints, Ints, Ints]:
        return self.subject, self.at, self.measure, self.n


@dataclass(frozen=True)
class Rows:
    """Rows of `tally_prefix`, sorted by (subject, bucket). `sums`: shape (n, measures)."""

    subject: Ints
    bucket: Ints
    sums: Ints
    packed: NDArray[np.int32]  # all entries of all rows, as `detail` holds them (big-endian)
    bounds: Ints  # where each row's entries begin in `packed`, and the end; shape (n + 1,)

    def __len__(self) -> int:
        return len(self.subject)

    @property
    def detail(self) -> list[bytes]:
        """The entries of each row."""
        whole, ends = self.packed.tobytes(), (4 * self.bounds).tolist()
        return [whole[a:b] for a, b in pairwise(ends)]


def rows_of(deltas: Deltas, bucket_s: Ints) -> Rows:
    """The prefix rows of all `deltas` of their subjects; `bucket_s`: bucket length of each delta's subject, (n,).

    Opposite deltas of one subject, second and measure leave no trace.
    """
    subjects, first, rank = np.unique(deltas.subject, return_index=True, return_inverse=True)
    keys = keys_of(rank, deltas)
    keys.sort()
    return sorted_rows(without_opposites(keys), subjects, bucket_s[first])


def keys_of(rank: Ints, deltas: Deltas) -> Ints:
    """One sortable number for each ±1: its subject's `rank`, its second, measure and sign."""
    entry = packed_entries(deltas.at + SHIFT_S, deltas.measure, deltas.n < 0)
    found: Ints = np.repeat(rank << ENTRY_BITS | entry, np.abs(deltas.n))
    return found


def packed_entries(at: Ints, measure: Ints | int, negative: NDArray[np.bool_] | bool) -> Ints:
    """second × 64 + measure × 2 + (1 if −1)."""
    return np.asarray(at << 6 | measure << 1 | negative, dtype=np.int64)


def without_opposites(keys: Ints) -> Ints:
    """Sorted keys without those that cancel each other: +1 and −1 of one subject, second and measure."""
    turn = np.flatnonzero((keys[1:] == keys[:-1] + 1) & (keys[:-1] & 1 == 0))  # the last +1 before the first −1
    if not len(turn):
        return keys
    plus = turn + 1 - np.searchsorted(keys, keys[turn], side="left")
    minus = np.searchsorted(keys, keys[turn + 1], side="right") - turn - 1
    pairs = np.minimum(plus, minus)
    edge = np.zeros(len(keys) + 1, dtype=np.int32)
    edge[turn + 1 - pairs] += 1
    np.subtract.at(edge, turn + 1 + pairs, 1)
    left: Ints = keys[np.cumsum(edge[:-1]) == 0]
    return left


def sorted_rows(keys: Ints, subjects: Ints, sizes: Ints) -> Rows:
    """The prefix rows of sorted keys; `subjects` and their bucket lengths `sizes` by rank."""
    rank = keys >> ENTRY_BITS
    at = (keys >> 6 & (1 << ENTRY_BITS - 6) - 1) - SHIFT_S
    size = sizes[rank]
    bucket = at // size
    new = np.ones(len(keys), dtype=bool)
    new[1:] = (rank[1:] != rank[:-1]) | (bucket[1:] != bucket[:-1])
    start = np.flatnonzero(new)
    width = len(MEASURES)
    cell = (np.cumsum(new) - 1) * width + (keys >> 1 & 31)
    grown = np.bincount(cell, weights=1 - 2 * (keys & 1), minlength=len(start) * width)
    running = np.cumsum(grown.reshape(-1, width), axis=0).astype(np.int64)
    owner = rank[start]
    first = np.searchsorted(owner, owner, side="left")
    sums = running - np.where(first[:, None] > 0, running[first - 1], 0)
    packed = ((at - bucket * size) << 6 | (keys & 63)).astype(">i4")
    return Rows(subjects[owner], bucket[start], sums, packed, np.append(start, len(keys)))


def entries(detail: bytes) -> tuple[Ints, Ints, Ints]:
    """Second in the bucket, measure and sign of each delta of a bucket."""
    return unpacked(np.frombuffer(detail, dtype=">i4").astype(np.int64))


def unpacked(packed: Ints) -> tuple[Ints, Ints, Ints]:
    """Second, measure and sign of packed entries: second × 64 + measure × 2 + (1 if −1); shapes (n,)."""
    return packed >> 6, (packed >> 1) & 31, 1 - 2 * (packed & 1)


def postings(deltas: list[Delta], holders: list[int]) -> dict[int, list[int]]:
    """The packed entries of each holder, ascending; an amount of k is k entries of ±1, opposite ones cancel."""
    found: dict[int, list[int]] = {}
    for holder, (second, measure, n) in zip(holders, deltas, strict=True):
        mine = found.setdefault(holder, [])
        entry = second << 6 | measure << 1 | (n < 0)
        for _ in range(abs(n)):
            if entry ^ 1 in mine:
                mine.remove(entry ^ 1)
            else:
                mine.append(entry)
    return {holder: sorted(entries) for holder, entries in found.items() if entries}


def deltas_of(subject: Ints, bucket: Ints, bucket_s: Ints, detail: list[bytes]) -> Deltas:
    """The deltas that prefix rows were made of; parallel columns, `bucket_s` of each row."""
    lengths = np.array([len(d) // 4 for d in detail], dtype=np.int64)
    second, measure, sign = entries(b"".join(detail))
    return Deltas(np.repeat(subject, lengths), np.repeat(bucket * bucket_s, lengths) + second, measure, sign)
