"""The report as an Excel workbook: real numbers and percentages, frozen and filterable heads, ready to print on A4."""

from __future__ import annotations

from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format

from etl.export.columns import Column
from etl.export.definitions import definitions_of
from etl.export.grid_report import Report
from etl.export.shapes import Shapes
from etl.export.tick import Tick

FONT = {"zh": "Microsoft YaHei", "en": "Calibri"}
HEAD = 2  # row of the column heads, from 0
SKIES = {  # fill and ink of the light theme
    "sunny": ("#F2C14E", "#14191C"),
    "cloudy": ("#DCE4E7", "#14191C"),
    "overcast": ("#94A1A9", "#14191C"),
    "rain": ("#2A78C8", "#FFFFFF"),
    "unvisited": ("#FAFAF7", "#14191C"),
}
WIDTHS = {"name": 14, "parent": 11, "unit": 9, "unit_name": 16, "weather": 8, "gate": 11, "badges": 17}
BASE = {"font_size": 10, "valign": "vcenter", "bottom": 1, "bottom_color": "#DDDBD3"}
NUMBERS = {"rate": "0.00%", "count": "#,##0", "change": "+#,##0;-#,##0;0", "points": "+0.00%;-0.00%;0.00%"}
ALERT = ("overdue", "long_overdue", "red_overdue")


def write_xlsx(report: Report, _shapes: Shapes, file: IO[bytes], tick: Tick) -> None:
    """Write the report into a seekable binary file, a row at a time."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"title": report.title, "comments": "\n".join(f"{k}: {v}" for k, v in report.stamp)})
    style = Styles(book, FONT[report.lang])
    _table(report, book.add_worksheet("网格报表" if report.lang == "zh" else "Grid report"), style, tick)
    zh = report.lang == "zh"
    totals = [(column.head(report.lang), report.totals[column.key], column) for column in _summed(report)]
    _pairs(report, book.add_worksheet("摘要" if zh else "Summary"), style, totals)
    meant = [(name, words, None) for name, words in definitions_of(report)]
    _pairs(report, book.add_worksheet("口径" if zh else "Definitions"), style, meant)
    notes = [(name, words, None) for name, words in report.stamp]
    _pairs(report, book.add_worksheet("说明" if zh else "Notes"), style, notes)
    book.close()


class Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any, font: str) -> None:
        self._book, self._font = book, font
        self._made: dict[tuple[Any, ...], Format] = {}

    def of(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            given = BASE | {"font_name": self._font} | properties
            self._made[key] = self._book.add_format(given)
        return self._made[key]


def _table(report: Report, sheet: Any, style: Styles, tick: Tick) -> None:
    last = len(report.columns) - 1
    for at, column in enumerate(report.columns):
        sheet.set_column(at, at, _width(column, report))
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, report.title, style.of(bold=True, font_size=15, bottom=0))
    sheet.set_row(1, 18)
    said = "  ·  ".join(f"{name} {words}" for name, words in report.stamp[:2])
    demo = {"zh": "  ·  演示数据", "en": "  ·  demo data"}[report.lang] if report.demo else ""
    sheet.write_string(1, 0, said + demo, style.of(font_color="#4A5459", bottom=0))
    sheet.set_row(HEAD, 32)
    for at, column in enumerate(report.columns):
        align = "left" if column.kind == "text" else "right"
        head = style.of(bold=True, bottom=1, bg_color="#F1F0EB", text_wrap=True, align=align)
        sheet.write_string(HEAD, at, column.head(report.lang), head)
    for line, row in enumerate((*report.rows, *report.foot), start=HEAD + 1):
        own = line - HEAD - 1
        foot = own >= len(report.rows)
        weather = None if foot else report.weathers[own]
        frame = {"bold": row is report.totals, "top": int(own == len(report.rows))} if foot else {}
        for at, column in enumerate(report.columns):
            look = _look(row[column.key], column, weather) | frame
            _write(sheet, line, at, row[column.key], style.of(**look))
        tick(1)
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.autofilter(HEAD, 0, HEAD + max(len(report.rows), 1), last)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, HEAD)
    notes = "  ".join(words for name, words in report.stamp[3:] if len(words) < 60)
    sheet.set_footer(f"&L&8{notes.replace('&', '&&')[:200]}&R&8&P / &N")


def _width(column: Column, report: Report) -> float:
    """In characters: narrow, so that all columns fit across a sheet of A4."""
    if column.key == "code":
        return 2 + max((len(row["code"]) for row in report.rows), default=6) * 1.05
    if column.key == "reason":
        return 30.0 if report.lang == "zh" else 36.0
    return float(WIDTHS.get(column.key, {"text": 14, "count": 7.5}.get(column.kind, 8)))


def _look(value: Any, column: Column, weather: str | None) -> dict[str, Any]:
    """How a cell looks."""
    if column.key == "weather" and weather:
        fill, ink = SKIES[weather]
        return {"bg_color": fill, "font_color": ink, "align": "center"}
    if column.kind == "text":
        return {
            "text_wrap": column.key in ("name", "reason", "badges", "unit_name"),
            "indent": int(column.key == "badges"),
        }
    number = {"num_format": NUMBERS[column.kind], "align": "right"}
    return number | ({"font_color": "#B8341B"} if column.key in ALERT and (value or 0) > 0 else {})


def _write(sheet: Any, line: int, at: int, value: Any, look: Format) -> None:
    """A number as a number, a text as a text whatever it begins with."""
    if isinstance(value, int | float):
        sheet.write_number(line, at, value, look)
    else:
        sheet.write_string(line, at, "–" if value is None else value, look)


def _summed(report: Report) -> list[Column]:
    """The columns of which the whole has a number."""
    return [column for column in report.columns if column.kind != "text"]


def _pairs(report: Report, sheet: Any, style: Styles, lines: list[tuple[str, Any, Column | None]]) -> None:
    """A sheet of names and what stands beside each: a number of the whole, or words."""
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100 if lines and lines[0][2] is None else 18)
    sheet.write_string(0, 0, report.title, style.of(bold=True, font_size=15, bottom=0))
    name, words = report.stamp[0]
    sheet.write_string(1, 0, f"{name} {words}", style.of(font_color="#4A5459", bottom=0))
    for line, (head, value, column) in enumerate(lines, start=3):
        sheet.write_string(line, 0, head, style.of(bold=True, valign="top"))
        look = style.of(**_look(value, column, None)) if column else style.of(text_wrap=True, valign="top")
        _write(sheet, line, 1, value, look)
    sheet.freeze_panes(3, 0)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
