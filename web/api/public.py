"""What anyone may see: totals and weather, nothing else, and only where the map names its review number (审图号).

GET /api/v1/public/weather, /api/v1/public/neighbours and /tiles/CITY/public/…: a proxy before the public lets through
these, /public and /static, and nothing else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, select
from werkzeug.exceptions import NotFound

from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from weathermap.store.sql import query
from weathermap.weather.board import Asked, board, period_start
from weathermap.weather.citizens import citizens_sentence
from web.api.query import iso
from web.api.weather import land_around
from web.context import context
from web.tiles.areas import area_tile

public_api = Blueprint("public_api", __name__)
MINUTE = "public, max-age=60"
COUNTED = ("notified", "rectified", "open", "due", "on_time", "rectification_rate", "on_time_rate", "weather")


def published(connection: Connection, code: str | None) -> Catalog:
    """The catalog of a city that the public may see; without one the first such. Raises NotPublished, UnknownName."""
    if code is None:
        codes = connection.execute(select(t.city.c.code).order_by(t.city.c.city_id)).scalars().all()
        shown = [known for known in codes if context().catalog(connection, known).reviewed]
        code = next(iter(shown or codes), None)
    catalog = context().catalog(connection, code)
    catalog.check_published()
    return catalog


def levels(catalog: Catalog) -> tuple[str, ...]:
    """The levels that the public sees: the outline and the areas below it."""
    return catalog.levels[:2]


@public_api.get("/api/v1/public/weather")
def public_weather() -> Response:
    """Totals of the city and the weather of its areas: no rankings, no units, no persons, no issues."""
    with context().connect() as connection:
        catalog = published(connection, request.args.get("city") or None)
        answer = jsonify(public_answer(connection, catalog))
    answer.headers["Cache-Control"] = MINUTE
    answer.add_etag()
    return answer.make_conditional(request)


def public_answer(connection: Connection, catalog: Catalog) -> dict[str, Any]:
    """The whole answer, as of the running minute, so that all who ask within it are given the same."""
    extent = connection.execute(query("city_extent"), {"city_id": catalog.city_id}).one()
    at = extent.past_at or datetime.now(UTC).replace(second=0, microsecond=0)
    level = levels(catalog)[-1]
    found = board(connection, catalog, Asked(level, None, "place", at, None))
    config = catalog.config
    zh, en = config["level_names"].get(level, (level, level))
    weather = {area["id"]: area["weather"] for area in found["areas"]}
    note = config["schematic_note"] if config["schematic"] else None
    return {
        "city": {"code": catalog.code, "name": catalog.name, "name_en": catalog.name_en, "timezone": catalog.timezone},
        "levels": levels(catalog),
        "level": {"zh": zh, "en": en},
        "bbox": [extent.west, extent.south, extent.east, extent.north],
        "at": iso(at),
        "from": iso(found["since"] or period_start(catalog)),
        "data_to": iso(extent.data_to),
        "boundary_version": found["version"],
        "demo": catalog.demo is not None,
        "snap": bool(config.get("snap_categories")),
        "review_number": config["review_number"],
        "attribution": config["attribution"],
        "schematic_note": {"zh": note[0], "en": note[1]} if note else None,
        "coverage": catalog.coverage,
        "thresholds": {name: catalog.thresholds[name] for name in ("flow", "stock", "coverage")},
        "sentence": citizens_sentence(found["totals"]["weather"], list(weather.values()), {"zh": zh, "en": en}),
        "totals": {name: found["totals"][name] for name in COUNTED},
        "areas": [_area(row._mapping, weather) for row in _labels(connection, catalog, found["version"], level)],
    }


def _labels(connection: Connection, catalog: Catalog, version: int, level: str) -> Any:
    asked = {"city_id": catalog.city_id, "version": version, "level": level, "parent": None}
    return connection.execute(query("area_labels"), asked)


def _area(row: Any, weather: dict[int, str | None]) -> dict[str, Any]:
    named = {name: row[name] for name in ("id", "code", "name", "name_en", "label_width_m", "label_height_m")}
    return named | {"label": [row["lon"], row["lat"]], "weather": weather.get(row["id"])}


@public_api.get("/api/v1/public/neighbours")
def public_neighbours() -> Response:
    """Neighbours' land for drawing, as GeoJSON."""
    with context().connect() as connection:
        return land_around(connection, published(connection, request.args.get("city") or None))


@public_api.get("/tiles/<city>/public/areas/<int:version>/<level>/<int:z>/<int:x>/<int:y>.mvt")
def public_tile(city: str, version: int, level: str, z: int, x: int, y: int) -> Response:
    """One tile of the city's outline or of the areas below it, as `/tiles/…` has it."""
    with context().connect() as connection:
        if level not in levels(published(connection, city)):
            raise NotFound("The public map has no such level.")
    answer = area_tile(city, version, level, z, x, y)
    answer.headers["Cache-Control"] = "public, max-age=3600"  # a map may lose its review number again
    return answer
