"""In which area does a point lie? Exact, in memory, for one level of one boundary version.

A point on a border belongs to every area that it touches; the area first in rank (smallest tuple of codes, coarse to
fine) takes it. The same answer as `ST_Covers` with `ORDER BY rank LIMIT 1`, which a test proves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from weathermap.city.crs import WGS84, transformer
from weathermap.city.pack import Areas

NOWHERE = -1
REACH_M = 150.0  # how far a runner-up is looked for, metres


@dataclass(frozen=True)
class Nearness:
    """How near the border is; parallel arrays, shape (n,)."""

    border_m: NDArray[np.float64]  # to the border of the area that holds the point, metres; NaN nowhere
    runner_up: NDArray[np.int32]  # nearest area with another answer within REACH_M, or NOWHERE
    runner_up_m: NDArray[np.float64]  # distance to it, metres; NaN without one


class Locator:
    """Locates points among `areas`. `rank` orders areas on ties, shape (n areas,); default: by code."""

    def __init__(self, areas: Areas, metric_crs: str, rank: NDArray[np.int64] | None = None) -> None:
        self.areas = areas
        self._rank = np.arange(len(areas)) if rank is None else rank
        self._by_rank = np.argsort(self._rank).astype(np.int32)
        self._tree = shapely.STRtree(areas.geoms)
        shapely.prepare(areas.geoms)
        self._to_metric = transformer(WGS84, metric_crs)
        self._metric: NDArray[np.object_] | None = None
        self._metric_tree: shapely.STRtree | None = None

    def locate(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int32]:
        """Index of the area of each point (degrees, EPSG:4326), NOWHERE for none and for NaN; shape (n,)."""
        found = np.full(len(lon), len(self.areas), dtype=np.int64)
        known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        points = shapely.points(lon[known], lat[known])
        which, area = self._tree.query(points, predicate="intersects")
        np.minimum.at(found, known[which], self._rank[area])
        inside = found < len(self.areas)
        result = np.full(len(lon), NOWHERE, dtype=np.int32)
        result[inside] = self._by_rank[found[inside]]
        return result

    def nearness(
        self,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        area: NDArray[np.int32],
        group: NDArray[np.int32] | None = None,
    ) -> Nearness:
        """Distances for points already located in `area`; points that lie nowhere get NaN and NOWHERE.

        With `group` (shape (n areas,)) the runner-up is the nearest area of another group: the nearest that could
        lead to another answer. Without it, the nearest other area.
        """
        label = np.arange(len(self.areas), dtype=np.int32) if group is None else group
        geoms, tree = self._metric_geoms()
        n = len(lon)
        border_m, runner_up_m = np.full(n, np.nan), np.full(n, np.nan)
        runner_up = np.full(n, NOWHERE, dtype=np.int32)
        known = np.flatnonzero(area != NOWHERE)
        if not len(known):
            return Nearness(border_m, runner_up, runner_up_m)
        points = shapely.points(*self._to_metric.transform(lon[known], lat[known]))
        border_m[known] = shapely.distance(points, shapely.boundary(geoms[area[known]]))
        which, other = tree.query(points, predicate="dwithin", distance=REACH_M)
        foreign = label[area[known[which]]] != label[other]
        which, other = which[foreign], other[foreign]
        away = shapely.distance(points[which], geoms[other])
        order = np.lexsort((self._rank[other], away, which))
        first = order[np.unique(which[order], return_index=True)[1]]
        runner_up[known[which[first]]] = other[first]
        runner_up_m[known[which[first]]] = away[first]
        return Nearness(border_m, runner_up, runner_up_m)

    def _project(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x, y = self._to_metric.transform(lon, lat)
        return x, y

    def _metric_geoms(self) -> tuple[NDArray[np.object_], shapely.STRtree]:
        if self._metric is None or self._metric_tree is None:
            self._metric = shapely.transform(self.areas.geoms, self._project, interleaved=False)  # type: ignore[arg-type]
            self._metric_tree = shapely.STRtree(self._metric)
        return self._metric, self._metric_tree
