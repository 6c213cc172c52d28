"""Bulk writing: parallel columns, encoded once, through COPY … FROM STDIN. The caller owns the transaction."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.issue.batch import NONE

NULL = r"\N"
CHUNK = 50_000  # rows held as text at once


def copy_columns(connection: Connection, table: str, columns: Mapping[str, Sequence[str]]) -> int:
    """COPY parallel columns, already encoded by the functions below, into `table`. Returns the number of rows."""
    values = list(columns.values())
    rows = len(values[0])
    names = ", ".join(f'"{name}"' for name in columns)
    cursor = connection.connection.cursor()
    for start in range(0, rows, CHUNK):
        lines = map("\t".join, zip(*(column[start : start + CHUNK] for column in values), strict=True))
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", io.StringIO("\n".join(lines) + "\n"))
    return rows


def numbers(values: NDArray[np.generic] | Sequence[int]) -> list[str]:
    """Numbers as they are."""
    return [str(value) for value in (values.tolist() if isinstance(values, np.ndarray) else values)]


def optional(values: NDArray[np.integer] | Sequence[int], absent: int) -> list[str]:
    """Numbers, `absent` as NULL."""
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    return [NULL if value == absent else str(value) for value in listed]


def booleans(values: Iterable[object]) -> list[str]:
    """Truth values."""
    return ["t" if value else "f" for value in values]


def texts(values: Iterable[str | None]) -> list[str]:
    """Texts with COPY's escapes; None is NULL."""
    return [NULL if value is None else _escaped(value) for value in values]


def instants(us: NDArray[np.int64]) -> list[str]:
    """Microseconds since 1970Z as timestamps in UTC; NONE as NULL."""
    known = np.where(us == NONE, 0, us)
    written = np.datetime_as_string(known.astype("datetime64[us]"), unit="us")
    return [NULL if us_ == NONE else f"{text}Z" for text, us_ in zip(written.tolist(), us.tolist(), strict=True)]


def arrays(values: Iterable[Sequence[int]]) -> list[str]:
    """Integer arrays."""
    return ["{" + ",".join(map(str, value)) + "}" for value in values]


def binary(values: Iterable[bytes]) -> list[str]:
    """Byte strings."""
    return [rf"\\x{value.hex()}" for value in values]


def points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[str]:
    """Points in EPSG:4326 as EWKT, NaN as NULL."""
    return [
        NULL if x != x else f"SRID=4326;POINT({x!r} {y!r})" for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
    ]


def _escaped(text: str) -> str:
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
    return text
