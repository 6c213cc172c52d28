"""Drawing a schematic pack: real outline, invented borders, exactly nested; and the committed pack that came of it."""

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import Point, Polygon, box

from etl.draw.areas import Drawn, draw_areas
from etl.draw.neighbours import cut_to
from etl.draw.partition import owners, power_cells, settle
from etl.draw.points import Land, write_points
from etl.draw.sources import Community, Town, read_communities, read_towns, short_name
from etl.draw.warp import Warp

CRS = "EPSG:4549"
WEST, SOUTH = 118.60, 24.70
TOWNS = [
    Town("901", "甲镇", "Jia", ((WEST + 0.008, SOUTH + 0.015, 2.0),), (WEST + 0.008, SOUTH + 0.015)),
    Town("902", "乙镇", "Yi", ((WEST + 0.028, SOUTH + 0.015, 6.0),), (WEST + 0.028, SOUTH + 0.015)),
]
COMMUNITIES = [
    *(Community(f"90100{i}", f"甲{i}社区", f"Jia {i}", "901", None, "") for i in range(1, 4)),
    Community("902001", "角村", "Corner", "902", (WEST + 0.036, SOUTH + 0.027), "940"),
    *(Community(f"90200{i}", f"乙{i}村", f"Yi {i}", "902", None, "") for i in range(2, 7)),
]
MAIN = Polygon([(WEST, SOUTH), (WEST + 0.04, SOUTH), (WEST + 0.038, SOUTH + 0.03), (WEST + 0.002, SOUTH + 0.028)])
ISLET = box(WEST + 0.041, SOUTH + 0.025, WEST + 0.042, SOUTH + 0.026)
OUTLINE = shapely.multipolygons([MAIN, ISLET])


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return draw_areas(OUTLINE, TOWNS, COMMUNITIES, CRS, seed=5)


def test_the_parts_are_the_outline(drawn: Drawn) -> None:
    assert len(drawn.communities) == 9 and len(drawn.towns) == 2
    for shapes in (drawn.communities, drawn.towns):
        assert shapely.coverage_is_valid(shapes)
        assert shapely.coverage_union_all(shapes).equals(drawn.city)
    assert drawn.city.symmetric_difference(OUTLINE).area < 1e-8  # degrees²: 100 m² of rounding on 10 km²
    assert all(len(shapely.get_parts(shape)) == 1 for shape in drawn.communities[:3])


def test_towns_lie_at_their_seats_with_their_sizes(drawn: Drawn) -> None:
    for town, shape in zip(TOWNS, drawn.towns, strict=True):
        assert shape.contains(Point(town.seat))
    small, large = (shape.area for shape in drawn.towns)
    assert small / (small + large) == pytest.approx(0.25, abs=0.02)


def test_a_known_place_and_the_islet_beside_it_belong_together(drawn: Drawn) -> None:
    corner = drawn.communities[3]
    assert corner.contains(Point(COMMUNITIES[3].near))
    assert [shape.contains(ISLET.centroid) for shape in drawn.communities].index(True) == 3


def test_coordinates_are_rounded_and_drawing_again_gives_the_same(drawn: Drawn) -> None:
    xy = shapely.get_coordinates(drawn.communities)
    assert np.array_equal(xy, np.round(xy, 7))
    again = draw_areas(OUTLINE, TOWNS, COMMUNITIES, CRS, seed=5)
    assert [shape.wkb for shape in again.communities] == [shape.wkb for shape in drawn.communities]


def test_power_cells_agree_with_owners_and_areas() -> None:
    x, y = np.meshgrid(np.arange(0, 2000, 20.0), np.arange(0, 1000, 20.0))
    points = np.column_stack([x.ravel(), y.ravel()])
    wanted = np.array([1.0, 2.0, 3.0])
    sites, weights = settle(points, 400.0, np.array([[300.0, 500], [900, 400], [1500, 600]]), wanted, 150, 0.9)
    owner = owners(points, sites, weights)
    assert np.bincount(owner) / len(points) == pytest.approx(wanted / 6, abs=0.02)
    cells = power_cells(sites, weights, (-10.0, -10.0, 2010.0, 1010.0))
    held = np.array([shapely.contains_xy(shapely.buffer(cell, 0.01), points[:, 0], points[:, 1]) for cell in cells])
    assert held[owner, np.arange(len(points))].all()


