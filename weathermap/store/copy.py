"""Writing parallel columns: few rows as INSERTs in one round trip, many through COPY. The caller owns the transaction.

The functions below write values as PostgreSQL reads them, None for NULL; both ways store the same rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.issue.batch import NONE

FEW = 40  # rows, over all tables: up to here one round trip beats COPY
ESCAPES = (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r"))
CHUNK = 50_000  # rows held as text at once
Column = Sequence[str | None]


class Plain(list[str]):
    """Values without NULL, backslash, tab or line end: COPY takes them as they are."""


def write_tables(connection: Connection, tables: Mapping[str, Mapping[str, Column]]) -> None:
    """Write columns into each table, in the order given."""
    filled = {table: columns for table, columns in tables.items() if len(next(iter(columns.values())))}
    if sum(len(next(iter(columns.values()))) for columns in filled.values()) <= FEW:
        _insert(connection, filled)
    else:
        for table, columns in filled.items():
            copy_columns(connection, table, columns)


def _insert(connection: Connection, tables: Mapping[str, Mapping[str, Column]]) -> None:
    if not tables:
        return
    cursor = connection.connection.cursor()
    statements = []
    for table, columns in tables.items():
        names = ", ".join(f'"{name}"' for name in columns)
        row = f"({', '.join(['%s'] * len(columns))})"
        values = b", ".join(cursor.mogrify(row, values) for values in zip(*columns.values(), strict=True))
        statements.append(f"INSERT INTO {table} ({names}) VALUES ".encode() + values)
    cursor.execute(b"; ".join(statements))


def copy_columns(connection: Connection, table: str, columns: Mapping[str, Column]) -> int:
    """COPY columns into `table`. Returns the number of rows."""
    values = [column if isinstance(column, Plain) else _escaped(column) for column in columns.values()]
    rows = len(values[0])
    names = ", ".join(f'"{name}"' for name in columns)
    cursor = connection.connection.cursor()
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


def instants(us: NDArray[np.int64]) -> Column:
    """Microseconds since 1970Z as timestamps in UTC; NONE as NULL."""
    known = np.where(us == NONE, 0, us)
    written = np.datetime_as_string(known.astype("datetime64[us]"), unit="us")
    return [None if us_ == NONE else f"{text}Z" for text, us_ in zip(written.tolist(), us.tolist(), strict=True)]


def arrays(values: Iterable[Sequence[int]]) -> Plain:
    """Integer arrays."""
    return Plain("{" + ",".join(map(str, value)) + "}" for value in values)


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
