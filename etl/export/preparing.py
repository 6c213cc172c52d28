"""All that a report's file needs of the store, read at one instant; writing the file needs the store no more."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from etl.export.grid_report import Report, make_report
from etl.export.layers import load_layers
from etl.export.output import Format
from etl.export.question import Question
from etl.export.shapes import Shapes, load_shapes
from weathermap.store.catalog import Catalog


def prepare(
    connection: Connection, catalog: Catalog, question: Question, lang: str, chosen: Format
) -> tuple[Report, Shapes]:
    """The report, and its shapes where the format draws them. Raises UnknownName."""
    report = make_report(connection, catalog, question, lang)
    if not chosen.drawn:
        return report, Shapes.none()
    shapes = load_shapes(connection, catalog, *report.geometry, [row["code"] for row in report.rows])
    if chosen.layered:
        report = replace(report, layers=load_layers(connection, catalog, question, lang))
    return report, shapes
