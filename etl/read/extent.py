"""How far the cells of an .xlsx sheet reach: its reader makes room for every cell between the first and the last one,
so that one forgotten cell at the end of a sheet would take all the memory there is.
"""

from __future__ import annotations

import re

MOST_CELLS = 1 << 25  # of one sheet: all its 1,048,576 rows in 32 columns, about 1 GiB
LONGEST = 1 << 16  # bytes of a tag
CELL = re.compile(rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^<>]*(?<!/)>")  # with a value
UNPLACED = re.compile(rb"<(?:\w+:)?c(?![^<>]*\sr=)(?:\s[^<>]*)?(?<!/)>")  # stands after the one before
ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^<>]*?\s)?r=[\"'](\d{1,7})[\"']")


class Extent:
    """The cells with a value in the XML of one sheet, fed in chunks."""

    def __init__(self) -> None:
        self._rest = b""
        self._columns: set[bytes] = set()
        self._rows: set[bytes] = set()

    def feed(self, chunk: bytes) -> None:
        """The next part of the XML."""
        text = self._rest + chunk
        end = text.rfind(b">") + 1
        text, self._rest = text[:end], text[end:][-LONGEST:]
        found = CELL.findall(text)
        if found:
            columns, rows = zip(*found, strict=True)
            self._columns.update(columns)
            self._rows.update(rows)
        if UNPLACED.search(text):
            self._rows.update(ROW.findall(text))

    @property
    def cells(self) -> int:
        """How many cells the range from the first to the last one has."""
        return _span([int(row) for row in self._rows]) * _span([_number(letters) for letters in self._columns])


def _span(places: list[int]) -> int:
    return max(places) - min(places) + 1 if places else 1


def _number(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column
