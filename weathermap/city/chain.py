"""The nested chain of levels: the ancestors of every finest area, and the order that settles ties."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weathermap.city.pack import Areas, Pack
from weathermap.errors import PackError


def index_of(areas: Areas) -> dict[str, int]:
    """Code → row of `areas`."""
    return {code: i for i, code in enumerate(areas.codes)}


def ancestors(pack: Pack) -> NDArray[np.int32]:
    """Row of the ancestor at each chain level for each finest area; shape (n finest, n levels), last column itself."""
    levels = pack.config.levels
    rows = np.empty((len(pack.finest), len(levels)), dtype=np.int32)
    rows[:, -1] = np.arange(len(pack.finest))
    for k in range(len(levels) - 2, -1, -1):
        finer, coarser = pack.areas[levels[k + 1]], index_of(pack.areas[levels[k]])
        try:
            parent = np.array([coarser[code] for code in finer.parents], dtype=np.int32)
        except KeyError as missing:
            raise PackError(
                f"{finer.file}: parent {missing} is no {levels[k]}.", "Run `weathermap city check` for its line."
            ) from missing
        rows[:, k] = parent[rows[:, k + 1]]
    return rows


def tie_rank(pack: Pack) -> NDArray[np.int64]:
    """Rank of each finest area by its tuple of codes, coarse to fine: on a border the smallest takes the point."""
    rows = ancestors(pack)
    keys = [pack.areas[level].codes[rows[:, k]].astype(str) for k, level in enumerate(pack.config.levels)]
    order = np.lexsort(keys[::-1])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank
