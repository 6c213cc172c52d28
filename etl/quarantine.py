"""Rows that were not stored: each with its line, the column at fault and the reason in words. Nothing is dropped."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from weathermap.errors import LedgerError
from weathermap.store import copy

SHEET_ROWS, CELL = 1_048_576, 32_767  # that a sheet can hold, and characters that a cell can
REPEATED = "duplicate"  # the field of a row that repeats another's key with other content


@dataclass(frozen=True)
class Rejection:
    """One row that was not stored. `values` are all its values, in the order of the file."""

    line: int
    field: str
    reason: str
    kind: str  # the reason without this row's own values, for counting
    values: list[str]


def write_rejected(path: Path, header: Sequence[str], rejections: Iterable[Rejection]) -> None:
    """A file of line, field, reason and the row as it was: .xlsx by its ending, else CSV (UTF-8 with a mark)."""
    try:
        if path.suffix.lower() == ".xlsx":
            _write_workbook(path, header, rejections)
            return
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "field", "reason", *header])
            writer.writerows([r.line, r.field, r.reason, *r.values] for r in rejections)
    except (OSError, FileCreateError) as error:
        raise LedgerError(
            f"{path} cannot be written: {getattr(error, 'strerror', error)}.", "Name another place with --rejected."
        ) from error


def _write_workbook(path: Path, header: Sequence[str], rejections: Iterable[Rejection]) -> None:
    book = Workbook(path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, at, number = book.add_worksheet("rejected"), 0, 1
    sheet.write_row(0, 0, ["line", "field", "reason", *header])
    for rejection in rejections:
        at += 1
        if at == SHEET_ROWS:
            at, number = 1, number + 1
            sheet = book.add_worksheet(f"rejected {number}")
            sheet.write_row(0, 0, ["line", "field", "reason", *header])
        sheet.write_number(at, 0, rejection.line)
        for column, value in enumerate((rejection.field, rejection.reason, *rejection.values), 1):
            sheet.write_string(at, column, value[:CELL])
    book.close()


def store_rejected(
    connection: Connection,
    load_id: int,
    header: Sequence[str],
    rejections: Sequence[Rejection],
    table: str = "quarantine",
) -> None:
    """COPY into `table`; `row` is JSON of column → value. The caller owns the transaction."""
    if not rejections:
        return
    rows = [json.dumps(_named(header, r.values), ensure_ascii=False) for r in rejections]
    copy.copy_columns(
        connection,
        table,
        {
            "load_id": copy.numbers([load_id] * len(rows)),
            "line": copy.numbers([r.line for r in rejections]),
            "field": copy.texts([r.field for r in rejections]),
            "reason": copy.texts([r.reason for r in rejections]),
            "row": copy.texts(rows),
        },
    )


def stored_rejections(connection: Connection, table: str) -> Iterator[Rejection]:
    """What `store_rejected` put into `table`, in the order of the file, the repeated keys last."""
    chosen = text(f"SELECT line, field, reason, row FROM {table} ORDER BY field = :repeated, line")
    for row in connection.execute(chosen.execution_options(yield_per=10_000), {"repeated": REPEATED}):
        yield Rejection(row.line, row.field, row.reason, "", list(json.loads(row.row).values()))


def reasons(rejections: Sequence[Rejection]) -> Counter[str]:
    """How many rows were rejected for each kind of reason."""
    return Counter(f"{r.field}: {r.kind}" if r.field else r.kind for r in rejections)


def _named(header: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    names = [*header, *(f"beyond the header {i}" for i in range(1, len(values) - len(header) + 1))]
    return dict(zip(names, values, strict=True))
