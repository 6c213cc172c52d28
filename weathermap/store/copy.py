"""Writing parallel columns: few rows as INSERTs in one round trip, many through COPY. The caller owns the transaction.

The functions below write values as PostgreSQL reads them, None for NULL; both ways store the same rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.issue.batch import NONE
from weathermap.store.sql import NOTHING, Statement, writing

EPOCH = datetime(1970, 1, 1)
FEW = 40  # rows, over all tables: up to here one round trip beats COPY
ESCAPES = (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r"))
CHUNK = 50_000  # rows held as text at once
Column = Sequence[str | None]


class Plain(list[str]):
    """Values without NULL, backslash, tab or line end: COPY takes them as they are."""


def write_tables(connection: Connection, tables: Mapping[str, Mapping[str, Column]], then: Statement = NOTHING) -> int:
    """Write columns into each table, in the order given, and run a statement after them. Returns how many rows the
    last statement wrote."""
    filled = {table: columns for table, columns in tables.items() if len(next(iter(columns.values())))}
    if sum(len(next(iter(columns.values()))) for columns in filled.values()) > FEW:
        for table, columns in filled.items():
            copy_columns(connection, table, columns)
        filled = {}
    return _insert(connection, filled, then)


def _insert(connection: Connection, tables: Mapping[str, Mapping[str, Column]], then: Statement) -> int:
    asked, values = "", list[str | None]()
    for table, columns in tables.items():
        rows = list(zip(*columns.values(), strict=True))
        asked += _insertion(table, tuple(columns), len(rows))
        for row in rows:
            values += row
    asked += then[0]
    if not asked:
        return 0
    cursor = writing(connection)
    cursor.execute(asked, [*values, *then[1]])
    return int(cursor.rowcount)


@lru_cache(maxsize=256)
def _insertion(table: str, columns: tuple[str, ...], rows: int) -> str:
    names, row = ", ".join(f'"{name}"' for name in columns), f"({', '.join(['%s'] * len(columns))})"
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * rows)};"


def copy_columns(connection: Connection, table: str, columns: Mapping[str, Column]) -> int:
    """COPY columns into `table`. Returns the number of rows."""
    values = [column if isinstance(column, Plain) else _escaped(column) for column in columns.values()]
    rows = len(values[0])
    names = ", ".join(f'"{name}"' for name in columns)
    cursor = writing(connection)
    for start in range(0, rows, CHUNK):
        lines = map("\t".join, zip(*(column[start : start + CHUNK] for column in values), strict=True))
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", io.StringIO("\n".join(lines) + "\n"))
    return rows


def numbers(values: NDArray[np.generic] | Sequence[int]) -> Plain:
    """Numbers as they are."""
    return Plain(map(str, values.tolist() if isinstance(values, np.ndarray) else values))


def optional(values: NDArray[np.integer] | Sequence[int], absent: int) -> Column:
    """Numbers, `absent` as NULL."""
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    return [None if value == absent else str(value) for value in listed]


def booleans(values: Iterable[object]) -> Plain:
    """Truth values."""
    return Plain("t" if value else "f" for value in values)


def texts(values: Iterable[str | None]) -> Column:
    """Texts as they are."""
    return list(values)


def instants(us: NDArray[np.int64] | Sequence[int]) -> Column:
    """Microseconds since 1970Z as timestamps in UTC; NONE as NULL."""
    if len(us) <= FEW:
        listed = us.tolist() if isinstance(us, np.ndarray) else us
        return [None if one == NONE else f"{EPOCH + timedelta(microseconds=one)}Z" for one in listed]
    us = np.asarray(us, dtype=np.int64)
    known = np.where(us == NONE, 0, us)
    written = np.datetime_as_string(known.astype("datetime64[us]"), unit="us")
    return [None if us_ == NONE else f"{text}Z" for text, us_ in zip(written.tolist(), us.tolist(), strict=True)]


def arrays(values: Iterable[Sequence[int]]) -> Plain:
    """Integer arrays."""
    return Plain("{" + ",".join(map(str, value)) + "}" for value in values)


def array(column: Column) -> str:
    """A whole column as one array."""
    if isinstance(column, Plain):
        return f"{{{','.join(column)}}}"
    written = [
        "NULL" if value is None else '"' + value.replace("\\", r"\\").replace('"', r"\"") + '"' for value in column
    ]
    return f"{{{','.join(written)}}}"


def binary(values: Iterable[bytes]) -> Column:
    """Byte strings."""
    return [rf"\x{value.hex()}" for value in values]


def points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Column:
    """Points in EPSG:4326 as EWKT, NaN as NULL."""
    return [
        None if x != x else f"SRID=4326;POINT({x!r} {y!r})" for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
    ]


def _escaped(column: Column) -> list[str]:
    """COPY's escapes, for the column as one text: a year's worth of values is millions. No value may hold NUL."""
    values = [value or "" for value in column]
    whole = "\0".join(values)
    for plain, escape in ESCAPES:
        if plain in whole:
            whole = whole.replace(plain, escape)
            values = []
    values = values or whole.split("\0")
    if len(values) != len(column):
        raise ValueError("PostgreSQL stores no text with NUL in it")
    return [r"\N" if value is None else text for value, text in zip(column, values, strict=True)]
