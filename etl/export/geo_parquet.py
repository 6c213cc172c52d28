"""GeoParquet 1.1 (WKB, OGC:CRS84): batches as they come, each a row group, so that memory stays small."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq


def geo_metadata(kinds: Sequence[str], column: str = "geometry") -> str:
    """The `geo` entry of the file's metadata. Without a coordinate system: longitude and latitude (OGC:CRS84)."""
    described = {"encoding": "WKB", "geometry_types": list(kinds)}
    return json.dumps({"version": "1.1.0", "primary_column": column, "columns": {column: described}})


def write_parquet(
    file: IO[bytes] | Path,
    schema: pa.Schema,
    batches: Iterable[pa.Table | pa.RecordBatch],
    metadata: Mapping[str, str],
    kinds: Sequence[str],
    **options: Any,
) -> None:
    """Write `batches` of `schema`, its column `geometry` in WKB of the `kinds` (as GeoParquet names them)."""
    described = schema.with_metadata({"geo": geo_metadata(kinds), **metadata})
    with pq.ParquetWriter(file, described, compression="zstd", **options) as writer:
        for batch in batches:
            if isinstance(batch, pa.RecordBatch):
                writer.write_batch(batch.replace_schema_metadata(described.metadata))
            else:
                writer.write_table(batch.replace_schema_metadata(described.metadata))