def test_the_bending_has_an_inverse() -> None:
    warp = Warp(np.random.default_rng(1))
    plane = np.random.default_rng(2).uniform(0, 9000, (500, 2))
    assert np.abs(warp.to_plane(warp.to_ground(plane)) - plane).max() < 1e-3
    assert np.abs(Warp(np.random.default_rng(3)).to_plane(plane) - warp.to_plane(plane)).max() > 50  # the seed decides


def test_neighbours_meet_the_city_vertex_by_vertex() -> None:
    city = Polygon([(0, 0), (0.01, 0), (0.01, 0.004), (0.01, 0.006), (0.01, 0.01), (0.005, 0.01), (0, 0.01)])
    county = box(0.01, -0.01, 0.03, 0.02).union(box(0.005, 0.01, 0.03, 0.02))
    (land,) = cut_to(box(-1, -1, 1, 1), [county], city)
    assert shapely.coverage_is_valid([city, land])
    assert land.intersection(city).area == 0
    assert shapely.intersection(shapely.boundary(land), shapely.boundary(city)).length == pytest.approx(0.015)


def test_points_lie_inside_and_keep_off_borders(drawn: Drawn, tmp_path: Path) -> None:
    (tmp_path / "drawing").mkdir()
    (tmp_path / "units.csv").write_text("code,area\nT1,901\nT2,902\n", encoding="utf-8")
    (tmp_path / "drawing/points.csv").write_text(
        "kind,count,where,names,names_en,unit\nD1,9,community,活动中心,Centre,\nD2,2,town,驻地,Seat,\n"
        "D3,40,urban,一巷/二巷,First Lane/Second Lane,B1\nD4,5,outer,溪段,Stream,\n",
        encoding="utf-8",
    )
    project = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    shapes = shapely.transform(np.array(drawn.communities), project.transform, interleaved=False)
    land = Land(COMMUNITIES, shapes, {town.code: town for town in TOWNS}, project)
    assert write_points(tmp_path, land, seed=1) == 56
    with (tmp_path / "points.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["name"] for row in rows}) == len({row["code"] for row in rows}) == 56
    names = {town.name + community.name: k for k, community in enumerate(COMMUNITIES) for town in TOWNS}
    for row in rows:
        spot = Point(project.transform(float(row["lon"]), float(row["lat"])))
        shape = shapes[names[row["address"]]]
        assert shape.contains(spot) and shapely.boundary(shape).distance(spot) > 29
        assert row["unit"] == ("B1" if row["kind"] == "D3" else {"甲": "T1", "乙": "T2"}[row["address"][0]])


def test_names_lose_their_committees(tmp_path: Path) -> None:
    assert short_name("金林社区居委会") == "金林社区"
    assert short_name("仕林村委会") == "仕林村"
    (tmp_path / "v.csv").write_text('901001,"甲社区居委会",901\n940498,"区虚拟社区",940\n', encoding="utf-8")
    (tmp_path / "c.csv").write_text(
        "code,name,name_en,parent,lon,lat,zone\n901001,,Jia,,,,\n940498,虚拟社区,Zone,901,118.6,24.7,940\n",
        encoding="utf-8",
    )
    first, second = read_communities(tmp_path / "v.csv", tmp_path / "c.csv")
    assert (first.name, first.town, first.near) == ("甲社区", "901", None)
    assert (second.name, second.town, second.near, second.zone) == ("虚拟社区", "901", (118.6, 24.7), "940")


def test_towns_take_their_sites_and_an_overlay_has_none(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text('901,"甲镇",9\n940,"高新区",9\n', encoding="utf-8")
    (tmp_path / "seats.csv").write_text("code,name,lon,lat,note\n901,甲,118.6,24.7,x\n940,高,118.7,24.7,y\n", "utf-8")
    (tmp_path / "t.csv").write_text(
        "code,name_en,lon,lat,km2\n901,Jia,118.6,24.7,3\n901,Jia,118.61,24.7,2\n940,Zone,,,\n"
    )
    town, zone = read_towns(tmp_path / "s.csv", tmp_path / "seats.csv", tmp_path / "t.csv")
    assert [km2 for *_, km2 in town.sites] == [3.0, 2.0] and zone.sites == ()
