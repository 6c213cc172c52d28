"""make bench-locate: the area of 1e5, 1e6 and 1e7 points among 18,000 cells, 130 communities, 9 towns; ours beside six.

Equal work: every one has its points and areas ready in its own form and its indexes of areas made (where it keeps any),
two threads where it can use them, and is asked for each level by itself, in interleaved rounds. In a round it is asked
once unpaid, if that takes less than a quarter of a second, then again and again for half a second or once; the mean
counts, and then the median of the rounds. The others answer with pairs of rows; the smallest code among ties ours alone
pays for. Whoever would need more than BENCH_LIMIT seconds (60) for one answer is left out of that size, which is said;
the fastest never is.

Asserts that all answers are the same, point for point, and equal to geopandas.sjoin on points on vertices, on edges and
one number beside them. `ratio: X` is the least of all levels and sizes: ours ÷ the fastest peer.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from tests.bench.county import METRIC, County, areas_of, hard_points, make_county, points_in
from tests.bench.database import bench_cluster, new_database
from tests.bench.locate_peers import BulkTree, DuckDB, GeoPandas, Pairs, Peer, PolarsST, PostGIS, Sedona
from weathermap.locate.build import build_index
from weathermap.locate.index import NOWHERE, Locator

SIZES = tuple(int(float(size)) for size in os.environ.get("BENCH_SIZES", "1e5,1e6,1e7").split(","))
LIMIT_S = float(os.environ.get("BENCH_LIMIT", "60"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
HARD = 100_000
LEVELS = ("cells", "communities", "towns")
AIMS = {"cells": 15, "communities": 30, "towns": 50}
Floats = NDArray[np.float64]
Rates = dict[str, float]  # points a second


def main() -> None:
    county = make_county()
    shapes = {level: getattr(county, level) for level in LEVELS}
    with bench_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        locators = {level: open_locator(level, shapes[level], Path(folder)) for level in LEVELS}
        one_point(locators, county)
        peers: list[Peer] = [GeoPandas(), BulkTree(), Sedona(), PolarsST(), DuckDB()]
        peers.append(PostGIS(new_database(cluster, "locate")))
        for peer in peers:
            for level in LEVELS:
                peer.take_areas(level, shapes[level])
        check_hard_points(locators, shapes, peers)
        ratios = []
        known: dict[tuple[str, str], float] = {}  # seconds a point of each peer and level, as seen last
        for n in SIZES:
            ratios += measure(n, county, locators, peers, known)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\nmost memory held at once: {held:.1f} GB, all peers' tables too")
    for level in LEVELS:
        mine = [ratio for at, ratio in ratios if at == level]
        print(f"{level}: {min(mine):.1f} to {max(mine):.1f} times the fastest peer (aim: {AIMS[level]})")
    print(f"ratio: {min(ratio for _, ratio in ratios):.1f}")


def open_locator(level: str, shapes: NDArray[np.object_], folder: Path) -> Locator:
    """The locator from its file, with what making and opening it costs."""
    areas = areas_of(level, shapes)
    open_first = Locator(areas, METRIC, folder=folder / level)  # compiles, where nobody has yet
    started = time.perf_counter()
    build_index(shapes, np.arange(len(shapes)), METRIC)
    built = time.perf_counter()
    locator = Locator(areas, METRIC, folder=folder / level)
    assert locator.locate(np.array([0.0]), np.array([0.0])).tolist() == [NOWHERE]
    opened = time.perf_counter()
    (file,) = (folder / level).iterdir()
    vertices = shapely.get_num_coordinates(shapes).mean()
    print(
        f"{level}: {len(shapes):,} of {vertices:.0f} vertices; index built in {built - started:.2f} s, ready from its "
        f"file of {file.stat().st_size / 1e6:.0f} MB in {(opened - built) * 1e3:.0f} ms"
    )
    del open_first
    return locator


def one_point(locators: dict[str, Locator], county: County) -> None:
    """A report's receipt, and receipts in bulk, for cells that differ by community."""
    lon, lat = points_in(county, 1_000_000, seed=3)
    inside = shapely.get_coordinates(shapely.point_on_surface(county.cells))
    group = locators["communities"].locate(inside[:, 0], inside[:, 1])
    locator = locators["cells"]
    taken = []
    for x, y in zip(lon[:3000].tolist(), lat[:3000].tolist(), strict=True):
        started = time.perf_counter()
        locator.locate_one(x, y, group)
        taken.append(time.perf_counter() - started)
    started = time.perf_counter()
    area = locator.locate(lon, lat)
    between = time.perf_counter()
    locator.nearness(lon, lat, area, group)
    print(
        f"one point with its receipt: {median(taken) * 1e6:.0f} µs; 1,000,000 points: {between - started:.3f} s, "
        f"their receipts {time.perf_counter() - between:.2f} s more"
    )


def check_hard_points(locators: dict[str, Locator], shapes: dict[str, Any], peers: list[Peer]) -> None:
    """Against sjoin: no difference. PostGIS 3.3 rounds when it asks on which side of an edge a point lies: said."""
    for level in LEVELS:
        lon, lat = hard_points(shapes[level], HARD)
        ours = locators[level].locate(lon, lat)
        points = frame(lon, lat)
        for peer in peers:
            if isinstance(peer, GeoPandas | PostGIS):
                peer.take_points(points)
                differ = int((smallest(peer.join(level), len(lon)) != ours).sum())
                print(f"{level}: {HARD:,} points on or one number beside borders, other than {peer.name}: {differ}")
                assert isinstance(peer, PostGIS) or not differ


