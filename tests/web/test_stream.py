"""The stream on a real server: every wall hears of a report, and comes back without a gap."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests
from sqlalchemy import Engine, update

from tests.store.random_life import life
from tests.web.served import Served, serve
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Batch, Moves
from weathermap.issue.intake import take_in
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import City, open_city
from weathermap.tally.fold import fold

PACKS = Path(__file__).parents[1] / "packs"
WALLS = 200


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    found = clone()
    engine = open_store(found)
    with engine.begin() as connection:
        load_pack(connection, read_pack(PACKS / "toy"))
    fold(engine)
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def served(settings: Settings) -> Iterator[Served]:
    with serve(settings) as running:
        yield running


@pytest.fixture(scope="module")
def city(engine: Engine) -> City:
    with engine.connect() as connection:
        return open_city(connection)


class Wall(threading.Thread):
    """A client that notes each event with the moment it came."""

    def __init__(self, url: str, last: str | None = None) -> None:
        super().__init__(daemon=True)
        self.events: Queue[tuple[float, str, str, dict[str, object]]] = Queue()
        address = urlsplit(url)
        self.line = socket.create_connection((address.hostname, address.port), timeout=60)
        again = f"Last-Event-ID: {last}\r\n" if last else ""
        self.line.sendall(f"GET /api/v1/stream HTTP/1.0\r\nHost: t\r\n{again}\r\n".encode())
        self.start()

    def run(self) -> None:
        held = b""
        while got := self._receive():
            held += got
            *events, held = held.split(b"\n\n")
            for event in events:
                fields = dict(line.split(": ", 1) for line in event.decode().splitlines() if ": " in line)
                if "event" in fields:
                    data = json.loads(fields["data"])
                    self.events.put((time.time(), fields["event"], fields.get("id", ""), data))

    def _receive(self) -> bytes:
        try:
            return self.line.recv(65_536)
        except OSError:
            return b""

    def close(self) -> None:
        with suppress(OSError):
            self.line.shutdown(socket.SHUT_RDWR)
        self.line.close()

    def next(self, name: str, seconds: float = 15.0) -> tuple[float, str, dict[str, object]]:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                at, kind, number, data = self.events.get(timeout=left)
            except Empty:
                break
            if kind == name:
                return at, number, data
        raise AssertionError(f"no {name} within {seconds} s")


def report(engine: Engine, city: City, seed: int) -> float:
    """Store one report handed over now; returns the moment of the commit."""
    now = time.time_ns() // 1_000
    reports = life(city.pack, seed, 1, now)[0].reports
    word = np.array(["", "dispatch"], dtype=object)
    moves = Moves(reports.source, reports.source_key, word[1:], np.array([now]), word[:1], np.array([NONE]), word[:1])
    with engine.begin() as connection:
        take_in(connection, city, Batch(reports, moves))
    return time.time()


def test_two_hundred_walls_hear_of_each_change_within_a_second(served: Served, engine: Engine, city: City) -> None:
    walls = [Wall(served.url) for _ in range(WALLS)]
    for wall in walls:
        wall.next("hello", 20)
    slowest = 0.0
    for seed in range(500, 503):
        committed = report(engine, city, seed)
        fold(engine)  # the worker's next beat, at most 0.2 s later
        heard = [wall.next("weather") for wall in walls]
        assert len({number for _, number, _ in heard}) == 1, "not all walls heard the same fold"
        slowest = max(slowest, max(at for at, _, _ in heard) - committed)
    for wall in walls:
        wall.close()
    print(f"slowest of {WALLS} walls: {slowest * 1000:.0f} ms after the commit")
    assert slowest < 5.0  # the benchmark measures; here only that nobody is left out


def test_a_wall_that_comes_back_gets_what_it_missed(served: Served, engine: Engine, city: City) -> None:
    first = Wall(served.url)
    first.next("hello")
    report(engine, city, 600)
    fold(engine)
    _, number, _ = first.next("weather")
    first.close()
    watching = Wall(served.url)
    watching.next("hello")
    report(engine, city, 601)
    fold(engine)
    _, latest, _ = watching.next("weather")
    back = Wall(served.url, last=number)
    back.next("hello")
    _, missed, data = back.next("weather")
    assert missed == latest and data["areas"]
    ancient = Wall(served.url, last="0")
    ancient.next("hello")
    ancient.next("reset")
    for wall in (watching, back, ancient):
        wall.close()


def test_every_frame_is_what_the_api_answers(served: Served, engine: Engine, city: City) -> None:
    wall = Wall(served.url)
    _, number, _ = wall.next("hello")
    changed = set()
    for seed in range(700, 705):  # from the second on, an area whose numbers are as before is not made anew
        report(engine, city, seed)
        fold(engine)
        told = number
        while number == told:  # what is only told again may be of the same second, before the report
            _, number, frame = wall.next("weather")
        asked = requests.get(f"{served.url}/api/v1/weather?level=town&at={frame['at']}", timeout=10).json()
        assert frame["areas"] == asked["areas"]
        assert frame["totals"] == asked["totals"]
        changed.add(json.dumps(frame["areas"]))
    assert len(changed) == 5
    wall.close()


def test_walls_hear_of_a_changed_pack_without_a_fold(served: Served, engine: Engine, city: City) -> None:
    wall = Wall(served.url)
    wall.next("hello")
    report(engine, city, 800)
    fold(engine)
    _, number, _ = wall.next("weather")
    with engine.begin() as connection:
        connection.execute(update(t.city).values(demo={"from": "2020-01-01T00:00:00+00:00"}))
    _, again, frame = wall.next("weather", 15)
    assert again == number and frame["areas"]
    wall.close()
