"""The land of neighbouring counties, for drawing around the city: cut out, and meeting the city's border exactly."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

Coordinate = tuple[float, float]


def cut_to(frame: BaseGeometry, shapes: Sequence[BaseGeometry], city: BaseGeometry) -> list[BaseGeometry]:
    """`shapes` inside `frame` and outside `city`, all in degrees, with the city's vertices on shared borders."""
    land = [_polygons(shapely.intersection(shape, frame)) for shape in shapes]
    return [_with_city_vertices(_polygons(shapely.difference(_with_city_vertices(s, city), city)), city) for s in land]


def _polygons(geom: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(geom) if isinstance(part, Polygon) and part.area > 1e-7]
    return shapely.multipolygons(parts) if parts else Polygon()


def _with_city_vertices(shape: BaseGeometry, city: BaseGeometry) -> BaseGeometry:
    """`shape` with the city's border vertices put on the segments that both share."""
    chains = [np.asarray(part.exterior.coords)[:-1] for part in shapely.get_parts(city)]
    place = {(x, y): (c, i) for c, chain in enumerate(chains) for i, (x, y) in enumerate(chain.tolist())}

    def ring(coords: NDArray[np.float64]) -> list[Coordinate]:
        points = [(float(x), float(y)) for x, y in np.round(coords, 7)]
        found: list[Coordinate] = [points[0]]
        for a, b in pairwise(points):
            if a in place and b in place and place[a][0] == place[b][0]:
                found += _between(chains[place[a][0]], place[a][1], place[b][1])
            found.append(b)
        return found

    parts = [
        Polygon(ring(np.asarray(p.exterior.coords)), [ring(np.asarray(hole.coords)) for hole in p.interiors])
        for p in shapely.get_parts(shape)
    ]
    return shapely.multipolygons(parts) if parts else Polygon()


def _between(chain: NDArray[np.float64], i: int, j: int) -> list[Coordinate]:
    """Vertices of `chain` strictly between places i and j that lie on the straight line from i to j."""
    n = len(chain)
    for step in (1, -1):
        way = [chain[(i + step * k) % n] for k in range(1, (step * (j - i)) % n)]
        line = shapely.linestrings([chain[i], chain[j]])
        if all(shapely.distance(line, shapely.points(point)) < 1e-6 for point in way):
            return [(float(x), float(y)) for x, y in way]
    return []
