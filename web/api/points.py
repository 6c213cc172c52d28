"""GET /api/v1/points: all declared points of a city as they stand; GET /api/v1/points/<code>: one of them whole."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, Row, select

from weathermap.errors import UnknownName
from weathermap.issue.listing import Filter, count_issues, list_issues
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from weathermap.visit.points import PointFilter, last_visits, list_points, mark_of
from web.api.issues import issue_row
from web.api.query import iso, moment
from web.context import context
from web.problems import BadQuery

points_api = Blueprint("points_api", __name__, url_prefix="/api/v1")
VISITS, ISSUES = 5, 50  # shown with one point
VISITED = {"yes": True, "no": False}
FIELDS = (
    "code", "name", "name_en", "kind", "unit", "areas", "lon", "lat", "address",
    "last_visit", "visited", "open", "overdue",
)  # fmt: skip


@points_api.get("/points")
def points() -> Response:
    """All declared points, or those asked for: one row a point, its values in the order of `fields`, its `areas` in
    that of `levels`. Comes with an ETag that stays while nothing has changed."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        fold, since = mark_of(connection, catalog.city_id)
        tag = f"{catalog.code}-{catalog.pack_version}-{fold}-{since}"
        if request.if_none_match.contains_weak(tag):
            return _tagged(Response(status=304), tag)
        at = moment(args, catalog.timezone)
        rows = list_points(connection, catalog.city_id, at, filter_of(args, catalog, at))
        return _tagged(_packed(_answer(connection, catalog, rows, at, fold)), tag)


def _tagged(answer: Response, tag: str) -> Response:
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Accept-Encoding"
    return answer


def _packed(content: dict[str, Any]) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    if "gzip" not in request.accept_encodings:
        return Response(body, mimetype="application/json")
    return Response(gzip.compress(body, 5, mtime=0), mimetype="application/json", headers={"Content-Encoding": "gzip"})


def filter_of(args: dict[str, str], catalog: Catalog, at: datetime) -> PointFilter:
    """The filter of a request. Raises UnknownName, BadQuery."""
    area, version = args.get("area"), catalog.version_at(at)
    if area and ":" not in area:
        raise BadQuery(f"area={area!r} names no level.", f"Write LEVEL:CODE, e.g. {catalog.levels[-1]}:{area}.")
    if args.get("visited") and args["visited"] not in VISITED:
        raise BadQuery(f"visited={args['visited']!r} is not known.", "Use visited=yes or visited=no.")
    return PointFilter(
        kind=args.get("kind") or None,
        area_id=catalog.place(version, *area.split(":", 1)).id if area else None,
        unit_id=catalog.place(version, "unit", args["unit"]).id if args.get("unit") else None,
        covered=VISITED.get(args.get("visited", "")),
        having=args.get("state") or None,
    )


def _answer(
    connection: Connection, catalog: Catalog, rows: list[Row[tuple[Any, ...]]], at: datetime, fold: int
) -> dict[str, Any]:
    kinds, units = {row.kind for row in rows}, {row.unit for row in rows}
    read = _reader(catalog)
    found = [read(row) for row in rows]
    return {
        "city": catalog.code,
        "at": iso(at),
        "fold": fold,
        "levels": [*catalog.levels[1:], *catalog.overlays],
        "total": len(rows),
        "visited": sum(row.covered for row in rows),
        "open": sum(row.open for row in rows),
        "overdue": sum(row.overdue for row in rows),
        "kinds": [_named(kind) for kind in context().checklist(connection, catalog).kinds if kind.code in kinds],
        "units": [{**_named(unit), "kind": unit.kind} for unit in catalog.units if unit.code in units],
        "fields": FIELDS,
        "points": [[point[name] for name in FIELDS] for point in found],
    }


def _named(entry: Any) -> dict[str, str]:
    return {"code": entry.code, "name": entry.name, "name_en": entry.name_en}


def _reader(catalog: Catalog) -> Callable[[Row[tuple[Any, ...]]], dict[str, Any]]:
    """A point as the API gives it; its areas by their codes, None where it lies in none of a level."""
    levels = (*catalog.levels[1:], *catalog.overlays)

    def read(row: Row[tuple[Any, ...]]) -> dict[str, Any]:
        places = (catalog.by_id[area] for area in row.places if area in catalog.by_id)
        codes = {place.level: place.code for place in places}
        given = {name: getattr(row, name) for name in FIELDS if name not in ("areas", "last_visit", "visited")}
        last = row.last_visit.replace(microsecond=0) if row.last_visit else None
        return {
            **given,
            "areas": [codes.get(level) for level in levels],
            "last_visit": iso(last),
            "visited": row.covered,
        }

    return read


@points_api.get("/points/<code>")
def point(code: str) -> Response:
    """One declared point: what is checked there, who keeps it (by title), its last visits, its open issues."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        at = moment(args, catalog.timezone)
        row = next(iter(list_points(connection, catalog.city_id, at, PointFilter(code=code))), None)
        if row is None:
            raise UnknownName(f"{catalog.name} has no declared point {code!r}.", "See /api/v1/points for the codes.")
        return jsonify(_whole(connection, catalog, row, at))


def _whole(connection: Connection, catalog: Catalog, row: Row[tuple[Any, ...]], at: datetime) -> dict[str, Any]:
    checklist = context().checklist(connection, catalog)
    unit = next((unit for unit in catalog.units if unit.code == row.unit), None)
    kind = next((kind for kind in checklist.kinds if kind.code == row.kind), None)
    chosen = Filter(catalog.city_id, "open", at, point=row.code)
    return {
        **_reader(catalog)(row),
        "at": iso(at),
        "levels": [*catalog.levels[1:], *catalog.overlays],
        "kind": kind and _named(kind),
        "unit": unit and {**_named(unit), "kind": unit.kind, "head": _head(connection, unit.id)},
        "standards": [{**_named(entry), "clause": entry.clause} for entry in checklist.of(row.kind)],
        "visits": [
            {"kind": visit.kind, "at": iso(visit.started_at), "until": iso(visit.ended_at), "by": visit.title}
            for visit in last_visits(connection, row.point_id, at, VISITS)
        ],
        "issues": {
            "total": count_issues(connection, chosen),
            "first": [issue_row(issue._mapping) for issue in list_issues(connection, chosen, ISSUES, None)],
        },
    }


def _head(connection: Connection, unit_id: int) -> str | None:
    """The title of who answers for a unit: never the name or a phone."""
    n = t.person.c
    chosen = select(n.title).where(n.unit_id == unit_id, n.role == "head", ~n.retired).order_by(n.code).limit(1)
    return connection.execute(chosen).scalar_one_or_none()
