"""Packs read from folders, from kept files, with other people's area files; what cannot be read says so at once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from weathermap.city.archive import from_archive, to_archive
from weathermap.city.check import check_pack
from weathermap.city.crs import likely, to_degrees
from weathermap.city.manual import refresh
from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack, read_pack_files
from weathermap.city.schema import TABLES
from weathermap.errors import CrsError, PackError

ROOT = Path(__file__).parents[2]
PACKS = ROOT / "tests/packs"


@pytest.fixture(scope="module")
def toy() -> Pack:
    return read_pack(PACKS / "toy")


@pytest.fixture(scope="module")
def plain() -> Pack:
    return read_pack(PACKS / "plain")


def test_the_made_up_packs_are_what_their_script_makes(tmp_path: Path) -> None:
    script = shutil.copy(PACKS / "make.py", tmp_path / "make.py")
    subprocess.run([sys.executable, script], check=True)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(PACKS): path.read_bytes() for path in PACKS.rglob("*") if path.is_file()}
    assert made == {name: content for name, content in kept.items() if "__pycache__" not in name.parts}


def test_levels_are_sorted_by_code_and_know_their_lines(toy: Pack) -> None:
    assert {level: len(areas) for level, areas in toy.areas.items()} == {
        "city": 1, "town": 3, "community": 7, "cell": 96, "zone": 3
    }  # fmt: skip
    for level, areas in toy.areas.items():
        assert areas.codes.tolist() == sorted(areas.codes)
        lines = toy.files[f"areas/{level}.geojson"].decode().splitlines()
        for code, line in zip(areas.codes, areas.lines.tolist(), strict=True):
            assert f'"code":"{code}"' in lines[line - 1]


def test_every_level_is_the_whole_city(toy: Pack, plain: Pack) -> None:
    for pack in (toy, plain):
        city = pack.areas[pack.config.levels[0]].geoms[0]
        for areas in pack.areas.values():
            assert shapely.coverage_is_valid(areas.geoms)
            assert shapely.equals(shapely.coverage_union_all(areas.geoms), city)


def test_tables(toy: Pack) -> None:
    assert {name: len(getattr(toy, name)) for name in TABLES} == {
        "units": 8, "people": 13, "categories": 8, "specials": 2, "limits": 6, "duties": 8, "standards": 4,
        "point_kinds": 3, "points": 7, "sources": 4, "holidays": 2, "ladder": 6,
    }  # fmt: skip
    assert toy.duties[5].area == "town:990101101"
    assert toy.duties[5].valid_from is not None
    assert toy.categories[0].red_line
    assert not toy.categories[2].red_line


def test_city_without_a_file_is_the_union_of_its_districts(plain: Pack) -> None:
    city, districts = plain.areas["city"], plain.areas["district"]
    assert (city.codes[0], city.names[0]) == ("PLN", "Plainville")
    assert districts.parents.tolist() == ["PLN"] * 4
    assert districts.codes.tolist() == ["01", "02", "03", "04"]
    assert districts.names[0] == "District 1"
    assert shapely.area(city.geoms[0]) == pytest.approx(shapely.area(districts.geoms).sum())
    assert len(shapely.get_rings(districts.geoms[0])) == 2  # the enclave


def test_equal_packs_have_equal_hashes_and_every_file_counts(toy: Pack, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PACKS / "toy", tmp_path / "elsewhere"))
    assert (read_pack(folder).sha256, read_pack(folder).boundary_sha256) == (toy.sha256, toy.boundary_sha256)
    for name in toy.files:
        changed = read_pack_files({**toy.files, name: toy.files[name] + b"\n"})
        assert changed.sha256 != toy.sha256, name
        assert (changed.boundary_sha256 != toy.boundary_sha256) == name.startswith("areas/"), name


def test_pack_is_read_again_from_its_files(toy: Pack, plain: Pack) -> None:
    for pack in (toy, plain):
        again = from_archive(to_archive(pack))
        assert (again.sha256, again.boundary_sha256, again.duties) == (pack.sha256, pack.boundary_sha256, pack.duties)
        for level, areas in pack.areas.items():
            assert shapely.equals_identical(areas.geoms, again.areas[level].geoms).all()


def rewrite(source: Path, target: Path, crs: str, member: str | None) -> Path:
    """`source`'s features in `crs`, indented, codes as numbers under another name, with a `crs` member."""
    content = json.loads(source.read_text(encoding="utf-8"))
    change = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    for feature in content["features"]:
        geom = shapely.transform(shapely.geometry.shape(feature["geometry"]), change, interleaved=False)
        feature["geometry"] = shapely.geometry.mapping(geom)
        feature["properties"] = {"ID": float(feature["properties"]["code"]), "NAME": feature["properties"]["name"]}
    if member:
        content = {"crs": {"type": "name", "properties": {"name": member}}, **content}
    target.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return target


