"""The report as CSV: UTF-8 with a byte-order mark, so that Excel reads Chinese; rates as shares in full precision.

After the table come the stamp's lines, each beginning with '#', which readers take as comments.
"""

from __future__ import annotations

import csv
import io
from typing import IO, Any

from etl.export.grid_report import Report
from etl.export.shapes import Shapes
from etl.export.tick import Tick

TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "#")


def write_csv(report: Report, _shapes: Shapes, file: IO[bytes], tick: Tick) -> None:
    """Write the report into a binary file."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    lines = csv.writer(text)
    lines.writerow([column.head(report.lang) for column in report.columns])
    for row in (*report.rows, *report.foot):
        lines.writerow([_cell(row[column.key]) for column in report.columns])
        tick(1)
    for name, words in report.stamp:
        lines.writerow([f"# {name}", words])
    lines.writerow([f"# {report.title}"])
    text.detach()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula (or a reader for a comment) gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(TRIGGERS) else value
