"""What was observed at points in a window, as a mock test counts it: passes ÷ applicable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from weathermap.store.sql import query


@dataclass(frozen=True)
class Scores:
    """(passes, applicable) by area id and by code of a standard."""

    areas: dict[int, tuple[int, int]]
    standards: dict[str, tuple[int, int]]


def mock_scores(connection: Connection, city_id: int, since: datetime, at: datetime) -> Scores:
    """All observations of visits that began in the window; `na` counts for nothing."""
    rows = connection.execute(query("mock_scores"), {"city_id": city_id, "since": since, "at": at})
    areas: dict[int, tuple[int, int]] = {}
    standards: dict[str, tuple[int, int]] = {}
    for row in rows:
        if row.kind == "area":
            areas[int(row.name)] = (row.passed, row.applicable)
        else:
            standards[row.name] = (row.passed, row.applicable)
    return Scores(areas, standards)
