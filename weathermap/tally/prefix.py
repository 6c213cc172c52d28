"""Prefix sums in memory: deltas → the rows of `tally_prefix`, and back.

A row holds the sums of one subject up to the end of one bucket, and in `detail` every delta inside that bucket, so
that the sums at any second are the row's sums minus what came later in its bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from weathermap.tally.measures import MEASURES, Delta

HOUR_S, DAY_S = 3600, 86_400
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

    def where(self, chosen: NDArray[np.bool_]) -> Self:
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
    detail: list[bytes]


def rows_of(deltas: Deltas, bucket_s: Ints) -> Rows:
    """The prefix rows of all `deltas` of their subjects; `bucket_s`: bucket length of each delta's subject, (n,)."""
    repeat = np.abs(deltas.n)  # an amount of k is k entries of ±1
    subject, at, measure = (np.repeat(c, repeat) for c in (deltas.subject, deltas.at, deltas.measure))
    sign, size = np.repeat(np.sign(deltas.n), repeat), np.repeat(bucket_s, repeat)
    bucket = at // size
    order = np.lexsort((measure, at, subject))
    subject, at, measure, sign, bucket = (c[order] for c in (subject, at, measure, sign, bucket))
    entry = ((at - bucket * size[order]) << 6 | measure << 1 | (sign < 0)).astype(">i4")
    new = np.ones(len(subject), dtype=bool)
    new[1:] = (subject[1:] != subject[:-1]) | (bucket[1:] != bucket[:-1])
    start = np.flatnonzero(new)
    row = np.cumsum(new) - 1
    width = len(MEASURES)
    grown = np.bincount(row * width + measure, weights=sign, minlength=len(start) * width)
    running = np.cumsum(grown.reshape(-1, width), axis=0).astype(np.int64)
    owner = subject[start]
    first = np.searchsorted(owner, owner, side="left")
    sums = running - np.where(first[:, None] > 0, running[first - 1], 0)
    end = np.append(start[1:], len(subject))
    packed = entry.tobytes()
    detail = [packed[4 * a : 4 * b] for a, b in zip(start.tolist(), end.tolist(), strict=True)]
    return Rows(owner, bucket[start], sums, detail)


def entries(detail: bytes) -> tuple[Ints, Ints, Ints]:
    """Second in the bucket, measure and sign of each delta of a bucket."""
    return unpacked(np.frombuffer(detail, dtype=">i4").astype(np.int64))


def unpacked(packed: Ints) -> tuple[Ints, Ints, Ints]:
    """Second, measure and sign of packed entries: second × 64 + measure × 2 + (1 if −1); shapes (n,)."""
    return packed >> 6, (packed >> 1) & 31, 1 - 2 * (packed & 1)


def postings(deltas: list[Delta], holders: list[int]) -> dict[int, list[int]]:
    """The packed entries of each holder, ascending; an amount of k is k entries of ±1."""
    found: dict[int, list[int]] = {}
    for holder, (second, measure, n) in zip(holders, deltas, strict=True):
        found.setdefault(holder, []).extend([second << 6 | measure << 1 | (n < 0)] * abs(n))
    return {holder: sorted(entries) for holder, entries in found.items() if entries}


def deltas_of(subject: Ints, bucket: Ints, bucket_s: Ints, detail: list[bytes]) -> Deltas:
    """The deltas that prefix rows were made of; parallel columns, `bucket_s` of each row."""
    lengths = np.array([len(d) // 4 for d in detail], dtype=np.int64)
    second, measure, sign = entries(b"".join(detail))
    return Deltas(np.repeat(subject, lengths), np.repeat(bucket * bucket_s, lengths) + second, measure, sign)
