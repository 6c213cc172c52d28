"""Drawing the towns and communities of one city inside its real outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from etl.draw.borders import assemble, drawn_lines, faces
from etl.draw.partition import owners, power_cells, scatter, settle
from etl.draw.sources import Community, Place, Town
from etl.draw.warp import Warp

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LATTICE = 45.0  # metres between the points that areas are balanced on
MARGIN = 3000.0  # metres of the drawing plane around the land


@dataclass(frozen=True)
class Drawn:
    """Shapes in degrees, on one set of vertices; parallel to the communities and towns that were asked for."""

    communities: list[BaseGeometry]
    towns: list[BaseGeometry]
    city: BaseGeometry


@dataclass(frozen=True)
class Division:
    """A power diagram of the drawing plane: sites (k, 2), weights (k,), and the area that each site belongs to (k,)."""

    sites: Floats
    weights: Floats
    area: Ints

    def area_at(self, plane: Floats) -> Ints:
        """The area of each point of the drawing plane, shape (n,)."""
        return self.area[owners(plane, self.sites, self.weights)]


class Sheet:
    """The drawing sheet: ground in degrees, ground in metres, and the bent plane that borders are drawn straight in."""

    def __init__(self, outline: BaseGeometry, metric_crs: str, rng: np.random.Generator) -> None:
        self.project = Transformer.from_crs("EPSG:4326", metric_crs, always_xy=True)
        self.warp = Warp(rng)
        self.points = self.warp.to_plane(_lattice(self.metres(outline)))
        low, high = self.points.min(axis=0) - MARGIN, self.points.max(axis=0) + MARGIN
        self.frame = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def metres(self, geom: BaseGeometry) -> Any:
        """A shape in degrees in metres on the ground."""
        return shapely.transform(geom, self.project.transform, interleaved=False)

    def degrees(self, geom: BaseGeometry) -> Any:
        """A shape in metres on the ground in degrees."""
        return shapely.transform(
            geom, lambda x, y: self.project.transform(x, y, direction="INVERSE"), interleaved=False
        )

    def plane(self, places: Sequence[Sequence[float]]) -> Floats:
        """Places (lon, lat, …) on the drawing plane, shape (n, 2)."""
        metric = [self.project.transform(place[0], place[1]) for place in places]
        return self.warp.to_plane(np.array(metric, dtype=float).reshape(-1, 2))


def draw_areas(
    outline: BaseGeometry, towns: Sequence[Town], communities: Sequence[Community], metric_crs: str, seed: int
) -> Drawn:
    """Divide `outline` (WGS84) among `towns` by their sites and areas, and each town among its communities.

    Raises ValueError when a community gets no land, or the bending of the plane folds.
    """
    rng = np.random.default_rng(seed)
    sheet = Sheet(outline, metric_crs, rng)
    town_index = {town.code: t for t, town in enumerate(towns)}
    town_of = np.array([town_index[community.town] for community in communities])
    by_town = _divide_city(sheet, towns)
    town_cells = power_cells(by_town.sites, by_town.weights, sheet.frame)
    town_of_point = by_town.area_at(sheet.points)
    cells: list[BaseGeometry] = []
    inside: list[Division] = []
    for t in range(len(towns)):
        mine = np.flatnonzero(town_of == t)
        division = _divide_town(sheet.points[town_of_point == t], sheet, [communities[k].near for k in mine], mine, rng)
        region = shapely.union_all([town_cells[i] for i in np.flatnonzero(by_town.area == t)], grid_size=0.01)
        whole = power_cells(division.sites, division.weights, sheet.frame)
        cells += [shapely.intersection(cell, region) for cell in whole]
        inside.append(division)
    pieces = faces([sheet.degrees(line) for line in drawn_lines(cells, sheet.warp)], outline)
    owner = _owner_of(pieces, sheet, by_town, inside)
    _must_own(owner, communities)
    shapes = assemble(pieces, owner.tolist(), town_of.tolist(), sheet.metres)
    of_town = [_union([shapes[k] for k in np.flatnonzero(town_of == t)]) for t in range(len(towns))]
    return Drawn(shapes, of_town, _union(shapes))


def _divide_city(sheet: Sheet, towns: Sequence[Town]) -> Division:
    rows = [(t, site) for t, town in enumerate(towns) for site in town.sites]
    first = sheet.plane([site for _, site in rows])
    wanted = np.array([km2 for _, (*_, km2) in rows])
    sites, weights = settle(sheet.points, LATTICE**2, first, wanted, rounds=160, pull=0.25)
    return Division(sites, weights, np.array([t for t, _ in rows]))


def _divide_town(
    points: Floats, sheet: Sheet, near: Sequence[Place | None], area: Ints, rng: np.random.Generator
) -> Division:
    """A town's communities: those with a known place start there, the others spread over the rest."""
    known = [i for i, place in enumerate(near) if place is not None]
    others = [i for i, place in enumerate(near) if place is None]
    fixed = sheet.plane([place for place in near if place is not None])
    first = np.empty((len(near), 2))
    first[known] = fixed
    first[others] = scatter(points, fixed, len(others), rng)
    wanted = np.exp(rng.normal(0.0, 0.22, len(near)))
    sites, weights = settle(points, LATTICE**2, first, wanted, rounds=220, pull=0.93)
    return Division(sites, weights, area)


def _owner_of(pieces: Sequence[BaseGeometry], sheet: Sheet, by_town: Division, inside: Sequence[Division]) -> Ints:
    """The community that each piece of land lies in."""
    inner = sheet.plane(shapely.get_coordinates([piece.representative_point() for piece in pieces]).tolist())
    town = by_town.area_at(inner)
    owner = np.empty(len(pieces), dtype=np.int64)
    for t, division in enumerate(inside):
        owner[town == t] = division.area_at(inner[town == t])
    return owner


def _must_own(owner: Ints, communities: Sequence[Community]) -> None:
    lost = [communities[k].name for k in sorted(set(range(len(communities))) - set(owner.tolist()))]
    if lost:
        raise ValueError(f"No land was left for {', '.join(lost)}: change the sites of its town, or the seed.")


def _union(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    return shapely.orient_polygons(shapely.coverage_union_all(list(shapes)))


def _lattice(land: BaseGeometry) -> Floats:
    west, south, east, north = land.bounds
    x, y = np.meshgrid(np.arange(west, east, LATTICE), np.arange(south, north, LATTICE))
    shapely.prepare(land)
    inside = shapely.contains_xy(land, x.ravel(), y.ravel())
    return np.column_stack([x.ravel()[inside], y.ravel()[inside]])
