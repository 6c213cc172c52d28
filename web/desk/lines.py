"""The rows of the desk's lists, with the words of what their ids name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from weathermap.issue.hands import open_moves
from weathermap.issue.waiting import rows_of
from weathermap.people.accounts import Account
from web.desk.choices import Choices


@dataclass(frozen=True)
class Line:
    """A row; `row` is one of issue_rows.sql."""

    row: Any
    category: str
    source: str
    unit: str
    place: str  # where it lies, in words; '' unlocated
    red_line: bool
    moves: str  # what this account may do with it, by name; who fed it back is looked at when it is made

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)


def lines_of(
    connection: Connection, choices: Choices, account: Account, ids: Sequence[int], lang: str, requested: bool
) -> list[Line]:
    """The issues of these ids, in this order. `requested`: something was asked for each that nobody has answered."""
    moves: dict[tuple[str, int | None], str] = {}
    found = []
    for row in rows_of(connection, ids):
        key = (row.state, row.unit_id)
        if key not in moves:
            moves[key] = " ".join(move.name for move in open_moves(account, *key, 0, requested))
        category = choices.categories[row.category_id]
        named = [
            held[each].named(lang) if each in held else ""
            for held, each in (
                (choices.sources, row.source_id),
                (choices.units, row.unit_id),
                (choices.points, row.point_id),
                (choices.places, row.area_id),
            )
        ]
        place = " ".join(filter(None, (named[2], row.address))) or named[3]
        found.append(Line(row, category.named(lang), named[0], named[1], place, category.red_line, moves[key]))
    return found
