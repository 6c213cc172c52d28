"""Areas as border edges: every segment of every ring, with the area to its west and the area to its east."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from weathermap.locate import kernel


@dataclass(frozen=True)
class Edges:
    """Parallel arrays. A border that two areas share, vertex for vertex, is there once."""

    ends: NDArray[np.float64]  # x1, y1, x2, y2, the lower end first; shape (n, 4)
    sides: NDArray[np.int32]  # the area to the west and to the east, kernel.NOWHERE for none; shape (n, 2)


def border_edges(geoms: NDArray[np.object_]) -> Edges:
    """The edges of valid polygons and multipolygons."""
    parts, of_geom = shapely.get_parts(geoms, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    outer = np.append(True, of_part[1:] != of_part[:-1])[: len(rings)]
    backward = shapely.is_ccw(rings) != outer  # turned, so that the interior lies to the left of each
    rings[backward] = shapely.reverse(rings[backward])
    xy, of_ring = shapely.get_coordinates(rings, return_index=True)
    xy += 0.0  # −0.0 becomes 0.0: equal numbers have equal bits
    within = of_ring[1:] == of_ring[:-1]
    ends = np.ascontiguousarray(np.hstack([xy[:-1], xy[1:]])[within])
    area = of_geom[of_part[of_ring[:-1][within]]].astype(np.int32)
    merged, sides = np.empty_like(ends), np.empty((len(ends), 2), dtype=np.int32)
    n = kernel.merge_edges(ends, area, ends.view(np.int64), merged, sides)
    return Edges(merged[:n].copy(), sides[:n].copy())
