"""make bench-stream: 500 walls on one server process, beside a bare asyncio broadcaster.

Both are fed by the same NOTIFY of the same database and send frames of the same bytes to the same number of clients of
one client process. The map server reads the fold log and makes each frame; the broadcaster has its bytes ready and only
writes them: it is the floor. Rounds alternate, each with a server process of its own. Measured for each update and
wall: from just before the commit to the last byte of the frame. Asserts that every wall got every update.
Prints p50 and p99 of both, then `ratio: X` (p99 ÷ p99, median of the rounds).
"""

from __future__ import annotations

import multiprocessing as mp
import os
import re
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, func, select

from tests.bench.database import bench_cluster, new_database
from tests.store.random_life import life
from tests.web.served import serve
from tests.web.test_serve import free_port
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Batch, Moves
from weathermap.issue.intake import take_in
from weathermap.settings import read_settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import connect_engine
from weathermap.store.registry import City, open_city
from weathermap.tally.fold import fold, fold_once

ROOT = Path(__file__).parents[2]
PACKS = ROOT / "gis_data"
WALLS = int(os.environ.get("BENCH_WALLS", "500"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
UPDATES = int(os.environ.get("BENCH_UPDATES", "40"))
EVERY_S = 0.25  # the worker notifies at most five times a second
ID = re.compile(rb"\A(?:retry: \d+\n)?id: (\d+)\nevent: weather\n")

BARE = """
import asyncio, sys
import psycopg2
port, url, frame = int(sys.argv[1]), sys.argv[2], open(sys.argv[3], "rb").read()
walls = set()

async def wall(reader, writer):
    if not await reader.readline():
        return
    writer.write(b"HTTP/1.0 200 OK\\r\\nContent-Type: text/event-stream\\r\\n\\r\\nevent: hello\\ndata: {}\\n\\n")
    walls.add(writer)

def heard():
    held.poll()
    for notice in held.notifies:
        data = b"id: " + notice.payload.encode() + b"\\n" + frame
        for writer in walls:
            writer.write(data)
    held.notifies.clear()

async def main():
    server = await asyncio.start_server(wall, "127.0.0.1", port, backlog=1024)
    asyncio.get_running_loop().add_reader(held, heard)
    await server.serve_forever()

held = psycopg2.connect(url)
held.set_session(autocommit=True)
held.cursor().execute("LISTEN weathermap_fold")
asyncio.run(main())
"""


def watch(port: int, pipe: Pipe) -> None:
    """The clients: connect, say so, then note when each frame's last byte is here; ends when told."""
    chosen = selectors.DefaultSelector()
    held: dict[socket.socket, bytes] = {}
    for _ in range(WALLS):
        line = socket.create_connection(("127.0.0.1", port), timeout=20)
        line.sendall(b"GET /api/v1/stream HTTP/1.0\r\nHost: bench\r\n\r\n")
        held[line] = b""
    for line in held:
        while b"event: hello" not in held[line] or not held[line].endswith(b"\n\n"):
            held[line] += line.recv(65_536)
        held[line] = b""
        line.setblocking(False)
        chosen.register(line, selectors.EVENT_READ)
    chosen.register(pipe, selectors.EVENT_READ)
    pipe.send("ready")
    seen: dict[socket.socket, dict[int, float]] = {line: {} for line in held}
    while True:
        for key, _ in chosen.select():
            if key.fileobj is pipe:
                pipe.send(list(seen.values()))
                return
            line = key.fileobj
            assert isinstance(line, socket.socket)
            got = line.recv(262_144)
            at = time.perf_counter()
            assert got, "a wall was cut off"
            held[line] = got if not held[line] else held[line] + got
            if held[line].endswith(b"\n\n"):
                for event in held[line][:-2].split(b"\n\n"):
                    if found := ID.match(event):
                        seen[line].setdefault(int(found[1]), at)
                held[line] = b""


@contextmanager
def bare(url: str, frame: Path) -> Iterator[int]:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", BARE, str(port), url, str(frame)]) as process:
        try:
            until = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    assert time.monotonic() < until
                    time.sleep(0.05)
            yield port
        finally:
            process.send_signal(signal.SIGKILL)


def update(engine: Engine, city: City, seed: int) -> tuple[int, float]:
    """One report, folded: the fold id and the moment just before its commit."""
    now = time.time_ns() // 1_000
    reports = life(city.pack, seed, 1, now)[0].reports
    word = np.array(["", "dispatch"], dtype=object)
    moves = Moves(reports.source, reports.source_key, word[1:], np.array([now]), word[:1], np.array([NONE]), word[:1])
    with engine.begin() as connection:
        take_in(connection, city, Batch(reports, moves))
    with engine.begin() as connection:
        assert fold_once(connection)
        number = connection.execute(select(func.max(t.fold_log.c.fold_id))).scalar_one()
        begun = time.perf_counter()
    return number, begun


def run(engine: Engine, city: City, port: int, seed: int) -> list[float]:
    """One round: milliseconds of every update at every wall."""
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    client = context.Process(target=watch, args=(port, theirs), daemon=True)
    client.start()
    assert ours.poll(60) and ours.recv() == "ready"
    time.sleep(0.5)
    begun = {}
    for i in range(UPDATES + 3):
        number, at = update(engine, city, (seed + 1) * 1_000 + i)
        if i >= 3:  # the first are warm-up
            begun[number] = at
        time.sleep(EVERY_S)
    time.sleep(1.0)
    ours.send("enough")
    seen = ours.recv()
    client.join(20)
    assert len(seen) == WALLS
    taken = []
    for wall in seen:
        for number, at in begun.items():
            # on a machine that is busy elsewhere one frame may bring two folds: its id is the later one's
            told = min((id_ for id_ in wall if id_ >= number), default=None)
            assert told is not None, f"fold {number} did not reach a wall"
            taken.append((wall[told] - at) * 1000)
    return taken


def frame_of(port: int, path: Path, engine: Engine, city: City) -> None:
    """Keep one frame of the map server, without its id, for the broadcaster."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(b"GET /api/v1/stream HTTP/1.0\r\nHost: bench\r\n\r\n")
        held = b""
        while b"event: hello" not in held:
            held += line.recv(65_536)
        update(engine, city, 999)
        while b"event: weather" not in held or not held.endswith(b"\n\n"):
            held += line.recv(65_536)
    path.write_bytes(b"event: weather" + held.partition(b"event: weather")[2])


def main() -> None:
    with bench_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        url = new_database(cluster, "stream")
        engine = connect_engine(url, pool=4)
        with engine.begin() as connection:
            load_pack(connection, read_pack(PACKS / (PACKS / "default.txt").read_text().strip()))
            city = open_city(connection)
            for batch in life(city.pack, 3, 400, time.time_ns() // 1_000):
                take_in(connection, city, batch)
        fold(engine)
        settings = replace(read_settings({}), database_url=url, data_dir=Path(folder), log_level="WARNING")
        frame = Path(folder) / "frame"
        taken: dict[str, list[list[float]]] = {"map server": [], "bare asyncio": []}
        for i in range(ROUNDS):
            with serve(settings) as served:
                port = int(served.url.rpartition(":")[2])
                if not i:
                    frame_of(port, frame, engine, city)
                taken["map server"].append(run(engine, city, port, 2 * i))
            with bare(url, frame) as port:
                taken["bare asyncio"].append(run(engine, city, port, 2 * i + 1))
        engine.dispose()
        print(
            f"{WALLS} walls, {UPDATES} updates a round, {ROUNDS} rounds, frames of {frame.stat().st_size:,} bytes; ms"
        )
    p99 = {}
    for name, rounds in taken.items():
        p99[name] = [float(np.percentile(one, 99)) for one in rounds]
        every = np.concatenate(rounds)
        each = " ".join(f"{one:.0f}" for one in p99[name])
        print(f"{name:13s} p50 {np.percentile(every, 50):6.1f}  p99 {np.percentile(every, 99):6.1f}  (rounds: {each})")
    ratio = statistics.median(ours / floor for ours, floor in zip(*p99.values(), strict=True))
    print(f"ratio: {ratio:.2f}  (p99, map server ÷ bare asyncio)")


if __name__ == "__main__":
    main()
