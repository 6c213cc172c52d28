"""The unit grid: exact cover, sizes, codes, and bytes that do not change when it is drawn again."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import Polygon, box

from weathermap.city import grid
from weathermap.city.grid import draw_cells, write_grid
from weathermap.city.vertices import write_features
from weathermap.errors import PackError

TOML = """
[city]
code = "9"
name = "试城"
name_en = "Trial"
timezone = "Asia/Shanghai"
crs = "EPSG:4326"
metric_crs = "EPSG:4549"
levels = ["city", "quarter", "cell"]

[level_names]
city = ["市", "City"]
quarter = ["区", "Quarter"]
cell = ["格", "Cell"]
"""
TO_DEGREES = Transformer.from_crs("EPSG:4549", "EPSG:4326", always_xy=True)
EAST, NORTH = 363_000.0, 2_736_000.0


def degrees(shape: Any) -> Any:
    moved = shapely.transform(
        shape, lambda xy: np.column_stack(TO_DEGREES.transform(xy[:, 0] + EAST, xy[:, 1] + NORTH))
    )
    return shapely.transform(moved, lambda xy: np.round(xy, 7))


def write_level(pack: Path, level: str, areas: list[tuple[str, str, Any]]) -> None:
    rows = [({"code": code, "name": code, "name_en": "", "parent": parent, "own": 1}, g) for code, parent, g in areas]
    write_features(pack / f"areas/{level}.geojson", level, rows)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A city of two quarters, 600 × 500 m and 300 × 500 m, the second with an islet and an island."""
    (tmp_path / "city.toml").write_text(TOML, encoding="utf-8")
    west = degrees(box(0, 0, 600, 500))
    islands = [box(1000, 0, 1030, 40), box(1000, 200, 1080, 300)]
    east = degrees(shapely.multipolygons([box(600, 0, 900, 500), *islands]))
    write_level(tmp_path, "quarter", [("91", "9", west), ("92", "9", east)])
    write_level(tmp_path, "city", [("9", "", shapely.coverage_union_all([west, east]))])
    return tmp_path


def features(pack: Path, level: str) -> list[tuple[dict[str, Any], Any]]:
    read = json.loads((pack / f"areas/{level}.geojson").read_text(encoding="utf-8"))["features"]
    return [(f["properties"], shapely.geometry.shape(f["geometry"])) for f in read]


def test_cells_are_exactly_the_areas(pack: Path) -> None:
    said = write_grid(pack, 10_000)
    cells = features(pack, "cell")
    assert f"{len(cells)} cells in 2 areas of level quarter" in said
    assert shapely.coverage_is_valid([shape for _, shape in cells])
    for level, key in (("quarter", lambda own: own["parent"]), ("city", lambda own: own["code"][:1])):
        for own, shape in features(pack, level):
            union = shapely.coverage_union_all([cell for properties, cell in cells if key(properties) == own["code"]])
            assert union.equals(shape)
            assert set(map(tuple, shapely.get_coordinates(union))) == set(map(tuple, shapely.get_coordinates(shape)))


def test_codes_run_from_north_west_without_gaps(pack: Path) -> None:
    write_grid(pack, 10_000)
    cells = features(pack, "cell")
    codes = [own["code"] for own, _ in cells]
    assert codes == sorted(codes) and len(set(codes)) == len(codes)
    west = [shape for own, shape in cells if own["parent"] == "91"]
    assert codes[: len(west)] == [f"91{serial:03d}" for serial in range(1, len(west) + 1)]
    first, last = west[0].centroid, west[-1].centroid
    assert first.x < last.x and first.y > last.y
    heights = [shape.centroid.y for shape in west]
    assert heights[0] - heights[4] < 0.0005  # the first row, about 100 m high, goes from west to east
    assert [shape.centroid.x for shape in west[:4]] == sorted(shape.centroid.x for shape in west[:4])


def test_an_islet_joins_a_cell_and_an_island_is_one(pack: Path) -> None:
    write_grid(pack, 10_000)
    shapes = [shape for own, shape in features(pack, "cell") if own["parent"] == "92"]
    assert [shape.geom_type for shape in shapes].count("MultiPolygon") == 1
    island = degrees(box(1000, 200, 1080, 300))
    assert [shape.symmetric_difference(island).area < 1e-9 for shape in shapes].count(True) == 1


