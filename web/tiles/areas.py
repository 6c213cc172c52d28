"""Area shapes as immutable vector tiles: their boundary version is in the address, their numbers are elsewhere."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from threading import Lock

from flask import Blueprint, Response, current_app, request
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from weathermap.store.catalog import Catalog
from weathermap.store.sql import query
from web.api.weather import FOREVER
from web.context import context
from web.tiles.mvt import MIME

area_tiles = Blueprint("area_tiles", __name__)
MAX_ZOOM = 14
STAMP_PX = 300  # as many steps across the city
KEPT_BYTES = 48 * 2**20
Key = tuple[str, int, str, int, int, int]


class AreaTiles:
    """Tiles made before, packed, within a bound; the one not asked for the longest goes first."""

    def __init__(self) -> None:
        self._tiles: OrderedDict[Key, bytes] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: Key) -> bytes | None:
        with self._lock:
            found = self._tiles.get(key)
            if found is not None:
                self._tiles.move_to_end(key)
            return found

    def put(self, key: Key, tile: bytes) -> None:
        with self._lock:
            self._size += len(tile) - len(self._tiles.pop(key, b""))
            self._tiles[key] = tile
            while self._size > KEPT_BYTES:
                self._size -= len(self._tiles.popitem(last=False)[1])


@area_tiles.get("/tiles/<city>/<int:version>/<level>/<int:z>/<int:x>/<int:y>.mvt")
def area_tile(city: str, version: int, level: str, z: int, x: int, y: int) -> Response:
    """One tile of one level; the layer is named after the level, features carry the area id, code and names."""
    if z > MAX_ZOOM or x >= 2**z or y >= 2**z:
        raise NotFound(f"There is no tile {z}/{x}/{y}: zoom goes to {MAX_ZOOM}, x and y to 2^zoom − 1.")
    key = (city, version, level, z, x, y)
    kept: AreaTiles = current_app.extensions["weathermap_area_tiles"]
    packed = kept.get(key)
    if packed is None:
        packed = gzip.compress(_made(key), 6, mtime=0)
        kept.put(key, packed)
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.accept_encodings:
        return Response(packed, mimetype=MIME, headers={**headers, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(packed), mimetype=MIME, headers=headers)


@area_tiles.get("/tiles/<city>/<int:version>/<level>.json")
def outlines(city: str, version: int, level: str) -> Response:
    """The areas of a level as GeoJSON, coarse enough for a map as small as a stamp; borders shared still meet."""
    with context().connect() as connection:
        catalog = _known(connection, city, version, level)
        asked = {"city_id": catalog.city_id, "version": version, "level": level, "pixels": STAMP_PX}
        found = connection.execute(query("area_outlines"), asked).scalar_one()
    return Response(found, mimetype="application/geo+json", headers={"Cache-Control": FOREVER})


def _known(connection: Connection, city: str, version: int, level: str) -> Catalog:
    catalog = context().catalog(connection, city)
    catalog.check_level(level)
    if version not in {number for number, _ in catalog.versions}:
        raise NotFound(f"{catalog.name} has no boundary version {version}.")
    return catalog


def _made(key: Key) -> bytes:
    city, version, level, z, x, y = key
    with context().connect() as connection:
        catalog = _known(connection, city, version, level)
        found = connection.execute(
            query("area_tile"),
            {"city_id": catalog.city_id, "version": version, "level": level, "z": z, "x": x, "y": y},
        ).scalar_one()
    return bytes(found or b"")
