"""The basemap by setting: a PMTiles file served by ourselves, or Tianditu; without one nobody outside is asked."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import mapbox_vector_tile
import pytest
from flask.testing import FlaskClient

from tests.web.conftest import TOY
from tests.web.pmtiles_file import ZOOM, archive, picture
from tests.web.served import ROOT, SERVE
from tests.web.test_api import get
from tests.web.test_serve import free_port
from tests.web.test_tiles import tile_of
from weathermap.errors import SettingError
from weathermap.settings import Settings, read_settings
from web.app import create_app
from web.basemap import open_basemap

HOST = "t1.tianditu.test"
BBOX = [118.6, 24.6, 118.8, 24.8]


def cut(content: bytes) -> bytes:
    return content[:-100]


def garbled(content: bytes) -> bytes:
    return content[:127] + b"\xff" * 60 + content[187:]


@pytest.mark.parametrize("kind", ["vector", "raster"])
def test_tiles_are_those_of_the_file(filled: Settings, tmp_path: Path, kind: str) -> None:
    file = archive(tmp_path / "streets.pmtiles", BBOX, kind)
    client = create_app(replace(filled, basemap=file)).test_client()
    city = next(city for city in get(client, "/api/v1/cities")["cities"] if city["code"] == TOY)
    said = city["basemap"]
    assert said["kind"] == kind and said["minzoom"] == said["maxzoom"] == ZOOM
    assert said["attribution"] == "底图 Basemap: Test streets" and said["bounds"] == pytest.approx(BBOX, abs=1e-6)
    x, y = tile_of(118.7, 24.7, ZOOM)
    address = said["tiles"].format(z=ZOOM, x=x, y=y)
    found = client.get(address)
    assert found.status_code == 200 and "immutable" in found.headers["Cache-Control"]
    if kind == "vector":
        assert set(mapbox_vector_tile.decode(found.data)) == {"roads", "buildings"}
        packed = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.data) == found.data
    else:
        assert found.mimetype == "image/png" and found.data == picture()
    nowhere = client.get(said["tiles"].format(z=ZOOM, x=0, y=0))
    assert nowhere.status_code == 200 and (nowhere.data == b"" if kind == "vector" else nowhere.data[1:4] == b"PNG")
    assert client.get(f"/tiles/basemap/another/{ZOOM}/{x}/{y}").status_code == 404
    assert client.get(said["tiles"].format(z=2, x=9, y=0)).status_code == 404


@pytest.mark.parametrize("spoil", [cut, garbled])
def test_a_broken_file_is_said_at_the_start(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    file = archive(tmp_path / "streets.pmtiles", BBOX, "vector")
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(SettingError, match=r"streets\.pmtiles cannot be used"):
        open_basemap(replace(read_settings({}), basemap=file))


def test_the_server_does_not_start_on_a_broken_file(filled: Settings, tmp_path: Path) -> None:
    file = archive(tmp_path / "streets.pmtiles", BBOX, "vector")
    file.write_bytes(cut(file.read_bytes()))
    environ = {
        "WEATHERMAP_BASEMAP": str(file),
        "WEATHERMAP_DATABASE_URL": filled.database_url or "",
        "PORT": str(free_port()),
    }
    done = subprocess.run(
        [sys.executable, "-c", SERVE], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1 and "cut off" in done.stderr


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"WEATHERMAP_BASEMAP": "no/such.pmtiles"}, "No such file"),
        ({"WEATHERMAP_BASEMAP": __file__}, "no PMTiles archive"),
        ({"WEATHERMAP_BASEMAP": "/tmp"}, "cannot be read"),
        ({"WEATHERMAP_BASEMAP": __file__, "WEATHERMAP_TIANDITU_KEY": "a1"}, "both"),
        ({"WEATHERMAP_TIANDITU_KEY": "key; script-src *"}, "no key"),
        ({"WEATHERMAP_TIANDITU_KEY": "a1", "WEATHERMAP_TIANDITU_HOST": "a.test; script-src *"}, "host"),
    ],
)
def test_a_wrong_setting_is_said(environ: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        read_settings(environ)


def test_without_a_setting_no_host_is_allowed_or_named(client: FlaskClient) -> None:
    assert {str(city["basemap"]) for city in get(client, "/api/v1/cities")["cities"]} == {"None"}
    assert "//" not in client.get("/").headers["Content-Security-Policy"]


def test_tianditu_is_allowed_for_pictures_on_the_wall_and_nowhere_else(filled: Settings) -> None:
    client = create_app(replace(filled, tianditu_key="a1b2", tianditu_host=HOST)).test_client()
    rules = client.get("/").headers["Content-Security-Policy"].split("; ")
    assert [rule for rule in rules if "//" in rule] == [f"img-src 'self' data: blob: https://{HOST}"]
    assert "//" not in client.get("/points").headers["Content-Security-Policy"]
    said = get(client, "/api/v1/cities")["cities"][0]["basemap"]
    for address, layer in ((said["tiles"], "vec"), (said["names"], "cva")):
        assert f"/{layer}_w/wmts?" in address and "TILEMATRIXSET=w" in address and address.endswith("tk=a1b2")
