"""The unit grid (单元网格): cells of about 10,000 m² inside the next coarser level of a pack, with their codes.

A cell's code is its area's code and a serial 001–999, numbered from west to east and then from north to south. The
grid is drawn from the pack alone, so drawing twice gives the same bytes.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon

from weathermap.city import config as city_toml
from weathermap.city.areas import area_file
from weathermap.city.cells import STEP, draw_cells
from weathermap.city.config import read_config
from weathermap.city.finding import Findings
from weathermap.city.pack import Config
from weathermap.city.vertices import (
    Coordinate,
    Layer,
    Plane,
    add_vertices,
    map_rings,
    plane_of,
    read_layer,
    rings,
    write_features,
)
from weathermap.errors import PackError

__all__ = ["draw_cells", "write_grid"]

SERIALS = 999
ALONE = 0.25  # an island below this share of a cell belongs to the cell nearest to it


@dataclass(frozen=True)
class Grid:
    """The drawn cells, in the files' coordinates, and the areas that needed larger ones."""

    cells: list[tuple[dict[str, str], Any]]  # properties and shape
    areas_m2: NDArray[np.float64]  # parallel to `cells`
    larger: list[str]


def write_grid(directory: Path, size_m2: float) -> str:
    """Draw the finest level of the pack in `directory`: cells of about `size_m2` m²; returns a sentence for people.

    Area files of the coarser levels get vertices on segments that are too long for the grid; otherwise they stay
    untouched. Raises PackError when the pack has no level to draw or no areas to draw it in, when the finest level
    holds areas that are no cells, and for broken coverage.
    """
    config = _config(directory)
    *coarser, finest = config.levels
    first = 0 if (directory / area_file(coarser[0])).is_file() or len(coarser) == 1 else 1  # the top may be derived
    layers = [read_layer(directory, level, config) for level in coarser[first:]]
    target = directory / area_file(finest)
    if target.is_file():
        _refuse_foreign(read_layer(directory, finest, config), layers[-1])
    _must_cover(layers[-1].geoms, layers[-1].path, "Run `weathermap city check` for the places.")
    plane = plane_of(config, layers)
    denser = add_vertices(layers, plane, STEP * math.sqrt(size_m2))
    grid = _draw(denser[-1], plane, size_m2)
    shapes = np.array([shape for _, shape in grid.cells], dtype=object)
    _must_cover(shapes, target, f"Look for crossing borders in {layers[-1].path}.")
    changed = [new for new, old in zip(denser, layers, strict=True) if new is not old]
    for layer in changed:
        write_features(layer.path, layer.level, zip(layer.properties, layer.geoms, strict=True), layer.crs)
    write_features(target, finest, grid.cells, layers[-1].crs)
    return _sentence(config, layers[-1], grid, [layer.level for layer in changed])


def _config(directory: Path) -> Config:
    path = directory / city_toml.FILE
    if not path.is_file():
        raise PackError(f"{directory} is no city pack: it has no {city_toml.FILE}.", "Name the folder of a city pack.")
    config = read_config(path.read_bytes(), Findings(strict=True))
    if config is None or len(config.levels) < 2:
        remedy = 'Write levels = ["city", …, "cell"]: the last one is drawn inside the one before.'
        raise PackError(f"{path}: the pack names no level to draw.", remedy)
    return config


def _refuse_foreign(cells: Layer, parents: Layer) -> None:
    """Raise if `cells` holds areas that are not cells: the grid never overwrites a city's own areas."""
    own = set(parents.codes)
    foreign = next((code for code in cells.codes if code[:-3] not in own or not code[-3:].isdigit()), None)
    if foreign is not None:
        raise PackError(
            f"{cells.path} holds area {foreign!r}, which is no cell of level {parents.level!r}.",
            f"Add a further level, say 'cell', after {cells.level!r} in levels of city.toml; or remove the file.",
        )


def _draw(layer: Layer, plane: Plane, size_m2: float) -> Grid:
    cells: list[tuple[dict[str, str], Any]] = []
    areas: list[float] = []
    larger: list[str] = []
    for code, geom in sorted(zip(layer.codes, layer.geoms, strict=True), key=lambda pair: pair[0]):
        drawn, size = _draw_one(plane.metres(geom), size_m2, zlib.crc32(code.encode()))
        larger += [code] if size > size_m2 else []
        exact = _exact(geom, plane)
        for serial, shape in enumerate(drawn, 1):
            name = {"name": f"单元{serial:03d}", "name_en": f"Cell {serial:03d}"}
            cells.append(({"code": f"{code}{serial:03d}", **name, "parent": code}, exact(shape)))
            areas.append(shape.area)
    return Grid(cells, np.array(areas), larger)


def _draw_one(metric: Any, size_m2: float, seed: int) -> tuple[list[Any], float]:
    """Cells of one area (largest part first, then its islands) and the size used: larger if 999 serials did not do."""
    parts = sorted(shapely.get_parts(metric), key=lambda part: -part.area)
    size = size_m2
    while True:
        stands = [part is parts[0] or part.area >= ALONE * size for part in parts]
        cells: list[Any] = []
        for part, alone in zip(parts, stands, strict=True):
            cells += draw_cells(part, size, seed) if alone else []
        for islet in [part for part, alone in zip(parts, stands, strict=True) if not alone]:
            nearest = int(np.argmin(shapely.distance(np.array(cells), islet)))
            cells[nearest] = MultiPolygon([*shapely.get_parts(cells[nearest]), islet])
        if len(cells) <= SERIALS:
            return cells, size
        size *= 1.02 * len(cells) / SERIALS


def _exact(geom: Any, plane: Plane) -> Callable[[Any], Any]:
    """A function that takes metric cells of `geom` to the files' coordinates; border vertices exactly as they were."""
    own = [point for ring in rings(geom) for point in ring]
    metric = shapely.get_coordinates(plane.metres(geom))
    known = dict(zip(map(tuple, metric.tolist()), own, strict=True))

    def ring(points: list[Coordinate]) -> list[Coordinate]:
        rounded = plane.back(np.array(points))
        return [known.get(point, near) for point, near in zip(points, rounded, strict=True)]

    return lambda shape: shapely.orient_polygons(map_rings(shape, ring))


def _must_cover(geoms: NDArray[np.object_], path: Path, remedy: str) -> None:
    if not shapely.coverage_is_valid(geoms):
        raise PackError(f"{path}: areas overlap or their shared borders have different vertices.", remedy)


def _sentence(config: Config, layer: Layer, grid: Grid, changed: Sequence[str]) -> str:
    area = grid.areas_m2
    text = (
        f"{config.name}: {len(area):,} cells in {len(layer.codes)} areas of level {layer.level}; "
        f"area min {area.min():,.0f}, mean {area.mean():,.0f}, max {area.max():,.0f} m²."
    )
    if changed:
        text += f" Vertices added to: {', '.join(changed)}."
    if grid.larger:
        text += f" Larger cells, since {SERIALS} serials did not do: {', '.join(grid.larger)}."
    return text
