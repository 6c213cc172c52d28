"""In which area does a point lie, and how near is the border? Exact, in memory, for one level of one boundary version.

A point on a border belongs to every area that it touches; the area first in rank (smallest tuple of codes, coarse to
fine) takes it. The same answer as `ST_Covers` with `ORDER BY rank LIMIT 1`, which a test proves.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from weathermap.city.pack import Areas
from weathermap.locate import kernel
from weathermap.locate.bins import Bins, only_between
from weathermap.locate.build import open_index
from weathermap.locate.kernel import fixed

NOWHERE = -1
REACH_M = 150.0  # how far a runner-up is looked for, metres
ALONE = 1 << 17  # points that are not worth a second thread
CHUNK = 1 << 15  # points that a thread takes at a time
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Nearness:
    """How near the border is; parallel arrays, shape (n,)."""

    border_m: NDArray[np.float64]  # to the border of the area that holds the point, metres; NaN nowhere
    runner_up: NDArray[np.int32]  # nearest area with another answer within REACH_M, or NOWHERE
    runner_up_m: NDArray[np.float64]  # distance to it, metres; NaN without one


@dataclass(frozen=True)
class Spot:
    """Where one point lies; as in Nearness."""

    area: int
    border_m: float
    runner_up: int
    runner_up_m: float


class Locator:
    """Locates points among `areas` (valid polygons). `rank` orders areas on ties, shape (n areas,); default: by code.

    With `folder` the index is kept there in a file and shared by all processes; safe among threads.
    """

    def __init__(
        self, areas: Areas, metric_crs: str, rank: NDArray[np.int64] | None = None, folder: Path | None = None
    ) -> None:
        self.areas = areas
        self._rank = fixed(np.arange(len(areas)) if rank is None else rank, np.int64)
        self._own = fixed(np.arange(len(areas)), np.int32)
        self._index = open_index(areas.geoms, self._rank, metric_crs, folder)
        self._grouped: tuple[NDArray[np.int32], Ints, Bins] | None = None

    def locate(self, lon: Floats, lat: Floats) -> Ints:
        """Index of the area of each point (degrees, EPSG:4326), NOWHERE for none and for NaN; shape (n,)."""
        lon, lat = fixed(lon, np.float64), fixed(lat, np.float64)
        found = np.empty(len(lon), dtype=np.int32)
        open_parts: list[slice] = []

        def work(part: slice) -> None:
            if self._find(lon[part], lat[part], found[part]):
                open_parts.append(part)

        _in_parts(len(lon), work)
        if open_parts:
            rows = np.concatenate([np.flatnonzero(found[part] == kernel.UNDECIDED) + part.start for part in open_parts])
            found[rows] = self._decide(lon[rows], lat[rows])
        if self._index.overlapping:
            found[found >= len(self.areas)] -= len(self.areas)
        return found

    def nearness(self, lon: Floats, lat: Floats, area: Ints, group: NDArray[np.int32] | None = None) -> Nearness:
        """Distances for points already located in `area`; points that lie nowhere get NaN and NOWHERE.

        With `group` (shape (n areas,)) the runner-up is the nearest area of another group: the nearest that could
        lead to another answer. Without it, the nearest other area. Of equally near ones the first in rank.
        """
        lon, lat, area = fixed(lon, np.float64), fixed(lat, np.float64), fixed(area, np.int32)
        label, foreign = self._foreign(group)
        n = len(lon)
        border_m, runner_up_m, runner_up = np.empty(n), np.empty(n), np.empty(n, dtype=np.int32)

        def work(part: slice) -> None:
            here = area[part]
            xy = fixed(self._index.plane.project(lon[part], lat[part]), np.float64)
            own = np.where(here == NOWHERE, kernel.UNDECIDED, here).astype(np.int32)
            self._nearest(xy, self._index.bins, self._own, own, True, np.inf, runner_up[part], border_m[part])
            own = np.where(here == NOWHERE, kernel.UNDECIDED, label[here]).astype(np.int32)
            self._nearest(xy, foreign, label, own, False, REACH_M, runner_up[part], runner_up_m[part])

        _in_parts(n, work)
        self._within_others(lon, lat, area, label, runner_up, runner_up_m)
        return Nearness(border_m, runner_up, runner_up_m)

    def locate_one(self, lon: float, lat: float, group: NDArray[np.int32] | None = None) -> Spot:
        """`locate` and `nearness` of one point (degrees)."""
        x, y = np.array([lon], dtype=np.float64), np.array([lat], dtype=np.float64)
        area = self.locate(x, y)
        near = self.nearness(x, y, area, group)
        return Spot(int(area[0]), float(near.border_m[0]), int(near.runner_up[0]), float(near.runner_up_m[0]))

    def nearest(self, lon: Floats, lat: Floats) -> tuple[Ints, Floats]:
        """The area whose border is nearest to each point (degrees), and how far, metres: for points that lie nowhere.

        NOWHERE and NaN where a coordinate is not finite; shapes (n,).
        """
        lon, lat = fixed(lon, np.float64), fixed(lat, np.float64)
        area, away = np.empty(len(lon), dtype=np.int32), np.empty(len(lon))

        def work(part: slice) -> None:
            known = np.isfinite(lon[part]) & np.isfinite(lat[part])
            own = np.where(known, NOWHERE, kernel.UNDECIDED).astype(np.int32)
            xy = fixed(self._index.plane.project(lon[part], lat[part]), np.float64)
            self._nearest(xy, self._index.bins, self._own, own, False, np.inf, area[part], away[part])

        _in_parts(len(lon), work)
        return area, away

    def _find(self, lon: Floats, lat: Floats, out: Ints) -> int:
        raster = self._index.raster
        found: int = kernel.find(lon, lat, raster.grid, raster.labels, raster.words, raster.reals, out)
        return found

    def _nearest(
        self, xy: Floats, bins: Bins, label: Ints, own: Ints, only_own: bool, reach: float, area: Ints, away: Floats
    ) -> None:
        own = fixed(own, np.int32)
        kernel.nearest(
            xy, bins.frame, bins.starts, bins.units, bins.flanks, label, self._rank, own, only_own, reach, area, away
        )

    def _foreign(self, group: NDArray[np.int32] | None) -> tuple[Ints, Bins]:
        """(group of each area from 0, the edges at which an area of one group meets something else)."""
        if group is None:
            return self._own, self._index.bins
        kept = self._grouped
        if kept is None or (kept[0] is not group and not np.array_equal(kept[0], group)):
            label = fixed(np.unique(group, return_inverse=True)[1].reshape(-1), np.int32)
            kept = self._grouped = (group, label, only_between(self._index.bins, label))
        return kept[1], kept[2]

    def _within_others(
        self, lon: Floats, lat: Floats, area: Ints, label: Ints, runner_up: Ints, runner_up_m: Floats
    ) -> None:
        """Where areas touch or overlap: one of another group that holds the point itself is no distance away."""
        codes = np.empty(len(lon), dtype=np.int32)
        _in_parts(len(lon), lambda part: self._find(lon[part], lat[part], codes[part]))
        rows = np.flatnonzero(((codes == kernel.UNDECIDED) | (codes >= len(self.areas))) & (area != NOWHERE))
        if not len(rows):
            return
        which, other = self._shapes.query(shapely.points(lon[rows], lat[rows]), predicate="intersects")
        foreign = label[other] != label[area[rows[which]]]
        which, other = rows[which[foreign]], other[foreign]
        order = np.lexsort((self._rank[other], which))
        at = order[np.unique(which[order], return_index=True)[1]]
        runner_up[which[at]], runner_up_m[which[at]] = other[at], 0.0

    def _decide(self, lon: Floats, lat: Floats) -> Ints:
        """The exact answer by shapely, for the few points that the raster leaves open."""
        found = np.full(len(lon), len(self.areas), dtype=np.int64)
        which, area = self._shapes.query(shapely.points(lon, lat), predicate="intersects")
        np.minimum.at(found, which, self._rank[area])
        return np.append(self._by_rank, NOWHERE)[found].astype(np.int32)

    @cached_property
    def _shapes(self) -> shapely.STRtree:
        # Not prepared: what GEOS then builds in a geometry at its first use, two threads would build at once.
        return shapely.STRtree(self.areas.geoms)

    @cached_property
    def _by_rank(self) -> NDArray[np.int64]:
        return np.argsort(self._rank)


def _in_parts(n: int, work: Callable[[slice], object]) -> None:
    """`work` on slices of n rows: by this thread, and by as many as there are other processors if they come in time,
    for the loops let go of Python's lock."""
    if n <= ALONE:
        work(slice(0, n))
        return
    parts = iter([slice(at, min(at + CHUNK, n)) for at in range(0, n, CHUNK)])

    def take() -> None:
        for part in parts:
            work(part)

    pool = _helpers(os.getpid())
    helping = [pool.submit(take) for _ in range(len(os.sched_getaffinity(0)) - 1)]
    take()
    for each in helping:
        if not each.cancel():
            each.result()


@lru_cache(maxsize=1)
def _helpers(process: int) -> ThreadPoolExecutor:
    """Threads of this process; a forked one has to have its own."""
    return ThreadPoolExecutor(max(os.cpu_count() or 1, 1), thread_name_prefix="locate")
