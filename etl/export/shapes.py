"""The areas' shapes, from the store, as files need them. All in EPSG:4326, longitude first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.store.catalog import Catalog
from weathermap.store.sql import query


@dataclass(frozen=True)
class Shapes:
    """Row by row of a report: the shape (None where a unit governs no area) and where its label stands."""

    geometry: NDArray[Any]  # shapely, (n,)
    label: NDArray[np.float64]  # (n, 2) degrees

    @classmethod
    def none(cls) -> Shapes:
        """Of a report that draws nothing."""
        return cls(np.empty(0, dtype=object), np.empty((0, 2)))

    def rounded(self, degrees: float) -> NDArray[Any]:
        """Coordinates on a grid of `degrees`, rings anticlockwise outside (RFC 7946). A shape stays in its place."""
        return shapely.orient_polygons(shapely.set_precision(self.geometry, degrees, mode="pointwise"))

    def simplified(self, degrees: float) -> NDArray[Any]:
        """Fewer corners where the border strays by less than about `degrees`; neighbours keep a common border."""
        found = self.geometry.copy()
        known = [i for i, shape in enumerate(found) if shape is not None]
        found[known] = shapely.coverage_simplify(found[known], degrees)
        return found


def load_shapes(connection: Connection, catalog: Catalog, version: int, level: str, codes: Sequence[str]) -> Shapes:
    """The shapes of areas by code; of units (level 'unit') that of the area they govern."""
    governed = {unit.code: unit.area for unit in catalog.units}
    level_of = {code: name for (number, name, code) in catalog.by_code if number == version}
    wanted = [
        (level_of.get(governed[code], ""), governed[code]) if level == "unit" else (level, code) for code in codes
    ]
    found: dict[tuple[str, str], tuple[bytes, float, float]] = {}
    for name in {name for name, _ in wanted if name}:
        rows = connection.execute(query("area_shapes"), {"city_id": catalog.city_id, "version": version, "level": name})
        found |= {(name, row.code): (bytes(row.shape), row.lon, row.lat) for row in rows}
    none = (None, np.nan, np.nan)
    held = [found.get(key, none) for key in wanted]
    return Shapes(
        shapely.from_wkb(np.array([shape for shape, _, _ in held], dtype=object)),
        np.array([(lon, lat) for _, lon, lat in held], dtype=np.float64).reshape(-1, 2),
    )
