"""Where a city's issues lie, as columns: for maps, which want all of them at once."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.store.sql import query

SUSPENDED_OR_FED_BACK, RUNS, RECTIFIED = 0, 1, 2  # `runs`: whether the deadline counts
FIELDS = (
    ("issue_id", ">i8"), ("category_id", ">i4"), ("area_id", ">i4"), ("lon", ">f8"), ("lat", ">f8"),
    ("runs", ">i2"), ("asked", ">i2"), ("deadline", ">i8"), ("red", ">i8"),
)  # fmt: skip
HEAD, FOOT = 19, 2  # bytes around the rows of a binary COPY
ROW = np.dtype(
    [("fields", ">i2"), *(pair for name, kind in FIELDS for pair in ((f"{name}_size", ">i4"), (name, kind)))]
)


def read_spots(connection: Connection, city_id: int, depth: int, rectified: bool) -> NDArray[np.void]:
    """The located issues that are open (with `rectified`: those too), one record each, FIELDS in the machine's order.

    `depth`: how many levels of the chain have weather; degrees in EPSG:4326; times in µs since 1970Z, 0 for none.
    """
    asked = query("issue_spots").bindparams(city_id=city_id, depth=depth, rectified=rectified)
    statement = str(asked.compile(connection.engine, compile_kwargs={"literal_binds": True}))
    sink = io.BytesIO()
    connection.connection.cursor().copy_expert(f"COPY ({statement}) TO STDOUT BINARY", sink)
    rows = np.frombuffer(sink.getbuffer(), dtype=ROW, offset=HEAD, count=(sink.tell() - HEAD - FOOT) // ROW.itemsize)
    found = np.empty(len(rows), dtype=[(name, kind.replace(">", "=")) for name, kind in FIELDS])
    for name, _ in FIELDS:
        found[name] = rows[name]
    return found
