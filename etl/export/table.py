"""A report as columns with a shape (Arrow, WKB), for files that geographic programs read."""

from __future__ import annotations

import json

import pyarrow as pa
import shapely

from etl.export.grid_report import Report
from etl.export.shapes import Shapes

KINDS = {"text": pa.string(), "count": pa.int64(), "change": pa.int64(), "rate": pa.float64(), "points": pa.float64()}
GEOMETRY = "geometry"


def report_table(report: Report, shapes: Shapes) -> pa.Table:
    """One row an area, columns as the API names them and `weather_code`, the shape (multipolygon, EPSG:4326) last."""
    names = [column.key for column in report.columns]
    columns = [pa.array([row[column.key] for row in report.rows], KINDS[column.kind]) for column in report.columns]
    if "weather" in names:
        names.append("weather_code")
        columns.append(pa.array(report.weathers, pa.string()))
    drawn = [None if shape is None else shapely.multipolygons(shapely.get_parts(shape)) for shape in shapes.geometry]
    columns.append(pa.array(shapely.to_wkb(drawn), pa.binary()))
    return pa.table(columns, [*names, GEOMETRY])


def foot_table(report: Report) -> pa.Table:
    """What lies in no area, and the whole."""
    names = [column.key for column in report.columns]
    kinds = {column.key: KINDS[column.kind] for column in report.columns}
    return pa.table([pa.array([row.get(name) for row in report.foot], kinds[name]) for name in names], names)


def about(report: Report) -> str:
    """Title, stamp, totals and rest, as JSON."""
    said = {"title": report.title, "stamp": dict(report.stamp), "totals": report.totals, "rest": report.rest}
    return json.dumps(said, ensure_ascii=False)
