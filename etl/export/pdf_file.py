"""The report as a PDF on A4 across: map, chart, table with its head on each page, stamp and definitions."""

from __future__ import annotations

from typing import IO, Any

from etl.export.chart import chart
from etl.export.definitions import definitions_of
from etl.export.grid_report import Report
from etl.export.numbers import shown
from etl.export.picture import counted_key, picture
from etl.export.shapes import Shapes
from etl.export.tick import Tick
from etl.export.typeset import TEMPLATES, typeset
from weathermap.weather.words import WEATHER

FIRST = ("notified", "rectified", "open", "overdue", "rectification_rate", "on_time_rate")
WIDE, LEFT_OUT = 24, ("gate", "reason", "badges", "unit")  # of more columns, these words are not put on paper
LONG = ("reason", "badges")  # text that may take several lines


def write_pdf(report: Report, shapes: Shapes, file: IO[bytes], tick: Tick) -> None:
    """Write the report into a binary file."""
    drawn, bars = picture(report, shapes, 480, 330), chart(report, 400)
    pictures = {"map.svg": drawn, "chart.svg": bars}
    data = paper(report)
    data["columns"] = [column.key for column in data["columns"]]
    data |= {"map": bool(drawn), "chart": bool(bars)}
    held = {name: svg.encode() for name, svg in pictures.items() if svg}
    file.write(typeset(TEMPLATES / "grid_report.typ", data, held))
    tick(len(report.rows) + len(report.foot))


def paper(report: Report) -> dict[str, Any]:
    """What templates of reports are given: every value as it is read."""
    zh = report.lang == "zh"
    columns = [column for column in report.columns if len(report.columns) <= WIDE or column.key not in LEFT_OUT]
    keys = {column.key for column in columns}
    first = [column for column in columns if column.key in FIRST] or [c for c in columns if c.kind == "count"]

    def line(row: dict[str, Any]) -> list[str]:
        return [shown(row[column.key], column) for column in columns]

    stamp = [*report.stamp, *definitions_of(report)]
    return {
        "lang": report.lang,
        "title": report.title,
        "instant": "　".join(f"{name} {words}" for name, words in report.stamp[:2]),
        "demo": ("演示数据" if zh else "demo data") if report.demo else "",
        "headline": report.headline,
        "totals": [[column.head(report.lang), shown(report.totals[column.key], column)] for column in first],
        "heads": [column.head(report.lang) for column in columns],
        "kinds": ["long" if column.key in LONG else column.kind for column in columns],
        "rows": [line(row) for row in report.rows],
        "foot": [line(row) for row in report.foot],
        "weathers": report.weathers,
        "columns": columns,
        "legend": [(name, words[report.lang]) for name, words in WEATHER.items()] if any(report.weathers) else [],
        "chart_title": _chart_title(report),
        "stamp": stamp,
        "footer": f"{report.title}　{report.stamp[0][1]}",
        "size": 7.5 if len(keys) < 16 else 6.2 if len(keys) < 22 else 5.4,
    }


def _chart_title(report: Report) -> str:
    key = counted_key(report)
    head = next(column.head(report.lang) for column in report.columns if column.key == key)
    if key == "open" and "overdue" in report.totals:
        return f"{head} / {'其中逾期' if report.lang == 'zh' else 'of them overdue'}"
    return head
