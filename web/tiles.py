"""Area shapes as immutable vector tiles: their boundary version is in the address, their numbers are elsewhere."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from weathermap.store.sql import query
from web.api.weather import FOREVER
from web.context import context

tiles = Blueprint("tiles", __name__)
MAX_ZOOM = 14
MVT = "application/vnd.mapbox-vector-tile"


@tiles.get("/tiles/<city>/<int:version>/<level>/<int:z>/<int:x>/<int:y>.mvt")
def area_tile(city: str, version: int, level: str, z: int, x: int, y: int) -> Response:
    """One tile of one level; the layer is named after the level, features carry the area id, code and names."""
    if z > MAX_ZOOM or x >= 2**z or y >= 2**z:
        raise NotFound(f"There is no tile {z}/{x}/{y}: zoom goes to {MAX_ZOOM}, x and y to 2^zoom − 1.")
    with context().connect() as connection:
        catalog = context().catalog(connection, city)
        catalog.check_level(level)
        if version not in {number for number, _ in catalog.versions}:
            raise NotFound(f"{catalog.name} has no boundary version {version}.")
        found = connection.execute(
            query("area_tile"),
            {"city_id": catalog.city_id, "version": version, "level": level, "z": z, "x": x, "y": y},
        ).scalar_one()
    return Response(bytes(found or b""), mimetype=MVT, headers={"Cache-Control": FOREVER})
