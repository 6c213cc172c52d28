"""What turned better or worse since the official colour of the day before (08:00), and the gate that did it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from weathermap.store.catalog import Catalog
from weathermap.weather.board import Asked, board
from weathermap.weather.rule import ORDER, UNVISITED

OFFICIAL = time(8)  # the official colour of a day is that of 08:00
BADNESS = {weather: float(i) for i, weather in enumerate(ORDER)} | {UNVISITED: 2.5}


def yesterday(at: datetime, timezone: str) -> datetime:
    """08:00 of the city-local day before `at`."""
    zone = ZoneInfo(timezone)
    return datetime.combine(at.astimezone(zone).date() - timedelta(days=1), OFFICIAL, zone)


def changes(
    connection: Connection,
    catalog: Catalog,
    level: str,
    parent: str | None,
    by: str,
    at: datetime,
    since: datetime,
    known: bool = False,
) -> list[dict[str, Any]]:
    """The places of a level whose weather at `at` differs from that at `since`: what turned worse first, the farthest
    first. Places with no weather at one of both are left out. Raises UnknownName.
    """
    then = board(connection, catalog, Asked(level, parent, by, since, None, known))
    now = board(connection, catalog, Asked(level, parent, by, at, None, known))
    before = {area["code"]: area for area in then["areas"]}
    found = [
        _change(area, before[area["code"]])
        for area in now["areas"]
        if area["code"] in before and area["weather"] and before[area["code"]]["weather"]
        if area["weather"] != before[area["code"]]["weather"]
    ]
    return sorted(found, key=lambda change: (change["better"], -abs(change["step"]), change["code"]))


def _change(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The gate that did it: the deciding one of the worse of both weathers, as it stands `now` and stood `before`."""
    step = BADNESS[now["weather"]] - BADNESS[before["weather"]]
    worse = now if step > 0 else before
    gate = worse["why"]["gate"]
    there = {
        name: next((g for g in row["why"]["gates"] if g["gate"] == gate), None)
        for name, row in (("now", now), ("before", before))
    }
    return {
        **{name: now[name] for name in ("id", "code", "name", "name_en", "level", "parent", "open", "overdue")},
        **({"unit": now["unit"]} if "unit" in now else {}),
        "from": before["weather"],
        "to": now["weather"],
        "better": step < 0,
        "step": step,
        "gate": gate,
        **there,
    }
