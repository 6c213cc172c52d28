"""The report as CSV: UTF-8 with a byte-order mark, so that Excel reads Chinese, or GB18030 for programs that know
nothing else; rates as shares in full precision.

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
    _write(report, file, tick, "utf-8-sig")


def write_gb18030(report: Report, _shapes: Shapes, file: IO[bytes], tick: Tick) -> None:
    """Write the report into a binary file, in the encoding of GB 18030."""
    _write(report, file, tick, "gb18030")


def _write(report: Report, file: IO[bytes], tick: Tick, encoding: str) -> None:
    text = io.TextIOWrapper(file, encoding=encoding, newline="", write_through=True)
    lines = csv.writer(text)
    lines.writerow([column.head(report.lang) for column in report.columns])
    for row in (*report.rows, *report.foot):
        lines.writerow([inert(row[column.key]) for column in report.columns])
        tick(1)
    for name, words in report.stamp:
        lines.writerow([f"# {name}", inert(words)])
    lines.writerow([f"# {report.title}"])
    text.detach()


def inert(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula (or a reader for a comment) gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(TRIGGERS) else value
