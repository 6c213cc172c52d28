"""Geometries of a ledger → the columns X and Y: a point's own coordinates; of anything larger a point on it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from etl.read.ledger import X, Y
from etl.read.values import column_text

NOTE = (
    f"positions are the file's geometries, columns {X!r} and {Y!r}; a line or polygon counts where a point on it lies"
)


def with_positions(table: pa.Table, geometry: str) -> pa.Table:
    """The table's columns as text, its column `geometry` (WKB) replaced by X and Y at the end; '' where it is empty."""
    columns = [column_text(table[name].combine_chunks()) for name in table.column_names if name != geometry]
    names = [name for name in table.column_names if name != geometry]
    if geometry:
        x, y = _points(table[geometry].to_numpy())
        columns += [_numbers(x), _numbers(y)]
        names += [X, Y]
    return pa.Table.from_arrays(columns, names=names)


def _points(wkb: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    shapes[shapely.is_empty(shapes)] = None
    larger = ~np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.POINT, shapely.GeometryType.MISSING))
    shapes[larger] = shapely.point_on_surface(shapes[larger])
    return shapely.get_x(shapes), shapely.get_y(shapes)


def _numbers(values: NDArray[np.float64]) -> pa.Array:
    return column_text(pa.array(values, from_pandas=True))
