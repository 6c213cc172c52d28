"""The years whose statutory days the city's calendar does not know yet, and how many open deadlines they hold."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from weathermap.issue.workflow import OPEN
from weathermap.store import tables as t
from weathermap.store.registry import City


def unknown_years(connection: Connection, city: City) -> list[tuple[int, int]]:
    """(year, open deadlines in it) of this year and the next, where they are counted as Monday to Friday."""
    zone = ZoneInfo(city.pack.config.timezone)
    this = datetime.now(zone).year
    found = []
    for year in sorted({this, this + 1} & city.book.calendar.provisional_years):
        edges = (datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone))
        i = t.issue.c
        held = select(func.count()).where(i.city_id == city.city_id, i.state.in_(OPEN))
        within = held.where(i.deadline >= edges[0].astimezone(UTC), i.deadline < edges[1].astimezone(UTC))
        found.append((year, int(connection.execute(within).scalar_one())))
    return found
