"""Issues as XLSX (split over sheets), CSV, GeoParquet, GeoPackage and FlatGeobuf: batch by batch, never all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import rustpy_xlsxwriter

from etl.export.geo_files import layer
from etl.export.geo_parquet import write_parquet
from etl.export.issues.stream import FIELDS
from etl.export.packed_index import add_index
from etl.export.table import GEOMETRY
from etl.export.tick import Tick

SHEET = 250_000  # rows; Excel takes 1,048,575 under the heads, but opens so many slowly
LAYER = "issues"
INSTANT = "yyyy-mm-dd hh:mm"
HEAD = b"\x01\x01\x00\x00\x00"  # WKB, little endian, point
Batches = pa.RecordBatchReader


@dataclass(frozen=True)
class Written:
    """What a file is to hold beside its rows: how many there are about, headings' language, stamp, title."""

    total: int
    lang: str
    title: str
    stamp: list[tuple[str, str]]


def write_xlsx(batches: Batches, path: Path, about: Written, tick: Tick) -> None:
    """Sheets of `SHEET` rows each, heads frozen and filterable, real dates; the stamp on a sheet of its own."""
    heads = [field.head(about.lang) for field in FIELDS]
    schema = pa.schema([pa.field(head, field.type) for head, field in zip(heads, batches.schema, strict=True)])
    rows = _ticked(batches, tick)
    names = [f"{'问题' if about.lang == 'zh' else 'issues'}{n + 1}" for n in range(max(-(-about.total // SHEET), 1))]
    split = _Split(rows, schema)
    sheets: list[tuple[str, object]] = [
        (name, pa.RecordBatchReader.from_batches(schema, split.take(None if name == names[-1] else SHEET)))
        for name in names
    ]
    notes = "说明" if about.lang == "zh" else "Notes"
    said = [("标题" if about.lang == "zh" else "Title", about.title), *about.stamp]
    sheets.append((notes, pa.table({"": [name for name, _ in said], " ": [words for _, words in said]})))
    widths = {head: field.width for head, field in zip(heads, FIELDS, strict=True)}
    rustpy_xlsxwriter.write_worksheets(
        sheets,
        str(path),
        freeze_panes={"general": {"row": 1, "col": 1}},
        autofilter=dict.fromkeys(names, True),
        datetime_format=INSTANT,
        column_widths=dict.fromkeys(names, widths) | {notes: {"": 16, " ": 100}},
        bold_headers=True,
    )


class _Split:
    """A stream of batches, taken off piece by piece."""

    def __init__(self, rows: Iterator[pa.RecordBatch], schema: pa.Schema) -> None:
        self._rows, self._schema = rows, schema
        self._left: pa.RecordBatch | None = None

    def take(self, count: int | None) -> Iterator[pa.RecordBatch]:
        """The next `count` rows; None: all that is left."""
        while count is None or count > 0:
            batch = self._left if self._left is not None else next(self._rows, None)
            self._left = None
            if batch is None:
                return
            if count is not None and batch.num_rows > count:
                batch, self._left = batch.slice(0, count), batch.slice(count)
            count = None if count is None else count - batch.num_rows
            yield pa.RecordBatch.from_arrays(batch.columns, schema=self._schema)


def write_geoparquet(batches: Batches, path: Path, about: Written, tick: Tick) -> None:
    """GeoParquet 1.1, points in WKB, a row group a batch."""
    drawn = with_points(batches, tick)
    said = {"weathermap": "\n".join(f"{name}: {words}" for name, words in [("title", about.title), *about.stamp])}
    write_parquet(path, drawn.schema, drawn, said, ["Point"])


def write_gpkg(batches: Batches, path: Path, about: Written, tick: Tick) -> None:
    """GeoPackage: a layer of points with its index, and the stamp as a table."""
    places: list[tuple[np.ndarray, np.ndarray]] = []
    drawn = with_points(batches, tick, places)
    options = {"geometry_type": "Point", "layer_options": {"SPATIAL_INDEX": "NO"}}
    layer(path, drawn, LAYER, "GPKG", **options)
    x, y = (np.concatenate([np.empty(0), *axis]) for axis in (zip(*places, strict=True) if places else ((), ())))
    with TemporaryDirectory(prefix="weathermap-") as folder:
        empty = Path(folder) / "empty.gpkg"
        layer(empty, drawn.schema.empty_table(), LAYER, "GPKG", geometry_type="Point")
        add_index(path, empty, LAYER, x, y)
    stamp = pa.table({"name": [name for name, _ in about.stamp], "words": [words for _, words in about.stamp]})
    layer(path, stamp, "stamp", "GPKG", append=True)


def write_fgb(batches: Batches, path: Path, about: Written, tick: Tick) -> None:
    """FlatGeobuf, without its spatial index, which cannot hold issues that have no position."""
    said = "; ".join(f"{name}: {words}" for name, words in about.stamp)
    options = {"TITLE": about.title, "DESCRIPTION": said, "SPATIAL_INDEX": "NO"}
    layer(path, with_points(batches, tick), LAYER, "FlatGeobuf", geometry_type="Point", layer_options=options)


def with_points(batches: Batches, tick: Tick, places: list[tuple[np.ndarray, np.ndarray]] | None = None) -> Batches:
    """The same batches with a column `geometry` (WKB, EPSG:4326) in place of `lon` and `lat`, which `places` takes."""
    kept = [i for i, name in enumerate(batches.schema.names) if name not in ("lon", "lat")]
    schema = pa.schema([*(batches.schema.field(i) for i in kept), pa.field(GEOMETRY, pa.binary())])

    def pointed() -> Iterator[pa.RecordBatch]:
        for batch in _ticked(batches, tick):
            lon, lat = batch["lon"], batch["lat"]
            if places is not None:
                places.append((_placed(lon, lat), _placed(lat, lon)))
            shapes = points_of(lon, lat)
            yield pa.RecordBatch.from_arrays([*(batch.column(i) for i in kept), shapes], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, pointed())


def _placed(axis: pa.Array, other: pa.Array) -> np.ndarray:
    """One coordinate, NaN where either is unknown."""
    return pc.if_else(pc.is_valid(other), axis, None).to_numpy(zero_copy_only=False)


def points_of(lon: pa.Array, lat: pa.Array) -> pa.Array:
    """Points as WKB, 21 bytes each, made in one piece; null where a coordinate is."""
    n = len(lon)
    cells = np.zeros(n, dtype=np.dtype([("head", "S5"), ("x", "<f8"), ("y", "<f8")]))
    cells["head"] = HEAD
    known = pc.and_(pc.is_valid(lon), pc.is_valid(lat))
    cells["x"] = pc.fill_null(lon, 0.0).to_numpy(zero_copy_only=False)
    cells["y"] = pc.fill_null(lat, 0.0).to_numpy(zero_copy_only=False)
    raw = cells.view(np.uint8).reshape(n, 21)
    raw[:, :5] = np.frombuffer(HEAD, np.uint8)  # numpy drops the zero bytes at the end of a text
    sizes = np.full(n, 21, dtype=np.int32)
    valid = known.to_numpy(zero_copy_only=False)
    if not valid.all():
        raw, sizes = raw[valid], np.where(valid, sizes, 0).astype(np.int32)
    offsets = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(sizes, out=offsets[1:])
    missing = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    buffers = [missing, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(raw))]
    return pa.Array.from_buffers(pa.binary(), n, buffers)


def _ticked(batches: Batches, tick: Tick) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield batch
        tick(batch.num_rows)


FORMATS: Mapping[str, tuple[str, str, Callable[[Batches, Path, Written, Tick], None]]] = {
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
    "geoparquet": ("parquet", "application/vnd.apache.parquet", write_geoparquet),
    "gpkg": ("gpkg", "application/geopackage+sqlite3", write_gpkg),
    "fgb": ("fgb", "application/vnd.flatgeobuf", write_fgb),
}
