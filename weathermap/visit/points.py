"""Declared points as they stand at an instant: who keeps them, when they were visited, what is open at them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from weathermap.errors import UnknownName
from weathermap.issue.listing import Filter, chosen_issues
from weathermap.store.sql import query, source_of

HAVING = ("open", "overdue")  # issues that a point may be asked to have


@dataclass(frozen=True)
class PointFilter:
    """Which points; None = any. `covered`: visited within 30 days; `having`: with such issues."""

    code: str | None = None
    kind: str | None = None
    area_id: int | None = None
    unit_id: int | None = None
    covered: bool | None = None
    having: str | None = None


def list_points(
    connection: Connection, city_id: int, at: datetime, chosen: PointFilter | None = None
) -> list[Row[tuple[Any, ...]]]:
    """The declared points by code, each with `last_visit`, `covered`, `open` and `overdue`. Raises UnknownName."""
    asked = chosen or PointFilter()
    if asked.having is not None and asked.having not in HAVING:
        raise UnknownName(f"state={asked.having!r} is no state of points.", f"Use {' or '.join(HAVING)}.")
    named = {
        "code": asked.code,
        "kind": asked.kind,
        "within": asked.area_id,
        "keeper": asked.unit_id,
        "covered": asked.covered,
        "having": asked.having or "",
    }
    standing = Filter(city_id, "open", at)
    statement = text(f"{chosen_issues()} {source_of('points_standing')}")
    return list(connection.execute(statement, {**standing.parameters(), **named}).all())


def mark_of(connection: Connection, city_id: int) -> tuple[int, int]:
    """(last fold, deltas since): the points of a city stand as they stood while this is the same."""
    row = connection.execute(query("points_mark"), {"city_id": city_id}).one()
    return int(row.fold), int(row.since)


def last_visits(connection: Connection, point_id: int, at: datetime, limit: int) -> list[Row[tuple[Any, ...]]]:
    """A point's last visits, the newest first."""
    asked = {"point_id": point_id, "at_us": int(at.timestamp()) * 1_000_000, "limit": limit}
    return list(connection.execute(query("point_visits"), asked).all())
