"""From a division in the drawing plane to exactly nested areas on the ground."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from etl.draw.warp import Warp

Floats = NDArray[np.float64]
SPACING = 21.0  # metres between vertices of a drawn border
GRID = 1e-7  # degrees: the precision of every coordinate, about a centimetre


def drawn_lines(cells: Sequence[BaseGeometry], warp: Warp) -> list[LineString]:
    """The borders of `cells` (drawing plane, metres) on the ground, with a vertex every SPACING metres.

    Lines are noded and split at every junction before they bend, so that they still meet afterwards.
    """
    joined = shapely.unary_union(shapely.boundary(np.array(cells)), grid_size=0.01)
    junctions: dict[tuple[float, float], NDArray[np.float64]] = {}  # lines that met must meet to the last bit
    lines = []
    for line in shapely.get_parts(shapely.line_merge(joined)):
        dense = shapely.get_coordinates(shapely.segmentize(line, SPACING))
        ground = warp.to_ground(dense)
        for end in (0, -1):
            ground[end] = junctions.setdefault(tuple(dense[end].tolist()), ground[end].copy())
        lines.append(LineString(ground))
    return lines


def faces(lines: Sequence[BaseGeometry], outline: BaseGeometry) -> list[Polygon]:
    """The pieces into which `lines` cut `outline` (all in degrees), on the GRID, with shared vertices."""
    inside = shapely.intersection(shapely.union_all(list(lines)), outline)
    network = shapely.union_all([inside, shapely.boundary(outline)], grid_size=GRID)
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    pieces = shapely.transform(pieces, lambda coords: np.round(coords, 7))
    return [piece for piece in pieces if shapely.contains(outline, piece.representative_point())]


def assemble(
    pieces: Sequence[Polygon],
    owner: Sequence[int],
    group: Sequence[int],
    metric: Callable[[BaseGeometry], BaseGeometry],
) -> list[BaseGeometry]:
    """One area per owner: its largest piece, and what lies cut off from it given to the area that it touches most.

    `owner[i]` is the area of pieces[i], `group[k]` the next coarser area of area k; a fragment stays in its group if
    it can. Islands go to the nearest area.
    """
    size = [metric(piece).area for piece in pieces]
    main = {k: max((i for i, o in enumerate(owner) if o == k), key=size.__getitem__) for k in set(owner)}
    parts = {k: [pieces[i]] for k, i in main.items()}
    loose = [i for i in range(len(pieces)) if i not in main.values()]
    while loose:
        i = max(loose, key=lambda i: (_touch(pieces[i], parts)[0], size[i]))
        length, near = _touch(pieces[i], parts)
        candidates = near if length > 0 else [_nearest(pieces[i], parts)]
        own = [k for k in candidates if group[k] == group[owner[i]]]
        parts[(own or candidates)[0]].append(pieces[i])
        loose.remove(i)
    return [shapely.orient_polygons(shapely.coverage_union_all(parts[k])) for k in sorted(parts)]


def _touch(piece: Polygon, parts: dict[int, list[Polygon]]) -> tuple[float, list[int]]:
    """The longest border shared with an area, and the areas that share some, longest first."""
    edge = shapely.boundary(piece)
    shared = {
        k: sum(shapely.length(shapely.intersection(edge, shapely.boundary(np.array(p))))) for k, p in parts.items()
    }
    near = sorted((k for k in shared if shared[k] > 0), key=lambda k: -shared[k])
    return (shared[near[0]] if near else 0.0), near


def _nearest(piece: Polygon, parts: dict[int, list[Polygon]]) -> int:
    return min(parts, key=lambda k: min(shapely.distance(np.array(parts[k]), piece)))
