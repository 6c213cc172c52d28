"""Workbooks (.xlsx, .xlsm, .xls, .ods) → pieces of rows: values as they were last computed, dates as ISO 8601."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from etl.read.archive import LARGEST, check_archive
from etl.read.formulas import without_value
from etl.read.heading import Heading, find_heading
from etl.read.ledger import ROWS, Fault, Ledger, Piece, digest, text_table
from etl.read.values import cell_text
from weathermap.errors import LedgerError

LOOK = 40  # rows that decide on the header
LOOK_BYTES = 512  # that decide on the kind of file
OLD, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
WIDE = (BOM_UTF16_LE, BOM_UTF16_BE)
Row = tuple[int, list[str]]  # its number in the sheet from 1, its values


def open_workbook(path: Path, sheet: str = "") -> Ledger:
    """One sheet of a workbook: that named, else the one with the most rows. Raises LedgerError."""
    kind = path.suffix.lower().removeprefix(".")
    _check(path, kind)
    try:
        book = CalamineWorkbook.from_path(path)
        chosen, notes = _choose(book, path, sheet)
    except (CalamineError, OSError) as error:
        raise LedgerError(
            f"{path} cannot be opened as a workbook: {error}.", "Save it again as .xlsx, or as CSV in UTF-8."
        ) from error
    bad = without_value(path, chosen.name) if kind in ("xlsx", "xlsm") else {}
    opening = list(islice(_rows(chosen), LOOK))
    if not opening:
        raise LedgerError(f"{path}: sheet {chosen.name!r} is empty.", "Name another with --sheet.")
    heading = find_heading([values for _, values in opening], [row for row, _ in opening], path)
    first = opening[heading.skipped][0] - 1 if heading.skipped < len(opening) else chosen.height
    merged = sum(bottom > top >= first for (top, _), (bottom, _) in _merged(chosen))
    if merged:
        notes.append(f"cells merged over several rows: {merged}; each of these rows has the value")
    return Ledger(
        file=path,
        names=heading.names,
        pieces=lambda: _pieces(chosen, heading, bad),
        sha256=digest(path),
        encoding=kind,
        notes=(*notes, *heading.notes),
        typed=True,
    )


def _check(path: Path, kind: str) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(LOOK_BYTES)
    except OSError as error:
        raise LedgerError(f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error
    if not start.startswith((OLD, ZIP)) and start and (start.startswith(WIDE) or b"\0" not in start):
        page = start.removeprefix(BOM_UTF8).lstrip().startswith(b"<")
        raise LedgerError(
            f"{path} is no workbook: it is {'a web page' if page else 'a text'} that is called one.",
            "Open it in a spreadsheet program and save it as .xlsx." if page else "Rename it to .csv.",
        )
    if start.startswith(ZIP) and kind == "xls":
        raise LedgerError(f"{path} is a newer workbook than its name says.", "Rename it to .xlsx.")
    if start.startswith(OLD) and kind != "xls":
        raise LedgerError(
            f"{path} is an old workbook (.xls) or one with a password.", "Rename it to .xls, or save it without."
        )
    if kind != "xls":
        check_archive(path)
    elif path.stat().st_size > LARGEST:
        raise LedgerError(f"{path} is larger than {LARGEST >> 20} MiB.", "Save the sheet as CSV in UTF-8.")


def _choose(book: CalamineWorkbook, path: Path, wanted: str) -> tuple[CalamineSheet, list[str]]:
    names = list(book.sheet_names)
    if wanted:
        if wanted not in names:
            raise LedgerError(f"{path} has no sheet {wanted!r}.", f"Its sheets: {', '.join(names)}.")
        return book.get_sheet_by_name(wanted), [f"sheet {wanted!r}"]
    shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible] or names
    filled = [sheet for sheet in map(book.get_sheet_by_name, shown) if sheet.height > 1]
    if not filled:
        raise LedgerError(f"{path} has no sheet with a header and rows.", f"Its sheets: {', '.join(names)}.")
    chosen = max(filled, key=lambda sheet: sheet.height)
    others = [sheet.name for sheet in filled if sheet.name != chosen.name]
    more = f", the one with the most rows; others with data: {', '.join(others)} (--sheet takes one)" if others else ""
    return chosen, [f"sheet {chosen.name!r}{more}"]


def _merged(sheet: CalamineSheet) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return list(sheet.merged_cell_ranges or [])


def _rows(sheet: CalamineSheet) -> Iterator[Row]:
    """Rows that are not empty. A cell that is merged downwards has its value in every row that it covers."""
    left = (sheet.start or (0, 0))[1]
    tall = {(row, column): bottom for (row, column), (bottom, _) in _merged(sheet) if bottom > row}
    open_: dict[int, tuple[int, str]] = {}  # column → last row of the merged cell above, its value
    for row, cells in enumerate(sheet.iter_rows()):
        values = [cell_text(cell) for cell in cells]
        own = any(values)
        for column, (bottom, value) in list(open_.items()):
            if row > bottom:
                del open_[column]
            elif not values[column - left]:
                values[column - left] = value
        for (top, column), bottom in tall.items() if own else ():
            if top == row and 0 <= column - left < len(values):
                open_[column] = (bottom, values[column - left])
        if own:
            yield row + 1, values


def _pieces(sheet: CalamineSheet, heading: Heading, bad: dict[tuple[int, int], str]) -> Iterator[Piece]:
    left, total = (sheet.start or (0, 0))[1], max(sheet.height, 1)
    faulty: dict[int, list[Fault]] = {}
    for (row, column), why in bad.items():
        if 0 <= column - left < len(heading.names):
            faulty.setdefault(row + 1, []).append(Fault(heading.names[column - left], why))
    rows = islice(_rows(sheet), heading.skipped, None)
    while some := list(islice(rows, ROWS)):
        yield heading.judged(_piece(some, heading.names, faulty, some[-1][0] / total))


def _piece(rows: list[Row], names: tuple[str, ...], faulty: dict[int, list[Fault]], share: float) -> Piece:
    width = len(names)
    table = text_table(zip(*(values[:width] + [""] * (width - len(values)) for _, values in rows), strict=True), names)
    crowded = {i: values for i, (_, values) in enumerate(rows) if any(values[width:])}
    faults = {i: tuple(faulty[row]) for i, (row, _) in enumerate(rows) if row in faulty}
    return Piece(table, np.array([row for row, _ in rows], dtype=np.int64), crowded, faults, min(share, 1.0))
