"""The report as one HTML file that opens without any network: a Folium map, the table beneath it, the stamp."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import jinja2

from etl.export.folium_map import MANY, STEPS, draw_map, leaflet
from etl.export.glyphs import SIGNS, patterns
from etl.export.grid_report import Report
from etl.export.numbers import shown
from etl.export.shapes import Shapes
from etl.export.tick import Tick
from weathermap.weather.words import WEATHER


def write_html(report: Report, shapes: Shapes, file: IO[bytes], tick: Tick) -> None:
    """Write the report into a binary file."""
    script, style = leaflet()
    drawn = draw_map(report, shapes, tick)
    page = _template().generate(
        report=report,
        lang=report.lang,
        leaflet_script=script,
        leaflet_style=style,
        patterns=patterns(),
        map_head=re.sub(r"<meta name=\"viewport\".*?/>", "", drawn.head, flags=re.S),
        map_body=drawn.body,
        map_script=drawn.script,
        signs=[(name, sign, WEATHER[name][report.lang]) for name, sign in SIGNS.items()]
        if any(report.weathers)
        else [],
        steps=[] if any(report.weathers) else list(enumerate(STEPS)),
        undrawn=sum(shape is None for shape in shapes.geometry),
        groups=list(_groups(report)),
        columns=report.columns,
        days=report.layers.days if report.layers and drawn.body else None,
        shown=shown,
    )
    for piece in page:
        file.write(piece.encode())


def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template(
        "report.html"
    )


def _groups(report: Report) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows of one table; of very many areas a table for each area that they lie in, to be opened one by one."""
    if len(report.rows) <= MANY:
        yield "", report.rows
        return
    for parent, rows in groupby(report.rows, key=lambda row: row.get("parent", "")):
        yield parent, list(rows)
