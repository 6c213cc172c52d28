"""Writing Arrow tables by COPY BINARY: the way of a large load. The caller owns the transaction.

Columns are what PostgreSQL receives: text as string, timestamptz as timestamp('us', 'UTC'), bytea and geometry (EWKB)
as binary, int[] as list<int32>, jsonb as `jsonb(...)` makes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pgpq import ArrowToPostgresBinaryEncoder
from sqlalchemy import Connection

from weathermap.issue.batch import NONE

ROWS = 4_096  # encoded at once: while they are sent, the store reads those before
PIECE = 1 << 18  # bytes sent at once: few enough to be copied within a cache, many enough not to ask for Python often
EWKB_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
POINT_WITH_SRID, WGS84 = 0x20000001, 4326


def copy_table(connection: Connection, name: str, table: pa.Table) -> int:
    """COPY a table's columns into those of the same names. Returns the number of rows."""
    names = ", ".join(f'"{column}"' for column in table.column_names)
    stream = _Stream(_encoded(table))
    cursor = connection.connection.cursor()
    cursor.copy_expert(f"COPY {name} ({names}) FROM STDIN BINARY", stream)
    return int(table.num_rows)


def _encoded(table: pa.Table) -> Iterator[bytes]:
    encoder = ArrowToPostgresBinaryEncoder(table.schema)
    yield encoder.write_header()
    for batch in table.to_batches(max_chunksize=ROWS):
        yield encoder.write_batch(batch)
    yield encoder.finish()


class _Stream:
    """What psycopg2 reads from: one piece a call, '' at the end."""

    def __init__(self, encoded: Iterable[bytes]) -> None:
        self._pieces = _pieces(encoded)

    def read(self, _size: int = -1) -> bytes:
        return next(self._pieces, b"")


def _pieces(encoded: Iterable[bytes]) -> Iterator[bytes]:
    """What is sent at a time. The encoder holds small batches back: of those there is no piece."""
    for each in encoded:
        whole = memoryview(each)
        for start in range(0, len(whole), PIECE):
            yield bytes(whole[start : start + PIECE])


def texts(values: Sequence[str] | NDArray[np.object_]) -> pa.Array:
    """Texts as they are."""
    return pa.array(values, pa.string())


def numbers(values: NDArray[np.integer] | Sequence[int], kind: pa.DataType, absent: int | None = None) -> pa.Array:
    """Whole numbers of `kind`; `absent` as NULL."""
    array = np.asarray(values)
    return pa.array(array, mask=None if absent is None else array == absent).cast(kind)


def constant(value: object, n: int, kind: pa.DataType) -> pa.Array:
    """One value for all rows."""
    return pa.repeat(pa.scalar(value, kind), n)


def instants(us: NDArray[np.int64]) -> pa.Array:
    """Microseconds since 1970Z as timestamps; NONE as NULL."""
    return pa.array(us, mask=us == NONE).cast(pa.timestamp("us", "UTC"))


def fixed(values: NDArray[np.uint8], mask: NDArray[np.bool_] | None = None) -> pa.Array:
    """Byte strings of one width, shape (n, width); where `mask`: NULL."""
    n, width = values.shape
    whole = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(width), n, [None, pa.py_buffer(np.ascontiguousarray(values).data)]
    )
    return whole if mask is None else pc.if_else(pa.array(mask), pa.scalar(None, pa.binary(width)), whole)


def points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> pa.Array:
    """Points in EPSG:4326 as EWKB, NaN as NULL."""
    rows = np.empty(len(lon), dtype=EWKB_POINT)
    rows["order"], rows["kind"], rows["srid"], rows["x"], rows["y"] = 1, POINT_WITH_SRID, WGS84, lon, lat
    return fixed(rows.view(np.uint8).reshape(len(lon), EWKB_POINT.itemsize), np.isnan(lon))


def lists(values: NDArray[np.integer], there: NDArray[np.bool_], kind: pa.DataType | None = None) -> pa.Array:
    """The values of each row that are there, in order; both of shape (n, most)."""
    offsets = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum(there.sum(axis=1), out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values[there]).cast(kind or pa.int32()))


def jsonb(texts_: pa.Array) -> pa.Array:
    """JSON texts as jsonb is sent: its version, 1, then the text."""
    return pc.binary_join_element_wise(pa.scalar("\x01"), texts_, "")
