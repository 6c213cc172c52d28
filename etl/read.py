"""A ledger file → its table: every value as text, every row with the line of the file on which it starts."""

from __future__ import annotations

import csv
import difflib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from etl.decoding import decode, read_bytes
from weathermap.errors import LedgerError
from weathermap.issue.batch import Text

DELIMITERS = ",;\t|"
LOOK = 20  # lines that decide on the delimiter
SPACES = " \t\r\n\ufeff\xa0\u3000"  # stripped from every value: also the no-break and the ideographic space
LAST = "\x1e"  # written after the file's end: if it does not come back alone, a quotation mark was never closed


@dataclass(frozen=True)
class Ledger:
    """A ledger's table. `columns` are parallel to `lines`, shape (n,); values are stripped, '' where there is none."""

    file: Path
    columns: dict[str, Text]
    lines: NDArray[np.int64]
    crowded: dict[int, list[str]]  # row → its values, where it has more values than the header: none can be trusted
    sha256: str  # of the file
    encoding: str
    delimiter: str

    def __len__(self) -> int:
        return len(self.lines)

    def need(self, names: Iterable[str]) -> None:
        """Raises LedgerError for columns that are not there, with those that are and the nearest names."""
        missing = [name for name in dict.fromkeys(names) if name not in self.columns]
        if missing:
            wanted = ", ".join(f"{name!r}{self._nearest(name)}" for name in missing)
            raise LedgerError(
                f"{self.file}: the mapping names columns that the file has not: {wanted}.",
                f"Columns of the file: {', '.join(self.columns)}. Mend the mapping.",
            )

    def _nearest(self, name: str) -> str:
        folded = {column.casefold(): column for column in self.columns}
        near = [folded[found] for found in difflib.get_close_matches(name.casefold(), folded, n=2)]
        return f" (nearest: {', '.join(near)})" if near else ""

    def row(self, index: int) -> list[str]:
        """All values of one row."""
        return self.crowded.get(index) or [column[index] for column in self.columns.values()]


def read_ledger(path: Path, encoding: str = "", delimiter: str = "") -> Ledger:
    """Read the ledger in `path` by its suffix. Raises LedgerError for what cannot be read as a table."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    reader = READERS.get(suffixes[-1] if suffixes else "")
    if reader is None:
        raise LedgerError(
            f"{path}: this kind of file cannot be read.", f"Kinds that can: {', '.join(READERS)}, each also .gz."
        )
    return reader(path, encoding, delimiter)


def read_csv(path: Path, encoding: str = "", delimiter: str = "") -> Ledger:
    """A text table with a header line; quoted values may hold delimiters and line ends."""
    content = read_bytes(path)
    text, encoding = decode(content, path, encoding)
    if not text.strip(SPACES):
        raise LedgerError(f"{path} is empty.", "Export the ledger again, with its header line.")
    if text.lstrip(SPACES)[0] in "<{[":
        raise LedgerError(f"{path} is no CSV file: it looks like a web page, XML or JSON.", "Export the ledger as CSV.")
    delimiter = delimiter or _delimiter(text, path)
    records = _records(text, delimiter, path)
    header = _header(next(records)[1], path)
    lines, rows, crowded = [], [], {}
    for line, values in records:
        extra = values[len(header) :]
        if any(extra):
            crowded[len(rows)] = values
        rows.append(values[: len(header)] + [""] * (len(header) - len(values)))
        lines.append(line)
    table = np.array(rows, dtype=object).reshape(len(rows), len(header))
    columns = {name: np.ascontiguousarray(table[:, i]) for i, name in enumerate(header)}
    return Ledger(
        path, columns, np.array(lines, dtype=np.int64), crowded, sha256(content).hexdigest(), encoding, delimiter
    )


READERS: dict[str, Callable[[Path, str, str], Ledger]] = {".csv": read_csv, ".tsv": read_csv, ".txt": read_csv}


def _records(text: str, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line on which it starts, stripped values) of each record that is not empty."""
    reader = csv.reader(io.StringIO(f"{text}\n{LAST}\n", newline=""), delimiter=delimiter)
    start, values = 1, [""]
    try:
        for record in reader:
            if record == [LAST]:
                return
            values = [value.strip(SPACES) for value in record]
            if values and LAST in values[-1]:
                break
            if any(values):
                yield start, values
            start = reader.line_num + 1
    except csv.Error as error:
        raise LedgerError(f"{path}:{start}: {error}.", 'Is a quotation mark (") there that is never closed?') from error
    raise LedgerError(
        f'{path}:{start}: a quotation mark (") opens here and is never closed.', 'Close it, or write "" for one.'
    )


def _delimiter(text: str, path: Path) -> str:
    """The delimiter that divides the header into the most columns; of equals the one with which more rows agree."""
    head = "\n".join(text.lstrip(SPACES).split("\n", LOOK)[:LOOK])
    found: list[tuple[int, int, str]] = []
    for delimiter in DELIMITERS:
        with suppress(csv.Error):
            sizes = [len(record) for record in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if record]
            found.append((sizes[0], sizes.count(sizes[0]), delimiter))
    columns, _, best = max(found, key=lambda entry: entry[:2], default=(1, 0, ""))
    if columns > 1:
        return best
    first = text.strip(SPACES).split("\n", 1)[0][:60]
    raise LedgerError(
        f"{path} is no table: no comma, semicolon, tab or bar divides its lines into columns. It begins {first!r}.",
        "Export the ledger as CSV with a header line.",
    )


def _header(names: list[str], path: Path) -> list[str]:
    """Column names: unnamed ones get a number, a name that is there twice is a fault."""
    twice = [name for name, n in Counter(filter(None, names)).items() if n > 1]
    if twice:
        raise LedgerError(f"{path}:1: columns are there twice: {', '.join(twice)}.", "Rename one of each.")
    return [name or f"column {i}" for i, name in enumerate(names, 1)]
