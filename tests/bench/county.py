"""A synthetic county, the same every time: some 18,000 irregular cells, 130 communities, 9 towns, with shared borders.

Communities are unions of cells and towns of communities, all with the same vertices where they meet; a community's
border has about 500 vertices, a town's 2,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import box

from weathermap.city.pack import Areas

CELLS, COMMUNITIES, TOWNS = 18_000, 130, 9
METRIC = "EPSG:4549"
WEST, SOUTH = 118.55, 24.62
PITCH = 0.00095  # degrees between cells: about 100 m
BENDS = 5  # pieces that a border between two corners is broken into
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class County:
    """The finest level first; valid, without gaps or overlaps."""

    cells: Shapes
    communities: Shapes
    towns: Shapes


def make_county() -> County:
    """Voronoi cells of jittered sites in a blob of a shape, every border between two corners bent at random."""
    chance = np.random.default_rng(20260101)
    side = int(np.sqrt(CELLS * 1.985))
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    sites = (grid + chance.uniform(-0.36, 0.36, grid.shape)) / side
    angle = np.arctan2(*(sites - 0.5).T)
    bulge = 0.40 + 0.035 * np.sin(3 * angle + 1) + 0.03 * np.sin(7 * angle) + 0.015 * np.sin(13 * angle)
    inner = np.hypot(*(sites - 0.5).T) < bulge
    pieces = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=box(-1, -1, 2, 2), ordered=True)
    )[inner]
    sites = sites[inner]
    cells = _bent(shapely.transform(pieces, lambda xy: np.round(xy * (PITCH * side) + [WEST, SOUTH], 7)), chance)
    community = _nearest(sites, _spread(sites, COMMUNITIES, chance))
    middles = np.array([sites[community == k].mean(axis=0) for k in range(COMMUNITIES)])
    town = _nearest(middles, _spread(middles, TOWNS, chance))[community]
    return County(cells, _joined(cells, community), _joined(cells, town))


def points_in(county: County, n: int, seed: int = 1) -> tuple[Floats, Floats]:
    """`n` points all over the county (a few beside it), in no order; degrees."""
    chance = np.random.default_rng(seed)
    middles = shapely.get_coordinates(shapely.centroid(county.cells))
    points = middles[chance.integers(0, len(middles), n)] + chance.normal(0, PITCH * 0.6, (n, 2))
    return np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])


def hard_points(shapes: Shapes, n: int, seed: int = 2) -> tuple[Floats, Floats]:
    """`n` points on vertices, on edges as near as numbers allow, and the next number beside those; degrees."""
    chance = np.random.default_rng(seed)
    xy, ring = shapely.get_coordinates(shapely.get_parts(shapely.boundary(shapes)), return_index=True)
    start = chance.choice(np.flatnonzero(ring[1:] == ring[:-1]), n)
    t = np.where(chance.random(n) < 0.4, 0.0, chance.random(n))[:, None]
    points = xy[start] * (1 - t) + xy[start + 1] * t
    beside = np.nextafter(points, chance.choice([-np.inf, np.inf], points.shape))
    points = np.where(chance.random((n, 2)) < 0.5, points, beside)
    return np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])


def areas_of(level: str, shapes: Shapes) -> Areas:
    """A level of a pack, with its rows as codes."""
    codes = np.array([f"{i:06}" for i in range(len(shapes))], dtype=object)
    blank = np.full(len(shapes), "", dtype=object)
    return Areas(level, codes, codes, blank, blank, shapes, Path(level), np.arange(len(shapes)))


def _nearest(sites: Floats, seeds: Floats) -> NDArray[np.int64]:
    found: NDArray[np.int64] = shapely.STRtree(shapely.points(seeds)).nearest(shapely.points(sites))
    return found


def _spread(sites: Floats, n: int, chance: np.random.Generator) -> Floats:
    """`n` seeds that divide the sites about evenly."""
    seeds = sites[chance.choice(len(sites), n, replace=False)]
    for _ in range(12):
        nearest = _nearest(sites, seeds)
        seeds = np.array([sites[nearest == k].mean(axis=0) for k in range(n)])
    return seeds


def _joined(cells: Shapes, owner: NDArray[np.int64]) -> Shapes:
    return np.array([shapely.coverage_union_all(cells[owner == k]) for k in range(owner.max() + 1)], dtype=object)


def _bent(cells: Shapes, chance: np.random.Generator) -> Shapes:
    """The cells with every border bent, alike on both sides."""
    xy, owner = shapely.get_coordinates(cells, return_index=True)
    start = np.flatnonzero(owner[1:] == owner[:-1])
    ends = np.hstack([xy[start], xy[start + 1]])
    turned = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[turned] = ends[turned][:, [2, 3, 0, 1]]
    edges, which = np.unique(ends, axis=0, return_inverse=True)
    t = np.arange(1, BENDS) / BENDS
    along = edges[:, None, :2] * (1 - t)[:, None] + edges[:, None, 2:] * t[:, None]
    across = np.stack([edges[:, 1] - edges[:, 3], edges[:, 2] - edges[:, 0]], axis=1)
    sway = chance.uniform(-0.13, 0.13, (len(edges), len(t))) * np.minimum(t, 1 - t) * 2
    while True:
        bends = np.round(along + across[:, None, :] * sway[:, :, None], 7)
        path = np.where(turned[:, None, None], bends[which][:, ::-1], bends[which])
        rings = np.concatenate([xy[start][:, None], path], axis=1).reshape(-1, 2)
        of_cell = np.repeat(owner[start], BENDS)
        made = shapely.polygons(shapely.linearrings(rings, indices=of_cell))
        bad = ~shapely.is_valid(made)
        bad[shapely.STRtree(made).query(made, predicate="overlaps")[0]] = True
        if not bad.any():
            return np.asarray(made)
        sway[which[bad[owner[start]]]] *= 0.5
