"""The report as GeoPackage (coloured in QGIS), FlatGeobuf and GeoParquet: EPSG:4326, columns as the API names them."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import pyarrow as pa

from etl.export.geo_parquet import write_parquet
from etl.export.grid_report import Report
from etl.export.qgis import STYLES_TABLE, style_of
from etl.export.shapes import Shapes
from etl.export.table import GEOMETRY, about, foot_table, report_table
from etl.export.tick import Tick

LAYER = "grid_report"
PIECE = 1 << 20


def write_gpkg(report: Report, shapes: Shapes, file: IO[bytes], tick: Tick) -> None:
    """Layers `grid_report`, `totals` and `stamp`, and the style in `layer_styles`."""
    stamp = pa.table({"name": [name for name, _ in report.stamp], "words": [words for _, words in report.stamp]})

    def write(path: Path) -> None:
        layer(path, report_table(report, shapes), LAYER, "GPKG", layer_metadata={"about": about(report)})
        layer(path, foot_table(report), "totals", "GPKG", append=True)
        layer(path, stamp, "stamp", "GPKG", append=True)
        _add_style(path, report)

    _through(file, "report.gpkg", write)
    tick(len(report.rows) + len(report.foot))


def write_fgb(report: Report, shapes: Shapes, file: IO[bytes], tick: Tick) -> None:
    """One layer; title, stamp and totals in its description."""

    def write(path: Path) -> None:
        # its index knows no unit that governs no area
        index = "NO" if any(shape is None for shape in shapes.geometry) else "YES"
        said = {"TITLE": report.title, "DESCRIPTION": about(report), "SPATIAL_INDEX": index}
        layer(path, report_table(report, shapes), LAYER, "FlatGeobuf", layer_options=said)

    _through(file, "report.fgb", write)
    tick(len(report.rows) + len(report.foot))


def write_geoparquet(report: Report, shapes: Shapes, file: IO[bytes], tick: Tick) -> None:
    """GeoParquet 1.1; title, stamp and totals under `weathermap` in the file's metadata."""
    table = report_table(report, shapes)
    write_parquet(file, table.schema, [table], {"weathermap": about(report)}, ["MultiPolygon"])
    tick(len(report.rows) + len(report.foot))


def layer(path: Path, table: pa.Table | pa.RecordBatchReader, name: str, driver: str, **more: object) -> None:
    """Write one layer of a geographic file; a table without a shape becomes one without."""
    import pyogrio

    drawn = GEOMETRY in table.schema.names
    kind = str(more.pop("geometry_type", "MultiPolygon"))
    shape = {"geometry_name": GEOMETRY, "geometry_type": kind, "crs": "EPSG:4326"} if drawn else {}
    # The file takes its place only when it is whole: SQLite need not wait for the disk meanwhile.
    pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a layer without shapes has no coordinate system
        pyogrio.write_arrow(table, path, layer=name, driver=driver, **shape, **more)


def _through(file: IO[bytes], name: str, write: Callable[[Path], None]) -> None:
    """GDAL writes files by name: into a folder of its own, then into `file`."""
    with TemporaryDirectory(prefix="weathermap-") as folder:
        path = Path(folder) / name
        write(path)
        with path.open("rb") as written:
            while piece := written.read(PIECE):
                file.write(piece)


def _add_style(path: Path, report: Report) -> None:
    """A GeoPackage is an SQLite file; QGIS takes the default style from this table of it."""
    with sqlite3.connect(path) as book:
        book.execute(STYLES_TABLE)
        book.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
            " VALUES ('', '', ?, ?, 'weather', ?, '', 1, ?, '', ?)",
            (LAYER, GEOMETRY, style_of(report), report.title, report.at.isoformat()),
        )
        book.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
            (f"{report.at.astimezone():%Y-%m-%dT%H:%M:%S}.000Z",),
        )
    book.close()
