"""Text tables (CSV and its kin) → pieces of rows. Plain blocks are read by Arrow, the others record by record.

A block is plain when every quotation mark opens or closes a value of its line and every line has as many values as the
header; both readers then give the same (a test holds them together), Arrow in a twentieth of the time.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from etl.read.decoding import TextFile, open_text
from etl.read.heading import Heading, find_heading
from etl.read.ledger import Ledger, Piece
from etl.read.records import SPACES, Lines, as_piece, records
from weathermap.errors import LedgerError

DELIMITERS = ",;\t|"
LOOK = 40  # lines that decide on delimiter and header
NEWLINE, RETURN, QUOTE = 10, 13, 34


def open_delimited(path: Path, encoding: str = "", delimiter: str = "") -> Ledger:
    """A text table with a header; quoted values may hold delimiters and line ends. Raises LedgerError."""
    source = open_text(path, encoding)
    head = _head(source)
    delimiter = delimiter or _delimiter(head, path)
    lines = Lines(source.blocks())
    opening = list(islice(records(lines, delimiter, path), LOOK))
    heading = find_heading([values for _, values in opening], [line for line, _ in opening], path)
    return Ledger(
        file=path,
        names=heading.names,
        pieces=lambda: _pieces(source, delimiter, heading),
        sha256=source.sha256,
        encoding=source.encoding,
        delimiter=delimiter,
        notes=heading.notes,
    )


def _head(source: TextFile) -> str:
    """The first lines; raises LedgerError for what is visibly no table."""
    path = source.path
    text = next((block for block, _ in source.blocks()), b"").decode("utf-8", "replace").strip(SPACES)
    if not text:
        raise LedgerError(f"{path} is empty.", "Export the ledger again, with its header line.")
    if text[0] in "<{[":
        raise LedgerError(f"{path} is no CSV file: it looks like a web page, XML or JSON.", "Export the ledger as CSV.")
    return "\n".join(text.splitlines()[:LOOK])


def _delimiter(head: str, path: Path) -> str:
    """The delimiter that divides the most lines alike; of equals the one into more columns."""
    found: list[tuple[int, int, str]] = []
    for delimiter in DELIMITERS:
        with suppress(csv.Error):
            sizes = Counter(len(record) for record in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter))
            found += [(rows, columns, delimiter) for columns, rows in sizes.items() if columns > 1]
    if found:
        return max(found, key=lambda entry: entry[:2])[2]
    raise LedgerError(
        f"{path} is no table: no comma, semicolon, tab or bar divides its lines into columns."
        f" It begins {head.split(chr(10), 1)[0][:60]!r}.",
        "Export the ledger as CSV with a header line.",
    )


def _pieces(source: TextFile, delimiter: str, heading: Heading) -> Iterator[Piece]:
    """The rows below the heading, block by block."""
    lines = Lines(source.blocks())
    with closing(records(lines, delimiter, source.path)) as above:
        for _ in range(heading.skipped):
            next(above)
    while block := lines.block():
        piece = _plain(block, lines.number, delimiter, heading, lines.share)
        if piece is None:
            lines.give_back(block)
            piece = as_piece(records(lines, delimiter, source.path, within=True), heading.names, lines)
        else:
            lines.number += block.count(b"\n")
        if len(piece):
            yield heading.judged(piece)


def _plain(block: bytes, first: int, delimiter: str, heading: Heading, share: float) -> Piece | None:
    """The rows of a plain block whose first line has the number `first`; None for one that must be read with care."""
    codes = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(codes == NEWLINE)
    if block[-1] != NEWLINE:
        ends = np.append(ends, len(codes))
    starts = np.concatenate([[0], ends[:-1] + 1])
    if QUOTE in block and not _opened_and_closed(codes, starts, ord(delimiter)):
        return None
    returns = codes == RETURN
    if returns.any():
        before = ends[ends > 0] - 1
        if returns.sum() != returns[before].sum():
            return None  # a line end of its own
        lengths = ends - starts - returns[np.maximum(ends - 1, 0)]
    else:
        lengths = ends - starts
    try:
        table = pacsv.read_csv(
            pa.BufferReader(block),
            read_options=pacsv.ReadOptions(column_names=heading.names, block_size=len(block) + 1),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=False),
            convert_options=pacsv.ConvertOptions(
                check_utf8=False,
                strings_can_be_null=False,
                column_types=dict.fromkeys(heading.names, pa.string()),
            ),
        )
    except pa.ArrowInvalid:
        return None  # a row with more or fewer values than the header
    numbers = first + np.flatnonzero(lengths > 0)
    if len(numbers) != len(table):
        return None
    columns = [pc.utf8_trim(column, SPACES).combine_chunks() for column in table.columns]
    filled = np.zeros(len(table), dtype=bool)
    for column in columns:
        if filled.all():
            break
        filled |= np.asarray(pc.not_equal(column, ""))
    table = pa.Table.from_arrays(columns, names=heading.names)
    if not filled.all():
        table, numbers = table.filter(pa.array(filled)), numbers[filled]
    return Piece(table, numbers.astype(np.int64), share=share)


def _opened_and_closed(codes: NDArray[np.uint8], starts: NDArray[np.int64], delimiter: int) -> bool:
    """Whether each line's quotation marks are pairs, of which one stands where a value begins, the other where it ends
    (or at another mark: a doubled one within)."""
    quoted = codes == QUOTE
    if (np.add.reduceat(quoted, starts) & 1).any():
        return False
    places = np.flatnonzero(quoted)
    edges = np.concatenate([[NEWLINE], codes, [NEWLINE]])  # shifted by one
    before, after = edges[places[0::2]], edges[places[1::2] + 2]
    opens, closes = np.isin(before, (NEWLINE, delimiter, QUOTE)), np.isin(after, (NEWLINE, RETURN, delimiter, QUOTE))
    return bool(opens.all() and closes.all())
