"""Tiles of the basemap's file, if a setting names one."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from web.api.weather import FOREVER
from web.basemap import CLEAR, Archive, basemap

basemap_tiles = Blueprint("basemap_tiles", __name__)


@basemap_tiles.get("/tiles/basemap/<stamp>/<int:z>/<int:x>/<int:y>")
def basemap_tile(stamp: str, z: int, x: int, y: int) -> Response:
    """One tile of the basemap's file; the stamp changes with the file."""
    archive = basemap()
    if not isinstance(archive, Archive) or archive.stamp != stamp:
        raise NotFound("There is no such basemap here.")
    if z > 30 or x >= 2**z or y >= 2**z:
        raise NotFound(f"There is no tile {z}/{x}/{y}.")
    body, packed = archive.tile(z, x, y)
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if packed and "gzip" in request.accept_encodings:
        return Response(body, mimetype=archive.mimetype, headers={**headers, "Content-Encoding": "gzip"})
    mimetype = archive.mimetype if body != CLEAR else "image/png"
    return Response(gzip.decompress(body) if packed else body, mimetype=mimetype, headers=headers)
