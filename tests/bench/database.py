"""A durable cluster for one benchmark, with the product's own settings; gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from sqlalchemy import Engine

from weathermap.store.cluster import Cluster
from weathermap.store.db import connect_engine, migrate


@contextmanager
def bench_cluster() -> Iterator[Cluster]:
    """A running private cluster."""
    root = Path(tempfile.mkdtemp(prefix="weathermap-bench-", dir="/tmp"))
    root.chmod(0o755)
    cluster = Cluster(root / "postgres", durable=True)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(root, ignore_errors=True)


def new_database(cluster: Cluster, name: str) -> str:
    """The URL of an empty, migrated database."""
    with closing(psycopg2.connect(cluster.url("postgres"))) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f'CREATE DATABASE "{name}"')
    engine = connect_engine(cluster.url(name), pool=1)
    migrate(engine)
    engine.dispose()
    return cluster.url(name)


@contextmanager
def bench_database(pool: int = 16) -> Iterator[Engine]:
    """An engine on an empty, migrated store."""
    with bench_cluster() as cluster:
        engine = connect_engine(new_database(cluster, "bench"), pool=pool)
        yield engine
        engine.dispose()
