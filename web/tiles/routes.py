"""Addresses of the issue tiles: a TileJSON that names the present version, and the tiles themselves."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, url_for
from werkzeug.exceptions import NotFound

from web.api.weather import FOREVER
from web.context import context
from web.tiles import mvt
from web.tiles.issues import KEYS, MAX_ZOOM, POINTS_FROM, IssueTiles
from web.tiles.spots import COUNTS

issue_tiles = Blueprint("issue_tiles", __name__)
SETS = {"open": False, "all": True}  # whether rectified issues are among them
LAST = {"staff": MAX_ZOOM, "public": POINTS_FROM - 1}  # counts in cells of a few metres would be points again


def held() -> IssueTiles:
    """The running app's editions."""
    found: IssueTiles = current_app.extensions["weathermap_issue_tiles"]
    return found


@issue_tiles.get("/tiles/<city>/<namespace>/<which>.json")
def describe(city: str, namespace: str, which: str) -> Response:
    """TileJSON 3.0 of a set of issues. The address of its tiles changes with their version."""
    _check(namespace, which)
    with context().connect() as connection:
        catalog = context().catalog(connection, city)
    if namespace == "public":
        catalog.check_published()
    edition = held().edition(catalog.code, SETS[which])
    about = url_for(
        ".tile", city=catalog.code, namespace=namespace, which=which, version=edition.version, z=0, x=0, y=0
    )
    layers: list[dict[str, Any]] = [
        {"id": "counts", "fields": dict.fromkeys(COUNTS, "Number"), "maxzoom": POINTS_FROM - 1}
    ]
    if namespace == "staff":
        layers.append({"id": "issues", "fields": dict.fromkeys(KEYS, "String"), "minzoom": POINTS_FROM})
    answer = jsonify(
        {
            "tilejson": "3.0.0",
            "version": "1.0.0",
            "edition": edition.version,
            "tiles": [about.replace("0/0/0.mvt", "{z}/{x}/{y}.mvt")],
            "minzoom": 0,
            "maxzoom": LAST[namespace],
            "vector_layers": layers,
        }
    )
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@issue_tiles.get("/tiles/<city>/<namespace>/<which>/<int:version>/<int:z>/<int:x>/<int:y>.mvt")
def tile(city: str, namespace: str, which: str, version: int, z: int, x: int, y: int) -> Response:
    """One tile; of another version than the present one it is not kept for ever."""
    _check(namespace, which)
    if z > LAST[namespace] or x >= 2**z or y >= 2**z:
        raise NotFound(f"There is no tile {z}/{x}/{y}: zoom goes to {LAST[namespace]}, x and y to 2^zoom − 1.")
    if namespace == "public":
        with context().connect() as connection:
            context().catalog(connection, city).check_published()
    edition = held().edition(city, SETS[which], version)
    body = edition.tile(z, x, y, points=z >= POINTS_FROM)
    return Response(
        body, mimetype=mvt.MIME, headers={"Cache-Control": FOREVER if version == edition.version else "no-store"}
    )


def _check(namespace: str, which: str) -> None:
    if namespace not in LAST or which not in SETS:
        known = " or ".join(f"{name}/{kind}" for name in LAST for kind in SETS)
        raise NotFound(f"There are no tiles {namespace}/{which}: ask for {known}.")
