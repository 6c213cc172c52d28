"""What a pack's tables are described with: a column, a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

ColumnKind = Literal["text", "number", "flag", "date"]


@dataclass(frozen=True)
class Column:
    """One column of a CSV file. `refers`: the table whose key it must hold, if it holds anything."""

    name: str
    text: str
    needed: bool = True  # must be there and not be empty
    kind: ColumnKind = "text"
    values: tuple[str, ...] = ()
    refers: str = ""
    positive: bool = False


@dataclass(frozen=True)
class Table:
    """One CSV file. `row` is the dataclass of weathermap.city.pack whose fields the columns are, in order."""

    name: str
    row: type[Any]
    text: str
    columns: tuple[Column, ...]
    key: str  # the column whose values are unique
    needed: bool = False

    @property
    def file(self) -> str:
        return f"{self.name}.csv"


def may(name: str, text: str, **more: Any) -> Column:
    return Column(name, text, needed=False, **more)


CODE = Column("code", "code, unique in the file")
NAME = Column("name", "name in Chinese (or the city's own language)")
NAME_EN = may("name_en", "name in English")
