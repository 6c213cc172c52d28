"""Spots in memory, sorted along the Morton curve: any tile, and any cell of a tile, is one slice of them.

How and why: a tile of points is a copied slice with x and y written in; a tile of counts is a difference of running
sums. Neither looks at more rows than it draws, so both cost the same at any size of the city.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from web.tiles import mvt

BITS = 31  # of the world's width: 2 cm at the equator
GRID_BITS = 5  # a tile of counts has 32 × 32 cells of 16 px: a drawn heap is wider, and 60 kB are never reached
COUNTS = ("open", "overdue", "rectified")
Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Spots:
    """Points of one kind: `code` (n,) Morton codes, ascending; `x`, `y` (n,) world units; `records` (n, w) of MVT;
    `tail` their keys and values; `sums` (n + 1, 3) running counts of open, overdue and rectified, or None."""

    layer: str
    code: Words
    x: NDArray[np.uint32]
    y: NDArray[np.uint32]
    records: mvt.Bytes
    tail: bytes
    sums: NDArray[np.int32] | None = None

    def slice_of(self, z: int, x: int, y: int) -> tuple[int, int]:
        """The rows in a tile."""
        shift = np.uint64(2 * (BITS - z))
        first = int(morton(np.array([x]), np.array([y]))[0])
        ends = np.array([first, first + 1], dtype=np.uint64) << shift
        found = np.searchsorted(self.code, ends)
        return int(found[0]), int(found[1])

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Every spot in the tile, once; none beyond its edges."""
        a, b = self.slice_of(z, x, y)
        if a == b:
            return b""
        records = self.records[a:b].copy()
        shift = np.uint32(BITS - z - mvt.EXTENT_BITS)
        last = np.uint32(mvt.EXTENT - 1)
        mvt.place(records, self.x[a:b] >> shift & last, self.y[a:b] >> shift & last)
        return mvt.layer(self.layer, records.data.cast("B"), self.tail)

    def counts(self, z: int, x: int, y: int) -> bytes:
        """How many of each kind lie in each cell of the tile; cells with none are left out."""
        a, b = self.slice_of(z, x, y)
        if a == b or self.sums is None:
            return b""
        shift = np.uint64(2 * (BITS - z - GRID_BITS))
        first = int(morton(np.array([x]), np.array([y]))[0]) << 2 * GRID_BITS
        cells = np.arange(4**GRID_BITS + 1, dtype=np.uint64) + np.uint64(first)
        edges = a + np.searchsorted(self.code[a:b], cells << shift)
        numbers = np.diff(self.sums[edges], axis=0)
        filled = numbers.any(axis=1)
        numbers, at = numbers[filled], unmorton(cells[:-1][filled])
        if not len(numbers):
            return b""
        values, tags = np.unique(numbers, return_inverse=True)
        tags = tags.reshape(numbers.shape)
        width = mvt.width_of(max(len(values) - 1, 1))
        keys = [np.full((len(tags), 1), k, dtype=np.uint8) for k in range(len(COUNTS))]
        parts = [part for k, key in enumerate(keys) for part in (key, mvt.padded(tags[:, k], width))]
        records = mvt.point_records(np.hstack(parts))
        cell, half = mvt.EXTENT >> GRID_BITS, mvt.EXTENT >> GRID_BITS + 1
        column, row = ((axis & 2**GRID_BITS - 1).astype(np.int64) * cell + half for axis in at)
        mvt.place(records, column, row)
        return mvt.layer("counts", records.tobytes(), mvt.foot(COUNTS, values.tolist()))


def spots(
    layer: str, lon: NDArray[np.float64], lat: NDArray[np.float64], records: mvt.Bytes, tail: bytes,
    counted: NDArray[np.int32] | None = None,
) -> Spots:  # fmt: skip
    """Sort points (degrees, EPSG:4326) with their records; `counted` (n, 3): what each adds to COUNTS."""
    x, y = world(lon, lat)
    code = morton(x, y)
    order = np.argsort(code, kind="stable")
    sums = None
    if counted is not None:
        sums = np.zeros((len(code) + 1, len(COUNTS)), dtype=np.int32)
        np.cumsum(counted[order], axis=0, out=sums[1:])
    return Spots(layer, code[order], x[order], y[order], np.ascontiguousarray(records[order]), tail, sums)


def world(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Degrees to units of Web Mercator (EPSG:3857), 0 … 2^BITS − 1 from the north-west corner."""
    size = 2.0**BITS
    sine = np.sin(np.radians(np.clip(lat, -85.051129, 85.051129)))
    x = (lon / 360 + 0.5) * size
    y = (0.5 - np.arctanh(sine) / (2 * np.pi)) * size
    return tuple(np.clip(axis, 0, size - 1).astype(np.uint32) for axis in (x, y))  # type: ignore[return-value]


SPREAD = (  # how far, and what is kept: bits drawn apart so that each has one free bit after it
    (16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)  # fmt: skip


def morton(x: NDArray[np.integer], y: NDArray[np.integer]) -> Words:
    """Interleave the bits of x (even) and y (odd); each below 2^32."""

    def spread(axis: NDArray[np.integer]) -> Words:
        found = axis.astype(np.uint64)
        for shift, mask in SPREAD:
            found = (found | found << np.uint64(shift)) & np.uint64(mask)
        return found

    return spread(x) | spread(y) << np.uint64(1)


def unmorton(code: Words) -> tuple[Words, Words]:
    """The x and y of Morton codes."""

    def gather(found: Words) -> Words:
        found = found & np.uint64(SPREAD[-1][1])
        for (shift, _), (_, mask) in zip(reversed(SPREAD), (*reversed(SPREAD[:-1]), (0, 0xFFFFFFFF)), strict=True):
            found = (found | found >> np.uint64(shift)) & np.uint64(mask)
        return found

    return gather(code), gather(code >> np.uint64(1))
