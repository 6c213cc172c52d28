"""A tree of boxes over border edges in metres, for the nearest one: edges along a Morton curve, FAN to a box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weathermap.locate import kernel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tree:
    """What `kernel.nearest` reads."""

    ends: Floats  # metres, in the order of the curve; shape (n, 4)
    sides: NDArray[np.int32]  # shape (n, 2)
    boxes: Floats  # the leaves', then each coarser level's; west, south, east, north; shape (boxes, 4)
    levels: NDArray[np.int64]  # where each level begins in `boxes`, then the end

    def only(self, rows: NDArray[np.bool_]) -> Tree:
        """The tree of some of the edges."""
        return _stack(self.ends[rows], self.sides[rows])


def grow_tree(ends: Floats, sides: NDArray[np.int32]) -> Tree:
    """The tree of edges given in any order."""
    order = np.argsort(_morton((ends[:, :2] + ends[:, 2:]) / 2), kind="stable")
    return _stack(ends[order], sides[order])


def _stack(ends: Floats, sides: NDArray[np.int32]) -> Tree:
    level = np.empty((-(-len(ends) // kernel.FAN), 4))
    kernel.box_leaves(ends, level)
    boxes = [level]
    while len(level) > 1:
        starts = np.arange(0, len(level), kernel.FAN)
        level = np.hstack(
            [np.minimum.reduceat(level[:, :2], starts, axis=0), np.maximum.reduceat(level[:, 2:], starts, axis=0)]
        )
        boxes.append(level)
    levels = np.cumsum([0, *map(len, boxes)]).astype(np.int64)
    return Tree(ends, sides, np.vstack(boxes), levels)


def _morton(xy: Floats) -> NDArray[np.uint64]:
    """Places along the curve; shape (n,)."""
    if not len(xy):
        return np.empty(0, dtype=np.uint64)
    low = xy.min(axis=0)
    span = max(float((xy.max(axis=0) - low).max()), 1e-9)
    cells = ((xy - low) / span * 65535).astype(np.uint64)
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        cells = (cells | (cells << np.uint64(shift))) & np.uint64(mask)
    return np.asarray(cells[:, 0] | (cells[:, 1] << np.uint64(1)))
