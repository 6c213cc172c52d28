"""The report as GeoJSON (RFC 7946): WGS 84, six decimals (0.1 m), properties named as in the API, stamp and totals as
foreign members."""

from __future__ import annotations

import json
from typing import IO

import shapely

from etl.export.grid_report import Report
from etl.export.shapes import Shapes
from etl.export.tick import Tick

GRID = 1e-6  # degrees


def write_geojson(report: Report, shapes: Shapes, file: IO[bytes], tick: Tick) -> None:
    """Write the report into a binary file, one feature a line."""

    def text(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    head = {"title": report.title, "stamp": dict(report.stamp), "totals": report.totals, "rest": report.rest}
    file.write(f'{{"type":"FeatureCollection",{text(head)[1:-1]},"features":[\n'.encode())
    drawn = shapely.to_geojson(shapes.rounded(GRID))
    for i, (row, weather, shape) in enumerate(zip(report.rows, report.weathers, drawn, strict=True)):
        properties = row | ({"weather_code": weather} if "weather" in row else {})
        feature = f'{{"type":"Feature","properties":{text(properties)},"geometry":{shape or "null"}}}'
        file.write(f"{',' if i else ''}{feature}\n".encode())
        tick(1)
    file.write(b"]}\n")
