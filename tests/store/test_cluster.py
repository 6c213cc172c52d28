"""The private cluster: safe settings, and back on its feet after whatever killed it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from weathermap.errors import StoreError
from weathermap.store import postgres
from weathermap.store.cluster import APP_ROLE, Cluster
from weathermap.store.room import check_room

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's user can enter, whoever tests."""
    folder = Path(tempfile.mkdtemp(prefix="weathermap-cluster-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    for cluster in folder.glob("**/data/PG_VERSION"):
        Cluster(cluster.parent.parent).stop()
    shutil.rmtree(folder)


def ask(cluster: Cluster, statement: str) -> str:
    with closing(psycopg2.connect(cluster.url())) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(statement)
        return str(cursor.fetchone()[0]) if cursor.description else ""


def test_it_is_durable_and_heard_on_its_socket_only(place: Path) -> None:
    cluster = Cluster(place / "postgres")
    cluster.start()
    shown = {name: ask(cluster, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")}
    assert set(shown.values()) == {"on"}
    assert ask(cluster, "SHOW listen_addresses") == ""
    assert ask(cluster, "SHOW data_checksums") == "on"
    assert ask(cluster, "SHOW server_encoding") == "UTF8"
    assert ask(cluster, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules") == "peer"
    ask(cluster, "CREATE EXTENSION postgis")
    assert ask(cluster, "SELECT ST_AsText(ST_Point(118.65, 24.73))") == "POINT(118.65 24.73)"
    # compose has a server of its own: the same two roles by a file, once or again
    ask(cluster, "DROP OWNED BY weathermap_app; DROP ROLE weathermap_app")
    for _ in range(2):
        ask(cluster, (ROOT / "docker" / "roles.sql").read_text("utf-8"))
    assert ask(cluster, "SELECT rolcanlogin AND NOT rolsuper FROM pg_roles WHERE rolname = 'weathermap_app'") == "True"
    assert ask(cluster, "SELECT pg_has_role('weathermap', 'weathermap_app', 'MEMBER')") == "True"
    compose = (ROOT / "docker" / "compose.yaml").read_text("utf-8")
    program, rest = compose.split("services:", 1)
    assert f"DATABASE_URL: postgresql://{APP_ROLE}@" in program and "OWNER_URL" not in program
    assert rest.count("WEATHERMAP_OWNER_URL:") == 1 == rest.split("worker:")[0].count("WEATHERMAP_OWNER_URL:")


def test_a_killed_one_recovers_with_what_was_committed(place: Path) -> None:
    cluster = Cluster(place / "postgres")
    cluster.start()
    ask(cluster, "CREATE TABLE kept AS SELECT 41516 AS number")
    killed = cluster.pid()
    assert killed
    os.kill(killed, signal.SIGKILL)
    cluster.start()
    assert cluster.pid() not in (None, killed)
    assert ask(cluster, "SELECT number FROM kept") == "41516"


def test_a_pid_file_that_names_another_program_is_no_hindrance(place: Path) -> None:
    cluster = Cluster(place / "postgres")
    cluster.start()
    cluster.stop()
    with subprocess.Popen(["sleep", "60"]) as other:
        (cluster.data / "postmaster.pid").write_text(f"{other.pid}\n{cluster.data}\n0\n5432\n\n\n")
        assert cluster.pid() is None
        cluster.start()
        assert ask(cluster, "SELECT 1") == "1"
        other.kill()


def test_a_cluster_whose_making_was_cut_off_is_made_anew(place: Path) -> None:
    cluster = Cluster(place / "postgres")
    making = cluster.directory / "data.making"
    making.mkdir(parents=True)
    (making / "PG_VERSION").write_text("15\n")
    cluster.start()
    assert ask(cluster, "SELECT 1") == "1"
    assert not making.exists()


def test_a_second_start_finds_it_running_and_a_stop_ends_it(place: Path) -> None:
    cluster = Cluster(place / "postgres")
    cluster.start()
    first = cluster.pid()
    cluster.start()
    assert cluster.pid() == first
    cluster.stop()
    assert cluster.pid() is None
    cluster.stop()
    started = time.monotonic()
    cluster.start()
    assert time.monotonic() - started < 5


def test_a_restore_that_was_killed_half_way_is_no_hindrance(place: Path) -> None:
    cluster = Cluster(place / "postgres")
    cluster.start()
    with closing(psycopg2.connect(cluster.url("postgres"))) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("ALTER DATABASE weathermap WITH ALLOW_CONNECTIONS false")
    cluster.start()
    assert ask(cluster, "SELECT 1") == "1"


def test_a_long_path_still_gets_a_socket(place: Path) -> None:
    cluster = Cluster(place / ("很长的文件夹" * 5) / "postgres")
    assert len(os.fsencode(cluster.socket_dir / ".s.PGSQL.5432")) <= 107
    cluster.start()
    assert ask(cluster, "SELECT 1") == "1"
    cluster.stop()
    shutil.rmtree(cluster.socket_dir)


def test_settings_of_the_shell_do_not_lead_elsewhere(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "1", "PGHOST": "192.0.2.1", "PGDATA": "/nowhere", "LC_ALL": "zh_CN.GB18030"}.items():
        monkeypatch.setenv(name, value)
    cluster = Cluster(place / "postgres")
    cluster.start()
    assert ask(cluster, "SELECT 1") == "1"


def test_a_folder_that_cannot_be_made_is_named(place: Path) -> None:
    (place / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/postgres cannot be written: Not a directory\. .*WEATHERMAP_DATA"):
        Cluster(place / "file" / "postgres").start()


def test_a_folder_closed_to_the_servers_user_is_named(place: Path) -> None:
    """Root's own home, say: PostgreSQL runs as `postgres` there. Anyone else meets a folder that is not writable."""
    (place / "home" / "postgres").mkdir(parents=True)
    (place / "home" / "postgres").chmod(0o500)
    (place / "home").chmod(0o700)
    with pytest.raises(StoreError, match="WEATHERMAP_DATA"):
        Cluster(place / "home" / "postgres").start()
    (place / "home" / "postgres").chmod(0o700)


def test_too_little_room_is_said_before_anything_is_made(place: Path) -> None:
    with pytest.raises(StoreError, match=r"is full \(\d+ MB are free, \d+ MB are needed\)"):
        check_room(place, 2**60)
    check_room(place, 1)


def test_a_missing_postgresql_is_named_with_its_package(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "DEBIAN", place)
    monkeypatch.setenv("PATH", str(place))
    with pytest.raises(StoreError, match="postgresql-15-postgis-3"):
        Cluster(place / "postgres").start()
    with pytest.raises(StoreError, match="postgresql-14-postgis-3"):
        postgres.programs("14")


def test_what_postgresql_says_reaches_the_reader(place: Path) -> None:
    cluster = Cluster(place / "postgres")
    cluster.start()
    cluster.stop()
    (cluster.data / "global" / "pg_control").unlink()
    with pytest.raises(StoreError, match="pg_control"):
        cluster.start()
