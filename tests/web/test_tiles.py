"""Tiles decoded: every area of a level is somewhere in them, with its id and names, in the right place."""

from __future__ import annotations

import mapbox_vector_tile
from flask.testing import FlaskClient

from tests.web.conftest import PLAIN, TOY


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
