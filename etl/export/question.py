"""What a grid report is asked for: a board question, what narrows it, whether the period before stands beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from weathermap.errors import UnknownName
from weathermap.store.catalog import Catalog
from weathermap.weather.board import Asked, board
from weathermap.weather.filtered import Narrowed, filtered_board


@dataclass(frozen=True)
class Question:
    """`compare`: the same numbers of the period of the same length just before."""

    asked: Asked
    narrowed: Narrowed = field(default_factory=Narrowed)
    compare: bool = False

    def before(self) -> Asked:
        """The board question of the period before. Raises UnknownName where no period was asked for."""
        start, end = self.asked.since, self.asked.at
        if start is None:
            raise UnknownName("There is no period before all that was recorded.", "Name the start of a window: from=.")
        second = timedelta(seconds=1)
        return replace(self.asked, since=start - (end - start) - second, at=start - second)

    def answer(self, connection: Connection, catalog: Catalog, asked: Asked) -> dict[str, Any]:
        """The board's answer, narrowed."""
        if self.narrowed:
            return filtered_board(connection, catalog, asked, self.narrowed)
        return board(connection, catalog, asked)
