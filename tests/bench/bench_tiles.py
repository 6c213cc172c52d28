"""make bench-tiles: issue tiles a second over HTTP on one store with 1,000,000 issues, z10 to z16.

Ours (without and with its version cache) beside TiPG and beside Flask with plain ST_AsMVT, one after the other in this
run: two worker processes each, eight clients on open connections, warm, every tile of the city that holds an issue in
the same shuffled order. The columns are the same (id, category, mark, area); the peers read them from a table made
for them alone, indexed, clustered and analyzed, so that they need neither join nor case. Below z13 ours are counts
in cells, the peers' raw points: no like for like there, but what each serves. Asserts the same issues at z14.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from math import pi
from pathlib import Path
from urllib.parse import quote

import numpy as np
from sqlalchemy import Engine, text

from tests.bench.database import bench_cluster, new_database
from tests.bench.load import ROOT, Client, Rate, free_port, measure, running
from weathermap.city.reading import read_pack
from weathermap.store.cities import load_pack
from weathermap.store.cluster import Cluster
from weathermap.store.db import connect_engine
from web.tiles import mvt

N = int(os.environ.get("BENCH_ISSUES", "1000000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
ZOOMS = (10, 11, 12, 13, 14, 15, 16)
WORKERS = 2
EDGES = 0.002
LIMIT_KB = 60  # of a tile below z13

FILL = """
WITH spots AS MATERIALIZED (
    SELECT row_number() OVER () - 1 AS k, path, area_id, ST_X(label) AS lon, ST_Y(label) AS lat
    FROM area WHERE level = :finest
),
drawn AS MATERIALIZED (
    SELECT n, floor(random() * (SELECT count(*) FROM spots)) AS k, floor(random() * :kinds) AS kind, random() AS chance,
           (random() - 0.5) / 1200 AS dx, (random() - 0.5) / 1200 AS dy, random() * interval '365 days' AS ago
    FROM generate_series(1, :n) AS n
)
INSERT INTO issue (issue_id, city_id, number, source_id, category_id, state, seq, hash, last_at, reported_at,
                   notified_at, deadline, fed_back_at, rectified_at, extended, area_id, places, geom, position, address,
                   flag, review, receipt)
SELECT d.n, :city_id, 'bench-' || d.n, 1, :first + d.kind,
       CASE WHEN d.chance < 0.013 THEN 'handling' ELSE 'rectified' END, 1, '', now() - d.ago,
       now() - d.ago, now() - d.ago, now() - d.ago + interval '3 days',
       CASE WHEN d.chance >= 0.013 THEN now() - d.ago END, CASE WHEN d.chance >= 0.013 THEN now() - d.ago END, false,
       s.area_id, s.path, ST_SetSRID(ST_MakePoint(s.lon + d.dx, s.lat + d.dy), 4326), 'located', '', '', false, '{}'
FROM drawn AS d JOIN spots AS s USING (k)
"""
PEERS = """
CREATE TABLE bench_issue AS
SELECT i.issue_id AS id, c.code AS category,
       CASE WHEN i.state = 'rectified' THEN 'rectified' WHEN i.deadline < now() THEN 'overdue' ELSE 'open' END AS mark,
       i.places[3] AS area, i.geom
FROM issue AS i JOIN category AS c USING (category_id);
ALTER TABLE bench_issue ADD PRIMARY KEY (id);
CREATE INDEX bench_issue_geom ON bench_issue USING gist (geom);
CLUSTER bench_issue USING bench_issue_geom;
"""


def fill(engine: Engine) -> str:
    """A city with N issues spread over its finest areas, and the peers' table. Returns the city's code."""
    pack = read_pack(ROOT / "gis_data" / (ROOT / "gis_data/default.txt").read_text().strip())
    with engine.begin() as connection:
        load_pack(connection, pack)
        city_id = connection.execute(text("SELECT city_id FROM city")).scalar_one()
        first, kinds = connection.execute(text("SELECT min(category_id), count(*) FROM category")).one()
        asked = {"finest": pack.config.levels[-1], "kinds": kinds, "n": N, "city_id": city_id, "first": first}
        connection.execute(text(FILL), asked)
        connection.execute(text(PEERS))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return pack.config.code


def tiles_of(engine: Engine) -> dict[int, list[tuple[int, int, int]]]:
    """The tiles of each zoom that hold an issue, shuffled."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT ST_X(geom), ST_Y(geom) FROM bench_issue")).all()
    lon, lat = np.radians(np.array(rows)).T
    found = {}
    for zoom in ZOOMS:
        x, y = (lon / pi + 1) / 2 * 2**zoom, (1 - np.arcsinh(np.tan(lat)) / pi) / 2 * 2**zoom
        tiles = np.unique(np.column_stack([x, y]).astype(int), axis=0).tolist()
        random.Random(1).shuffle(tiles)
        found[zoom] = [(zoom, column, row) for column, row in tiles]
    return found


