"""Border edges in metres, sorted into square bins, for the nearest one: what `kernel.nearest` searches ring by ring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weathermap.locate import kernel
from weathermap.locate.kernel import fixed

EDGES_A_BIN = 2
MOST_BINS = 1 << 22
FINEST_M = 1e-4
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Bins:
    """Bins in rows from the south west; an edge stands in each bin that its box touches."""

    frame: NDArray[np.float64]  # metres a unit; then in units: west, south, side of a bin; columns, rows
    starts: Ints  # where the edges of each bin begin, then their number; shape (bins + 1,)
    units: Ints  # x1, y1, x2, y2 of the edges, in units; shape (entries, 4)
    flanks: Ints  # the areas on both sides; shape (entries, 2)


def sort_edges(ends: NDArray[np.float64], sides: Ints) -> Bins:
    """Bins of edges (metres, shape (n, 4)) with the areas to their sides, shape (n, 2)."""
    low, high = (ends.reshape(-1, 2).min(axis=0), ends.reshape(-1, 2).max(axis=0)) if len(ends) else (np.zeros(2),) * 2
    unit = max(FINEST_M, float(np.abs([low, high]).max()) / 2**30)
    width, height = np.maximum(high - low, 1.0)
    side = np.sqrt(width * height * max(EDGES_A_BIN / max(len(ends), 1), 1 / MOST_BINS))
    side = max(side, width / 8000, height / 8000)
    frame = np.array([unit, low[0] / unit, low[1] / unit, side / unit, width // side + 1, height // side + 1])
    units = np.round(ends / unit).astype(np.int32)
    starts = np.zeros(int(frame[4] * frame[5]) + 1, dtype=np.int64)
    kernel.count_bins(units, frame, starts)
    starts = np.cumsum(starts)
    sorted_units, flanks = np.empty((starts[-1], 4), dtype=np.int32), np.empty((starts[-1], 2), dtype=np.int32)
    kernel.fill_bins(units, np.ascontiguousarray(sides), frame, starts[:-1].copy(), sorted_units, flanks)
    return Bins(
        fixed(frame, np.float64), fixed(starts, np.int32), fixed(sorted_units, np.int32), fixed(flanks, np.int32)
    )


def only_between(bins: Bins, label: Ints) -> Bins:
    """The bins of those edges alone at which areas of one label meet something else."""
    sides = label[bins.flanks]
    rows = np.flatnonzero((sides[:, 0] != sides[:, 1]) | (bins.flanks == kernel.NOWHERE).any(axis=1))
    once = rows[np.unique(np.hstack([bins.units, bins.flanks])[rows], axis=0, return_index=True)[1]]
    return sort_edges(bins.units[once] * bins.frame[0], bins.flanks[once])
