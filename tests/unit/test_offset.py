"""Shifted degrees of Chinese map services, and finding out that a ledger is in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from etl.mapping import fitted, read_mapping
from etl.positions import read_positions
from etl.read import open_ledger
from etl.suspicion import Suspicion, suspect
from tests.small_ledger import EAST, MAPPING, WEST, make_city, row, write_ledger
from weathermap.city.offset import bd09, gcj02, in_degrees, system, to_wgs84
from weathermap.city.reading import read_pack
from weathermap.errors import CrsError
from weathermap.issue.book import Book

METRE = 1 / 111_000  # degrees, at most


def test_the_published_pairs() -> None:
    """Pairs of `eviltransform`'s own tests, and Baidu's of the same place."""
    lon, lat = gcj02(np.array([116.404]), np.array([39.915]))
    assert (lon[0], lat[0]) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    lon, lat = bd09(np.array([116.404]), np.array([39.915]))
    assert (lon[0], lat[0]) == pytest.approx((116.41662724378733, 39.922699552216216), abs=1e-7)
    assert gcj02(np.array([-71.06]), np.array([42.36])) == (np.array([-71.06]), np.array([42.36]))


@given(lon=st.floats(73.5, 135), lat=st.floats(18, 53.5))
def test_there_and_back(lon: float, lat: float) -> None:
    for name, forth in (("GCJ-02", gcj02), ("BD-09", bd09)):
        found = to_wgs84(*forth(np.array([lon]), np.array([lat])), name)
        assert abs(found[0][0] - lon) < 1e-6 * METRE
        assert abs(found[1][0] - lat) < 1e-6 * METRE


def test_names() -> None:
    assert [system(n) for n in ("gcj02", "GCJ-02", "BD09", "CGCS2000")] == ["GCJ-02", "GCJ-02", "BD-09", "EPSG:4490"]
    assert [in_degrees(n) for n in ("GCJ-02", "EPSG:4490", "EPSG:4549")] == [True, True, False]
    with pytest.raises(CrsError):
        system("moon")


def points(seed: int = 5, n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(WEST[0], EAST[2], n), rng.uniform(WEST[1], WEST[3], n)


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Suspicion | None]:
    """`asked(x, y, district)`: what is suspected of positions in the small city."""
    book = Book.from_pack(read_pack(make_city(tmp_path / "city")))

    def asking(x: np.ndarray, y: np.ndarray, district: np.ndarray, crs: str = "") -> Suspicion | None:
        said = MAPPING.replace('lat = "纬度"', f'lat = "纬度"\ncrs = "{crs}"') if crs else MAPPING
        (tmp_path / "mapping.toml").write_text(said, encoding="utf-8")
        rows = [
            row(str(i), 经度=f"{a:.7f}", 纬度=f"{b:.7f}", 片区=c)
            for i, (a, b, c) in enumerate(zip(x, y, district, strict=True))
        ]
        ledger = open_ledger(write_ledger(tmp_path / "ledger.csv", rows))
        return suspect(ledger, fitted(read_mapping(tmp_path / "mapping.toml"), ledger), book)

    return asking


SYSTEMS = {
    "GCJ-02": gcj02,
    "BD-09": bd09,
    "EPSG:4549": Transformer.from_crs(4326, 4549, always_xy=True).transform,
    "EPSG:4528": Transformer.from_crs(4326, 4528, always_xy=True).transform,
}


@pytest.mark.parametrize("crs", SYSTEMS)
def test_another_system_is_found_by_its_evidence(asked: Callable[..., Suspicion | None], crs: str) -> None:
    lon, lat = points()
    named = np.where(lon < WEST[2], "1", "2")
    doubt = asked(*SYSTEMS[crs](lon, lat), named)
    assert doubt is not None
    assert doubt.better.crs == crs
    assert not doubt.better.swapped
    assert doubt.better.inside.all()
    assert f'crs = "{crs}"' in doubt.remedy
    assert asked(*SYSTEMS[crs](lon, lat), named, crs) is None


def test_swapped_columns_are_found(asked: Callable[..., Suspicion | None]) -> None:
    lon, lat = points()
    doubt = asked(lat, lon, np.where(lon < WEST[2], "1", "2"))
    assert doubt is not None
    assert doubt.better.swapped
    assert "Swap lon and lat" in doubt.remedy


def test_without_evidence_nothing_is_said(asked: Callable[..., Suspicion | None]) -> None:
    lon, lat = points()
    named = np.where(lon < WEST[2], "1", "2")
    assert asked(lon, lat, named) is None
    assert asked(lon, lat, named, "CGCS2000") is None
    middle = np.full(600, 118.62) + np.arange(600) * 1e-6  # far from every border: any system of degrees fits
    assert asked(*gcj02(middle, np.full(600, 24.72)), np.full(600, "1")) is None
    assert asked(lon + 5, lat, named) is None  # another city: no system helps


def test_positions_in_shifted_degrees(tmp_path: Path) -> None:
    pack = read_pack(make_city(tmp_path / "city"))
    said = MAPPING.replace('lat = "纬度"', 'lat = "纬度"\ncrs = "gcj02"')
    (tmp_path / "mapping.toml").write_text(said, encoding="utf-8")
    rule = read_mapping(tmp_path / "mapping.toml").position
    assert rule is not None
    lon, lat = points(n=30)
    x, y = gcj02(lon, lat)
    text = [np.array([f"{value:.12f}" for value in values], dtype=object) for values in (x, y)]
    found = read_positions(text[0], text[1], rule, pack)
    assert np.abs(found.lon - lon).max() < 1e-5 * METRE
    assert np.abs(found.lat - lat).max() < 1e-5 * METRE
    assert set(found.flag) == {""}
