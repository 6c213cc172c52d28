"""Finds a picture's prints among a million others: four tables of sixteen bits each, so that only near codes are read.

Two codes that differ by at most 7 of their 64 bits agree in one of four quarters to a bit at most (multi-index hashing:
Norouzi, Punjani, Fleet, Fast Search in Hamming Space with Multi-Index Hashing, 2012).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weathermap.evidence.prints import Words

QUARTERS = 4
COARSE = 9  # of 64 bits, at most
ALIKE = 60  # of 256: pictures that differ by no more are taken for the same
Ints = NDArray[np.int64]
FLIPS = np.append(1 << np.arange(16), 0)  # a quarter's key, and those a bit from it


class Prints:
    """Prints of pictures in memory: each view a row, in any number, found by likeness."""

    def __init__(self, codes: Words, owner: Ints) -> None:
        """`codes`: shape (n, 4), `owner`: whose each is, shape (n,)."""
        self.codes = np.ascontiguousarray(codes, dtype=np.uint64)
        self.owner = np.ascontiguousarray(owner, dtype=np.int64)
        self.low = np.ascontiguousarray(self.codes[:, 0])
        quarters = self.codes[:, :1].copy().view(np.uint16).reshape(-1, QUARTERS)
        self.rows = np.empty((QUARTERS, len(codes)), dtype=np.int32)
        self.starts = np.empty((QUARTERS, (1 << 16) + 1), dtype=np.int32)
        for quarter in range(QUARTERS):
            keys = quarters[:, quarter]
            self.rows[quarter] = np.argsort(keys, kind="stable")
            self.starts[quarter] = np.searchsorted(keys[self.rows[quarter]], np.arange((1 << 16) + 1))

    def find(self, asked: Words, most: int) -> list[tuple[int, int]]:
        """(owner, bits of 256 that differ), the nearest first: pictures of which a print differs by at most `most`."""
        if not len(self.owner):
            return []
        nearest: dict[int, int] = {}
        quarters = asked[:, :1].copy().view(np.uint16).astype(np.int64)
        for quarter in range(QUARTERS):
            keys = (quarters[:, quarter, None] ^ FLIPS).ravel()
            first = self.starts[quarter, keys].astype(np.int64)
            many = self.starts[quarter, keys + 1] - first
            ends = np.cumsum(many)
            at = np.arange(ends[-1]) + np.repeat(first - ends + many, many)
            rows, query = self.rows[quarter, at], np.repeat(np.repeat(np.arange(len(asked)), len(FLIPS)), many)
            near = np.flatnonzero(np.bitwise_count(self.low[rows] ^ asked[query, 0]) <= COARSE)
            rows, query = rows[near], query[near]
            bits = np.bitwise_count(self.codes[rows] ^ asked[query]).sum(axis=1, dtype=np.int64)
            for owner, differing in zip(
                self.owner[rows[bits <= most]].tolist(), bits[bits <= most].tolist(), strict=True
            ):
                nearest[owner] = min(differing, nearest.get(owner, 256))
        return sorted(nearest.items(), key=lambda one: (one[1], one[0]))
