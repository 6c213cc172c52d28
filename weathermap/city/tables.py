"""Read one CSV file of a pack into its rows, each with the line on which it starts."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from weathermap.city.columns import Column, Table
from weathermap.city.finding import Findings


@dataclass(frozen=True)
class Rows:
    """The rows that could be read, and their lines; parallel."""

    rows: tuple[Any, ...]
    lines: tuple[int, ...]


def read_table(table: Table, content: bytes, findings: Findings) -> Rows:
    """Rows of `table`. A row with a value that cannot be read is a fault and is left out."""
    text = _text(table.file, content, findings)
    if text is None:
        return Rows((), ())
    records = _records(table.file, text, findings)
    header = next(records, (1, []))[1]
    columns = _columns(table, header, findings)
    if columns is None:
        return Rows((), ())
    rows, lines = [], []
    for line, record in records:
        if len(record) != len(header):
            findings.fault(
                table.file,
                line,
                f"the row has {len(record)} values, the header {len(header)}.",
                'Give every column a value or leave it empty; put text with a comma in it in "double quotes".',
            )
            continue
        values = _values(table, dict(zip(header, record, strict=True)), line, findings)
        if values is not None:
            rows.append(table.row(**values))
            lines.append(line)
    return Rows(tuple(rows), tuple(lines))


def _text(file: str, content: bytes, findings: Findings) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.fault(file, line, "the file is not UTF-8 (it may be GB18030).", "Save it as UTF-8.")
        return None


def _records(file: str, text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """(line on which it starts, values) of each record that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for record in reader:
            if any(value.strip() for value in record):
                yield start, [value.strip() for value in record]
            start = reader.line_num + 1
    except csv.Error as error:
        findings.fault(
            file, start, f"the row cannot be read: {error}.", "Look for a quotation mark that is not closed."
        )


def _columns(table: Table, header: list[str], findings: Findings) -> list[Column] | None:
    """The table's columns that the header has; None when rows could not be understood."""
    known = {column.name for column in table.columns}
    names = ", ".join(column.name for column in table.columns)
    unknown = [name for name in header if name not in known]
    for name in unknown:
        findings.fault(table.file, 1, f"unknown column {name!r}.", f"Use only: {names}.")
    twice = sorted({name for name in header if header.count(name) > 1})
    for name in twice:
        findings.fault(table.file, 1, f"column {name!r} is there twice.", "Keep one of them.")
    missing = [column.name for column in table.columns if column.needed and column.name not in header]
    for name in missing:
        findings.fault(table.file, 1, f"column {name!r} is missing.", f"Write the header {names.replace(', ', ',')}.")
    return None if missing or twice else [column for column in table.columns if column.name in header]


def _values(table: Table, record: dict[str, str], line: int, findings: Findings) -> dict[str, Any] | None:
    values: dict[str, Any] = {}
    good = True
    for column in table.columns:
        text = record.get(column.name, "")
        if not text and column.needed:
            problem, zh = f"{column.name} is empty.", f"「{column.name}」没有填写。"
        else:
            values[column.name], problem, zh = _value(column, text)
        if problem:
            good = False
            findings.fault(table.file, line, problem, f"{column.name}: {column.text}.", zh=zh)
    return values if good else None


FINE = ("", "")  # nothing is wrong, in English and Chinese


def _value(column: Column, text: str) -> tuple[Any, str, str]:
    """The value, and what is wrong with it."""
    if column.values and text not in column.values and (text or column.needed):
        listed = ", ".join(column.values)
        return (
            None,
            f"{column.name} {text!r} is none of {listed}.",
            f"「{column.name}」的 {text!r} 不在 {listed} 之中。",
        )
    if column.kind == "number":
        return _number(column, text) if text or column.needed else (None, *FINE)
    if column.kind == "flag":
        wrong = (f"{column.name} {text!r} is neither 0 nor 1.", f"「{column.name}」只能是 0 或 1，不是 {text!r}。")
        return text == "1", *(FINE if text in ("", "0", "1") else wrong)
    if column.kind == "date":
        return _date(column, text)
    return text, *FINE


def _number(column: Column, text: str) -> tuple[float, str, str]:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        return value, f"{column.name} {text!r} is no number.", f"「{column.name}」的 {text!r} 不是数字。"
    if column.positive and value <= 0:
        return value, f"{column.name} {text!r} is not above zero.", f"「{column.name}」须大于零，不能是 {text}。"
    return value, *FINE


def _date(column: Column, text: str) -> tuple[date | None, str, str]:
    if not text:
        return None, *FINE
    try:
        return date.fromisoformat(text), *FINE
    except ValueError:
        what = f"{column.name} {text!r} is no date like 2026-05-01."
        return None, what, f"「{column.name}」的 {text!r} 不是日期，请写如 2026-05-01。"
