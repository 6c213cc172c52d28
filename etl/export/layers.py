"""What a map file holds beside the areas: cells with open issues, declared points, open issues, the days before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from etl.export.columns import TEXTS
from etl.export.question import Question
from etl.export.shapes import Shapes, load_shapes
from weathermap.issue.listing import Filter, list_issues
from weathermap.issue.workflow import STATES
from weathermap.store.catalog import Catalog
from weathermap.visit.points import list_points
from weathermap.weather.board import Asked, board, period_start
from weathermap.weather.playback import Film, playback
from weathermap.weather.total import total_of

DAYS = 30
OFFICIAL = time(8)
MOST_ISSUES = 5_000
Row = dict[str, Any]


@dataclass(frozen=True)
class Days:
    """The weather of the days before: `steps` instants; by code of an area a letter a step, and its open issues."""

    steps: tuple[datetime, ...]
    weather: dict[str, str]
    open: dict[str, list[int]]


@dataclass(frozen=True)
class Layers:
    """`cells`: (row, index into `shapes`) of those with open issues; `issues` of `issues_total`, the most urgent."""

    cells: Sequence[Row] = ()
    shapes: Shapes = field(default_factory=Shapes.none)
    points: Sequence[Row] = ()
    issues: Sequence[Row] = ()
    issues_total: int = 0
    days: Days | None = None


def load_layers(connection: Connection, catalog: Catalog, question: Question, lang: str) -> Layers:
    """The layers at the report's instant; what is narrowed away stands on none."""
    asked, narrowed = question.asked, question.narrowed
    cells, shapes = _cells(connection, catalog, asked, lang) if not narrowed else ([], Shapes.none())
    version = catalog.version_at(asked.at)
    inside = None
    if asked.parent:
        inside = next(
            (p for level in catalog.levels if (p := catalog.by_code.get((version, level, asked.parent)))), None
        )
    chosen = Filter(
        city_id=catalog.city_id,
        state=narrowed.state or "open",
        at=asked.at,
        since=asked.since or period_start(catalog),
        area_id=inside and inside.id,
        unit_id=catalog.place(version, "unit", narrowed.unit).id if narrowed.unit else None,
        category=narrowed.category,
        special=narrowed.special,
        source=narrowed.source,
        looked=not asked.known and catalog.shown_at(asked.at),
        borders=catalog.earlier_borders(version),
    )
    zone = ZoneInfo(catalog.timezone)
    rows = list_issues(connection, chosen, MOST_ISSUES, None)
    points = [] if narrowed else [_point(row, lang) for row in list_points(connection, catalog.city_id, asked.at)]
    return Layers(
        cells=cells,
        shapes=shapes,
        points=points,
        issues=[_issue(row._mapping, lang, zone) for row in rows],
        issues_total=total_of(connection, catalog, chosen),
        days=None if narrowed else _days(connection, catalog, asked),
    )


def _cells(connection: Connection, catalog: Catalog, asked: Asked, lang: str) -> tuple[list[Row], Shapes]:
    finest = catalog.levels[-1]
    if asked.level == finest or catalog.role(finest) is not None:
        return [], Shapes.none()
    found = board(connection, catalog, Asked(finest, asked.parent, "place", asked.at, asked.since, asked.known))
    rows = [area for area in found["areas"] if area["open"] > 0]
    shapes = load_shapes(connection, catalog, found["version"], finest, [row["code"] for row in rows])
    told = [
        {"name": TEXTS["name"](row, lang) or row["code"], "open": row["open"], "overdue": row["overdue"]}
        for row in rows
    ]
    return told, shapes


def _point(row: Any, lang: str) -> Row:
    name = row.name_en if lang == "en" and row.name_en else row.name
    visited = row.last_visit.date().isoformat() if row.last_visit else "–"
    return {
        "name": name,
        "code": row.code,
        "open": row.open,
        "overdue": row.overdue,
        "visited": visited,
        "covered": row.covered,
        "lon": row.lon,
        "lat": row.lat,
    }


def _issue(row: Any, lang: str, zone: ZoneInfo) -> Row:
    named = "_name_en" if lang == "en" else "_name"

    def name(of: str) -> str:
        return row[f"{of}{named}"] or row[f"{of}_name"] or "–"

    return {
        "number": row["number"],
        "category": name("category"),
        "state": STATES[row["state"]][lang == "en"],
        "unit": name("unit"),
        "deadline": f"{row['deadline'].astimezone(zone):%Y-%m-%d %H:%M}" if row["deadline"] else "–",
        "overdue": row["overdue"],
        "lon": row["lon"],
        "lat": row["lat"],
    }


def _days(connection: Connection, catalog: Catalog, asked: Asked) -> Days | None:
    """08:00 of each of the last days in the borders of the report, then its own instant."""
    zone = ZoneInfo(catalog.timezone)
    today = asked.at.astimezone(zone).date()
    steps = [datetime.combine(today - timedelta(days=back), OFFICIAL, zone) for back in range(DAYS, -1, -1)]
    start = period_start(catalog)
    kept = [at for at in steps if at < asked.at and (start is None or at >= start)]
    film = Film(asked.level, asked.parent, asked.by, (*kept, asked.at), asked.since, asked.known)
    part = playback(connection, catalog, film)["parts"][-1]
    areas = part["areas"]
    shown = film.steps[len(film.steps) - part["steps"] :]
    return Days(
        shown,
        dict(zip(areas["code"], areas["weather"], strict=True)) if "weather" in areas else {},
        dict(zip(areas["code"], areas["open"], strict=True)),
    )
