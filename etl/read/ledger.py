"""A ledger's table, whatever file it came from: columns by name, and pieces of rows that are read when asked for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from weathermap.errors import LedgerError
from weathermap.issue.batch import Text

ROWS = 65_536  # of a piece, unless asked otherwise
X, Y = "geometry x", "geometry y"  # columns of a geographic file: where each geometry is, in the file's own system


class Fault(NamedTuple):
    """What was found wrong while reading: the column ('' = the row as a whole is no record) and the reason in words."""

    column: str
    reason: str


@dataclass(frozen=True)
class Piece:
    """Some consecutive rows. Values are stripped, '' where there is none."""

    table: pa.Table  # every column pa.string(), without nulls
    lines: NDArray[np.int64]  # line (of a text) or row number (of a sheet or layer) on which each row starts
    crowded: dict[int, list[str]] = field(default_factory=dict)  # row of this piece → its values, where it has
    # more than the header: none can be trusted
    faults: dict[int, tuple[Fault, ...]] = field(default_factory=dict)  # row of this piece → what is wrong with it
    share: float = 1.0  # of the file that had been read when this piece was whole

    def __len__(self) -> int:
        return len(self.lines)

    def rows(self, start: int, stop: int) -> Piece:
        """The rows from `start` up to `stop`."""
        return Piece(
            self.table.slice(start, stop - start),
            self.lines[start:stop],
            {row - start: values for row, values in self.crowded.items() if start <= row < stop},
            {row - start: faults for row, faults in self.faults.items() if start <= row < stop},
            self.share,
        )

    def take(self, rows: NDArray[np.integer]) -> Piece:
        """These rows, in ascending order, without holding on to the others."""
        place = {row: i for i, row in enumerate(rows.tolist())} if self.crowded or self.faults else {}
        return Piece(
            self.table.take(pa.array(rows, pa.int64())),
            self.lines[rows],
            {place[row]: values for row, values in self.crowded.items() if row in place},
            {place[row]: faults for row, faults in self.faults.items() if row in place},
            self.share,
        )


@dataclass(frozen=True)
class Ledger:
    """A ledger that was opened: its kind, encoding and header are known, its rows are read by `batches`.

    `columns`, `lines`, `crowded`, `faults` and `row` hold all of it: for what is not large, or needs the whole.
    """

    file: Path
    names: tuple[str, ...]  # of the columns
    pieces: Callable[[], Iterator[Piece]]  # of any size, from the beginning; may raise LedgerError on the way
    sha256: str  # of the file
    encoding: str  # of a text, e.g. 'utf-8'; else the kind of file, e.g. 'xlsx'
    delimiter: str = ""  # of a text
    notes: tuple[str, ...] = ()  # what was decided while opening, in words for the screen
    typed: bool = False  # times and numbers were real values in the file: times are written as ISO 8601 here
    crs: str = ""  # of the columns X and Y, which hold the geometries of a geographic file

    def batches(self, rows: int = ROWS) -> Iterator[Piece]:
        """All rows in pieces of exactly `rows`, the last one shorter; the same each time. Memory: about two pieces."""
        waiting: list[Piece] = []
        count = 0
        for piece in self.pieces():
            waiting.append(piece)
            count += len(piece)
            while count >= rows:
                whole = joined(waiting, self.names)
                yield whole.rows(0, rows)
                waiting, count = [whole.rows(rows, count)], count - rows
        if count:
            yield joined(waiting, self.names)

    @cached_property
    def _all(self) -> Piece:
        return joined(list(self.pieces()), self.names)

    @cached_property
    def columns(self) -> dict[str, Text]:
        """Every column, in the file's order, parallel to `lines`, shape (n,)."""
        table = self._all.table
        return {name: table.column(i).to_numpy() for i, name in enumerate(self.names)}

    @property
    def lines(self) -> NDArray[np.int64]:
        """Line on which each row starts, shape (n,)."""
        return self._all.lines

    @property
    def crowded(self) -> dict[int, list[str]]:
        """Row → its values, where it has more values than the header."""
        return self._all.crowded

    @property
    def faults(self) -> dict[int, tuple[Fault, ...]]:
        """Row → what is wrong with it."""
        return self._all.faults

    def __len__(self) -> int:
        return len(self._all)

    def row(self, index: int) -> list[str]:
        """All values of one row."""
        return self.crowded.get(index) or [column[index] for column in self.columns.values()]

    def need(self, names: Iterable[str]) -> None:
        """Raises LedgerError for columns that are not there, with those that are and the nearest names."""
        missing = [name for name in dict.fromkeys(names) if name not in self.names]
        if missing:
            wanted = ", ".join(f"{name!r}{self._nearest(name)}" for name in missing)
            raise LedgerError(
                f"{self.file}: the mapping names columns that the file has not: {wanted}.",
                f"Columns of the file: {', '.join(self.names)}. Mend the mapping.",
            )

    def _nearest(self, name: str) -> str:
        folded = {column.casefold(): column for column in self.names}
        near = [folded[found] for found in difflib.get_close_matches(name.casefold(), folded, n=2)]
        return f" (nearest: {', '.join(near)})" if near else ""


def digest(*paths: Path) -> str:
    """SHA-256 of the files' content, one after the other."""
    found = sha256()
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                found.update(chunk)
    return found.hexdigest()


def text_table(columns: Iterable[Iterable[str]], names: Iterable[str]) -> pa.Table:
    """Columns of Python strings as a table of strings."""
    return pa.Table.from_arrays([pa.array(column, pa.string()) for column in columns], names=list(names))


def joined(pieces: list[Piece], names: tuple[str, ...]) -> Piece:
    """The rows of all `pieces` as one."""
    if len(pieces) == 1:
        return pieces[0]
    if not pieces:
        return Piece(text_table([[] for _ in names], names), np.array([], dtype=np.int64))
    crowded: dict[int, list[str]] = {}
    faults: dict[int, tuple[Fault, ...]] = {}
    before = 0
    for piece in pieces:
        crowded.update({before + row: values for row, values in piece.crowded.items()})
        faults.update({before + row: found for row, found in piece.faults.items()})
        before += len(piece)
    lines = np.concatenate([piece.lines for piece in pieces])
    return Piece(pa.concat_tables([piece.table for piece in pieces]), lines, crowded, faults, pieces[-1].share)
