"""The label raster of a set of areas: built from their edges, read by `kernel.find`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import cos, radians, sqrt

import numpy as np
from numpy.typing import NDArray

from weathermap.locate import kernel
from weathermap.locate.edges import Edges

PIXELS = 1 << 20  # of a raster: large enough that most pixels are free of borders, small enough for the caches
PIXELS_AN_AREA = 100
MOST_PIXELS = 1 << 24


@dataclass(frozen=True)
class Raster:
    """What `kernel.find` reads; see there."""

    grid: NDArray[np.float64]  # x0, y0, pixels a degree east, pixels a degree north, columns, rows
    labels: NDArray[np.int32]  # shape (rows · columns,)
    words: NDArray[np.int32]  # the chunks, in lines of 64 bytes

    @cached_property
    def reals(self) -> NDArray[np.float32]:
        """The same memory as float32."""
        return self.words.view(np.float32)


def draw_raster(edges: Edges, areas: int) -> tuple[Raster, NDArray[np.int32]]:
    """The raster of `areas` areas, and its stretches of pixels in several areas, which are still to be labelled:
    row, first column, end; shape (k, 3)."""
    grid = _grid(edges, areas)
    shape = int(grid[5]), int(grid[4])
    counts = np.zeros(shape[0] + 1, dtype=np.int64)
    kernel.count_rows(edges.ends, grid, shape, counts)
    bounds = np.cumsum(counts)
    first, last, edge = (np.empty(bounds[-1], dtype=np.int32) for _ in range(3))
    kernel.fill_rows(edges.ends, grid, shape, bounds[:-1].copy(), first, last, edge)
    labels = np.full(shape, kernel.NOWHERE, dtype=np.int32)
    # A chunk has a line, and one more where its edges, and those that cross its end, are more than four in a column.
    memory = _lines(2 * int((last - first + 1).sum(dtype=np.int64)) + 1)
    views = memory, memory.view(np.int16), memory.view(np.float32)
    several = np.empty((len(edge) + shape[0], 3), dtype=np.int32)
    used, stretches = kernel.fill_raster(
        edges.ends, edges.sides, grid, bounds, first, last, edge, labels, views, several
    )
    lines = _lines(used)
    lines[:] = memory[: len(lines)]
    return Raster(grid, labels.reshape(-1), lines), several[:stretches].copy()


def _lines(n: int) -> NDArray[np.int32]:
    """Room for n lines, none of which crosses a line of the cache."""
    size = kernel.LINE * 4
    room = np.empty(size * (n + 1), dtype=np.uint8)
    start = -room.ctypes.data % size
    return room[start : start + size * n].view(np.int32)


def _grid(edges: Edges, areas: int) -> NDArray[np.float64]:
    """Square pixels on the ground over all edges and a pixel beside them."""
    if not len(edges.ends):
        return np.array([0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    x, y = edges.ends[:, [0, 2]], edges.ends[:, [1, 3]]
    west, south, east, north = x.min(), y.min(), x.max(), y.max()
    squeeze = max(cos(radians(min(abs(south + north) / 2, 89.0))), 0.02)
    wanted = min(max(PIXELS, PIXELS_AN_AREA * areas), MOST_PIXELS)
    width, height = max(east - west, 1e-9) * squeeze, max(north - south, 1e-9)
    side = max(sqrt(width * height / wanted), max(width, height) / 4_000)  # degrees north
    sx, sy = squeeze / side, 1 / side
    x0, y0 = west - 1.5 / sx, south - 1.5 / sy
    return np.array([x0, y0, sx, sy, np.floor((east - x0) * sx) + 2, np.floor((north - y0) * sy) + 2])