@pytest.mark.parametrize("crs", ["EPSG:4549", "urn:ogc:def:crs:EPSG::3857"])
def test_area_file_from_elsewhere(toy: Pack, tmp_path: Path, crs: str) -> None:
    towns = rewrite(PACKS / "toy/areas/town.geojson", tmp_path / "mine.geojson", crs, crs)
    folder = Path(shutil.copytree(PACKS / "toy", tmp_path / "toy"))
    with (folder / "city.toml").open("a", encoding="utf-8") as file:
        file.write('[area_fields.town]\ncode = "ID"\nname = "NAME"\nparent = ""\n')
    pack = read_pack(folder, {"town": towns})
    town = pack.areas["town"]
    assert town.codes.tolist() == toy.areas["town"].codes.tolist()
    assert town.parents.tolist() == ["990101"] * 3
    assert np.allclose(shapely.get_coordinates(town.geoms), shapely.get_coordinates(toy.areas["town"].geoms), atol=1e-8)
    assert pack.files["areas/town.geojson"] == towns.read_bytes()
    assert read_pack_files(pack.files).boundary_sha256 == pack.boundary_sha256 != toy.boundary_sha256
    assert town.file == towns
    assert [towns.read_text(encoding="utf-8").splitlines()[line - 1].strip() for line in town.lines] == ["{"] * 3
    assert not check_pack(folder, {"town": towns})


def test_points_follow_the_citys_crs(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PACKS / "toy", tmp_path / "toy"))
    change = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True).transform
    toml = (folder / "city.toml").read_text(encoding="utf-8")
    (folder / "city.toml").write_text(toml.replace('crs = "EPSG:4326"', 'crs = "EPSG:4549"', 1), encoding="utf-8")
    for level in ("city", "town", "community", "cell", "zone"):
        path = folder / f"areas/{level}.geojson"
        content = path.read_text(encoding="utf-8").replace("{", '{"crs":{"properties":{"name":"EPSG:4326"}},', 1)
        path.write_text(content, encoding="utf-8")
    x, y = change(120.5045, 24.996)
    header, first = "code,kind,name,lon,lat", f"PT01,market,东街市场,{x},{y}"
    (folder / "points.csv").write_text(f"{header}\n{first}\n", encoding="utf-8")
    point = read_pack(folder).points[0]
    assert (point.lon, point.lat) == pytest.approx((120.5045, 24.996), abs=1e-9)
    assert (point.unit, point.declared_on) == ("", None)