def measure(
    n: int, county: County, locators: dict[str, Locator], peers: list[Peer], known: dict[tuple[str, str], float]
) -> list[tuple[str, float]]:
    """The ratio at each level, for n points."""
    lon, lat = points_in(county, n)
    points = frame(lon, lat)
    ratios = []
    taking = [p for p in peers if any(needs(p, level, n, known) <= LIMIT_S for level in LEVELS)]
    for peer in taking:
        peer.take_points(points)
    del points
    for level in LEVELS:
        print(f"\n{level}, {n:,} points; million points a second")
        ours = locators[level].locate(lon, lat)
        timed: dict[str, list[float]] = {}
        for peer in peers:
            if needs(peer, level, n, known) > LIMIT_S:
                print(f"  {peer.name:38} not run: an answer or its table needs {needs(peer, level, n, known):.0f} s")
        running = [peer for peer in taking if needs(peer, level, n, known) <= LIMIT_S]
        for turn in range(ROUNDS if n < 5_000_000 else 1):
            for name, seconds in our_turn(locators[level], lon, lat).items():
                timed.setdefault(name, []).append(seconds)
            for peer in running:
                seconds, pairs = mean_of(partial(peer.join, level))
                timed.setdefault(peer.name, []).append(seconds)
                if turn == 0:
                    differ = int((smallest(pairs, n) != ours).sum())
                    assert not differ, f"{peer.name} answers otherwise for {differ} of {n} points"
                    known[peer.name, level] = seconds / n
                del pairs
                for name, seconds in our_turn(locators[level], lon, lat).items():
                    timed.setdefault(name, []).append(seconds)
        rates = {name: n / median(seconds) for name, seconds in timed.items()}
        ratios.append((level, shown(rates, [peer.name for peer in running])))
    return ratios


def needs(peer: Peer, level: str, n: int, known: dict[tuple[str, str], float]) -> float:
    """Seconds that a peer will need, as its last size lets expect, for an answer or to fill its table of points; none
    for the fastest, which is always asked."""
    of_level = [(taken, name) for (name, at), taken in known.items() if at == level]
    if of_level and min(of_level)[1] == peer.name:
        return 0.0
    return max(known.get((peer.name, level), 0.0), peer.filling_s) * n


OURS, ALONE, LABELS = "ours (2 threads)", "ours, one thread", "labels looked up only (2 threads)"


def our_turn(locator: Locator, lon: Floats, lat: Floats) -> Rates:
    """Seconds that ours needs, in two threads and in one, and what the look-up of pixels alone needs."""
    affinity = os.sched_getaffinity(0)
    bare = blank(locator)
    found = {}
    for name, who in ((OURS, locator), (LABELS, bare)):
        found[name] = mean_of(partial(who.locate, lon, lat))[0]
    os.sched_setaffinity(0, {min(affinity)})
    found[ALONE] = mean_of(partial(locator.locate, lon, lat))[0]
    os.sched_setaffinity(0, affinity)
    return found


def mean_of(ask: Callable[[], Any]) -> tuple[float, Any]:
    """(mean seconds of a call, the last answer)."""
    started = time.perf_counter()
    answer = ask()
    taken = time.perf_counter() - started
    calls = 1
    if taken < 0.25:
        started, calls = time.perf_counter(), 0
        while time.perf_counter() - started < 0.5:
            answer = ask()
            calls += 1
        taken = time.perf_counter() - started
    return taken / calls, answer


def blank(locator: Locator) -> Locator:
    """The same raster without borders: each point costs its look-up alone."""
    kept = BLANKS.get(id(locator))
    if kept is None:
        index = locator._index
        labels = np.maximum(index.raster.labels, NOWHERE)
        labels.flags.writeable = False
        kept = BLANKS[id(locator)] = Locator(locator.areas, METRIC)
        kept._index = replace(index, raster=replace(index.raster, labels=labels))
    return kept


BLANKS: dict[int, Locator] = {}


def shown(rates: Rates, peers: list[str]) -> float:
    best = max(peers, key=lambda name: rates[name])
    for name, rate in sorted(rates.items(), key=lambda pair: pair[1]):
        print(
            f"  {name:38} {rate / 1e6:8.3f}" + (f"   ours is {rates[OURS] / rate:.0f} times" if name in peers else "")
        )
    ratio = rates[OURS] / rates[best]
    print(f"  ratio to {best}: {ratio:.1f}; share of the bare look-up: {rates[OURS] / rates[LABELS]:.0%}", flush=True)
    return ratio


def frame(lon: Floats, lat: Floats) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"point": np.arange(len(lon))}, geometry=shapely.points(lon, lat))


def smallest(pairs: Pairs, n: int) -> NDArray[np.int64]:
    """The smallest area of each point, NOWHERE for none."""
    found = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(found, pairs[0], pairs[1])
    return np.where(found == np.iinfo(np.int64).max, NOWHERE, found)


if __name__ == "__main__":
    main()
