"""One frame of the stream: the totals and all areas of the first level below the city. Finer views ask the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from weathermap.store.catalog import Catalog
from weathermap.weather.board import Asked, board
from web.api.query import iso


def city_frame(connection: Connection, catalog: Catalog, fold: int) -> dict[str, Any]:
    """What a wall needs after fold number `fold`."""
    at = datetime.now(UTC).replace(microsecond=0)
    level = catalog.levels[min(1, len(catalog.levels) - 1)]
    found = board(connection, catalog, Asked(level, None, "place", at, None))
    return {"fold": fold, "at": iso(at), "totals": found["totals"], "areas": found["areas"]}
