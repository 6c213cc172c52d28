"""GET /api/v1/weather, /api/v1/why, /api/v1/cities, /api/v1/areas, /api/v1/neighbours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, select

from weathermap.issue.listing import list_issues
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog, Place
from weathermap.store.sql import ask_often, query
from weathermap.weather.board import Asked, board, board_row, period_start, version_of
from weathermap.weather.total import total_of
from web.api.issues import filter_of, issue_row
from web.api.query import as_known, iso, moment, window_end, window_start
from web.basemap import basemap
from web.context import context

weather_api = Blueprint("weather_api", __name__, url_prefix="/api/v1")
FIRST = 10  # issues shown with each gate
FOREVER = "public, max-age=31536000, immutable"


def asked_of(args: dict[str, str], catalog: Catalog) -> Asked:
    """The board question of a request."""
    at = window_end(args["to"], catalog.timezone) if args.get("to") else moment(args, catalog.timezone)
    level = args.get("level") or (catalog.levels[1] if len(catalog.levels) > 1 else catalog.levels[0])
    since = window_start(args, catalog.timezone, at)
    return Asked(level, args.get("parent") or None, args.get("by") or "place", at, since, as_known(args))


@weather_api.get("/weather")
def weather() -> Response:
    """The weather of the areas of a level, and the totals."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        return jsonify(answer(connection, catalog, asked_of(args, catalog)))


def answer(connection: Connection, catalog: Catalog, asked: Asked) -> dict[str, Any]:
    """The whole answer to a board question."""
    ((fold,),) = ask_often(connection, "fold_last", {})
    found = board(connection, catalog, asked)
    return {
        "city": {"code": catalog.code, "name": catalog.name, "name_en": catalog.name_en},
        "level": asked.level,
        "parent": asked.parent,
        "by": asked.by,
        "at": iso(asked.at),
        "from": iso(found["since"]),
        "to": iso(asked.at),
        "as": "known" if asked.known else "looked",
        "boundary_version": found["version"],
        "demo": catalog.demo is not None,
        "fold": fold,
        "totals": found["totals"],
        "areas": found["areas"],
    }


@weather_api.get("/why")
def why() -> Response:
    """Why a place has its colour: every gate with its limits, what would turn it, and the issues to clear first."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        at = moment(args, catalog.timezone)
        level = args.get("level") or catalog.levels[0]
        by = args.get("by") or "place"
        known = as_known(args)
        version = version_of(catalog, at, known)
        place = catalog.place(version, level, args.get("code") or catalog.areas[version, catalog.levels[0]][0].code)
        shown = board_row(connection, catalog, place, by, at, known)
        subject = (
            next((u for u in catalog.units if u.code == shown.get("unit")), place) if by == "responsibility" else place
        )
        return jsonify({**shown, "at": iso(at), "by": by, "issues": _urgent(connection, catalog, subject, at, known)})


def _urgent(connection: Connection, catalog: Catalog, place: Place, at: datetime, known: bool) -> dict[str, Any]:
    """For each state that a gate counts: how many, and the first of them."""
    where = {"as": "known" if known else "looked", "at": iso(at) or ""}
    where |= {"unit": place.code} if place.level == "unit" else {"area": f"{place.level}:{place.code}"}
    found: dict[str, Any] = {}
    for state in ("overdue", "long_overdue", "red_overdue", "suspended"):
        chosen = filter_of({**where, "state": state}, catalog)
        total = total_of(connection, catalog, chosen)
        first = list_issues(connection, chosen, FIRST, None) if total else []
        found[state] = {"total": total, "first": [issue_row(row._mapping) for row in first]}
    return found


@weather_api.get("/cities")
def cities() -> Response:
    """The cities in the store, with their levels, thresholds and what must be said on a map."""
    with context().connect() as connection:
        codes = connection.execute(select(t.city.c.code).order_by(t.city.c.city_id)).scalars().all()
        return jsonify({"cities": [_city(connection, context().catalog(connection, code)) for code in codes]})


def _city(connection: Connection, catalog: Catalog) -> dict[str, Any]:
    config, demo = catalog.config, catalog.demo or {}
    extent = connection.execute(query("city_extent"), {"city_id": catalog.city_id}).one()
    note = config["schematic_note"]

    def level(name: str) -> dict[str, Any]:
        zh, en = config["level_names"].get(name, (name, name))
        role = catalog.role(name)
        return {"level": name, "name": zh, "name_en": en, "weather": role is not None}

    return {
        "code": catalog.code,
        "name": catalog.name,
        "name_en": catalog.name_en,
        "timezone": catalog.timezone,
        "levels": [level(name) for name in catalog.levels],
        "overlays": [level(name) for name in catalog.overlays],
        "boundary_version": catalog.versions[-1][0],
        "boundaries": [{"version": version, "from": iso(since)} for version, since in catalog.versions],
        "schematic": config["schematic"],
        "schematic_note": {"zh": note[0], "en": note[1]} if note else None,
        "review_number": config["review_number"],
        "attribution": config["attribution"],
        "demo": catalog.demo is not None,
        "demo_from": demo.get("from"),
        "demo_to": demo.get("to"),
        "period_start": iso(period_start(catalog)),
        "data_to": iso(extent.data_to),
        "past_at": iso(extent.past_at),
        "coverage": catalog.coverage,
        "thresholds": catalog.thresholds,
        "bbox": [extent.west, extent.south, extent.east, extent.north],
        "basemap": basemap().describe(),
    }


@weather_api.get("/areas")
def areas() -> Response:
    """The areas of a level with label and extent; unchanging for a boundary version."""
    args = request.args
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        version = args.get("version", type=int) or catalog.versions[-1][0]
        level = args.get("level") or catalog.levels[min(1, len(catalog.levels) - 1)]
        catalog.check_level(level)
        rows = connection.execute(
            query("area_labels"),
            {"city_id": catalog.city_id, "version": version, "level": level, "parent": args.get("parent") or None},
        )
        found = [
            {
                **{name: row._mapping[name] for name in ("id", "code", "name", "name_en", "parent", "area_m2")},
                "bbox": [row.west, row.south, row.east, row.north],
                "label": [row.lon, row.lat],
                "label_width_m": row.label_width_m,
                "label_height_m": row.label_height_m,
            }
            for row in rows
        ]
        answer = jsonify({"version": version, "level": level, "areas": found})
    if args.get("version"):
        answer.headers["Cache-Control"] = FOREVER
    return answer


@weather_api.get("/neighbours")
def neighbours() -> Response:
    """Neighbours' land for drawing, as GeoJSON; empty when the pack has none."""
    with context().connect() as connection:
        return land_around(connection, context().catalog(connection, request.args.get("city") or None))


def land_around(connection: Connection, catalog: Catalog) -> Response:
    """The land beside a city, as its pack draws it."""
    from weathermap.city.archive import archived_file

    name = catalog.config["neighbours"]
    chosen = select(t.pack_version.c.archive).where(
        t.pack_version.c.city_id == catalog.city_id, t.pack_version.c.pack_version == catalog.pack_version
    )
    found = archived_file(connection.execute(chosen).scalar_one(), name) if name else None
    body = found or b'{"type":"FeatureCollection","features":[]}'
    return Response(body, mimetype="application/geo+json", headers={"Cache-Control": "public, max-age=3600"})
