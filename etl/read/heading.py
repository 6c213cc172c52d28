"""Where a table begins, and which of its rows are no records: office ledgers have titles above, two-level headers,
headers repeated on each page, and totals at the end. All of it is said; what is no record is rejected, not dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.read.ledger import Fault, Piece
from weathermap.errors import LedgerError

TOTAL = r"(?i)^(合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|(grand |sub)?-?totals?)\s*[::]?$"
FIGURES = re.compile(r"[\d\s.,:/+-]+")
SHOWN = 40  # characters of a line that is quoted


@dataclass(frozen=True)
class Heading:
    """The names of the columns, and how many records stand before the first row."""

    names: tuple[str, ...]
    skipped: int
    notes: tuple[str, ...]

    def judged(self, piece: Piece) -> Piece:
        """The piece, its totals and repeated headers marked as faults."""
        if not len(piece):
            return piece
        faults = dict(piece.faults)
        for index in range(min(2, len(self.names))):
            column = piece.table.column(index)
            total = np.flatnonzero(pc.match_substring_regex(column, TOTAL))
            again = np.flatnonzero(pc.equal(column, self.names[index])) if index == 0 else ()
            for row in [*total.tolist(), *np.asarray(again, dtype=int).tolist()]:
                values = _values(piece.table, row)
                if values == list(self.names):
                    faults.setdefault(row, (Fault("", "the header once more, no record"),))
                elif row in total and 2 * values.count("") >= len(values) - 1:
                    faults.setdefault(row, (Fault("", "a total, no record"),))
        return replace(piece, faults=faults) if faults else piece


def _values(table: pa.Table, row: int) -> list[str]:
    return [column[row].as_py() for column in table.columns]


def find_heading(rows: Sequence[Sequence[str]], lines: Sequence[int], path: Path) -> Heading:
    """The heading among the first `rows` of a table (stripped values, none all empty); `lines` say where they stand.

    The header is the first row with at least half as many values as the fullest one; what stands above is a title.
    Raises LedgerError when a name is there twice.
    """
    filled = [sum(map(bool, row)) for row in rows]
    wanted = max(2, max(filled, default=0) / 2)
    at = next((i for i, n in enumerate(filled) if n >= wanted), 0)
    notes = [f"line {lines[i]} is a title, not the header: {_quoted(rows[i])}" for i in range(at)]
    header, skipped = list(rows[at]), at + 1
    below = _own(header, rows[skipped]) if skipped < len(rows) else []
    if _is_second_level(header, below):
        where = f"lines {lines[at]} and {lines[skipped]}"
        notes.append(f"the header has two levels, {where}: columns are called above/below")
        header, skipped = _two_levels(header, below), skipped + 1
    return Heading(_named(header, path, lines[at]), skipped, tuple(notes))


def _quoted(row: Sequence[str]) -> str:
    text = " ".join(filter(None, row))
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")


def _own(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """`below` without what cells of `above` that are merged downwards repeat in it."""
    return ["" if i < len(above) and name == above[i] else name for i, name in enumerate(below)]


def _is_second_level(above: Sequence[str], below: Sequence[str]) -> bool:
    """Whether `below` names the columns under merged cells of `above`: it fills every hole, and nothing but groups."""
    width = max(len(above), len(below))
    upper, lower = _filled(above, width), _filled(below, width)
    holes = {i for i in range(width) if not upper[i]}
    groups = {i for i in range(width) if upper[i] and i + 1 in holes}
    named = {i for i in range(width) if lower[i]}
    if not holes or 0 in holes | groups or named != holes | groups:
        return False
    return not any(FIGURES.fullmatch(lower[i]) for i in named)


def _two_levels(above: Sequence[str], below: Sequence[str]) -> list[str]:
    width = max(len(above), len(below))
    upper, lower = _filled(above, width), _filled(below, width)
    names, group = [], ""
    for i in range(width):
        group = upper[i] or group
        names.append(f"{group}/{lower[i]}" if lower[i] else group)
    return names


def _filled(row: Sequence[str], width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))]


def _named(header: Sequence[str], path: Path, line: int) -> tuple[str, ...]:
    """Column names, on one line: unnamed ones get a number, a name that is there twice is a fault."""
    names = [_one_line(name) for name in header]
    twice = [name for name, n in Counter(filter(None, names)).items() if n > 1]
    if twice:
        raise LedgerError(f"{path}:{line}: columns are there twice: {', '.join(twice)}.", "Rename one of each.")
    return tuple(name or f"column {i}" for i, name in enumerate(names, 1))


def _one_line(name: str) -> str:
    """A name that was broken to fit its cell: Chinese words meet without a blank."""
    return re.sub(r"\s*[\r\n]+\s*", " " if name.isascii() else "", name)
