"""A migrated database in a durable cluster of its own, for one benchmark; gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from weathermap.store.cluster import Cluster
from weathermap.store.db import connect_engine, migrate


@contextmanager
def bench_database(pool: int = 16) -> Iterator[Engine]:
    """An engine on an empty, migrated store: the product's own cluster with its durable settings."""
    root = Path(tempfile.mkdtemp(prefix="weathermap-bench-", dir="/tmp"))
    root.chmod(0o755)
    cluster = Cluster(root / "postgres", durable=True)
    try:
        cluster.start()
        engine = connect_engine(cluster.url(), pool=pool)
        migrate(engine)
        yield engine
        engine.dispose()
    finally:
        cluster.stop()
        shutil.rmtree(root, ignore_errors=True)
