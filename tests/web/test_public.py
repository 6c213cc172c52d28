"""What the public gets: nothing without a review number; with one, totals and weather, and no word more."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from flask.testing import FlaskClient

from tests.web.conftest import NUMBER, PACKS, TOY
from tests.web.test_api import get
from tests.web.test_tiles import tile_of

CLOSED = (
    "/public",
    f"/public?city={TOY}",
    f"/api/v1/public/weather?city={TOY}",
    f"/api/v1/public/neighbours?city={TOY}",
    f"/tiles/{TOY}/public/areas/1/town/0/0/0.mvt",
    f"/tiles/{TOY}/public/all.json",
    f"/tiles/{TOY}/public/open/0/0/0/0.mvt",
)
# Every key that the public may get; a new one must be put here by somebody who has thought about it.
ALLOWED = {
    "city", "code", "name", "name_en", "timezone", "levels", "level", "zh", "en", "bbox", "at", "from", "data_to",
    "boundary_version", "demo", "review_number", "attribution", "schematic_note", "coverage", "thresholds", "flow",
    "stock", "sentence", "totals", "notified", "rectified", "open", "due", "on_time", "rectification_rate",
    "on_time_rate", "weather", "areas", "id", "label", "label_width_m", "label_height_m", "snap",
}  # fmt: skip


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


@pytest.mark.parametrize("path", CLOSED)
def test_without_a_review_number_all_is_closed(client: FlaskClient, path: str) -> None:
    found = client.get(path)
    assert found.status_code == 403
    assert "审图号" in found.text and "eview number" in found.text
    if "public" in path.partition("?")[0].rpartition("/")[2]:
        assert found.mimetype == "text/html" and "<script" not in found.text
        assert "title" not in found.headers.get("Location", "")


def test_the_closed_page_speaks_the_language_asked_for(client: FlaskClient) -> None:
    assert '<html lang="zh-CN">' in client.get("/public").text
    english = client.get("/public?lang=en").text
    assert '<html lang="en">' in english and english.index("not open to the public") < english.index("尚未向公众开放")
    assert client.get("/public?city=nowhere").status_code == 404


def test_the_answer_holds_no_key_that_was_not_allowed(public: FlaskClient) -> None:
    found = get(public, "/api/v1/public/weather")
    assert set(keys(found)) <= ALLOWED
    assert found["review_number"] == NUMBER and found["attribution"] and found["schematic_note"]["zh"]
    said = json.dumps(found, ensure_ascii=False)
    for file, columns in (("units.csv", ("name",)), ("people.csv", ("name",)), ("categories.csv", ("name", "name_en"))):
        with (PACKS / "toy" / file).open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                assert not any(row[column] and row[column] in said for column in columns), (file, row)


def test_totals_and_weather_are_the_boards(public: FlaskClient) -> None:
    found = get(public, "/api/v1/public/weather", city=TOY)
    board = get(public, "/api/v1/weather", city=TOY, at=found["at"])
    for name, value in found["totals"].items():
        assert value == board["totals"][name]
    assert {area["code"]: area["weather"] for area in found["areas"]} == {
        area["code"]: area["weather"] for area in board["areas"]
    }
    for word in ("zh", "en"):
        assert str(len(board["areas"])) in found["sentence"][word]


def test_it_may_be_kept_for_a_minute_and_asked_for_again(public: FlaskClient) -> None:
    found = public.get("/api/v1/public/weather")
    assert found.headers["Cache-Control"] == "public, max-age=60"
    again = public.get("/api/v1/public/weather", headers={"If-None-Match": found.headers["ETag"]})
    assert again.status_code == 304 or again.get_json()["at"] != found.get_json()["at"]  # the minute may have turned


def test_tiles_hold_the_outline_and_the_areas_only(public: FlaskClient) -> None:
    area = get(public, "/api/v1/public/weather")["areas"][0]
    x, y = tile_of(*area["label"], 14)
    layer = mapbox_vector_tile.decode(public.get(f"/tiles/{TOY}/public/areas/1/town/14/{x}/{y}.mvt").data)["town"]
    assert area["id"] in {feature["id"] for feature in layer["features"]}
    assert public.get(f"/tiles/{TOY}/public/areas/1/city/14/{x}/{y}.mvt").status_code == 200
    for level in ("community", "cell", "zone", "planet"):
        assert public.get(f"/tiles/{TOY}/public/areas/1/{level}/14/{x}/{y}.mvt").status_code == 404


def test_the_page_itself_names_its_city(public: FlaskClient, tmp_path: Path) -> None:
    found = public.get("/public")
    assert found.status_code == 200 and "<title>玩具市文明天气</title>" in found.text
    assert "default-src 'self'" in found.headers["Content-Security-Policy"]
