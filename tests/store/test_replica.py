"""Walls on a streaming replica: two private clusters, one the copy of the other."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests

from tests.store.random_life import life
from tests.web.served import serve
from tests.web.test_stream import Wall, report
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.settings import read_settings
from weathermap.store import postgres
from weathermap.store.cities import load_pack
from weathermap.store.cluster import Cluster
from weathermap.store.db import migrate_store, open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold

TOY = Path(__file__).parents[1] / "packs" / "toy"


@pytest.fixture
def clusters() -> Iterator[tuple[Cluster, Cluster]]:
    """A primary and its replica, as the README makes one."""
    folder = Path(tempfile.mkdtemp(prefix="weathermap-replica-", dir="/tmp"))
    folder.chmod(0o755)
    primary, replica = (Cluster(folder / name, durable=False) for name in ("primary", "replica"))
    try:
        primary.start()
        postgres.give_to_owner(replica.directory, 0o755)
        source = primary.url("postgres").replace("/postgres?", "/?")
        copied = postgres.run_as_owner(
            *(postgres.programs() / "pg_basebackup", "-d", source, "-D", replica.data),
            *("-R", "-X", "stream", "-c", "fast", "--no-sync"),
        )
        assert copied.returncode == 0, copied.stderr
        replica.start()
        yield primary, replica
    finally:
        for cluster in (replica, primary):
            cluster.stop()
        shutil.rmtree(folder)


def ask(cluster: Cluster, statement: str) -> Any:
    with closing(psycopg2.connect(cluster.url())) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def tick_after(wall: Wall, when: float) -> datetime:
    """Up to when the wall knows all there is, by a tick that came after `when`."""
    while True:
        at, _, tick = wall.next("tick", 10)
        if at > when:
            return datetime.fromisoformat(str(tick["at"]))


def test_walls_on_a_replica(clusters: tuple[Cluster, Cluster]) -> None:
    primary, replica = clusters
    settings = replace(read_settings({}), data_dir=primary.directory, database_url=primary.url(), log_level="WARNING")
    migrate_store(settings)
    engine = open_store(settings)
    with engine.begin() as connection:
        load_pack(connection, read_pack(TOY))
        city = open_city(connection)
        take_in(connection, city, life(city.pack, 5, 40, time.time_ns() // 1_000)[0])
    fold(engine)
    until = time.monotonic() + 10
    while ask(replica, "SELECT pg_last_wal_replay_lsn()") < ask(primary, "SELECT pg_current_wal_lsn()"):
        assert time.monotonic() < until
        time.sleep(0.05)

    def counted() -> tuple[int, int]:
        """The last fold of the primary, and all that was notified by it."""
        last = int(ask(primary, "SELECT max(fold_id) FROM fold_log"))
        return last, int(
            ask(
                primary,
                "SELECT count(*) FROM issue WHERE notified_at <= now() AND state NOT IN ('void', 'merged', 'split')",
            )
        )

    # nothing of the primary is given to the server: it reads, hears and draws from the replica alone
    nowhere = "postgresql://127.0.0.1:1/none"
    with serve(replace(settings, database_url=nowhere, read_url=replica.url())) as served:
        assert requests.get(f"{served.url}/readyz", timeout=10).json()["behind_s"] < 5
        wall = Wall(served.url)
        wall.next("hello")
        told = {}
        for seed in (1, 2, 3):
            committed = report(engine, city, seed)
            fold(engine)
            last, notified = counted()
            told[last] = notified
            at, number, frame = wall.next("weather")
            assert at - committed < 5
            assert frame["totals"]["notified"] >= told[int(number)]  # never older than its id says
            answer = requests.get(f"{served.url}/api/v1/weather", timeout=10).json()
            assert answer["fold"] >= int(number) and answer["totals"]["notified"] >= notified

        ask(replica, "SELECT pg_wal_replay_pause()")
        paused = report(engine, city, 4)
        fold(engine)
        last, _ = counted()
        stands = tick_after(wall, paused + 3)
        assert stands.timestamp() <= paused + 1  # the server says up to when it knows all: the wall calls that old …
        assert requests.get(f"{served.url}/readyz", timeout=10).json()["behind_s"] > 2
        ask(replica, "SELECT pg_wal_replay_resume()")
        _, number, _ = wall.next("weather")
        assert int(number) == last
        resumed = time.time()
        assert tick_after(wall, resumed).timestamp() > resumed - 3  # … until it hears again

        primary.stop()
        gone = time.time()
        assert tick_after(wall, gone + 3).timestamp() <= gone + 1  # without its primary it serves, and says so too
        assert requests.get(f"{served.url}/api/v1/weather", timeout=10).status_code == 200
        wall.close()
    engine.dispose()
