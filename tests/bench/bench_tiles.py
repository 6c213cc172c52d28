"""make bench-tiles: issue tiles a second over HTTP on one store with 1,000,000 issues, z10 to z16.

Ours (without and with its version cache) beside TiPG and beside Flask with plain ST_AsMVT, one after the other in this
run: two worker processes each, eight clients on open connections, warm, every tile of the city that holds an issue in
the same shuffled order. The columns are the same (id, category, mark, area); the peers read them from a table made
for them alone, indexed, clustered and analyzed, so that they need neither join nor case. Below z13 ours are counts
in cells, the peers' raw points: no like for like there, but what each serves. Asserts equal features at z14.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import asinh, pi, radians, tan
from pathlib import Path
from urllib.parse import quote

import mapbox_vector_tile
from sqlalchemy import Engine, text

from tests.bench.database import bench_cluster, new_database
from weathermap.city.reading import read_pack
from weathermap.store.cities import load_pack
from weathermap.store.cluster import Cluster
from weathermap.store.db import connect_engine

ROOT = Path(__file__).parents[2]
N = int(os.environ.get("BENCH_ISSUES", "1000000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
ZOOMS = (10, 11, 12, 13, 14, 15, 16)
CLIENTS, WORKERS = 8, 2
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
INSERT INTO issue (issue_id, city_id, number, source_id, category_id, state, seq, hash, last_at, reported_at, notified_at, deadline,
                   fed_back_at, rectified_at, extended, area_id, places, geom, position, address, flag, review, receipt)
SELECT d.n, :city_id, 'bench-' || d.n, 1, :first + d.kind, CASE WHEN d.chance < 0.013 THEN 'handling' ELSE 'rectified' END, 1, '',
       now() - d.ago, now() - d.ago, now() - d.ago, now() - d.ago + interval '3 days',
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


@dataclass(frozen=True)
class Rate:
    """Of one server at one zoom."""

    a_second: float
    tile_bytes: float
    largest: int


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


def tiles_of(engine: Engine, zoom: int) -> list[tuple[int, int, int]]:
    """The tiles of a zoom that hold an issue, shuffled."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT DISTINCT round(ST_X(geom)::numeric, 3), round(ST_Y(geom)::numeric, 3) FROM bench_issue"))
        n = 2**zoom
        found = {(zoom, int((float(lon) + 180) / 360 * n), int((1 - asinh(tan(radians(float(lat)))) / pi) / 2 * n)) for lon, lat in rows}
    chosen = sorted(found)
    random.Random(1).shuffle(chosen)
    return chosen


@contextmanager
def running(command: list[str], port: int, environ: dict[str, str], path: str) -> Iterator[None]:
    """A server, stopped at the end."""
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, start_new_session=True) as process:
        try:
            for _ in range(600):
                try:
                    if Client(port).get(path):
                        break
                except OSError:
                    time.sleep(0.1)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)


