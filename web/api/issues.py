"""GET /api/v1/issues: the list behind every number; GET /api/v1/issues/<number>: one issue with events and receipt."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, select

from weathermap.errors import UnknownName
from weathermap.issue.appending import iso as iso_us
from weathermap.issue.holding import custody_of
from weathermap.issue.listing import Filter, list_issues
from weathermap.issue.workflow import MOVES, STATES
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from weathermap.store.registry import City
from weathermap.weather.board import period_start, version_of
from weathermap.weather.total import total_of
from web.api.evidence import photo_links
from web.api.query import as_known, iso, moment, number, place_of, window_end, window_start, windowed
from web.bounds import check_issue, check_list
from web.context import context
from web.problems import BadQuery

issues_api = Blueprint("issues_api", __name__, url_prefix="/api/v1")
PAGE, MOST = 50, 500


@issues_api.get("/issues")
def issues() -> Response:
    """The issues that a measure counts, page by page; `total` equals the number that it stands behind."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        chosen = filter_of(args, catalog)
        check_list(catalog, catalog.by_id.get(chosen.area_id or 0))
        limit = number(args, "limit", PAGE, 1, MOST)
        rows = [row._mapping for row in list_issues(connection, chosen, limit, after_key(args.get("after")))]
        total = total_of(connection, catalog, chosen)
        last = rows[-1] if len(rows) == limit else None
        return jsonify(
            {
                "issues": [issue_row(row) for row in rows],
                "total": total,
                "at": iso(chosen.at),
                "next": None if last is None else f"{last['key']}_{last['tie']}",
            }
        )


def filter_of(args: dict[str, str], catalog: Catalog) -> Filter:
    """The filter of a request. Raises UnknownName, BadQuery."""
    args = windowed(args, catalog.timezone)
    at = moment(args, catalog.timezone)
    known = as_known(args)
    version = version_of(catalog, at, known)
    area = place_of(args, catalog, version)
    until = window_end(args["until"], catalog.timezone) if args.get("until") else None
    return Filter(
        city_id=catalog.city_id,
        state=args.get("state") or None,
        at=at,
        since=window_start(args, catalog.timezone, until or at) or period_start(catalog),
        area_id=area.id if area else None,
        unit_id=catalog.place(version, "unit", args["unit"]).id if args.get("unit") else None,
        point=args.get("point") or None,
        category=args.get("category") or None,
        special=args.get("special") or None,
        source=args.get("source") or None,
        until=until,
        looked=not known and catalog.shown_at(at),
        borders=catalog.earlier_borders(version),
    )


def after_key(text: str | None) -> tuple[int, int] | None:
    """The key of a list's last row before this page. Raises BadQuery."""
    if not text:
        return None
    try:
        key, issue = text.split("_")
        return int(key), int(issue)
    except ValueError as error:
        raise BadQuery(f"after={text!r} is no key of this list.", "Take `next` of the page before.") from error


def issue_row(row: Any) -> dict[str, Any]:
    """One issue of a list, as the API gives it."""

    def named(name: str) -> dict[str, Any] | None:
        if row[name] is None:
            return None
        return {"code": row[name], "name": row[f"{name}_name"], "name_en": row[f"{name}_name_en"]}

    times = ("reported_at", "notified_at", "deadline", "fed_back_at", "rectified_at")
    zh, en = STATES[row["state"]]
    return {
        "id": row["issue_id"],
        "number": row["number"],
        "state": row["state"],
        "state_name": {"zh": zh, "en": en},
        "category": named("category"),
        "red_line": row["red_line"],
        "source": named("source"),
        "unit": named("unit"),
        "area": None if row["area"] is None else {**(named("area") or {}), "level": row["area_level"]},
        **{name: iso(row[name]) for name in times},
        **{
            name: row[name]
            for name in ("lon", "lat", "address", "flag", "review", "position", "overdue", "ordered", "listed")
        },
    }


@issues_api.get("/issues/<issue_number>")
def issue(issue_number: str) -> Response:
    """One issue, by number or (as tiles name it) by id: its present state, its events in order, its receipt."""
    by = t.issue.c.issue_id == int(issue_number) if issue_number.isdecimal() else t.issue.c.number == issue_number
    with context().connect() as connection:
        row = connection.execute(select(t.issue).where(by)).one_or_none()
        if row is None:
            raise UnknownName(f"There is no issue {issue_number}.", "Numbers are written CITY-YYYYMMDD-NNNNNN.")
        code = connection.execute(select(t.city.c.code).where(t.city.c.city_id == row.city_id)).scalar_one()
        catalog = context().catalog(connection, code)
        check_issue(catalog, row.places, issue_number)
        return jsonify(_whole(connection, row, catalog, context().city(connection, catalog)))


def _whole(connection: Connection, row: Any, catalog: Catalog, city: City) -> dict[str, Any]:
    e = t.issue_event.c
    events = connection.execute(
        select(e.seq, e.at, e.move, e.data, e.hash).where(e.issue_id == row.issue_id).order_by(e.seq)
    ).all()
    category = connection.execute(select(t.category).where(t.category.c.category_id == row.category_id)).one()
    unit = next((unit for unit in catalog.units if unit.id == row.unit_id), None)
    zh, en = STATES[row.state]
    return {
        "number": row.number,
        "state": row.state,
        "state_name": {"zh": zh, "en": en},
        "category": {"code": category.code, "name": category.name, "name_en": category.name_en},
        "unit": unit and {"code": unit.code, "name": unit.name, "name_en": unit.name_en},
        "address": row.address,
        **{
            name: iso(getattr(row, name))
            for name in ("reported_at", "notified_at", "deadline", "fed_back_at", "rectified_at", "suspended_at")
        },
        "receipt": row.receipt,
        "photos": photo_links(connection, row.issue_id, row.number),
        "events": [
            {
                "seq": event.seq,
                "at": iso(event.at),
                "move": event.move,
                "move_name": {"zh": MOVES[event.move].zh, "en": MOVES[event.move].en},
                "data": json.loads(event.data),
                "hash": bytes(event.hash).hex(),
            }
            for event in events
        ],
        "custody": [
            {
                "holder": share.holder,
                "unit": share.unit or None,
                "from": iso_us(share.start),
                "to": iso_us(share.end),
                "worked_us": share.worked,
            }
            for share in custody_of(city, category.code, events, datetime.now(UTC))
        ],
    }
