"""kill -9 of the import, and of the database, at any moment: the store stays sound, and running again completes it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from etl.importing import run_import
from tests.bench.database import bench_cluster
from tests.small_ledger import make_city, write_ledger
from tests.store.test_large import SMALL, ledger_rows, said
from weathermap.bulk.work_list import chunks_done, large_load
from weathermap.settings import Settings, read_settings
from weathermap.store.cluster import Cluster
from weathermap.store.db import connect_engine, migrate, open_store
from weathermap.tally.verify import verify_store

ROOT = Path(__file__).parents[2]
# An import that is struck with SIGKILL as it calls a function for the n-th time: itself, or its database.
CHILD = """
import importlib, os, signal, sys
from dataclasses import replace
from pathlib import Path
from etl.importing import run_import
from tests.store.test_large import SMALL
from weathermap.settings import read_settings

module, name, count, victim, url, data, ledger, city = sys.argv[1:]
module, left = importlib.import_module(module), int(count)
before = getattr(module, name)

def struck(*arguments, **named):
    global left
    left -= 1
    if left == 0:
        children = Path(f"/proc/{victim}/task/{victim}/children")
        processes = int(victim) and [int(victim), *map(int, children.read_text().split())]
        for process in processes or [os.getpid()]:
            os.kill(process, signal.SIGKILL)
    return before(*arguments, **named)

setattr(module, name, struck)
run_import(replace(read_settings({}), database_url=url, data_dir=Path(data)), Path(ledger), Path(city), {}, sizes=SMALL)
"""
MOMENTS = (
    ("etl.large.work", "plan_lives", 4),  # a chunk is stored, two are being written
    ("etl.large.storing", "note_chunk", 2),  # a chunk is copied, not committed
    ("weathermap.bulk.finish", "tally_all", 1),  # while indexes are built
    ("weathermap.bulk.finish", "end_load", 1),  # all is done but the commit
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_ledger(tmp_path / "ledger.csv", ledger_rows(5, 60)), make_city(tmp_path / "city")


def struck_import(settings: Settings, files: tuple[Path, Path], moment: tuple[str, str, int], victim: int = 0) -> int:
    """Run the import in a process of its own, to be struck. Returns its exit code."""
    module, name, count = moment
    arguments = (module, name, count, victim, settings.database_url, settings.data_dir, *files)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode != 0, done.stdout
    return done.returncode


def issues(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM issue")).scalar_one())


def progress(engine: Engine) -> int:
    """Chunks stored of loads that are not complete."""
    with engine.connect() as connection:
        loads = connection.execute(select(large_load.c.load_no)).scalars().all()
        return sum(len(chunks_done(connection, load)) for load in loads)


def test_a_killed_import_goes_on(fresh: Settings, clone: Callable[..., Settings], files: tuple[Path, Path]) -> None:
    engine = open_store(fresh)
    stored = []
    for moment in MOMENTS:
        assert struck_import(fresh, files, moment) == -signal.SIGKILL, moment
        assert issues(engine) == 0, moment  # nothing is seen of it
        assert verify_store(engine) == [], moment
        stored.append(progress(engine))
    assert stored == sorted(stored) and stored[0] >= 1 and stored[-1] == 9  # chunks are kept
    outcome = run_import(fresh, *files, {}, sizes=SMALL)
    assert said(outcome) == said(run_import(clone(), *files, {}, sizes=SMALL))  # as one that nobody killed
    assert outcome.stored == issues(engine) > 30
    assert verify_store(engine) == [] and progress(engine) == 0
    again = run_import(fresh, *files, {}, sizes=SMALL)
    assert (again.stored, again.duplicates - again.repeats) == (0, outcome.stored)
    engine.dispose()


@pytest.fixture
def mortal() -> Iterator[Cluster]:
    """A durable cluster to be killed."""
    with bench_cluster() as found:
        yield found


def test_a_killed_database_recovers_and_the_import_goes_on(
    mortal: Cluster, files: tuple[Path, Path], tmp_path: Path
) -> None:
    engine = connect_engine(mortal.url(), pool=1)
    migrate(engine)
    settings = replace(read_settings({}), database_url=mortal.url(), data_dir=tmp_path)
    for moment in (MOMENTS[1], MOMENTS[3]):
        pid = mortal.pid()
        assert pid
        struck_import(settings, files, moment, pid)
        engine.dispose()
        mortal.start()
        assert issues(engine) == 0 and verify_store(engine) == [], moment
    assert progress(engine) == 9
    outcome = run_import(settings, *files, {}, sizes=SMALL)
    assert outcome.stored == issues(engine) > 30 and verify_store(engine) == []
    engine.dispose()