class Client:
    """One open connection that reads whole answers and keeps nothing but the last."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(64 * 2**20)
        self.view = memoryview(self.buffer)

    def get(self, path: str) -> memoryview:
        """The body; raises when the answer is not 200 or 204."""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        got, head = 0, -1
        while head < 0:
            got += self._more(got)
            head = self.buffer.find(b"\r\n\r\n", 0, got)
        lines = bytes(self.view[:head]).lower()
        assert lines.split(b" ", 2)[1][:3] in (b"200", b"204"), lines
        start = lines.find(b"content-length:")
        length = int(lines[start + 15 : (lines + b"\r\n").find(b"\r\n", start)]) if start >= 0 else 0
        while got < head + 4 + length:
            got += self._more(got)
        return self.view[head + 4 : head + 4 + length]

    def _more(self, got: int) -> int:
        read = self.socket.recv_into(self.view[got:])
        if not read:
            raise OSError("closed")
        return read


def measure(port: int, paths: list[str]) -> Rate:
    """Eight clients go through the tiles again and again."""
    count, size, largest = [0] * CLIENTS, [0] * CLIENTS, [0] * CLIENTS
    clients = [Client(port) for _ in range(CLIENTS)]
    for client in clients:
        for path in paths[:4]:
            client.get(path)
    end = time.perf_counter() + SECONDS

    def ask(k: int) -> None:
        at = k * len(paths) // CLIENTS
        while time.perf_counter() < end:
            length = len(clients[k].get(paths[at % len(paths)]))
            count[k], size[k], largest[k], at = count[k] + 1, size[k] + length, max(largest[k], length), at + 1

    start = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(k,)) for k in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - start
    return Rate(sum(count) / taken, sum(size) / max(1, sum(count)), max(largest))


def features(port: int, path: str) -> int:
    """How many a tile holds."""
    layers = mapbox_vector_tile.decode(bytes(Client(port).get(path)))
    return sum(len(layer["features"]) for layer in layers.values())


def tipg_python() -> Path:
    """TiPG in an environment of its own, so that nothing of it comes into ours."""
    home = ROOT / "build/tipg"
    python = home / "bin/python"
    if not python.exists():
        venv.create(home, with_pip=True)
    if subprocess.run([python, "-c", "import tipg, uvicorn"], capture_output=True).returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", "tipg", "uvicorn"], check=True)
    return python


def servers(cluster: Cluster, url: str, code: str, version: int) -> Iterator[tuple[str, list[str], dict[str, str], str]]:
    """Name, command (its port follows), environment and address of a tile of each."""
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--workers", str(WORKERS), "--blocking-threads", "8",
               "--backpressure", "16", "--no-ws", "--log-level", "warning"]  # fmt: skip
    own = {"WEATHERMAP_DATABASE_URL": url}
    ours = f"/tiles/{code}/staff/all/{version}/{{z}}/{{x}}/{{y}}.mvt"
    socket_dir = quote(str(cluster.socket_dir), safe="")
    tipg = {
        "DATABASE_URL": url.split("@")[0] + f"@{socket_dir}/{url.split('?')[0].split('/')[-1]}", "TIPG_DB_TABLES": '["public.bench_issue"]',
        "TIPG_TILE_BUFFER": "0", "TIPG_MAX_FEATURES_PER_TILE": "100000000", "DB_MIN_CONN_SIZE": "4", "TIPG_CATALOG_TTL": "100000",
    }  # fmt: skip
    path = "/collections/public.bench_issue/tiles/WebMercatorQuad/{z}/{x}/{y}"
    yield "TiPG", [str(tipg_python()), "-m", "uvicorn", "tipg.main:app", "--workers", str(WORKERS), "--log-level", "warning", "--no-access-log", "--timeout-keep-alive", "600"], tipg, path
    yield "Flask + ST_AsMVT", [*granian, "tests.bench.tile_apps:plain"], own, "/{z}/{x}/{y}"
    yield "ours, uncached", [*granian, "tests.bench.tile_apps:uncached"], own, ours
    yield "ours, cached", [*granian, "tests.bench.tile_apps:cached"], own, ours


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def main() -> None:
    with bench_cluster() as cluster:
        url = new_database(cluster, "bench")
        engine = connect_engine(url, pool=2)
        code = fill(engine)
        asked = {zoom: tiles_of(engine, zoom) for zoom in ZOOMS}
        engine.dispose()
        rates: dict[str, dict[int, Rate]] = {}
        counts: dict[str, int] = {}
        for name, command, environ, path in servers(cluster, url, code, int(time.time())):
            port = free_port()
            first = path.format(z=ZOOMS[-1], x=asked[16][0][1], y=asked[16][0][2])
            with running([*command, "--port", str(port)], port, environ, first):
                rates[name] = {zoom: measure(port, [path.format(z=z, x=x, y=y) for z, x, y in asked[zoom]]) for zoom in ZOOMS}
                counts[name] = sum(features(port, path.format(z=z, x=x, y=y)) for z, x, y in asked[14])
            print(f"{name:<18}" + "".join(f"  z{z} {r.a_second:8,.1f}/s {r.tile_bytes / 1000:8,.1f} kB" for z, r in rates[name].items()), flush=True)
        assert set(counts.values()) == {N}, f"features at z14: {counts}"
        small = max(rate.largest for zoom, rate in rates["ours, uncached"].items() if zoom < 13)
        assert small <= LIMIT_KB * 1000, f"a tile below z13 has {small} bytes"
        print(f"\nfeatures at z14: {N:,} in {len(asked[14])} tiles from each; largest tile of ours below z13: {small / 1000:.1f} kB")
        ours, plain = rates["ours, uncached"][14].a_second, rates["Flask + ST_AsMVT"][14].a_second
        print(f"z14, uncached, to Flask + ST_AsMVT: {ours / plain:.1f}")
        print(f"ratio: {ours / rates['TiPG'][14].a_second:.1f}")


if __name__ == "__main__":
    main()
