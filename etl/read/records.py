"""Text tables record by record: the careful way, for quoted line ends, stray quotation marks and crowded rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from etl.read.ledger import Piece, text_table
from weathermap.errors import LedgerError

SPACES = " \t\r\n\ufeff\xa0\u3000"  # stripped from every value: also the no-break and the ideographic space
LAST = "\x1e"  # comes after the file's end: if it does not come back alone, a quotation mark was never closed


class Lines:
    """Blocks of whole lines, of which some may be given back; `number` is that of the next line to be read."""

    def __init__(self, blocks: Iterator[tuple[bytes, float]]) -> None:
        self._blocks = blocks
        self._rest = b""
        self.share = 0.0  # of the file read
        self.number = 1

    def block(self) -> bytes:
        """The next whole lines, b'' at the end."""
        if self._rest:
            block, self._rest = self._rest, b""
            return block
        block, self.share = next(self._blocks, (b"", 1.0))
        return block

    def give_back(self, block: bytes) -> None:
        """What is to be read once more."""
        self._rest = block + self._rest


def records(lines: Lines, delimiter: str, path: Path, within: bool = False) -> Iterator[tuple[int, list[str]]]:
    """(line on which it starts, stripped values) of each record that is not empty.

    `within`: end with the present block, or with the record that goes beyond it. Lines that were not used are given
    back when the iterator is closed. Raises LedgerError for a quotation mark that is never closed.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter)
    try:
        for record in reader:
            start, lines.number = lines.number, lines.number + feed.taken
            feed.taken = 0
            if record == [LAST]:
                return
            values = [value.strip(SPACES) for value in record]
            if values and LAST in values[-1]:
                raise _never_closed(path, start)
            if any(values):
                yield start, values
            if within and not feed.waiting:
                return
    except csv.Error as error:  # a value beyond the csv module's limit: the mark swallowed what follows
        raise _never_closed(path, lines.number) from error
    finally:
        feed.give_back()


class _Feed:
    """Lines of text for the csv module, counted as they are taken."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.waiting: list[str] = []  # of the present block, the next one last
        self.taken = 0
        self._ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.waiting:
            text = self._lines.block().decode()
            if not text:
                if self._ended:
                    raise StopIteration
                self._ended = True
                return LAST
            if not text.endswith(("\n", "\r")):
                text += "\n"
            self.waiting = list(io.StringIO(text, newline=""))[::-1]
        self.taken += 1
        return self.waiting.pop()

    def give_back(self) -> None:
        if self.waiting:
            self._lines.give_back("".join(reversed(self.waiting)).encode())
            self.waiting = []


def _never_closed(path: Path, line: int) -> LedgerError:
    return LedgerError(
        f'{path}:{line}: a quotation mark (") opens here and is never closed.', 'Close it, or write "" for one.'
    )


def as_piece(found: Iterator[tuple[int, list[str]]], names: tuple[str, ...], lines: Lines) -> Piece:
    """Records as a piece: short rows are filled, crowded ones kept beside."""
    width = len(names)
    rows: list[list[str]] = []
    starts: list[int] = []
    crowded: dict[int, list[str]] = {}
    for line, values in found:
        if any(values[width:]):
            crowded[len(rows)] = values
        rows.append(values[:width] + [""] * (width - len(values)))
        starts.append(line)
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    return Piece(text_table(columns, names), np.array(starts, dtype=np.int64), crowded, share=lines.share)
