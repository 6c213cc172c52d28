"""The map servers that bench-tiles compares, as granian runs them: ours without and with its cache, plain ST_AsMVT."""

from __future__ import annotations

import os

import psycopg2
from flask import Flask, Response
from psycopg2.pool import ThreadedConnectionPool

from weathermap.settings import read_settings

PLAIN = """
WITH t AS (
    SELECT id, category, mark, area,
           ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 0, true) AS g
    FROM bench_issue
    WHERE geom && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4326)
)
SELECT ST_AsMVT(t, 'issues', 4096, 'g', 'id') FROM t WHERE g IS NOT NULL
"""


def cached() -> Flask:
    """Our map server as it is."""
    from web.app import create_app

    return create_app(read_settings())


def uncached() -> Flask:
    """Our map server with no room to keep a tile."""
    from web.tiles import issues

    issues.KEPT_BYTES = 0
    return cached()


def plain() -> Flask:
    """Flask and ST_AsMVT, as anyone would write it: a pool, one statement."""
    app = Flask("plain")
    pool = ThreadedConnectionPool(4, 8, os.environ["WEATHERMAP_DATABASE_URL"], options="-c jit=off")

    @app.get("/<int:z>/<int:x>/<int:y>")
    def tile(z: int, x: int, y: int) -> Response:
        connection: psycopg2.extensions.connection = pool.getconn()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(PLAIN, {"z": z, "x": x, "y": y})
                return Response(bytes(cursor.fetchone()[0]), mimetype="application/vnd.mapbox-vector-tile")
        finally:
            pool.putconn(connection)

    return app
