"""`weathermap run`, the whole of it: served within seconds, up again after any death, gone when told."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
import pytest

from weathermap.store.cluster import APP_ROLE, Cluster
from weathermap.work.child import WEATHERMAP

PACK = Path(__file__).parents[1] / "packs" / "toy"


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class House:
    """A data folder and a port, and the maps that a test runs on them."""

    data: Path
    port: int = field(default_factory=free_port)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.data / "postgres")

    def environ(self, **others: str) -> dict[str, str]:
        ours = {"WEATHERMAP_DATA": self.data, "PORT": self.port, "WEATHERMAP_CITY": PACK, "WEATHERMAP_DEMO": 0}
        return os.environ | {name: str(value) for name, value in ours.items()} | others

    def start(self) -> subprocess.Popen[bytes]:
        with (self.data / "said").open("ab") as said:
            process = subprocess.Popen([*WEATHERMAP, "run"], env=self.environ(), stderr=said, stdout=said)
        self.running.append(process)
        return process

    def ask(self, *words: str, **others: str) -> subprocess.CompletedProcess[str]:
        command = [*WEATHERMAP, *words]
        return subprocess.run(command, env=self.environ(**others), capture_output=True, text=True, check=False)

    def said(self) -> str:
        return (self.data / "said").read_text(encoding="utf-8")

    def ready(self) -> bool:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
                connection.request("GET", "/readyz")
                return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def pids(self, child: str) -> list[int]:
        """The process ids that `child` has had, oldest first, by the supervisor's own log."""
        lines = (self.data / "logs" / "supervisor.log").read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines]
        return [line["pid"] for line in found if line["message"] == "started" and line["child"] == child]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    data = Path(tempfile.mkdtemp(prefix="weathermap-run-", dir="/tmp"))
    data.chmod(0o755)
    made = House(data)
    yield made
    for process in made.running:
        process.kill()
        process.wait()
    until(lambda: not made.ready())
    made.cluster.stop()
    shutil.rmtree(data)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def test_from_nothing_to_served_and_back(house: House) -> None:
    process = house.start()
    until(house.ready, 60)
    assert house.ask("db", "url").stdout.strip() == house.cluster.url(role=APP_ROLE)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert time.monotonic() - started < 8
    assert house.cluster.pid() is None
    assert all(gone(pid) for name in ("worker", "server") for pid in house.pids(name))
    assert f"http://127.0.0.1:{house.port}/" in house.said()
    refused = house.ask("db", "url")
    assert refused.returncode == 1
    assert "make run" in refused.stderr


@pytest.fixture
def map_running(house: House) -> subprocess.Popen[bytes]:
    if not house.running or house.running[-1].poll() is not None:
        house.start()
        until(house.ready, 60)
    return house.running[-1]


def test_a_second_start_is_soon_ready(house: House, map_running: subprocess.Popen[bytes]) -> None:
    until(lambda: house.said().count("The map: ") == 2)
    seconds = re.findall(r"\(([\d.]+) s; Ctrl-C", house.said())
    assert len(seconds) == 2
    assert "loading" not in house.said().rpartition("stopped.")[2], "the pack is loaded once only"


@pytest.mark.usefixtures("map_running")
def test_another_start_on_the_same_folder_is_refused(house: House) -> None:
    taken = house.ask("run")
    assert taken.returncode == 1
    assert f"port {house.port}" in taken.stderr
    assert f"PORT={house.port + 1} make run" in taken.stderr
    held = house.ask("run", PORT=str(free_port()))
    assert held.returncode == 1
    assert f"process {house.running[-1].pid}" in held.stderr
    assert house.ready()


@pytest.mark.usefixtures("map_running")
@pytest.mark.parametrize("child", ["worker", "server"])
def test_a_killed_child_comes_back(house: House, child: str) -> None:
    before = house.pids(child)
    os.kill(before[-1], signal.SIGKILL)
    until(lambda: len(house.pids(child)) > len(before))
    until(house.ready)
    assert f"The {child} ended with code -9" in house.said()


@pytest.mark.usefixtures("map_running")
def test_a_killed_postgresql_comes_back(house: House) -> None:
    killed = house.cluster.pid()
    assert killed
    os.kill(killed, signal.SIGKILL)
    until(lambda: house.cluster.pid() not in (None, killed))
    until(house.ready)
    with closing(psycopg2.connect(house.cluster.url())) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM city")
        assert cursor.fetchone() == (1,)


@pytest.mark.usefixtures("map_running")
def test_a_restore_puts_the_running_map_on_the_restored_store(house: House) -> None:
    file = house.data / "store.backup"
    assert house.ask("backup", str(file)).returncode == 0
    servers = len(house.pids("server"))
    done = house.ask("restore", str(file), "--replace")
    assert (done.returncode, "start anew" in done.stdout) == (0, True), done.stderr
    until(lambda: len(house.pids("server")) > servers)
    until(house.ready)


def test_a_killed_supervisor_is_followed_by_a_start_that_finds_everything(
    house: House, map_running: subprocess.Popen[bytes]
) -> None:
    postgres = house.cluster.pid()
    children = [house.pids(name)[-1] for name in ("worker", "server")]
    map_running.kill()
    map_running.wait()
    until(lambda: all(gone(pid) for pid in children))
    house.start()
    until(house.ready, 60)
    assert house.cluster.pid() == postgres, "PostgreSQL went on and was taken over"


@pytest.mark.parametrize(
    ("others", "named"),
    [
        ({"PORT": "99999"}, "PORT is '99999'"),
        ({"HOST": "0.0.0.0"}, "no sign-in"),
        ({"WEATHERMAP_DATA": "/dev/null/data"}, "/dev/null/data cannot be written"),
        ({"WEATHERMAP_CITY": "/nowhere"}, "no city.toml"),
        ({"WEATHERMAP_DATABASE_URL": "postgresql://127.0.0.1:1/none"}, "The store does not answer"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_left(house: House, others: dict[str, str], named: str) -> None:
    place = {"PORT": str(free_port()), "WEATHERMAP_DATA": str(house.data / "other")} | others
    done = house.ask("run", **place)
    assert done.returncode == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert Cluster(house.data / "other" / "postgres").pid() is None
