"""Values of typed files → text, as every ledger's values are: numbers without needless zeros, times as ISO 8601."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.read.records import SPACES

# The forms in which times are written here, and those that GeoJSON has.
ISO = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")
EXACT = 2**53  # whole numbers up to here are exact in a workbook


def cell_text(value: Any) -> str:
    """A cell of a workbook as text; its real dates as ISO 8601."""
    if isinstance(value, str):
        return value.strip(SPACES)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if not value.is_integer():
            return repr(value)
        return str(int(value)) if abs(value) < EXACT else f"{value:.14e}"  # beyond, its last digits are lost
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else str(value)


def column_text(column: pa.Array) -> pa.Array:
    """A column of any Arrow type as stripped strings, '' for null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column_text(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        instants = pc.cast(column, pa.timestamp("s", "UTC" if kind.tz else None), safe=False)
        column = pc.strftime(instants, ISO[2] if kind.tz else ISO[0])
    elif pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    return pc.utf8_trim(pc.fill_null(pc.cast(column, pa.string()), ""), SPACES)
