"""Tiles decoded: every area and every issue is somewhere in them, with what it says, in the right place."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.store.random_life import life
from tests.web.conftest import PACKS, PLAIN, TOY
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.issue.spots import RUNS, read_spots
from weathermap.settings import Settings
from weathermap.store.catalog import load_catalog
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold
from web.context import Context
from web.tiles.issues import MOVES_ON_S, IssueTiles, make_edition
from web.tiles.spots import morton, unmorton


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """The tile that holds a point (Web Mercator)."""
    from math import asinh, pi, radians, tan

    n = 2**zoom
    return int((lon + 180) / 360 * n), int((1 - asinh(tan(radians(lat))) / pi) / 2 * n)


def test_each_label_point_lies_in_its_own_area(client: FlaskClient) -> None:
    for city, level in ((TOY, "town"), (TOY, "cell"), (PLAIN, "district"), (PLAIN, "beat")):
        areas = client.get(f"/api/v1/areas?city={city}&level={level}&version=1").get_json()["areas"]
        for area in areas:
            x, y = tile_of(*area["label"], 14)
            found = client.get(f"/tiles/{city}/1/{level}/14/{x}/{y}.mvt")
            assert "immutable" in found.headers["Cache-Control"]
            layer = mapbox_vector_tile.decode(found.data)[level]
            feature = next(f for f in layer["features"] if f["id"] == area["id"])
            assert feature["properties"]["code"] == area["code"]
            assert feature["properties"]["name"] == area["name"]
            assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")


def test_an_empty_tile_is_an_empty_answer(client: FlaskClient) -> None:
    found = client.get(f"/tiles/{TOY}/1/town/14/0/0.mvt")
    assert found.status_code == 200 and found.data == b""


# ── Issues ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def listed(client: FlaskClient, state: str, at: int) -> dict[int, dict[str, Any]]:
    """All issues of a list at a second that have a place on the map, by id."""
    found: list[dict[str, Any]] = []
    after: str | None = ""
    asked = {"city": TOY, "state": state, "at": datetime.fromtimestamp(at, UTC).isoformat(), "limit": 100}
    while after is not None:
        page = client.get("/api/v1/issues", query_string={**asked, "after": after}).get_json()
        found, after = found + page["issues"], page["next"]
    return {issue["id"]: issue for issue in found if issue["area"] and issue["lon"] is not None}


@pytest.fixture(scope="module")
def late() -> int:
    """A second after the last event of the random lives, some of which lie ahead."""
    return int(time.time()) + 90 * 86_400


@pytest.mark.parametrize("rectified", [False, True])
@pytest.mark.parametrize("zoom", [13, 14, 16])
def test_every_issue_is_once_in_the_tiles_of_a_zoom_as_postgis_places_it(
    client: FlaskClient, filled: Settings, rectified: bool, zoom: int, late: int
) -> None:
    issues = {
        key: issue for s in ["open", *["rectified"] * rectified] for key, issue in listed(client, s, late).items()
    }
    placed = text(
        "SELECT ST_X(g), ST_Y(g), id FROM (SELECT issue_id AS id, ST_AsMVTGeom(ST_Transform(geom, 3857),"
        " ST_TileEnvelope(:z, :x, :y), 4096, 8, false) AS g FROM issue WHERE issue_id = :id) AS t"
    )
    engine = open_store(filled)
    seen: set[int] = set()
    with engine.connect() as connection:
        edition = make_edition(connection, load_catalog(connection, TOY), rectified, (0, 0), late)
        for x, y in {tile_of(issue["lon"], issue["lat"], zoom) for issue in issues.values()}:
            tile = mapbox_vector_tile.decode(edition.tile(zoom, x, y, True), default_options={"y_coord_down": True})
            for feature in tile["issues"]["features"]:
                key, said = feature["id"], feature["properties"]
                assert key not in seen
                seen.add(key)
                issue = issues[key]
                assert said["category"] == issue["category"]["code"]
                assert (said["mark"] in ("overdue", "red")) == (issue["overdue"] and not issue["listed"])
                assert (said["mark"] == "listed") == issue["listed"]
                assert (said["mark"] == "rectified") == (issue["state"] == "rectified")
                theirs = connection.execute(placed, {"z": zoom, "x": x, "y": y, "id": key}).one()
                assert np.abs(np.subtract(feature["geometry"]["coordinates"], theirs[:2])).max() <= 1
    engine.dispose()
    assert seen == set(issues)


@pytest.mark.parametrize("zoom", [9, 12])
def test_below_the_points_the_counts_sum_to_what_is_open(
    client: FlaskClient, filled: Settings, zoom: int, late: int
) -> None:
    issues, done = listed(client, "open", late), listed(client, "rectified", late)
    sums = dict.fromkeys(("open", "overdue", "rectified"), 0)
    engine = open_store(filled)
    with engine.connect() as connection:
        edition = make_edition(connection, load_catalog(connection, TOY), True, (0, 0), late)
    engine.dispose()
    for x, y in {tile_of(issue["lon"], issue["lat"], zoom) for issue in [*issues.values(), *done.values()]}:
        for feature in mapbox_vector_tile.decode(edition.tile(zoom, x, y, False))["counts"]["features"]:
            for name in sums:
                sums[name] += feature["properties"][name]
    overdue = sum(issue["overdue"] for issue in issues.values())
    assert sums == {"open": len(issues), "overdue": overdue, "rectified": len(done)}


def test_tiles_are_kept_for_ever_and_citizens_get_counts_only(client: FlaskClient, public: FlaskClient) -> None:
    for namespace, zoom, name in (("staff", 14, "issues"), ("staff", 11, "counts"), ("public", 11, "counts")):
        asked = public if namespace == "public" else client
        about = asked.get(f"/tiles/{TOY}/{namespace}/all.json").get_json()
        spot = next(iter(listed(asked, "rectified", int(time.time())).values()))
        x, y = tile_of(spot["lon"], spot["lat"], zoom)
        found = asked.get(about["tiles"][0].format(z=zoom, x=x, y=y))
        assert "immutable" in found.headers["Cache-Control"]
        assert list(mapbox_vector_tile.decode(found.data)) == [name]
    path = about["tiles"][0].format(z=13, x=0, y=0)
    assert about["maxzoom"] == 12 and [layer["id"] for layer in about["vector_layers"]] == ["counts"]
    assert public.get(path).status_code == 404
    assert public.get(path.replace("public", "secret")).status_code == 404


def test_a_version_is_kept_for_ever_and_moves_on_with_the_data_but_not_at_once(clone: Callable[..., Settings]) -> None:
    settings = clone()
    engine = open_store(settings)
    pack = read_pack(PACKS / "toy")
    with engine.begin() as connection:
        load_pack(connection, pack)
    held = IssueTiles(Context(engine))
    first = held.edition(TOY, False)
    assert held.edition(TOY, False).version == first.version  # nothing new
    with engine.begin() as connection:
        for batch in life(pack, 3, 60, time.time_ns() // 1_000):
            take_in(connection, open_city(connection), batch)
    fold(engine)
    assert held.edition(TOY, False) is first  # not at once
    first.made -= MOVES_ON_S
    second = held.edition(TOY, False)
    assert len(second.spots.code) > 0 and second is not first
    assert held.edition(TOY, False, first.version) is second  # an address of before gets what there is now
    second.made -= MOVES_ON_S
    assert held.edition(TOY, False) is second  # neither data nor clock changed a mark
    second.made -= MOVES_ON_S
    second.until = 0.0
    assert held.edition(TOY, False) is not second  # a deadline passed
    engine.dispose()


def test_the_clock_alone_turns_a_mark(filled: Settings) -> None:
    engine = open_store(filled)
    with engine.connect() as connection:
        catalog = load_catalog(connection, TOY)
        rows = read_spots(connection, catalog.city_id, 3, False)
        deadline = int(rows["deadline"][rows["runs"] == RUNS].min()) // 1_000_000
        before, at, after = (make_edition(connection, catalog, False, (0, 0), deadline + s) for s in (-5, -1, 0))
        assert before.until == deadline
        assert np.array_equal(before.spots.records, at.spots.records)
        assert not np.array_equal(at.spots.records, after.spots.records)
    engine.dispose()


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)), min_size=1, max_size=50))
def test_morton_codes_go_there_and_back(pairs: list[tuple[int, int]]) -> None:
    x, y = (np.array(axis, dtype=np.uint32) for axis in zip(*pairs, strict=True))
    back = unmorton(morton(x, y))
    assert np.array_equal(back[0], x) and np.array_equal(back[1], y)
