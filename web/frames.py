"""The frames of the stream: the totals and all areas of the first level below the city. Finer views ask the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from weathermap.store.catalog import Catalog, Place
from weathermap.weather.board import Asked, Sums, area_row, board
from web.api.query import iso

COMPACT = (",", ":")


def written(data: object) -> str:
    """As JSON, without a blank."""
    return json.dumps(data, ensure_ascii=False, separators=COMPACT)


@dataclass(frozen=True)
class Shown:
    """An area's row as the last frame had it, and the numbers that it was made of."""

    numbers: tuple[bytes, tuple[int, int] | None]
    row: dict[str, Any]
    text: str


@dataclass
class Frames:
    """A city's frames, one after the other: only the areas whose numbers changed are judged and encoded anew.

    A row is made of a place's numbers and its catalog alone, so that the same numbers are the same row.
    """

    catalog: Catalog | None = None  # of the last frame
    _rules: Catalog | None = None  # that catalog under the pack in force
    _shown: dict[int, Shown] = field(default_factory=dict)

    def frame(self, connection: Connection, catalog: Catalog, fold: int) -> str:
        """What a wall needs after fold number `fold`, as JSON."""
        self.catalog = catalog
        at = datetime.now(UTC).replace(microsecond=0)
        level = catalog.levels[min(1, len(catalog.levels) - 1)]
        found = board(connection, catalog, Asked(level, None, "place", at, None), self._row)
        head = written({"fold": fold, "at": iso(at), "totals": found["totals"]})
        areas = ",".join(self._shown[area["id"]].text for area in found["areas"])
        return f'{head[:-1]},"areas":[{areas}]}}'

    def _row(
        self, catalog: Catalog, place: Place, sums: Sums, code: str, asked_for: Mapping[int, tuple[int, int]]
    ) -> dict[str, Any]:
        if catalog is not self._rules:
            self._rules = catalog
            self._shown.clear()
        numbers = (sums.tobytes(), asked_for.get(place.id))
        shown = self._shown.get(place.id)
        if shown is None or shown.numbers != numbers:
            row = area_row(catalog, place, sums, code, asked_for)
            shown = self._shown[place.id] = Shown(numbers, row, written(row))
        return shown.row
