"""Drawing the towns and communities of one city inside its real outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from etl.draw.borders import assemble, drawn_lines, faces
from etl.draw.partition import owners, power_cells, scatter, settle
from etl.draw.sources import Community, Town
from etl.draw.warp import Warp

Floats = NDArray[np.float64]
LATTICE = 45.0  # metres between the points that areas are balanced on


@dataclass(frozen=True)
class Drawn:
    """Shapes in degrees, on one set of vertices; parallel to the communities and towns that were asked for."""

    communities: list[BaseGeometry]
    towns: list[BaseGeometry]
    city: BaseGeometry


def draw_areas(
    outline: BaseGeometry, towns: Sequence[Town], communities: Sequence[Community], metric_crs: str, seed: int
) -> Drawn:
    """Divide `outline` (WGS84) among `towns` by their sites and areas, and each town among its communities."""
    rng = np.random.default_rng(seed)
    project = Transformer.from_crs("EPSG:4326", metric_crs, always_xy=True)
    land = shapely.transform(outline, project.transform, interleaved=False)
    warp = Warp(rng)
    ground = _lattice(land)
    points = warp.to_plane(ground)
    frame = _frame(points)

    town_sites, town_weights, town_of_site = _town_sites(points, towns, project, warp)
    town_cells = power_cells(town_sites, town_weights, frame)
    owner = town_of_site[owners(points, town_sites, town_weights)]

    sites, weights = np.empty((len(communities), 2)), np.empty(len(communities))
    cells: list[BaseGeometry] = [shapely.box(*frame)] * len(communities)
    index = {town.code: t for t, town in enumerate(towns)}
    town_of = np.array([index[community.town] for community in communities])
    for t in range(len(towns)):
        mine = np.flatnonzero(town_of == t)
        region = shapely.union_all([c for c, o in zip(town_cells, town_of_site, strict=True) if o == t], grid_size=0.01)
        near = [communities[k].near for k in mine]
        sites[mine], weights[mine] = _community_sites(points[owner == t], near, project, warp, rng)
        for k, cell in zip(mine, power_cells(sites[mine], weights[mine], frame), strict=True):
            cells[k] = shapely.intersection(cell, region)

    to_degrees = lambda x, y: project.transform(x, y, direction="INVERSE")  # noqa: E731
    lines = [shapely.transform(line, to_degrees, interleaved=False) for line in drawn_lines(cells, warp)]
    pieces = faces(lines, outline)
    inner = np.array([shapely.get_coordinates(piece.representative_point())[0] for piece in pieces])
    inner = warp.to_plane(np.column_stack(project.transform(*inner.T)))
    town_of_piece = town_of_site[owners(inner, town_sites, town_weights)]
    of_piece = np.empty(len(pieces), dtype=np.int64)
    for t in range(len(towns)):
        mine, here = np.flatnonzero(town_of == t), town_of_piece == t
        of_piece[here] = mine[owners(inner[here], sites[mine], weights[mine])]
    lost = [communities[k].name for k in sorted(set(range(len(communities))) - set(of_piece.tolist()))]
    if lost:
        raise ValueError(f"No land was left for {', '.join(lost)}: change the sites of its town, or the seed.")
    metric = lambda geom: shapely.transform(geom, project.transform, interleaved=False)  # noqa: E731
    shapes = assemble(pieces, of_piece.tolist(), town_of.tolist(), metric)
    town_shapes = [_union([shapes[k] for k in np.flatnonzero(town_of == t)]) for t in range(len(towns))]
    return Drawn(shapes, town_shapes, _union(shapes))


def _union(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    return shapely.orient_polygons(shapely.coverage_union_all(list(shapes)))


def _lattice(land: BaseGeometry) -> Floats:
    west, south, east, north = land.bounds
    x, y = np.meshgrid(np.arange(west, east, LATTICE), np.arange(south, north, LATTICE))
    shapely.prepare(land)
    inside = shapely.contains_xy(land, x.ravel(), y.ravel())
    return np.column_stack([x.ravel()[inside], y.ravel()[inside]])


def _frame(points: Floats) -> tuple[float, float, float, float]:
    low, high = points.min(axis=0) - 3000, points.max(axis=0) + 3000
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _town_sites(
    points: Floats, towns: Sequence[Town], project: Transformer, warp: Warp
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    rows = [(t, *site) for t, town in enumerate(towns) for site in town.sites]
    places = np.array([project.transform(lon, lat) for _, lon, lat, _ in rows])
    wanted = np.array([km2 for *_, km2 in rows])
    sites, weights = settle(points, LATTICE**2, warp.to_plane(places), wanted, rounds=160, pull=0.25)
    return sites, weights, np.array([t for t, *_ in rows])


def _community_sites(
    points: Floats,
    near: Sequence[tuple[float, float] | None],
    project: Transformer,
    warp: Warp,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Sites and weights of a town's communities: known places stay near, the others spread over the rest."""
    known = [i for i, place in enumerate(near) if place is not None]
    fixed = np.array([project.transform(*place) for place in near if place is not None]).reshape(-1, 2)
    fixed = warp.to_plane(fixed)
    sites = np.empty((len(near), 2))
    sites[known] = fixed
    others = [i for i in range(len(near)) if i not in known]
    sites[others] = scatter(points, fixed, len(others), rng)
    wanted = np.exp(rng.normal(0.0, 0.22, len(near)))
    return settle(points, LATTICE**2, sites, wanted, rounds=220, pull=0.93)
