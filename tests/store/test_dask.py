"""A large ledger spread over the workers of a Dask cluster, real processes: the same rows, also when one is killed."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import socket

import pytest
from sqlalchemy import Engine, text

from etl.importing import run_import
from etl.large import spread
from etl.large.importing import Sizes
from etl.large.remote import built_of, keep, work_out_there
from tests.small_ledger import make_city, write_ledger
from tests.store.test_large import _merge_at_once as _merge_at_once
from tests.store.test_large import assert_same, ledger_rows, rows, said
from weathermap.errors import ClusterError
from weathermap.settings import Settings
from weathermap.store.db import open_store

ROOT = Path(__file__).parents[2]
SMALL = Sizes(large=20, chunk=50)
IDS = {  # that two stores give the same, for an id follows from a row's place in the ledger
    "ids": "SELECT issue_id, source_key, number FROM issue_key JOIN issue USING (issue_id) ORDER BY 1",
    "chain": "SELECT issue_id, seq, hash FROM issue_event ORDER BY 1, 2",
}


class Dask:
    """A scheduler and its workers, each a process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        self.address = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", says=r"Scheduler at:\s+(tcp\S+)")
        self.scheduler = self._started[0]
        self.workers: list[subprocess.Popen[bytes]] = []

    def work(self, workers: int) -> None:
        """Start workers; they join when they are ready."""
        for k in range(workers):
            folder = self._folder / f"worker {k}"
            self._start("worker", self.address, "--no-nanny", "--nthreads", "1", "--local-directory", str(folder))
            self.workers.append(self._started[-1])

    def _start(self, kind: str, *options: str, says: str = "") -> str:
        log = self._folder / f"{len(self._started)}.log"
        with log.open("wb") as file:
            command = [sys.executable, "-m", "dask", kind, *options, "--no-dashboard"]
            self._started.append(subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file))
        while not (found := re.search(says, log.read_text())):
            assert self._started[-1].poll() is None, log.read_text()
            time.sleep(0.05)
        return found[1] if says else ""

    def stop(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    found = Dask(tmp_path_factory.mktemp("dask"))
    yield found
    found.stop()


@pytest.fixture
def stores(clone: Callable[..., Settings]) -> Iterator[list[tuple[Settings, Engine]]]:
    """Two stores: one is filled by this process alone, one by workers."""
    found = [(settings, open_store(settings)) for settings in (clone(), clone())]
    yield found
    for _, engine in found:
        engine.dispose()


def test_nothing_is_stored_without_a_cluster(
    dask: Dask, fresh: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, city = write_ledger(tmp_path / "a.csv", ledger_rows(1, 60)), make_city(tmp_path / "city")
    monkeypatch.setattr(spread, "ANSWER_S", 1)
    monkeypatch.setattr(spread, "WORKERS_S", 1)
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        nobody = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        for address, what in ((nobody, "No Dask scheduler answers"), (dask.address, "has no worker")):
            with pytest.raises(ClusterError, match=what) as told:
                run_import(fresh, ledger, city, {}, sizes=SMALL, dask=address)
            assert address in told.value.what and "dask" in told.value.remedy
    with pytest.raises(ClusterError, match="no scheduler's address"):
        run_import(fresh, ledger, city, {}, sizes=SMALL, dask="127.0.0.1")
    monkeypatch.setitem(sys.modules, "distributed", None)  # as where the extra is not installed
    with pytest.raises(ClusterError, match="not installed") as told:
        run_import(fresh, ledger, city, {}, sizes=SMALL, dask=dask.address)
    assert "weathermap[dask]" in told.value.remedy
    engine = open_store(fresh)
    assert rows(engine, "SELECT city_id FROM city") == rows(engine, "SELECT load_no FROM large_load") == []
    engine.dispose()


def test_the_program_alone_needs_no_dask() -> None:
    asked = (
        "import sys, etl.importing, etl.large.remote; sys.exit('dask' in sys.modules or 'distributed' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], cwd=ROOT, timeout=60).returncode == 0


def test_another_program_is_refused() -> None:
    with pytest.raises(ClusterError, match=r"pyarrow .* \(not 1\)"):
        work_out_there(keep({**built_of(), "pyarrow": "1"}, b""), b"")


def test_spread_it_is_stored_the_same_though_a_worker_dies(
    dask: Dask, stores: list[tuple[Settings, Engine]], tmp_path: Path
) -> None:
    (alone, _), (other, engine) = stores
    city, ledger = make_city(tmp_path / "city"), write_ledger(tmp_path / "a.csv", ledger_rows(1, 36 * SMALL.chunk))
    dask.work(2)
    with ThreadPoolExecutor(1) as watching:
        killed = watching.submit(kill_midway, engine, dask.workers[0])
        spread_out = run_import(other, ledger, city, {}, sizes=SMALL, dask=dask.address)
    assert 0 < killed.result() < 32 and dask.workers[0].wait() == -signal.SIGKILL
    assert said(spread_out) == said(run_import(alone, ledger, city, {}, sizes=SMALL))
    assert_equal(stores)
    for _, each in stores:
        with each.begin() as connection:  # what comes next is late
            connection.execute(text("UPDATE city SET live_since = live_since - interval '1 hour'"))
    newer = write_ledger(tmp_path / "b.csv", ledger_rows(1, 38 * SMALL.chunk, later=True))
    found = [run_import(settings, newer, city, {}, sizes=SMALL, dask=where) for settings, where in
             ((alone, ""), (other, dask.address))]  # fmt: skip
    assert said(found[0]) == said(found[1]) and found[1].updated and found[1].stored > found[1].updated
    assert_equal(stores)


def test_without_its_scheduler_it_goes_on_alone(
    dask: Dask, stores: list[tuple[Settings, Engine]], tmp_path: Path
) -> None:
    (alone, _), (other, engine) = stores
    city, ledger = make_city(tmp_path / "city"), write_ledger(tmp_path / "a.csv", ledger_rows(2, 30 * SMALL.chunk))
    with ThreadPoolExecutor(1) as watching:
        killed = watching.submit(kill_midway, engine, dask.scheduler)
        with pytest.raises(ClusterError, match="broke off") as told:
            run_import(other, ledger, city, {}, sizes=SMALL, dask=dask.address)
    assert killed.result() and "goes on" in told.value.remedy
    assert rows(engine, "SELECT issue_id FROM issue") == []
    assert said(run_import(other, ledger, city, {}, sizes=SMALL)) == said(
        run_import(alone, ledger, city, {}, sizes=SMALL)
    )
    assert_equal(stores)


def kill_midway(engine: Engine, process: subprocess.Popen[bytes]) -> int:
    """kill -9 of a process as soon as some chunks are stored. Returns how many were."""
    while not (stored := len(rows(engine, "SELECT chunk FROM large_chunk"))):
        time.sleep(0.01)
    process.kill()
    return stored


def assert_equal(stores: list[tuple[Settings, Engine]]) -> None:
    assert_same(stores)
    for name, question in IDS.items():
        one, other = (rows(engine, question) for _, engine in stores)
        assert one == other, name
