"""What an inspector's phone takes along: enough to visit every point without signal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Row

from weathermap.issue.book import Book
from weathermap.people.accounts import Account
from weathermap.store.registry import City
from weathermap.store.sql import query


def take_along(connection: Connection, city: City, account: Account) -> dict[str, Any]:
    """Checklists, categories, units, and for each point who keeps it, its visits this month and the proposed units."""
    pack = city.pack
    month, rows = month_of(connection, city)
    proposed = propose_units(city)
    return {
        "city": city.code,
        "timezone": pack.config.timezone,
        "month": month.isoformat(),
        "person": account.person_id,
        "categories": [
            {"code": c.code, "name": c.name, "name_en": c.name_en, "red_line": c.red_line} for c in pack.categories
        ],
        "units": [{"code": u.code, "name": u.name, "name_en": u.name_en} for u in pack.units],
        "standards": [
            {
                "code": s.code,
                "kind": s.point_kind,
                "name": s.name,
                "name_en": s.name_en,
                "clause": s.clause,
                "edition": s.edition,
                "category": s.category,
            }
            for s in pack.standards
        ],
        "fields": ("code", "mine", "visits", "last", "units", "open"),
        "points": [
            (
                row.code,
                row.person_id is not None and row.person_id == account.person_id,
                row.visits,
                row.last or "",
                proposed.get(row.code, []),
                row.open,
            )
            for row in rows
        ],
    }


def month_of(connection: Connection, city: City) -> tuple[datetime, Sequence[Row[Any]]]:
    """(when the month began, declared points by code with visits since, key of the last visit, open issues)."""
    zone = ZoneInfo(city.pack.config.timezone)
    month = datetime.now(UTC).astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return month, connection.execute(query("points_month"), {"city_id": city.city_id, "month": month}).all()


def still_to_go(connection: Connection, city: City, account: Account) -> list[tuple[str, float, float]]:
    """(code, lon, lat) of the account's own points that nobody has visited this month."""
    _, rows = month_of(connection, city)
    mine = {row.code for row in rows if row.person_id == account.person_id and not row.visits}
    return [(point.code, point.lon, point.lat) for point in city.pack.points if point.code in mine]


def propose_units(city: City) -> dict[str, list[int]]:
    """For each point the unit (row of the pack's, −1 none) to which each of its standards' categories would go."""
    book, pack = city.book, city.pack
    source = next((source.code for source in pack.sources if source.kind == "patrol"), "")
    cases = [(p, s) for p, point in enumerate(pack.points) for s in pack.standards if s.point_kind == point.kind]
    if not cases:
        return {}
    units = _route(book, cases, source)
    found: dict[str, list[int]] = {}
    for (point, _), unit in zip(cases, units, strict=True):
        found.setdefault(pack.points[point].code, []).append(unit)
    return found


def _route(book: Book, cases: list[tuple[int, Any]], source: str) -> list[int]:
    points = book.pack.points
    lon, lat = np.array([p.lon for p in points]), np.array([p.lat for p in points])
    area = book.locator.locate(lon, lat)
    rows = np.array([p for p, _ in cases])
    today = datetime.now(ZoneInfo(book.pack.config.timezone)).date().toordinal()
    routes = book.router.route(
        np.array([standard.category for _, standard in cases], dtype=object),
        area[rows],
        np.array([points[p].kind for p, _ in cases], dtype=object),
        np.full(len(cases), source, dtype=object),
        np.full(len(cases), today, dtype=np.int64),
    )
    return [int(unit) for unit in routes.unit]