def features(tile: memoryview) -> int:
    """How many features a tile has: a walk over its protobuf fields, for a million are too many to decode."""

    def length(at: int) -> tuple[int, int]:
        found, shift = 0, 0
        while True:
            byte = tile[at]
            found |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return found, at

    count, at = 0, 0
    while at < len(tile):  # layer after layer
        size, at = length(at + 1)
        end = at + size
        while at < end:
            field = tile[at]
            value, at = length(at + 1)
            count += field == mvt.FEATURE
            at += value if field & 7 == 2 else 0
    return count


def tipg_python() -> Path:
    """TiPG in an environment of its own, so that nothing of it comes into ours."""
    home = ROOT / "build/tipg"
    python = home / "bin/python"
    if not python.exists():
        venv.create(home, with_pip=True)
    if subprocess.run([python, "-c", "import tipg, uvicorn"], capture_output=True).returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", "tipg", "uvicorn"], check=True)
    return python


def servers(
    cluster: Cluster, url: str, code: str, version: int
) -> Iterator[tuple[str, list[str], dict[str, str], str]]:
    """Name, command (its port follows), environment and address of a tile of each."""
    granian = [
        sys.executable,
        *["-m", "granian", "--interface", "wsgi", "--factory", "--no-ws", "--log-level", "error"],
    ]
    granian += f"--workers {WORKERS} --blocking-threads 8 --backpressure 16".split()
    own = {"WEATHERMAP_DATABASE_URL": url}
    ours = f"/tiles/{code}/staff/all/{version}/{{z}}/{{x}}/{{y}}.mvt"
    socket_dir = quote(str(cluster.socket_dir), safe="")
    tipg = {
        "DATABASE_URL": f"{url.split('@')[0]}@{socket_dir}/{url.split('?')[0].split('/')[-1]}",
        "DB_MIN_CONN_SIZE": "4",
        "TIPG_DB_TABLES": '["public.bench_issue"]',
        "TIPG_TILE_BUFFER": "0",
        "TIPG_MAX_FEATURES_PER_TILE": "100000000",
        "TIPG_CATALOG_TTL": "100000",
    }
    uvicorn = f"-m uvicorn tipg.main:app --workers {WORKERS} --log-level error --no-access-log"
    patient = "--timeout-keep-alive 600 --timeout-worker-healthcheck 600"  # a z10 tile takes it many seconds
    path = "/collections/public.bench_issue/tiles/WebMercatorQuad/{z}/{x}/{y}"
    yield "TiPG", [str(tipg_python()), *uvicorn.split(), *patient.split()], tipg, path
    yield "Flask + ST_AsMVT", [*granian, "tests.bench.tile_apps:plain"], own, "/{z}/{x}/{y}"
    yield "ours, uncached", [*granian, "tests.bench.tile_apps:uncached"], own, ours
    yield "ours, cached", [*granian, "tests.bench.tile_apps:cached"], own, ours


def main() -> None:
    with bench_cluster() as cluster:
        url = new_database(cluster, "bench")
        engine = connect_engine(url, pool=2)
        code = fill(engine)
        asked = tiles_of(engine)
        engine.dispose()
        rates: dict[str, dict[int, Rate]] = {}
        counts: dict[str, int] = {}
        for name, command, environ, path in servers(cluster, url, code, int(time.time())):
            port = free_port()
            first = path.format(z=ZOOMS[-1], x=asked[16][0][1], y=asked[16][0][2])
            with running([*command, "--port", str(port)], port, environ, first):
                rates[name] = {
                    zoom: measure(port, [path.format(z=z, x=x, y=y) for z, x, y in asked[zoom]], SECONDS)
                    for zoom in ZOOMS
                }
                client = Client(port)
                counts[name] = sum(features(client.get(path.format(z=z, x=x, y=y))) for z, x, y in asked[14])
            print(
                f"{name:<18}"
                + "".join(
                    f"  z{z} {r.a_second:8,.1f}/s {r.tile_bytes / 1000:8,.1f} kB" for z, r in rates[name].items()
                ),
                flush=True,
            )
        # Without a buffer ST_AsMVT gives a point that rounds to an edge to the tiles on both sides of it.
        assert counts["ours, uncached"] == counts["ours, cached"] == N, f"features at z14: {counts}"
        assert all(N <= count <= N * (1 + EDGES) for count in counts.values()), f"features at z14: {counts}"
        small = max(rate.largest for zoom, rate in rates["ours, uncached"].items() if zoom < 13)
        assert small <= LIMIT_KB * 1000, f"a tile below z13 has {small} bytes"
        print(f"\nfeatures at z14: {counts} in {len(asked[14])} tiles; largest below z13: {small / 1000:.1f} kB")
        ours, plain = rates["ours, uncached"][14].a_second, rates["Flask + ST_AsMVT"][14].a_second
        print(f"z14, uncached, to Flask + ST_AsMVT: {ours / plain:.1f}")
        print(f"ratio: {ours / rates['TiPG'][14].a_second:.1f}")


if __name__ == "__main__":
    main()
