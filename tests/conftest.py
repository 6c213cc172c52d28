"""Real PostGIS for every test that asks: one throw-away cluster a run, a migrated template, a clone a worker.

A missing PostGIS fails these tests; nothing here skips.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import Connection, Engine

from weathermap.settings import Settings, read_settings
from weathermap.store.cluster import APP_ROLE, Cluster

ROOT_VARIABLE = "WEATHERMAP_TEST_ROOT"  # tells the workers of pytest-xdist where the run's cluster lies
PREFIX = "weathermap-test-"
TEMPLATE = "template_weathermap"
# Variables of the caller's shell that must not reach a test.
for name in ("WEATHERMAP_DATA", "WEATHERMAP_DATABASE_URL", "WEATHERMAP_OWNER_URL", "WEATHERMAP_CITY", "HOST", "PORT"):
    os.environ.pop(name, None)


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process makes the run's folder; the cluster in it starts with the first test that wants it."""
    if hasattr(config, "workerinput"):
        return
    _remove_left_overs()
    # Not pytest's own folder: that is closed to `postgres`, whom the cluster runs as when root tests.
    root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))
    root.chmod(0o755)
    os.environ[ROOT_VARIABLE] = str(root)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and ROOT_VARIABLE in os.environ:
        _remove(Path(os.environ.pop(ROOT_VARIABLE)))


def _remove(root: Path) -> None:
    Cluster(root / "postgres", durable=False).stop()
    shutil.rmtree(root, ignore_errors=True)


def _remove_left_overs() -> None:
    """Clusters of runs that were killed before they could clean up."""
    for root in Path("/tmp").glob(f"{PREFIX}*"):
        pid = root.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists() and root.stat().st_uid == os.geteuid():
            _remove(root)


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    with (root / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The run's private PostgreSQL cluster, shared by all workers, with a migrated template database."""
    from weathermap.store.db import connect_engine, migrate

    root = Path(os.environ[ROOT_VARIABLE])
    shared = Cluster(root / "postgres", durable=False)
    with _one_at_a_time(root):
        if not (root / "ready").exists():
            shared.start()
            _execute(shared, f'CREATE DATABASE "{TEMPLATE}"')
            engine = connect_engine(shared.url(TEMPLATE), pool=1)
            migrate(engine, APP_ROLE)
            engine.dispose()  # a template that anyone is connected to cannot be cloned
            (root / "ready").touch()
    return shared


def _settings(data_dir: Path, url: str, owner_url: str) -> Settings:
    own = replace(read_settings({}), data_dir=data_dir, log_level="WARNING")
    return replace(own, database_url=url, owner_url=owner_url)


def _execute(shared: Cluster, statement: str) -> None:
    with closing(psycopg2.connect(shared.url("postgres"))) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(statement)


@pytest.fixture(scope="session")
def clone(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Settings]:
    """`clone(template=…)` makes one more database from the migrated template (or another idle database, by name) and
    returns the settings that reach it; all go with the run's cluster. 0.1 s each. The program's role, as everywhere,
    can rewrite no event: a test that tampers does it by `owner_url`."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    numbers = count()

    def make(template: str = TEMPLATE) -> Settings:
        database = f"test_{worker}_{next(numbers)}"
        with _one_at_a_time(cluster.directory.parent):  # two clones of one template at once are refused
            _execute(cluster, f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return _settings(tmp_path_factory.mktemp("data"), cluster.url(database, APP_ROLE), cluster.url(database))

    return make


@pytest.fixture(scope="session")
def engine(clone: Callable[..., Settings]) -> Iterator[Engine]:
    """This worker's database. What a test commits here, later tests see: use `connection`, or `fresh`."""
    from weathermap.store.db import open_store

    opened = open_store(clone())
    yield opened
    opened.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back when the test ends."""
    with engine.connect() as opened:
        transaction = opened.begin()
        yield opened
        transaction.rollback()


@pytest.fixture
def fresh(clone: Callable[..., Settings]) -> Settings:
    """Settings on a migrated database of this test's own, for what must commit or use several connections."""
    return clone()
