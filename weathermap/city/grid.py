"""The unit grid (单元网格): cells of about 10,000 m² inside the next coarser level of a pack, with their codes.

A cell's code is its area's code and a serial 001–999, numbered from west to east and then from north to south. The
grid is drawn from the pack alone, so drawing twice gives the same bytes.
"""

from __future__ import annotations

import json
import math
import tomllib
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from weathermap.city.cells import STEP, draw_cells
from weathermap.errors import PackError

__all__ = ["draw_cells", "write_features", "write_grid"]

SERIALS = 999
ALONE = 0.25  # an island below this share of a cell belongs to the cell nearest to it
Coordinate = tuple[float, float]


@dataclass
class Level:
    """One area file: its features' properties and shapes, in the file's coordinate system."""

    name: str
    path: Path
    properties: list[dict[str, Any]]
    geoms: NDArray[np.object_]


@dataclass(frozen=True)
class Plane:
    """The way from the pack's coordinates to metres and back."""

    to_metres: Transformer
    decimals: int  # of a coordinate in the files: about a centimetre for degrees, a millimetre for metres

    def metres(self, geom: BaseGeometry) -> Any:
        """`geom` in the metric CRS."""
        return shapely.transform(geom, self.to_metres.transform, interleaved=False)

    def back(self, points: NDArray[np.float64]) -> list[Coordinate]:
        """Metric points, shape (n, 2), in the files' coordinates and rounded."""
        x, y = self.to_metres.transform(points[:, 0], points[:, 1], direction="INVERSE")
        return list(zip(np.round(x, self.decimals).tolist(), np.round(y, self.decimals).tolist(), strict=True))


def write_grid(directory: Path, size_m2: float) -> str:
    """Draw the finest level of the pack in `directory`: cells of about `size_m2` m²; returns a sentence for people.

    Area files of the coarser levels get vertices on segments that are too long for the grid; otherwise they stay
    untouched. Raises PackError when the pack has no level to draw, no coarser level, or broken coverage.
    """
    config = _config(directory)
    *coarser, finest = config["levels"]
    plane = _plane(config)
    levels = [_read(directory, level) for level in coarser]
    target = directory / "areas" / f"{finest}.geojson"
    _refuse_foreign(target, levels[-1])
    changed = _add_vertices(levels, plane, STEP * math.sqrt(size_m2))
    cells, areas, larger = _draw_all(levels[-1], plane, size_m2)
    _must_cover(np.array([shape for _, shape in cells]), target, "Report this with the area file: the drawing failed.")
    for level in changed:
        write_features(level.path, level.name, zip(level.properties, level.geoms, strict=True))
    write_features(target, finest, cells)
    return _sentence(config["name"], levels[-1], np.array(areas), [level.name for level in changed], larger)


def write_features(path: Path, name: str, features: Iterable[tuple[dict[str, Any], Any]]) -> None:
    """Write (properties, shape) pairs as GeoJSON with one feature a line; coordinates as they are."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for properties, shape in features
    ]
    head = f'{{"type":"FeatureCollection","name":"{name}","features":[\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def _config(directory: Path) -> dict[str, Any]:
    path = directory / "city.toml"
    if not path.is_file():
        raise PackError(f"{path} does not exist.", "Give the folder of a city pack.")
    config: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["city"]
    if len(config.get("levels", ())) < 2:
        raise PackError(f"{path}: levels has fewer than two names.", 'Write levels = ["city", …, "cell"].')
    return config


def _plane(config: dict[str, Any]) -> Plane:
    source, metric = CRS.from_user_input(config.get("crs", "EPSG:4326")), CRS.from_user_input(config["metric_crs"])
    if not metric.is_projected or metric.axis_info[0].unit_conversion_factor != 1.0:
        raise PackError(f"metric_crs {config['metric_crs']} is not in metres.", "Name a projected CRS in metres.")
    return Plane(Transformer.from_crs(source, metric, always_xy=True), 7 if source.is_geographic else 3)


def _read(directory: Path, level: str) -> Level:
    path = directory / "areas" / f"{level}.geojson"
    if not path.is_file():
        raise PackError(f"{path} does not exist.", f"Give the areas of level {level!r} before drawing cells in them.")
    features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
    geoms = np.array([shapely.geometry.shape(feature["geometry"]) for feature in features], dtype=object)
    return Level(level, path, [feature["properties"] for feature in features], geoms)


def _refuse_foreign(target: Path, parents: Level) -> None:
    """Raise if `target` holds areas that are not cells: the grid never overwrites a city's own areas."""
    if not target.is_file():
        return
    codes = [str(f["properties"]["code"]) for f in json.loads(target.read_text(encoding="utf-8-sig"))["features"]]
    own = {str(properties["code"]) for properties in parents.properties}
    foreign = next((code for code in codes if code[:-3] not in own or not code[-3:].isdigit()), None)
    if foreign is not None:
        raise PackError(
            f"{target} holds area {foreign}, which is no cell.",
            "Add a level 'cell' at the end of levels in city.toml, or remove the file.",
        )


def _add_vertices(levels: Sequence[Level], plane: Plane, longest: float) -> list[Level]:
    """Put vertices on segments longer than `longest` (m), the same on every level; returns the levels that changed."""
    _must_cover(levels[-1].geoms, levels[-1].path, "Run `weathermap city check` for the places.")
    known = {segment for geom in levels[-1].geoms for segment in _segments(geom)}
    changed = []
    for level in levels:
        strange = next((s for geom in level.geoms for s in _segments(geom) if s not in known), None)
        if strange is not None:
            raise PackError(
                f"{level.path}: the border segment {strange} is no border of a {levels[-1].name}.",
                f"Make each {level.name} the exact union of its parts (`weathermap city check`).",
            )
        new = np.array([_with_points(geom, plane, longest) for geom in level.geoms], dtype=object)
        if any(map(len, map(_difference, new, level.geoms))):
            level.geoms = new
            changed.append(level)
    return changed


