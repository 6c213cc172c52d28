"""Area files as they stand: read whole, given vertices on long border segments, written with one feature a line.

A border segment gets the same new vertices on every level and from either side, so that coverage stays valid.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import MultiPolygon, Polygon

from weathermap.city.areas import area_file
from weathermap.city.crs import parse, transformer
from weathermap.city.features import read_features
from weathermap.city.finding import Findings
from weathermap.city.pack import AreaFields, Config
from weathermap.errors import PackError

Coordinate = tuple[float, float]


@dataclass(frozen=True)
class Layer:
    """One area file: properties and shapes of its features, in the file's own coordinates and order."""

    level: str
    path: Path
    crs: str  # the file's own `crs` member, '' when it has none
    codes: tuple[str, ...]
    properties: tuple[Mapping[str, Any], ...]
    geoms: NDArray[np.object_]


@dataclass(frozen=True)
class Plane:
    """The way from the files' coordinates to metres and back."""

    to_metres: Transformer
    decimals: int  # of a written coordinate: about a centimetre for degrees, a millimetre for metres

    def metres(self, geom: Any) -> Any:
        """`geom` in the metric CRS."""
        return shapely.transform(geom, lambda xy: np.column_stack(self.to_metres.transform(xy[:, 0], xy[:, 1])))

    def back(self, points: NDArray[np.float64]) -> list[Coordinate]:
        """Metric points, shape (n, 2), in the files' coordinates and rounded."""
        x, y = self.to_metres.transform(points[:, 0], points[:, 1], direction="INVERSE")
        return list(zip(np.round(x, self.decimals).tolist(), np.round(y, self.decimals).tolist(), strict=True))


def plane_of(config: Config, layers: Sequence[Layer]) -> Plane:
    """The plane of a city's files. Raises PackError when the files are not all in one coordinate system."""
    systems = {layer.crs or config.crs: layer.path for layer in layers}
    if len(systems) > 1:
        names = ", ".join(f"{path.name} in {crs}" for crs, path in systems.items())
        raise PackError(f"The area files are in different systems: {names}.", "Bring them into one.")
    (crs, path), *_ = systems.items()
    return Plane(transformer(crs, config.metric_crs), 7 if parse(crs, str(path)).is_geographic else 3)


def read_layer(directory: Path, level: str, config: Config) -> Layer:
    """The area file of `level`. Raises PackError when there is none or it cannot be read."""
    path = directory / area_file(level)
    if not path.is_file():
        raise PackError(f"{path} does not exist.", f"Give the areas of level {level!r} first.")
    features = read_features(str(path), path.read_bytes(), Findings(strict=True))
    if features is None or not len(features.properties):
        raise PackError(f"{path} holds no area.", f"Give the areas of level {level!r} first.")
    fields = config.area_fields.get(level, AreaFields())
    codes = tuple(_code(entry, fields) for entry in features.properties)
    return Layer(level, path, features.crs, codes, tuple(features.properties), features.geoms)


def _code(entry: Mapping[str, Any], fields: AreaFields) -> str:
    text = str(entry.get(fields.code, entry.get("code", ""))).strip()
    return fields.code_format.format(int(text) if text.isdigit() else text) if fields.code_format else text


def write_features(path: Path, name: str, features: Iterable[tuple[Mapping[str, Any], Any]], crs: str = "") -> None:
    """Write (properties, shape) pairs as GeoJSON with one feature a line; coordinates as they are, `crs` if given."""
    lines = [
        _json({"type": "Feature", "properties": dict(properties), "geometry": shapely.geometry.mapping(shape)})
        for properties, shape in features
    ]
    member = f'"crs":{_json({"type": "name", "properties": {"name": crs}})},' if crs else ""
    head = f'{{"type":"FeatureCollection","name":{_json(name)},{member}"features":[\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def add_vertices(layers: Sequence[Layer], plane: Plane, longest: float) -> list[Layer]:
    """`layers` (coarse to fine) with vertices on every segment longer than `longest` metres.

    A layer without such a segment comes back as it is. Doing it twice adds nothing. Raises PackError when a coarser
    border is no border of the finest layer.
    """
    known = {segment for geom in layers[-1].geoms for segment in _segments(geom)}
    for layer in layers:
        strange = next((s for geom in layer.geoms for s in _segments(geom) if s not in known), None)
        if strange is not None:
            raise PackError(
                f"{layer.path}: the segment {strange} is no border of level {layers[-1].level!r}.",
                f"Make each {layer.level} the exact union of its parts; `weathermap city check` shows where.",
            )
    return [_denser(layer, plane, longest) for layer in layers]


def _denser(layer: Layer, plane: Plane, longest: float) -> Layer:
    geoms = np.array([_with_points(geom, plane, longest) for geom in layer.geoms], dtype=object)
    same = shapely.get_num_coordinates(geoms).sum() == shapely.get_num_coordinates(layer.geoms).sum()
    return layer if same else replace(layer, geoms=geoms)


def _with_points(geom: Any, plane: Plane, longest: float) -> Any:
    def ring(points: list[Coordinate]) -> list[Coordinate]:
        place = np.column_stack(plane.to_metres.transform(*np.array(points).T))
        lengths = np.hypot(*np.diff(place, axis=0).T)
        found: list[Coordinate] = []
        for (a, b), length in zip(pairwise(points), lengths.tolist(), strict=True):
            found += [a, *(_between(a, b, length, longest, plane.decimals) if length > longest else ())]
        return [*found, points[-1]]

    return map_rings(geom, ring)


def _between(a: Coordinate, b: Coordinate, length: float, longest: float, decimals: int) -> list[Coordinate]:
    """Points on a long segment, in its order, the same from either end; pieces stay below `longest` when rounded."""
    pieces = math.ceil(length / (0.9 * longest))
    first, last = np.array(min(a, b)), np.array(max(a, b))
    points = [first + (last - first) * k / pieces for k in range(1, pieces)]
    rounded = [(round(float(x), decimals), round(float(y), decimals)) for x, y in points]
    return rounded if a < b else rounded[::-1]


def rings(geom: Any) -> list[list[Coordinate]]:
    """All rings of a polygon or multipolygon, each closed."""
    return [
        [(x, y) for x, y, *_ in ring.coords]
        for part in shapely.get_parts(geom)
        for ring in (part.exterior, *part.interiors)
    ]


def map_rings(geom: Any, change: Callable[[list[Coordinate]], list[Coordinate]]) -> Any:
    """`geom` with every ring changed."""
    parts = [
        Polygon(change(list(part.exterior.coords)), [change(list(hole.coords)) for hole in part.interiors])
        for part in shapely.get_parts(geom)
    ]
    return parts[0] if isinstance(geom, Polygon) else MultiPolygon(parts)


def _segments(geom: Any) -> Iterable[tuple[Coordinate, Coordinate]]:
    return ((min(a, b), max(a, b)) for ring in rings(geom) for a, b in pairwise(ring))
