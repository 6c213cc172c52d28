"""One frame of the stream: the totals, all areas of the first level below the city, and the finer ones that changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from weathermap.issue.listing import Filter, list_issues
from weathermap.issue.orders import supervised
from weathermap.store.catalog import Catalog
from weathermap.tally.read import read_sums
from weathermap.weather.board import Asked, area_row, board, instants, period_start
from web.api.query import iso

NEWEST = 8


def city_frame(connection: Connection, catalog: Catalog, changed: set[int], fold: int) -> dict[str, Any]:
    """What a wall needs after a fold in which the numbers of `changed` (area and unit ids) moved."""
    at = datetime.now(UTC).replace(microsecond=0)
    level = catalog.levels[min(1, len(catalog.levels) - 1)]
    found = board(connection, catalog, Asked(level, None, "place", at, None))
    return {
        "fold": fold,
        "at": iso(at),
        "totals": found["totals"],
        "areas": found["areas"] + _finer(connection, catalog, changed, at, found["version"]),
        "newest": newest(connection, catalog, at),
    }


def _finer(
    connection: Connection, catalog: Catalog, changed: set[int], at: datetime, version: int
) -> list[dict[str, Any]]:
    """Rows of the changed areas below the first level, and of changed overlays."""
    since = period_start(catalog)
    asked_for = supervised(connection, catalog.city_id, at)
    rows: list[dict[str, Any]] = []
    for level in (*catalog.levels[2:], *catalog.overlays):
        places = [place for place in catalog.areas.get((version, level), ()) if place.id in changed]
        if places:
            seconds = instants(at, since, catalog.role(level) is not None)
            sums = read_sums(connection, catalog.city_id, [place.id for place in places], seconds)
            rows += [area_row(catalog, place, sums[i], place.code, asked_for) for i, place in enumerate(places)]
    return rows


def newest(connection: Connection, catalog: Catalog, at: datetime) -> list[dict[str, Any]]:
    """The issues notified last."""
    rows = list_issues(connection, Filter(catalog.city_id, "notified", at), NEWEST, None)
    return [
        {
            "number": row.number,
            "at": iso(row.notified_at),
            "category": {"name": row.category_name, "name_en": row.category_name_en},
            "area": {"code": row.area, "name": row.area_name, "name_en": row.area_name_en},
            "address": row.address,
        }
        for row in rows
    ]