def _difference(a: Any, b: Any) -> range:
    return range(shapely.get_num_coordinates(a) - shapely.get_num_coordinates(b))


def _rings(geom: Any) -> list[list[Coordinate]]:
    return [
        [(x, y) for x, y, *_ in ring.coords]
        for part in shapely.get_parts(geom)
        for ring in (part.exterior, *part.interiors)
    ]


def _segments(geom: Any) -> Iterable[tuple[Coordinate, Coordinate]]:
    return ((min(a, b), max(a, b)) for ring in _rings(geom) for a, b in pairwise(ring))


def _with_points(geom: Any, plane: Plane, longest: float) -> Any:
    """`geom` with points on long segments. A segment gets the same points from either side."""

    def ring(points: list[Coordinate]) -> list[Coordinate]:
        place = np.column_stack(plane.to_metres.transform(*np.array(points).T))
        lengths = np.hypot(*np.diff(place, axis=0).T)
        found: list[Coordinate] = []
        for (a, b), length in zip(pairwise(points), lengths.tolist(), strict=True):
            pieces = math.ceil(length / (0.9 * longest)) if length > longest else 1
            first, last = np.array(min(a, b)), np.array(max(a, b))
            inner = [first + (last - first) * k / pieces for k in range(1, pieces)]
            rounded = [(round(float(x), plane.decimals), round(float(y), plane.decimals)) for x, y in inner]
            found += [a, *(rounded if a < b else rounded[::-1])]
        return [*found, points[-1]]

    return _map_rings(geom, ring)


def _map_rings(geom: Any, change: Callable[[list[Coordinate]], list[Coordinate]]) -> Any:
    parts = [
        Polygon(change(list(part.exterior.coords)), [change(list(hole.coords)) for hole in part.interiors])
        for part in shapely.get_parts(geom)
    ]
    return parts[0] if len(parts) == 1 and isinstance(geom, Polygon) else MultiPolygon(parts)


def _draw_all(
    level: Level, plane: Plane, size_m2: float
) -> tuple[list[tuple[dict[str, Any], Any]], list[float], list[str]]:
    """(properties, shape) of every cell, their areas in m², and the codes of areas whose cells had to be larger."""
    cells: list[tuple[dict[str, Any], Any]] = []
    areas: list[float] = []
    larger: list[str] = []
    for k in sorted(range(len(level.geoms)), key=lambda k: str(level.properties[k]["code"])):
        code = str(level.properties[k]["code"])
        drawn, size = _draw_one(plane.metres(level.geoms[k]), size_m2, zlib.crc32(code.encode()))
        if size > size_m2:
            larger.append(code)
        exact = _exact(level.geoms[k], plane)
        for serial, shape in enumerate(drawn, 1):
            name = {"name": f"单元{serial:03d}", "name_en": f"Cell {serial:03d}"}
            cells.append(({"code": f"{code}{serial:03d}", **name, "parent": code}, exact(shape)))
            areas.append(shape.area)
    return cells, areas, larger


def _draw_one(metric: Any, size_m2: float, seed: int) -> tuple[list[Any], float]:
    """Cells of one area (largest part first, then its islands) and the size used: larger if 999 serials did not do."""
    parts = sorted(shapely.get_parts(metric), key=lambda part: -part.area)
    size = size_m2
    while True:
        cells = [cell for part in parts if _stands(part, parts, size) for cell in draw_cells(part, size, seed)]
        for islet in [part for part in parts if not _stands(part, parts, size)]:
            nearest = int(np.argmin(shapely.distance(np.array(cells), islet)))
            cells[nearest] = MultiPolygon([*shapely.get_parts(cells[nearest]), islet])
        if len(cells) <= SERIALS:
            return cells, size
        size *= 1.02 * len(cells) / SERIALS


def _stands(part: Any, parts: list[Any], size: float) -> bool:
    return part is parts[0] or bool(part.area >= ALONE * size)


def _exact(geom: Any, plane: Plane) -> Callable[[Any], Any]:
    """A function that takes metric cells of `geom` to the files' coordinates; border vertices exactly as they were."""
    own = [point for ring in _rings(geom) for point in ring]
    metric = shapely.get_coordinates(plane.metres(geom))
    known = dict(zip(map(tuple, metric.tolist()), own, strict=True))

    def ring(points: list[Coordinate]) -> list[Coordinate]:
        rounded = plane.back(np.array(points))
        return [known.get(point, near) for point, near in zip(points, rounded, strict=True)]

    return lambda shape: shapely.orient_polygons(_map_rings(shape, ring))


def _must_cover(geoms: NDArray[np.object_], path: Path, remedy: str) -> None:
    if not shapely.coverage_is_valid(geoms):
        raise PackError(f"{path}: areas overlap or their shared borders have different vertices.", remedy)


def _sentence(city: str, level: Level, areas: NDArray[np.float64], changed: list[str], larger: list[str]) -> str:
    text = (
        f"{city}: {len(areas):,} cells in {len(level.geoms)} areas of level {level.name}; "
        f"area min {areas.min():,.0f}, mean {areas.mean():,.0f}, max {areas.max():,.0f} m²."
    )
    if changed:
        text += f" Vertices added to: {', '.join(changed)}."
    if larger:
        text += f" Larger cells, since 999 serials did not do: {', '.join(larger)}."
    return text
