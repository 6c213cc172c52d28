"""Loading packs: twice without harm, new borders as a new version, and the tables as SQLAlchemy sees them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from tests.store.random_life import life
from weathermap.city.archive import from_archive, to_archive
from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack, read_pack_files
from weathermap.issue.intake import take_in
from weathermap.store import notice_tables, people_tables, visit_tables
from weathermap.store.catalog import load_catalog
from weathermap.store.cities import load_pack
from weathermap.store.registry import open_city
from weathermap.tally.verify import verify_city
from weathermap.weather.board import Asked, board

PACKS = Path(__file__).parents[1] / "packs"


@pytest.fixture(scope="module")
def toy() -> Pack:
    return read_pack(PACKS / "toy")


def moved(pack: Pack, degrees: float) -> Pack:
    """The same city with all borders a little further east."""

    def shift(content: bytes) -> bytes:
        document = json.loads(content)
        for feature in document["features"]:
            polygons = feature["geometry"]["coordinates"]
            for polygon in polygons if feature["geometry"]["type"] == "MultiPolygon" else [polygons]:
                for ring in polygon:
                    ring[:] = [[x + degrees, y] for x, y in ring]
        return json.dumps(document).encode()

    files = {name: shift(content) if name.startswith("areas/") else content for name, content in pack.files.items()}
    return read_pack_files(files)


def count(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_loading_twice_changes_nothing(connection: Connection, toy: Pack) -> None:
    load_pack(connection, toy)
    before = {name: count(connection, name) for name in ("area", "unit", "point", "pack_version", "tally_subject")}
    assert "nothing to do" in load_pack(connection, toy)
    assert before == {name: count(connection, name) for name in before}


def test_new_borders_are_a_new_version_and_the_past_keeps_the_old(connection: Connection, toy: Pack) -> None:
    load_pack(connection, toy)
    city = open_city(connection, toy.config.code)
    for batch in life(toy, 3, 200, time.time_ns() // 1_000):
        take_in(connection, city, batch)
    catalog = load_catalog(connection, toy.config.code)
    past = datetime.now(UTC)
    before = board(connection, catalog, Asked("community", None, "place", past, None))
    time.sleep(0.01)
    said = load_pack(connection, moved(toy, 0.004))
    assert "boundary version 2" in said
    catalog = load_catalog(connection, toy.config.code)
    assert board(connection, catalog, Asked("community", None, "place", past, None)) == before
    after = board(connection, catalog, Asked("community", None, "place", datetime.now(UTC), None))
    assert after["version"] == 2 and after["totals"]["notified"] == before["totals"]["notified"]
    assert [a["notified"] for a in after["areas"]] != [a["notified"] for a in before["areas"]]
    assert verify_city(connection, toy.config.code) == []
    receipts = connection.execute(text("SELECT DISTINCT receipt ->> 'version' FROM issue")).scalars().all()
    assert receipts == ["1"]  # what was decided on entry never changes


def test_a_pack_without_new_borders_keeps_the_version(connection: Connection, toy: Pack) -> None:
    load_pack(connection, toy)
    files = {**toy.files, "units.csv": toy.files["units.csv"].replace("城市管理局".encode(), "综合执法局".encode())}
    assert "boundary version 1" in load_pack(connection, read_pack_files(files))
    assert connection.execute(text("SELECT name FROM unit WHERE code = 'B01'")).scalar_one() == "综合执法局"
    assert count(connection, "boundary_version") == 1 and count(connection, "pack_version") == 2


def test_an_archived_pack_is_read_again_as_it_was(toy: Pack) -> None:
    again = from_archive(to_archive(toy))
    assert again.sha256 == toy.sha256 and to_archive(again) == to_archive(toy)


def test_the_tables_are_those_of_the_database(connection: Connection) -> None:
    found = inspect(connection)
    assert notice_tables.metadata is people_tables.metadata is visit_tables.metadata
    for table in people_tables.metadata.sorted_tables:
        stored = {column["name"]: column for column in found.get_columns(table.name)}
        assert list(stored) == [column.name for column in table.columns], table.name
        for column in table.columns:
            found_type = stored[column.name]["type"].compile(connection.dialect).lower()
            wanted = column.type.compile(connection.dialect).lower()
            assert found_type.split("(")[0] == wanted.split("(")[0], f"{table.name}.{column.name}"
