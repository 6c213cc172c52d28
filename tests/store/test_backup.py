"""Backup and restore: what comes back is what went in, and nothing that is there is lost on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.store.random_life import life
from weathermap.city.reading import read_pack
from weathermap.errors import SchemaTooNew, StoreError
from weathermap.issue.intake import take_in
from weathermap.settings import Settings
from weathermap.store.backup import backup_store, restore_store
from weathermap.store.cities import load_pack
from weathermap.store.cluster import Cluster
from weathermap.store.db import connect_engine, head, migrate_store, open_store, owner_url
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_store

LIKE_OURS = text("SELECT datname FROM pg_database WHERE datname ~ ('^' || current_database() || '($|_re)')")
PACKS = Path(__file__).parents[1] / "packs"


def engine_of(settings: Settings) -> Engine:
    return connect_engine(owner_url(settings), pool=2)


def count(settings: Settings, table: str) -> int:
    engine = engine_of(settings)
    with engine.connect() as connection:
        number = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    engine.dispose()
    return int(number)


def run(settings: Settings, statement: str) -> None:
    engine = engine_of(settings)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def add_city(settings: Settings, code: str) -> None:
    values = f"('{code}', '城', 'City', 'Asia/Shanghai')"
    run(settings, f"INSERT INTO city (code, name, name_en, timezone) VALUES {values}")


def databases(settings: Settings) -> set[str]:
    """The store's own database and what a restore may have left beside it; other tests make theirs meanwhile."""
    engine = engine_of(settings)
    with engine.connect() as connection:
        found = set(connection.execute(LIKE_OURS).scalars())
    engine.dispose()
    return found


@pytest.fixture
def other(clone: Callable[..., Settings]) -> Settings:
    return clone()


def test_a_citys_history_comes_back_and_every_number_agrees(fresh: Settings, other: Settings, tmp_path: Path) -> None:
    engine = open_store(fresh)
    pack = read_pack(PACKS / "toy")
    with engine.begin() as connection:
        load_pack(connection, pack)
        city = open_city(connection, pack.config.code)
        for batch in life(pack, 5, 150, time.time_ns() // 1_000):
            take_in(connection, city, batch)
    fold(engine)
    engine.dispose()
    backup_store(fresh, tmp_path / "file")
    restore_store(other, tmp_path / "file")
    tables = ("issue", "issue_event", "area", "unit", "fold_log")
    held = {table: count(other, table) for table in tables}
    assert held == {table: count(fresh, table) for table in tables}
    assert held["issue"] >= 150
    restored = open_store(other)
    assert verify_store(restored) == []
    with restored.begin() as connection:  # and it lives on: new issues take new ids and numbers
        city = open_city(connection, pack.config.code)
        for batch in life(pack, 6, 20, time.time_ns() // 1_000):
            take_in(connection, city, batch)
    fold(restored)
    assert verify_store(restored) == []
    restored.dispose()


def test_a_store_comes_back_whole(fresh: Settings, other: Settings, tmp_path: Path) -> None:
    add_city(fresh, "a")
    said = backup_store(fresh, tmp_path / "store.backup")
    assert head() in said
    assert (tmp_path / "store.backup").stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["store.backup"]
    before = databases(other)
    restore_store(other, tmp_path / "store.backup")
    assert count(other, "city") == 1
    assert databases(other) == before
    open_store(other).dispose()


def test_a_store_with_a_city_is_replaced_only_when_asked(fresh: Settings, other: Settings, tmp_path: Path) -> None:
    add_city(fresh, "a")
    backup_store(fresh, tmp_path / "file")
    add_city(other, "b")
    add_city(other, "c")
    with pytest.raises(StoreError, match="--replace"):
        restore_store(other, tmp_path / "file")
    assert count(other, "city") == 2
    restore_store(other, tmp_path / "file", replace=True)
    assert count(other, "city") == 1


def test_a_store_in_use_is_replaced_too(fresh: Settings, other: Settings, tmp_path: Path) -> None:
    add_city(fresh, "a")
    backup_store(fresh, tmp_path / "file")
    ended, ready = threading.Event(), threading.Event()

    def ask_again_and_again() -> None:
        engine = engine_of(other)
        while not ended.is_set():
            try:
                with engine.connect() as connection:
                    connection.execute(text("SELECT count(*) FROM city"))
                ready.set()
            except Exception:  # thrown out by the restore: comes back, as a server does
                continue
        engine.dispose()

    threads = [threading.Thread(target=ask_again_and_again) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert ready.wait(10)
    try:
        restore_store(other, tmp_path / "file", replace=True)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert count(other, "city") == 1


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.98])
def test_a_cut_off_file_changes_nothing(fresh: Settings, other: Settings, tmp_path: Path, kept: float) -> None:
    add_city(fresh, "a")
    run(fresh, "CREATE TABLE bulk AS SELECT md5(n::text) FROM generate_series(1, 20000) n")
    backup_store(fresh, tmp_path / "file")
    whole = (tmp_path / "file").read_bytes()
    (tmp_path / "file").write_bytes(whole[: int(kept if kept > 1 else len(whole) * kept)])
    add_city(other, "b")
    before = databases(other)
    with pytest.raises(StoreError, match="as it was"):
        restore_store(other, tmp_path / "file", replace=True)
    assert count(other, "city") == 1
    assert databases(other) == before


def test_a_file_of_something_else_is_refused(other: Settings, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" * 1000)
    with pytest.raises(StoreError, match="not a whole backup"):
        restore_store(other, tmp_path / "photo.jpg")


def test_a_newer_programs_file_is_refused(fresh: Settings, other: Settings, tmp_path: Path) -> None:
    run(fresh, "UPDATE alembic_version SET version_num = '9999'")
    backup_store(fresh, tmp_path / "file")
    with pytest.raises(SchemaTooNew, match="9999"):
        restore_store(other, tmp_path / "file", replace=True)
    open_store(other).dispose()


def test_an_empty_store_and_a_missing_folder_are_named(cluster: Cluster, fresh: Settings, tmp_path: Path) -> None:
    empty = replace(fresh, owner_url=cluster.url("postgres"))
    with pytest.raises(StoreError, match="nothing to back up"):
        backup_store(empty, tmp_path / "file")
    with pytest.raises(StoreError, match="cannot be written: No such file"):
        backup_store(fresh, tmp_path / "nowhere" / "file")


def test_the_private_cluster_is_started_for_it(fresh: Settings, tmp_path: Path, cluster: Cluster) -> None:
    """Restored into a store that does not run yet, on a machine of its own."""
    add_city(fresh, "a")
    backup_store(fresh, tmp_path / "file")
    own = replace(
        fresh, database_url=None, owner_url=None, data_dir=cluster.directory.parent / f"own-{fresh.data_dir.name}"
    )
    restore_store(own, tmp_path / "file")
    private = Cluster(own.cluster_dir)
    assert private.pid() is None
    private.start()
    try:
        assert "nothing to do" in migrate_store(own)
        assert count(own, "city") == 1
    finally:
        private.stop()
