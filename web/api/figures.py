"""GET /api/v1/trend, /breakdown, /ranking, /changes: the figures beside the map; /issues lists what each counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from weathermap.issue.listing import count_issues, list_issues
from weathermap.issue.moved import TURNED
from weathermap.judge.ranking import ranking
from weathermap.store.catalog import Catalog, Place
from weathermap.store.slices import SLICED
from weathermap.tally.breakdown import breakdown
from weathermap.tally.trend import trend
from weathermap.weather.board import governing_unit, period_start
from weathermap.weather.changes import changes, yesterday
from web.api.issues import filter_of, issue_row
from web.api.query import as_known, instant, iso, moment, number, place_of, window_start
from web.context import context
from web.problems import BadQuery

figures_api = Blueprint("figures_api", __name__, url_prefix="/api/v1")
DAYS, MOST_DAYS = 30, 366
MOST_EVENTS = 10


@figures_api.get("/trend")
def trend_days() -> Response:
    """Day by day what was notified and rectified, what fell due and how much of it on time; today is not whole yet."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        at = moment(args, catalog.timezone)
        days = number(args, "days", DAYS, 1, MOST_DAYS)
        subject = subject_of(args, catalog, at)
        found = trend(connection, catalog.city_id, subject.id, at, days, catalog.timezone)
        for day in found:
            day |= {"day": day["day"].isoformat(), "from": iso(day["from"]), "to": iso(day["to"])}
        return jsonify({**named(subject), "at": iso(at), "days": found})


@figures_api.get("/breakdown")
def breakdown_parts() -> Response:
    """What the numbers of the city, a town or a unit are made of: by source, special work or category."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        at = moment(args, catalog.timezone)
        since = window_start(args, catalog.timezone, at) or period_start(catalog)
        subject = subject_of(args, catalog, at)
        if subject.level not in (*catalog.levels[:SLICED], "unit"):
            raise BadQuery(
                f"A {subject.level} is not counted by category and source.",
                f"Ask for the {' or '.join(catalog.levels[:SLICED])}, or list its issues.",
            )
        of = args.get("of") or "source"
        window = (int(since.timestamp()) - 1 if since else -(2**40), int(at.timestamp()))
        parts = breakdown(connection, catalog.city_id, subject.id, of, window)
        return jsonify({**named(subject), "of": of, "from": iso(since), "at": iso(at), "parts": parts})


@figures_api.get("/ranking")
def ranking_units() -> Response:
    """Units by their on-time rate of this month, each kind among its own; ties share a place."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        if args.get("by", "responsibility") != "responsibility":
            raise BadQuery("Only who is responsible is ranked.", "Leave out by=.")
        at = moment(args, catalog.timezone)
        found = ranking(connection, catalog, at)
        spelt = {name: iso(found[name]) for name in ("from", "last_from", "last_to")}
        return jsonify({**found, **spelt, "at": iso(at)})


@figures_api.get("/changes")
def changes_since() -> Response:
    """What turned worse or better since 08:00 yesterday, and the gate that did it; `events`: of how many of the events
    that moved that gate each change tells."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        at = moment(args, catalog.timezone)
        since = instant(args["from"], "from", catalog.timezone) if args.get("from") else yesterday(at, catalog.timezone)
        level = args.get("level") or catalog.levels[min(1, len(catalog.levels) - 1)]
        by = args.get("by") or "place"
        known, told = as_known(args), number(args, "events", 0, 0, MOST_EVENTS)
        found = changes(connection, catalog, level, args.get("parent") or None, by, at, since, known)
        if told:
            for change in found:
                change["events"] = events_of(connection, catalog, change, (since, at), known, told)
        return jsonify({"level": level, "by": by, "from": iso(since), "at": iso(at), "changes": found})


def events_of(
    connection: Connection,
    catalog: Catalog,
    change: dict[str, Any],
    window: tuple[datetime, datetime],
    known: bool,
    first: int,
) -> list[dict[str, Any]]:
    """The issues that moved the gate of a change: for each way how many, the first of them, and their list."""
    found = []
    where = {"unit": change["unit"]} if "unit" in change else {"area": f"{change['level']}:{change['code']}"}
    spelt = {"from": iso(window[0]) or "", "at": iso(window[1]) or "", "as": "known" if known else "looked"}
    for state in TURNED.get((change["gate"], change["better"]), ()):
        query = {"city": catalog.code, "state": state, **where, **spelt}
        chosen = filter_of(query, catalog)
        total = count_issues(connection, chosen)
        rows = list_issues(connection, chosen, first, None) if total else []
        found.append(
            {"state": state, "total": total, "first": [issue_row(row._mapping) for row in rows], "query": query}
        )
    return found


def subject_of(args: dict[str, str], catalog: Catalog, at: datetime) -> Place:
    """Whose numbers are asked for: `area=LEVEL:CODE` or `unit=CODE`, else the city; by responsibility the unit that
    governs the area. Raises UnknownName, BadQuery."""
    if args.get("area") and args.get("unit"):
        raise BadQuery("area= and unit= exclude each other.", "Use one of them.")
    version = catalog.version_at(at)
    if args.get("unit"):
        return catalog.place(version, "unit", args["unit"])
    place = place_of(args, catalog, version) or catalog.areas[version, catalog.levels[0]][0]
    by = args.get("by") or "place"
    if by not in ("place", "responsibility"):
        raise BadQuery(f"by={by!r} is not known.", "Use by=place or by=responsibility.")
    return governing_unit(catalog, place) if by == "responsibility" and place.level != catalog.levels[0] else place


def named(place: Place) -> dict[str, str]:
    """Whose numbers an answer holds."""
    return {"level": place.level, "code": place.code, "name": place.name, "name_en": place.name_en}
