"""Parquet and GeoParquet → pieces of rows, read as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from etl.read.geometry import NOTE, with_positions
from etl.read.ledger import ROWS, Ledger, Piece, X, Y, digest
from weathermap.errors import LedgerError


def open_parquet(path: Path) -> Ledger:
    """The table of a Parquet file; a GeoParquet's primary geometry becomes X and Y. Raises LedgerError."""
    try:
        with pq.ParquetFile(path) as file:
            names, metadata = file.schema_arrow.names, file.schema_arrow.metadata or {}
    except (pa.ArrowInvalid, OSError) as error:
        raise LedgerError(f"{path} cannot be opened: {error}.", "Is the file whole? Fetch it again.") from error
    geometry, crs = _geometry(metadata, path)
    shown = tuple(name for name in names if name != geometry) + ((X, Y) if geometry else ())
    return Ledger(
        file=path,
        names=shown,
        pieces=lambda: _pieces(path, geometry),
        sha256=digest(path),
        encoding="parquet",
        notes=(NOTE,) if geometry else (),
        typed=True,
        crs=crs,
    )


def _geometry(metadata: dict[bytes, bytes], path: Path) -> tuple[str, str]:
    """(the geometry column, its coordinate system) of a GeoParquet file; ('', '') of a plain one."""
    if b"geo" not in metadata:
        return "", ""
    said = json.loads(metadata[b"geo"])
    name = said["primary_column"]
    column = said["columns"][name]
    if column.get("encoding") != "WKB":
        raise LedgerError(
            f"{path}: geometries are in the encoding {column.get('encoding')!r}.", "Write them as WKB, or as columns."
        )
    if column.get("crs", "") is None:
        return name, ""
    crs = CRS.from_user_input(column.get("crs") or "OGC:CRS84")
    authority = crs.to_authority()
    return name, ":".join(authority) if authority else crs.to_wkt()


def _pieces(path: Path, geometry: str) -> Iterator[Piece]:
    try:
        with pq.ParquetFile(path) as file:
            total, done = max(file.metadata.num_rows, 1), 0
            for batch in file.iter_batches(batch_size=ROWS):
                table = with_positions(pa.Table.from_batches([batch]), geometry)
                lines = np.arange(done + 1, done + len(table) + 1, dtype=np.int64)
                done += len(table)
                yield Piece(table, lines, share=done / total)
    except (pa.ArrowInvalid, OSError) as error:
        raise LedgerError(f"{path} cannot be read: {error}.", "Is the file whole? Fetch it again.") from error