def test_drawing_twice_gives_the_same_bytes(pack: Path) -> None:
    assert "Vertices added to: city, quarter" in write_grid(pack, 10_000)
    first = {path.name: path.read_bytes() for path in (pack / "areas").iterdir()}
    assert "Vertices" not in write_grid(pack, 10_000)
    assert {path.name: path.read_bytes() for path in (pack / "areas").iterdir()} == first


def test_vertices_keep_other_properties_and_one_feature_a_line(pack: Path) -> None:
    write_grid(pack, 10_000)
    assert all(own["own"] == 1 for own, _ in features(pack, "quarter"))
    lines = (pack / "areas/cell.geojson").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(features(pack, "cell")) + 2
    assert json.loads(lines[1].removesuffix(","))["properties"]["code"] == "91001"


def test_too_many_cells_for_the_serials_become_larger_and_it_says_so(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "SERIALS", 20)  # 999 would only take longer
    said = grid.write_grid(pack, 10_000)
    assert said.endswith("Larger cells, since 20 serials did not do: 91.")
    west = [own["code"] for own, _ in features(pack, "cell") if own["parent"] == "91"]
    assert 15 < len(west) <= 20


def test_a_citys_own_areas_are_never_overwritten(pack: Path) -> None:
    text = TOML.replace('"quarter", "cell"', '"quarter"').replace('cell = ["格", "Cell"]\n', "")
    (pack / "city.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match="no cell of level 'city'"):
        write_grid(pack, 10_000)


def test_overlapping_areas_are_refused(pack: Path) -> None:
    write_level(
        pack, "quarter", [("91", "9", degrees(box(0, 0, 610, 500))), ("92", "9", degrees(box(600, 0, 900, 500)))]
    )
    with pytest.raises(PackError, match="overlap"):
        write_grid(pack, 10_000)


def test_a_coarser_border_that_is_no_border_is_refused(pack: Path) -> None:
    write_level(pack, "city", [("9", "", degrees(box(0, 0, 900, 500)))])
    with pytest.raises(PackError, match="no border of level 'quarter'"):
        write_grid(pack, 10_000)


def test_a_pack_without_a_level_to_draw_in_says_what_to_give(pack: Path) -> None:
    (pack / "areas/quarter.geojson").unlink()
    with pytest.raises(PackError, match=r"quarter\.geojson does not exist"):
        write_grid(pack, 10_000)


@st.composite
def blobs(draw: st.DrawFn) -> Polygon:
    """A star-shaped area of 0.2–2 km² with bays and capes."""
    radius = draw(st.floats(250, 800))
    waves = [(k, draw(st.floats(0, 0.45 / k)), draw(st.floats(0, 6.3))) for k in (2, 3, 5)]
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    r = radius * (1 + sum(a * np.sin(k * angle + phase) for k, a, phase in waves))
    return Polygon(np.column_stack([r * np.cos(angle), r * np.sin(angle)]))


@settings(max_examples=12, deadline=None)
@given(blobs(), st.integers(0, 2**32 - 1))
def test_cells_cover_any_area_without_gap_or_overlap(area: Polygon, seed: int) -> None:
    cells = draw_cells(area, 10_000, seed)
    sizes = shapely.area(cells)
    assert shapely.coverage_is_valid(cells)
    assert abs(sizes.sum() - area.area) < 1e-3
    assert shapely.coverage_union_all(cells).symmetric_difference(area).area < 1e-3
    assert sizes.min() > 2_500
    assert sizes.max() < 25_000
    if len(cells) > 30:
        assert 9_000 < sizes.mean() < 11_000


def test_an_area_with_a_lake_keeps_it() -> None:
    area = Polygon(box(0, 0, 800, 600).exterior, [box(300, 200, 520, 420).exterior])
    cells = draw_cells(area, 10_000, 1)
    assert shapely.coverage_is_valid(cells)
    assert shapely.coverage_union_all(cells).symmetric_difference(area).area < 1e-3


def test_the_seed_decides_and_a_small_area_stays_whole() -> None:
    area = box(0, 0, 700, 400)
    assert draw_cells(area, 10_000, 3) == draw_cells(area, 10_000, 3)
    assert draw_cells(area, 10_000, 3) != draw_cells(area, 10_000, 4)
    assert [cell.area for cell in draw_cells(box(0, 0, 110, 110), 10_000, 3)] == [12_100]
