"""The locator is exact: on any partition, overlapping or not, it answers as `geopandas.sjoin` and shapely do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Point, Polygon, box

from weathermap.city.crs import WGS84, transformer
from weathermap.city.pack import Areas
from weathermap.locate import build, stored
from weathermap.locate.index import NOWHERE, REACH_M, Locator

METRIC = "EPSG:4549"
LON, LAT = 118.6, 24.7
Floats = NDArray[np.float64]


def areas_of(geoms: Any) -> Areas:
    column = np.array([f"{i:05}" for i in range(len(geoms))], dtype=object)
    blank = np.full(len(geoms), "", dtype=object)
    shapes = np.empty(len(geoms), dtype=object)
    shapes[:] = list(geoms)
    return Areas("cell", column, column, blank, blank, shapes, Path("cells"), np.arange(len(geoms)))


@st.composite
def partitions(draw: st.DrawFn) -> tuple[NDArray[np.object_], NDArray[np.int64], int]:
    """(areas, their ranks, a seed): Voronoi pieces joined at random to areas with holes and islands, some left out as
    gaps, with some slivers; sometimes areas that lie over others, or borders that do not share their vertices."""
    seed = draw(st.integers(0, 2**32 - 1))
    chance = np.random.default_rng(seed)
    size = draw(st.sampled_from([1e-4, 0.01, 0.2, 3.0]))
    sites = chance.random((draw(st.integers(4, 60)), 2))
    if draw(st.booleans()):
        sites = np.round(sites * 8) / 8  # right angles, horizontal edges, vertices on lines
    pieces = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=box(0, 0, 1, 1)))
    pieces = shapely.intersection(pieces, box(-0.1, -0.1, 1.1, 1.1))
    digits = draw(st.sampled_from([7, 15]))
    pieces = shapely.transform(pieces, lambda xy: np.round(xy * size + [LON, LAT], digits))
    pieces = pieces[shapely.is_valid(pieces) & (shapely.area(pieces) > 0)]
    owner = chance.integers(0, max(len(pieces) * 2 // 3, 1), len(pieces))
    geoms = [shapely.coverage_union_all(pieces[owner == k]) for k in np.unique(owner) if k % 7 != 6]
    for _ in range(draw(st.integers(0, 3))):  # over the others
        middle = chance.random(2) * size + [LON, LAT]
        geoms.append(Point(middle).buffer(float(chance.random()) * size / 3, quad_segs=draw(st.sampled_from([1, 5]))))
    geoms = [g for g in geoms if isinstance(g, Polygon | MultiPolygon) and g.is_valid and not g.is_empty]
    column = np.empty(len(geoms), dtype=object)
    column[:] = geoms
    return column, chance.permutation(len(geoms)).astype(np.int64), seed


def hard_points(geoms: NDArray[np.object_], chance: np.random.Generator) -> tuple[Floats, Floats]:
    """Points anywhere, on vertices, on edges as near as numbers allow, and one number beside them; NaN, infinity."""
    west, south, east, north = shapely.total_bounds(geoms)
    width, height = east - west, north - south
    anywhere = chance.random((300, 2)) * [1.2 * width, 1.2 * height] + [west - 0.1 * width, south - 0.1 * height]
    vertices = shapely.get_coordinates(geoms)
    ends = vertices[chance.integers(0, len(vertices), 150)]
    t = chance.random((len(vertices) - 1, 1))
    on_edges = (vertices[:-1] * t + vertices[1:] * (1 - t))[chance.permutation(len(t))[:150]]
    beside = np.nextafter(
        np.vstack([ends, on_edges]), chance.choice([-np.inf, np.inf], (300, 2))[: len(ends) + len(on_edges)]
    )
    level = np.column_stack([chance.random(len(ends)) * width + west, ends[:, 1]])  # at the height of a vertex
    strange = np.array([[np.nan, LAT], [LON, np.nan], [np.inf, LAT], [LON, -np.inf], [1e300, LAT], [0, 0]])
    points = np.vstack([anywhere, ends, on_edges, beside, level, strange])
    return points[:, 0].copy(), points[:, 1].copy()


def joined(geoms: NDArray[np.object_], rank: NDArray[np.int64], lon: Floats, lat: Floats) -> NDArray[np.int64]:
    """The smallest in rank of what `geopandas.sjoin` finds."""
    finite = np.isfinite(lon) & np.isfinite(lat)
    points = geopandas.GeoDataFrame(
        geometry=geopandas.points_from_xy(lon[finite], lat[finite]), index=np.flatnonzero(finite)
    )
    found = geopandas.sjoin(points, geopandas.GeoDataFrame(geometry=geoms), predicate="intersects")
    best = np.full(len(lon), len(rank))
    np.minimum.at(best, found.index.to_numpy(), rank[found["index_right"].to_numpy()])
    return np.append(np.argsort(rank), NOWHERE)[best]


@settings(max_examples=60, deadline=None)
@given(partitions())
def test_any_partition_is_answered_as_by_sjoin(case: tuple[NDArray[np.object_], NDArray[np.int64], int]) -> None:
    geoms, rank, seed = case
    if not len(geoms):
        return
    lon, lat = hard_points(geoms, np.random.default_rng(seed + 1))
    locator = Locator(areas_of(geoms), METRIC, rank)
    found = locator.locate(lon, lat)
    assert found.tolist() == joined(geoms, rank, lon, lat).tolist()
    group = np.random.default_rng(seed).integers(0, 4, len(geoms)).astype(np.int32)
    near_as_by_shapely(locator, geoms, group, lon, lat, found)


def near_as_by_shapely(
    locator: Locator, geoms: NDArray[np.object_], group: NDArray[np.int32], lon: Floats, lat: Floats, area: Any
) -> None:
    forth = transformer(WGS84, METRIC)
    metric = shapely.transform(geoms, lambda x, y: forth.transform(x, y), interleaved=False)
    near = locator.nearness(lon, lat, area, group)
    known = np.flatnonzero(area != NOWHERE)
    assert np.isnan(np.delete(near.border_m, known)).all() and (np.delete(near.runner_up, known) == NOWHERE).all()
    points = shapely.points(*forth.transform(lon[known], lat[known]))
    np.testing.assert_allclose(
        near.border_m[known], shapely.distance(points, shapely.boundary(metric[area[known]])), atol=0.005, rtol=0
    )
    # An area that holds the point by its degrees is no distance away, whatever a long edge's bend in the plane says.
    inside = shapely.intersects(shapely.points(lon[known], lat[known])[:, None], geoms[None, :])
    edge = shapely.distance(points[:, None], shapely.boundary(metric)[None, :])
    away = np.where(inside, 0.0, edge)
    foreign = group[area[known]][:, None] != group[None, :]
    wanted = np.where(foreign, away, np.inf).min(axis=1)
    clear = np.abs(wanted - REACH_M) > 0.005
    found = np.where(np.isnan(near.runner_up_m[known]), np.inf, near.runner_up_m[known])
    np.testing.assert_allclose(found[clear], np.where(wanted > REACH_M, np.inf, wanted)[clear], atol=0.005, rtol=0)
    has = np.flatnonzero(near.runner_up[known] != NOWHERE)
    runner_up = near.runner_up[known][has]
    assert (group[runner_up] != group[area[known][has]]).all()
    np.testing.assert_allclose(away[has, runner_up], near.runner_up_m[known][has], atol=0.005, rtol=0)
    nearest, metres = locator.nearest(lon[known], lat[known])
    np.testing.assert_allclose(metres, edge.min(axis=1), atol=0.005, rtol=0)
    np.testing.assert_allclose(edge[np.arange(len(known)), nearest], metres, atol=0.005, rtol=0)


@pytest.fixture
def blocks() -> Areas:
    """Three blocks of about 100 m: two beside one another, a gap, one apart."""
    side = 0.001
    return areas_of([box(LON + k * side, LAT, LON + (k + 1) * side, LAT + side) for k in (0, 1, 3)])


def test_a_gap_has_a_nearest_area(blocks: Areas) -> None:
    locator = Locator(blocks, METRIC)
    lon, lat = np.array([LON + 0.0021, LON + 0.0029, LON - 1, np.nan]), np.full(4, LAT + 0.0005)
    assert locator.locate(lon, lat).tolist() == [NOWHERE] * 4
    area, away = locator.nearest(lon, lat)
    assert area.tolist() == [1, 2, 0, NOWHERE]
    np.testing.assert_allclose(away[:3], [10.1, 10.1, 101_150], rtol=0.01)
    assert np.isnan(away[3])


def test_one_point_has_its_receipt(blocks: Areas) -> None:
    spot = Locator(blocks, METRIC).locate_one(LON + 0.0009, LAT + 0.0005)
    assert (spot.area, spot.runner_up) == (0, 1)
    assert spot.border_m == pytest.approx(10.1, abs=0.1) and spot.runner_up_m == pytest.approx(10.1, abs=0.1)
    assert Locator(blocks, METRIC).locate_one(LON - 1, LAT).area == NOWHERE


def test_long_flat_areas_have_room_in_the_index() -> None:
    """Borders along a row of pixels fall into many chunks."""
    height, width = 0.0002, 0.4
    strips = [box(LON, LAT + k * height, LON + width, LAT + (k + 1) * height) for k in range(4)]
    lon, lat = hard_points(np.array(strips), np.random.default_rng(4))
    assert (
        Locator(areas_of(strips), METRIC).locate(lon, lat).tolist()
        == joined(np.array(strips), np.arange(4), lon, lat).tolist()
    )


def test_no_areas_hold_nothing() -> None:
    assert Locator(areas_of([]), METRIC).locate(np.array([LON]), np.array([LAT])).tolist() == [NOWHERE]


def test_many_points_in_threads_are_the_same_as_few(blocks: Areas) -> None:
    locator = Locator(blocks, METRIC)
    lon = np.random.default_rng(1).random(200_000) * 0.005 + LON
    lat = np.full(len(lon), LAT + 0.0005)
    whole = locator.locate(lon, lat)
    assert (
        whole.tolist() == np.concatenate([locator.locate(a, lat[: len(a)]) for a in np.array_split(lon, 10)]).tolist()
    )


def test_an_index_is_kept_and_a_damaged_or_other_one_is_built_anew(
    blocks: Areas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lon, lat = np.array([LON + 0.0015]), np.array([LAT + 0.0005])
    built = []
    real = build.build_index
    monkeypatch.setattr(build, "build_index", lambda *given: built.append(1) or real(*given))
    for _ in range(2):
        assert Locator(blocks, METRIC, folder=tmp_path).locate(lon, lat).tolist() == [1]
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    assert len(built) == 1
    for broken in (
        b"",
        whole[:40],
        whole[:-64],
        whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:],
        b"x" + whole[1:],
    ):
        file.unlink()
        file.write_bytes(broken)
        assert Locator(blocks, METRIC, folder=tmp_path).locate(lon, lat).tolist() == [1]
        assert file.read_bytes() == whole
    assert len(built) == 6
    other = Locator(blocks, METRIC, np.array([2, 1, 0]), tmp_path)
    assert other.locate(np.array([LON + 0.001]), lat).tolist() == [1]
    assert len(built) == 7 and len(list(tmp_path.iterdir())) == 2


def test_an_index_that_cannot_be_kept_is_done_without(
    blocks: Areas, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").touch()
    locator = Locator(blocks, METRIC, folder=tmp_path / "taken")
    assert locator.locate(np.array([LON + 0.0015]), np.array([LAT + 0.0005])).tolist() == [1]
    assert "cannot be written" in caplog.text


def test_files_that_nobody_opens_go_after_a_season(tmp_path: Path) -> None:
    for name in ("old.locator", "half.locator.x7", "new.locator", "other"):
        (tmp_path / name).touch()
        if name != "new.locator":
            os.utime(tmp_path / name, (1, 1))
    stored.save(tmp_path / "mine.locator", {"x": np.arange(3)})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.locator", "new.locator", "other"]
    assert stored.load(tmp_path / "old.locator") is None


def test_a_running_process_keeps_its_index_when_the_file_goes(blocks: Areas, tmp_path: Path) -> None:
    locator = Locator(blocks, METRIC, folder=tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    assert locator.locate(np.array([LON + 0.0015]), np.array([LAT + 0.0005])).tolist() == [1]
