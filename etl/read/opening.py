"""A file → its ledger, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from etl.read.delimited import open_delimited
from etl.read.ledger import Ledger
from weathermap.errors import LedgerError


@dataclass(frozen=True)
class Choices:
    """What a person may say about a file; '' = it is found."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""  # of a workbook, or the layer of a geographic file


READERS: dict[str, Callable[[Path, Choices], Ledger]] = {
    suffix: lambda path, choices: open_delimited(path, choices.encoding, choices.delimiter)
    for suffix in (".csv", ".tsv", ".txt")
}


def open_ledger(path: Path, encoding: str = "", delimiter: str = "", sheet: str = "") -> Ledger:
    """The ledger in `path`, by its suffix. Raises LedgerError for what cannot be read as a table."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    reader = READERS.get(suffixes[-1] if suffixes else "")
    if reader is None:
        raise LedgerError(
            f"{path}: this kind of file cannot be read.", f"Kinds that can: {', '.join(READERS)}, each also .gz."
        )
    return reader(path, Choices(encoding, delimiter, sheet))