def test_byte_order_mark_blank_lines_and_quoted_line_ends(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PACKS / "plain", tmp_path / "plain"))
    rows = 'code,name,name_en,kind\r\nA,"两\r\n行",,service\r\n\r\nB,乙,,serv\r\n'
    (folder / "categories.csv").write_bytes(rows.encode("utf-8-sig"))
    assert [(fault.line, fault.what[:11]) for fault in check_pack(folder)] == [(5, "kind 'serv'")]
    (folder / "categories.csv").write_bytes(rows.replace("serv\r", "service\r").encode("utf-8-sig"))
    assert [category.name for category in read_pack(folder).categories] == ["两\r\n行", "乙"]


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("areas/beat.geojson", b"", "areas/beat.geojson:1: broken JSON"),
        ("areas/beat.geojson", b"{}", "areas/beat.geojson:1: the file has no features"),
        ("areas/beat.geojson", b'{"features":[]}', "areas/beat.geojson:1: level 'beat' has no area"),
        ("areas/beat.geojson", b'{"features":[1]}', "areas/beat.geojson:1: the feature has no geometry"),
        ("areas/beat.geojson", b'{"features":[{"type":\n', "areas/beat.geojson:2: broken JSON"),
        ("areas/beat.geojson", b'{"features":[\xff]}', "areas/beat.geojson:1: the file is not UTF-8"),
        ("categories.csv", b"code;name\n", "categories.csv:1: unknown column 'code;name'"),
        ("categories.csv", b"", "categories.csv:1: column 'code' is missing"),
        ("city.toml", b"city = 1", "city.toml:1: city stands outside a table"),
        ("city.toml", b"\xff", "city.toml:1: the file is not UTF-8"),
        ("city.toml", b"", "city.toml:0: .city. has no code"),
    ],
)
def test_reading_stops_at_the_first_thing_that_cannot_be_read(
    plain: Pack, file: str, content: bytes, words: str
) -> None:
    with pytest.raises(PackError, match=words) as raised:
        read_pack_files({**plain.files, file: content})
    assert raised.value.remedy


def test_folder_that_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="is no city pack"):
        read_pack(tmp_path)
    assert [fault.file for fault in check_pack(tmp_path)] == ["city.toml"]


FEET = np.array([[770_000.0, 2_950_000.0], [775_000.0, 2_955_000.0]])


def test_feet_that_are_called_degrees_are_recognised() -> None:
    assert likely(FEET, "EPSG:26986")[0] == "EPSG:2249"
    with pytest.raises(CrsError, match="are no degrees") as raised:
        to_degrees(FEET, "EPSG:4326", "EPSG:26986", "areas/district.geojson")
    assert "EPSG:2249, NAD83 / Massachusetts Mainland (ftUS), in US survey foot" in raised.value.remedy
    degrees = to_degrees(FEET, "EPSG:2249", "EPSG:26986", "areas/district.geojson")
    assert degrees[0] == pytest.approx((-71.077, 42.342), abs=0.01)


def test_metres_of_another_place_are_refused() -> None:
    with pytest.raises(CrsError, match="lie outside the area of use of EPSG:26986"):
        to_degrees(np.array([[363_412.8, 2_736_819.3]]), "EPSG:32633", "EPSG:26986", "points.csv")


def test_known_point_in_gauss_krueger() -> None:
    degrees = to_degrees(np.array([[363_412.8, 2_736_819.3]]), "EPSG:4549", "EPSG:4549", "points.csv")
    assert degrees[0] == pytest.approx((118.65, 24.73), abs=2e-6)


def test_the_manual_is_what_the_schema_says() -> None:
    text = (ROOT / "gis_data/README.md").read_text(encoding="utf-8")
    assert refresh(text) == text, "run: python -m weathermap.city.manual gis_data/README.md"
    for table in TABLES.values():
        assert f"### {table.file}\n" in text
        assert [column.name for column in table.columns] == list(table.row.__dataclass_fields__)


def test_the_manual_names_every_entry_of_a_mapping() -> None:
    from etl.mapping import PUBLISHED
    from etl.mapping import TABLES as ENTRIES

    text = (ROOT / "gis_data/README.md").read_text(encoding="utf-8").partition("## mapping.toml")[2]
    wanted = {name for entries in (*ENTRIES.values(), PUBLISHED) for name in entries}
    assert not {name for name in wanted if f"{name} = " not in text and f".{name}]" not in text}
    assert not {name for name in ENTRIES if name and f"[{name}]" not in text}
