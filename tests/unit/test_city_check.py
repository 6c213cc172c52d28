"""Every kind of fault, made by breaking the toy pack: named with file, line and remedy, and nothing else named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from weathermap.city.chain import tie_rank
from weathermap.city.check import check_pack, examine
from weathermap.city.finding import Findings
from weathermap.city.reading import read_pack
from weathermap.errors import CrsError, PackError
from weathermap.locate.index import Locator

PACKS = Path(__file__).parents[1] / "packs"
CELL, COMMUNITY, TOWN = (f"areas/{level}.geojson" for level in ("cell", "community", "town"))


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKS / "toy", tmp_path / "toy"))


@pytest.mark.parametrize("name", ["toy", "plain"])
def test_sound_packs_have_neither_fault_nor_warning(name: str) -> None:
    assert examine(PACKS / name) == Findings()


def edit(path: Path, old: str, new: str) -> None:
    """Replace the one place that says `old`."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


class Slip(NamedTuple):
    """In `file` put `new` for `old`: the checker names `words` in `line` (of `where`), and `faults` faults in all."""

    file: str
    old: str
    new: str
    line: int
    words: str
    where: str = ""
    faults: int = 1


SLIPS = {
    "unknown unit of a point": Slip("points.csv", "T101,石桥街,", "T999,石桥街,", 6, "unit 'T999' is not in units.csv"),
    "unknown kind of point": Slip(
        "points.csv", "PT01,market", "PT01,casino", 2, "kind 'casino' is not in point_kinds.csv"
    ),
    "person of unknown unit": Slip("people.csv", "郑十,B01", "郑十,B99", 11, "unit 'B99' is not in units.csv"),
    "unknown special work": Slip(
        "categories.csv", "event,market", "event,fairs", 7, "special 'fairs' is not in specials.csv"
    ),
    "unknown unit of a duty": Slip("duties.csv", ",R01,", ",R99,", 4, "unit 'R99' of duty 'D03' is not in units.csv"),
    "unknown person": Slip("duties.csv", "K01,PK1", "K01,PK9", 7, "person 'PK9' is not in people.csv"),
    "unknown standard": Slip("duties.csv", ",S02,", ",S99,", 6, "standard 'S99' is not in standards.csv"),
    "unknown source": Slip("duties.csv", ",hotline,", ",phone,", 9, "source 'phone' is not in sources.csv"),
    "unknown area": Slip("duties.csv", "town:990101101,", "town:990101109,", 7, "area 'town:990101109' of duty 'D06'"),
    "area of no level": Slip("duties.csv", "town:990101101,", "ward:990101101,", 7, "names no level of the chain"),
    "unknown parent unit": Slip(
        "units.csv", "contractor,,B01", "contractor,,B99", 9, "parent 'B99' is not in units.csv"
    ),
    "unknown governed area": Slip(
        "units.csv", "bureau,,\nB02", "bureau,990101009,\nB02", 5, "area '990101009' is in no area"
    ),
    "area governed twice": Slip("units.csv", "bureau,,\nB02", "bureau,990101001,\nB02", 5, "in lines 2 and 5"),
    "two heads": Slip("people.csv", "T101,handler", "T101,head", 5, "unit 'T101' has two heads: in lines 4 and 5"),
    "duplicate code": Slip("standards.csv", "S04,", "S03,", 5, "code 'S03' is there twice: in lines 4 and 5"),
    "duty that matches no category": Slip("duties.csv", "D04,E0505", "D04,E0606", 5, "duty 'D04' matches nothing"),
    "duty whose prefix matches none": Slip("duties.csv", "D02,C01*", "D02,C02*", 3, "duty 'D02' matches nothing"),
    "duty that ends before it begins": Slip("duties.csv", "2026-12-31", "2025-12-31", 8, "duty 'D07' matches nothing"),
    "nobody governs a town": Slip("units.csv", "town,990101101", "town,", 2, "none governs 990101101", "duties.csv"),
    "unknown level of @": Slip("duties.csv", "@town", "@ward", 2, "unit '@ward' of duty 'D01' names no level"),
    "person of another unit": Slip(
        "duties.csv", "K01,PK1", "K01,PB1", 7, "person 'PB1' of duty 'D06' is of unit 'B01'"
    ),
    "standard for another kind": Slip(
        "duties.csv", ",S02,", ",S03,", 6, "standard 'S03' of duty 'D05' is for 'street'"
    ),
    "tie": Slip("duties.csv", "D04,E0505", "D04,C0118", 5, "duties 'D03' and 'D04' tie: lines 4 and 5"),
    "category without a limit": Slip("limits.csv", "*,5", "E0*,5", 0, "category 'C0118' has no limit"),
    "limit for no category": Slip("limits.csv", "C0102", "C0999", 7, "category 'C0999' matches no category"),
    "limit of nothing": Slip("limits.csv", "E0104,2", "E0104,0", 4, "amount '0' is not above zero"),
    "part of a workday": Slip("limits.csv", "*,5", "*,2.5", 2, "amount 2.5 workdays is not whole"),
    "unknown column": Slip("people.csv", "title", "titel", 1, "unknown column 'titel'"),
    "column twice": Slip("points.csv", "address,", "unit,", 1, "column 'unit' is there twice"),
    "missing column": Slip("point_kinds.csv", "code,name,name_en", "code,name_en", 1, "column 'name' is missing"),
    "row too short": Slip("specials.csv", "fire,消防设施专项,", "fire,", 2, "the row has 3 values, the header 4"),
    "no number": Slip("points.csv", "120.5135", "12O.5135", 3, "lon '12O.5135' is no number"),
    "no date": Slip("points.csv", "2026-03-01", "2026-02-30", 7, "declared_on '2026-02-30' is no date"),
    "no such value": Slip(
        "people.csv", "P102,吴四,T101,handler", "P102,吴四,T101,hand", 5, "role 'hand' is none of head"
    ),
    "neither 0 nor 1": Slip("categories.csv", "disorder,event,,0", "disorder,event,,no", 9, "red_line 'no' is neither"),
    "empty": Slip("points.csv", "PT02,street,河滨路,", "PT02,street,,", 3, "name is empty"),
    "quotation mark left open": Slip("standards.csv", "S02,market,", 'S02,market,"', 3, "the row cannot be read"),
    "point outside the city": Slip(
        "points.csv", "120.5045", "120.6045", 2, "point 'PT01' (120.604500, 24.996000) lies outside"
    ),
    "swapped columns": Slip("points.csv", "lon,lat", "lat,lon", 2, "lie outside the area of use"),
    "holiday outside the calendar": Slip(
        "holidays.csv", "2026-11-11", "1926-11-11", 2, "1926-11-11 lies outside the calendar"
    ),
    "step without a condition": Slip(
        "ladder.csv", "urge,-2,", "urge,,", 2, "step 'L1' has neither overdue_hours nor reworked"
    ),
    "reminder with a decider": Slip(
        "ladder.csv", "urge,0,0,,,,", "urge,0,0,,,commander,", 3, "reminder 'L2' has a decider"
    ),
    "step without a decider": Slip("ladder.csv", "4,1,,,commander,", "4,1,,,,", 4, "step 'L3' has no decider"),
    "decider who may not": Slip(
        "ladder.csv", "12,commander,", "12,supervisor,", 6, "a supervisor may not order ('L5')"
    ),
    "broken TOML": Slip("city.toml", '"玩具市"', "玩具市", 4, "broken TOML"),
    "bad time zone": Slip(
        "city.toml", "Asia/Shanghai", "Asia/Shangai", 6, "timezone 'Asia/Shangai' is no IANA time zone"
    ),
    "unknown crs": Slip("city.toml", 'crs = "EPSG:4326"', 'crs = "EPSG:1"', 7, "crs 'EPSG:1' is no coordinate system"),
    "metric_crs in degrees": Slip(
        "city.toml", "EPSG:4549", "EPSG:4490", 8, "is not a projected coordinate system in metres"
    ),
    "no name": Slip("city.toml", 'name = "玩具市"\n', "", 0, "[city] has no name"),
    "unknown key": Slip("city.toml", "attribution", "atribution", 14, "unknown key 'atribution'"),
    "unknown table": Slip("city.toml", "[level_names]", "[wether]\n[level_names]", 22, "unknown table [wether]"),
    "level without a name": Slip("city.toml", 'zone = ["片区", "Zone"]\n', "", 0, "level 'zone' has no name"),
    "name of no level": Slip(
        "city.toml", 'zone = ["', 'ward = ["a", "b"]\nzone = ["', 27, "names 'ward', which is no level"
    ),
    "unsaid schematic": Slip(
        "city.toml", '["边界为虚构", "Made-up borders"]', '["", ""]', 11, "a schematic map must say so"
    ),
    "office hours backwards": Slip("city.toml", '"14:00", "18:00"', '"18:00", "14:00"', 18, "does not run forward"),
    "unknown threshold": Slip(
        "city.toml", "[level_names]", "[weather]\nflaw = 1\n[level_names]", 23, "no threshold 'flaw'"
    ),
    "threshold of another shape": Slip(
        "city.toml", "[level_names]", "[weather]\nflow = 1\n[level_names]", 23, "does not fit"
    ),
    "fields of no level": Slip("city.toml", "[level_names]", "[area_fields.ward]\n[level_names]", 22, "names 'ward'"),
    "unknown crs of a file": Slip(
        "city.toml", "[level_names]", '[area_fields.town]\ncrs = "EPSG:1"\n[level_names]', 22, "crs 'EPSG:1' is no"
    ),
    "unknown unpartitioned": Slip(
        "city.toml", "[level_names]", 'unpartitioned = ["ward"]\n[level_names]', 22, "names 'ward'"
    ),
    "missing neighbours": Slip("city.toml", '"neighbours.geojson"', '"near.geojson"', 0, "is missing", "near.geojson"),
    "broken JSON": Slip(TOWN, '"name":"南岭镇"', '"name":"南岭镇', 4, "broken JSON"),
    "area without a code": Slip(TOWN, '"code":"990101101",', "", 4, "the feature has no 'code'"),
    "point for an area": Slip("neighbours.geojson", '"Polygon"', '"LineString"', 2, "the geometry is a LineString"),
    "unknown parent area": Slip(
        COMMUNITY,
        '竹林村","name_en":"Bamboo Grove","parent":"990101101"',
        '竹林村","parent":"9"',
        7,
        "community '990101101202': parent '9' is no town",
        COMMUNITY,
        2,
    ),
    "duplicate area": Slip(
        TOWN, '"code":"990101101"', '"code":"990101002"', 4, "'990101002' is there twice: in lines 3 and 4", TOWN, 9
    ),
    "cell serial 000": Slip(CELL, '"990101101203008"', '"990101101203000"', 97, "has the serial 000"),
    "cell code too short": Slip(CELL, '"990101101203008"', '"99010110120308"', 97, "has not 15 digits"),
    "cell of another community": Slip(
        CELL, '"990101101203008"', '"990101101202908"', 97, "does not start with its parent's code"
    ),
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS.keys())
def test_slip_is_named(toy: Path, slip: Slip) -> None:
    edit(toy / slip.file, slip.old, slip.new)
    faults = check_pack(toy)
    found = [(fault.file, fault.line) for fault in faults if slip.words in fault.what]
    assert found == [(slip.where or slip.file, slip.line)], faults
    assert len(faults) == slip.faults, faults
    assert all(len(fault.remedy) > 10 for fault in faults)


def test_file_in_another_encoding(toy: Path) -> None:
    text = (toy / "people.csv").read_text(encoding="utf-8")
    (toy / "people.csv").write_bytes(text.encode("gb18030"))
    fault = next(fault for fault in check_pack(toy) if fault.file == "people.csv")
    assert (fault.line, fault.what) == (2, "the file is not UTF-8 (it may be GB18030).")


@pytest.mark.parametrize("name", ["categories.csv", "sources.csv", TOWN, "city.toml"])
def test_missing_file(toy: Path, name: str) -> None:
    (toy / name).unlink()
    assert name in [fault.file for fault in check_pack(toy)]
    with pytest.raises(PackError):
        read_pack(toy)


@pytest.mark.parametrize("name", ["dutys.csv", "areas/ward.geojson"])
def test_file_that_nobody_reads(toy: Path, name: str) -> None:
    (toy / name).write_text("code,name\n")
    assert [(fault.file, fault.line) for fault in check_pack(toy)] == [(name, 0)]


def redraw(path: Path, line: int, change: Callable[[list[list[float]]], Any]) -> list[list[float]]:
    """Put `change(outer ring)` in place of the outer ring of the feature on `line`; returns the ring as it was."""
    lines = path.read_text(encoding="utf-8").splitlines()
    feature = json.loads(lines[line - 1].rstrip(","))
    ring: list[list[float]] = feature["geometry"]["coordinates"][0]
    feature["geometry"]["coordinates"][0] = change([list(point) for point in ring])
    lines[line - 1] = json.dumps(feature, ensure_ascii=False) + "," * lines[line - 1].endswith(",")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ring


def moved(corner: int, dx: float, dy: float) -> Callable[[list[list[float]]], list[list[float]]]:
    def change(ring: list[list[float]]) -> list[list[float]]:
        ring[corner] = [ring[corner][0] + dx, ring[corner][1] + dy]
        if corner == 0:
            ring[-1] = ring[0]
        return ring

    return change


def line_of(path: Path, code: str) -> int:
    return next(i for i, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if f'"{code}"' in text)


def test_overlap_and_gap_name_both_areas_and_their_size(toy: Path) -> None:
    # The south-eastern corner of the first cell moves to the south-east: into three neighbours of its community.
    redraw(toy / CELL, 2, moved(2, 0.0002, -0.0002))
    faults = check_pack(toy)
    assert {fault.file for fault in faults} == {CELL}
    overlaps = [fault for fault in faults if "overlap by" in fault.what]
    assert all("'990101001001001'" in fault.what and " m² (lines 2 and " in fault.what for fault in overlaps)
    assert len(overlaps) == len(faults) == 3
    # Back to the north-west: what it leaves is nobody's.
    redraw(toy / CELL, 2, moved(2, -0.0004, 0.0004))
    gaps = [fault for fault in check_pack(toy) if "has a gap of" in fault.what]
    assert [gap.line for gap in gaps] == [2]
    assert "community '990101001001' has a gap of" in gaps[0].what
    assert "beside cell '990101001001001' and '99010100100100" in gaps[0].what
    assert "unpartitioned" in gaps[0].remedy


def test_a_hole_is_filled_by_another_area_or_is_a_gap(toy: Path) -> None:
    # A square in the middle of the first cell is cut out of it; then it is an area of its own.
    lines = (toy / CELL).read_text(encoding="utf-8").splitlines()
    feature = json.loads(lines[1].rstrip(","))
    (outer,) = feature["geometry"]["coordinates"]
    x, y = (sum(point[k] for point in outer[:-1]) / (len(outer) - 1) for k in (0, 1))
    hole = [[x + dx, y + dy] for dx, dy in ((-1e-4, -1e-4), (1e-4, -1e-4), (1e-4, 1e-4), (-1e-4, 1e-4), (-1e-4, -1e-4))]
    feature["geometry"]["coordinates"] = [outer, hole[::-1]]
    lines[1] = json.dumps(feature, ensure_ascii=False) + ","
    (toy / CELL).write_text("\n".join(lines), encoding="utf-8")
    (gap,) = check_pack(toy)
    assert gap.line == 2
    assert "community '990101001001' has a gap of" in gap.what
    within = json.loads(json.dumps(feature))
    within["properties"]["code"] = "990101001001999"
    within["geometry"]["coordinates"] = [hole]
    lines.insert(2, json.dumps(within, ensure_ascii=False) + ",")
    (toy / CELL).write_text("\n".join(lines), encoding="utf-8")
    assert check_pack(toy) == []
    pack = read_pack(toy)
    locator = Locator(pack.finest, pack.config.metric_crs, tie_rank(pack))
    found = locator.locate(np.array([x, x + 2e-4, hole[0][0]]), np.array([y, y + 2e-4, hole[0][1]]))
    codes = [str(pack.finest.codes[row]) for row in found]
    assert codes == ["990101001001999", feature["properties"]["code"], feature["properties"]["code"]]
    # A hole beside its area is no hole.
    feature["geometry"]["coordinates"] = [outer, [[px + 1, py] for px, py in hole]]
    lines[1] = json.dumps(feature, ensure_ascii=False) + ","
    (toy / CELL).write_text("\n".join(lines), encoding="utf-8")
    outside = check_pack(toy)[0]
    assert (outside.file, outside.line) == (CELL, 2)
    assert "invalid ring: Hole lies outside shell" in outside.what
    assert "Mend the ring" in outside.remedy


def test_child_that_leaves_its_parent(toy: Path) -> None:
    redraw(toy / CELL, 2, moved(0, -0.0005, 0.0005))
    faults = check_pack(toy)
    assert [(fault.file, fault.line) for fault in faults] == [(CELL, 2)]
    assert "cell '990101001001001' is not inside its community '990101001001'" in faults[0].what


def test_tolerance_lets_small_misfits_pass_as_one_warning(toy: Path) -> None:
    redraw(toy / CELL, 2, moved(2, 0.00002, -0.00002))
    assert len(check_pack(toy)) == 3
    edit(toy / "city.toml", "[level_names]", "coverage_tolerance_m2 = 1000\n[level_names]")
    findings = examine(toy)
    assert not findings.faults
    assert [(warning.file, warning.what[:41]) for warning in findings.warnings] == [
        (CELL, "3 overlap(s) or gap(s) are let pass; the ")
    ]


def test_unpartitioned_level_passes_at_any_size(toy: Path) -> None:
    path = toy / "areas/zone.geojson"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1].rstrip(","), lines[-1]]), encoding="utf-8")
    assert ["has a gap of" in fault.what for fault in check_pack(toy)] == [True]
    edit(toy / "city.toml", "[level_names]", 'unpartitioned = ["zone"]\n[level_names]')
    findings = examine(toy)
    assert (findings.faults, len(findings.warnings)) == ([], 1)


def test_border_without_shared_vertices_is_a_warning(toy: Path) -> None:
    def halved(ring: list[list[float]]) -> list[list[float]]:
        return [ring[0], [(ring[0][0] + ring[1][0]) / 2, (ring[0][1] + ring[1][1]) / 2], *ring[1:]]

    line = line_of(toy / CELL, "990101001001005")
    redraw(toy / CELL, line, halved)
    findings = examine(toy)
    assert not findings.faults
    assert ["do not share the vertices" in warning.what for warning in findings.warnings] == [True]


def test_invalid_ring_is_named_and_can_be_repaired(toy: Path) -> None:
    redraw(toy / CELL, 2, lambda ring: [ring[0], ring[2], ring[1], ring[3], ring[0]])
    (fault,) = check_pack(toy)
    assert (fault.file, fault.line) == (CELL, 2)
    assert "cell '990101001001001' has an invalid ring: Self-intersection" in fault.what
    edit(toy / "city.toml", "[level_names]", 'repair = ["cell"]\nunpartitioned = ["cell"]\n[level_names]')
    findings = examine(toy)
    assert not findings.faults
    assert [warning.line for warning in findings.warnings if "was repaired" in warning.what] == [2]
    assert shapely.is_valid(read_pack(toy).finest.geoms).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda ring: ring[:-1], "a ring is not closed"),
        (lambda ring: ring[:2] + ring[:1], "a ring has fewer than four positions"),
        (lambda ring: [["a", "b"] for _ in ring], "the coordinates are not rings of number pairs"),
        (lambda ring: [[float("nan"), 1.0] for _ in ring[1:]] + [[float("nan"), 1.0]], "a ring is not closed"),
        (lambda ring: [[float("inf"), 1.0] for _ in ring], "a position is not finite"),
    ],
)
def test_broken_rings(toy: Path, change: Callable[[list[list[float]]], Any], words: str) -> None:
    redraw(toy / CELL, 2, change)
    assert any(fault.file == CELL and fault.line == 2 and words in fault.what for fault in check_pack(toy))


def reproject(path: Path, change: Callable[[Any, Any], Any]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    for feature in content["features"]:
        geom = shapely.transform(shapely.geometry.shape(feature["geometry"]), change, interleaved=False)
        feature["geometry"] = shapely.geometry.mapping(geom)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def test_metres_that_are_called_degrees(toy: Path) -> None:
    reproject(toy / TOWN, Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True).transform)
    (fault,) = check_pack(toy)
    assert (fault.file, fault.line) == (TOWN, 1)
    assert "says EPSG:4326, but its numbers" in fault.what
    assert "are no degrees" in fault.what
    assert 'set crs = "EPSG:4549" in city.toml' in fault.remedy
    with pytest.raises(CrsError, match="are no degrees"):
        read_pack(toy)
    edit(toy / "city.toml", "[level_names]", '[area_fields.town]\ncrs = "EPSG:4549"\n[level_names]')
    assert not [fault for fault in check_pack(toy) if "overlap" not in fault.what and "gap" not in fault.what]


def test_everything_wrong_with_a_file_is_named_at_once(toy: Path) -> None:
    reproject(toy / TOWN, Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True).transform)
    (toy / TOWN).write_text((toy / TOWN).read_text(encoding="utf-8").replace('"code"', '"ID"'), encoding="utf-8")
    first, second = check_pack(toy)
    assert "are no degrees" in first.what
    assert second.what == "no feature has a property 'code'."
    assert "The first feature has: ID, name, name_en, parent." in second.remedy


def test_latitude_first(toy: Path) -> None:
    reproject(toy / TOWN, lambda x, y: (y, x))
    (fault,) = check_pack(toy)
    assert "Swap the columns" in fault.remedy


def test_degrees_that_are_called_metres(toy: Path) -> None:
    edit(toy / "city.toml", 'crs = "EPSG:4326"', 'crs = "EPSG:4549"')
    faults = check_pack(toy)
    assert all("the numbers are degrees" in fault.what for fault in faults)
    assert {fault.file for fault in faults} >= {CELL, TOWN, "points.csv"}
    assert all('crs = "EPSG:4326"' in fault.remedy for fault in faults)


def test_level_that_lies_elsewhere(toy: Path) -> None:
    reproject(toy / "areas/zone.geojson", lambda x, y: (x + 0.5, y))
    (fault,) = check_pack(toy)
    assert fault.file == "areas/zone.geojson"
    assert fault.what.startswith("no zone touches the city")


def test_two_cities_at_the_top(toy: Path) -> None:
    path = toy / "areas/city.geojson"
    line = path.read_text(encoding="utf-8").splitlines()[1]
    path.write_text(path.read_text(encoding="utf-8").replace(line, f"{line},\n{line.replace('990101', '990102')}"))
    assert "level 'city' has 2 areas; the first level is the city and has one." in [f.what for f in check_pack(toy)]


def test_areas_from_elsewhere_are_named_by_their_path(toy: Path, tmp_path: Path) -> None:
    other = tmp_path / "mine.geojson"
    other.write_text((toy / TOWN).read_text(encoding="utf-8").replace('"code":"990101101",', ""), encoding="utf-8")
    assert (str(other), 4) in [(fault.file, fault.line) for fault in check_pack(toy, {"town": other})]
    assert [fault.what for fault in check_pack(toy, {"ward": other})] == ["'ward' is no level of this city."]


def test_gap_inside_a_city_that_is_the_union_of_its_districts(tmp_path: Path) -> None:
    plain = Path(shutil.copytree(PACKS / "plain", tmp_path / "plain"))
    path = plain / "areas/district.geojson"
    lines = path.read_text(encoding="utf-8").splitlines()
    enclave = next(i for i, line in enumerate(lines) if '"District 4"' in line)
    path.write_text("\n".join(line for i, line in enumerate(lines) if i != enclave).replace(",\n]}", "\n]}"))
    faults = [fault for fault in check_pack(plain) if fault.file == "areas/district.geojson"]
    assert ["the city has a gap of" in fault.what and "beside district '01'" in fault.what for fault in faults] == [
        True
    ]


def test_a_hole_beside_its_district_is_a_fault_where_the_city_is_the_union(tmp_path: Path) -> None:
    """Such a district is no broken coverage, so that the union of it was tried, and broke off."""
    plain = Path(shutil.copytree(PACKS / "plain", tmp_path / "plain"))
    path = plain / "areas/district.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    rings = content["features"][0]["geometry"]["coordinates"]
    while not isinstance(rings[0][0][0], float):
        rings = rings[0]
    rings.append([[x + 0.5, y] for x, y in rings[0][:1] + rings[0][1:][::-1][:-1] + rings[0][:1]])
    path.write_text(json.dumps(content), encoding="utf-8")
    assert any("has an invalid ring: Hole lies outside shell" in fault.what for fault in check_pack(plain))


def test_duties_in_turn_do_not_tie(toy: Path) -> None:
    edit(toy / "duties.csv", "D04,E0505,,,,B02,,纠正违停,,监管责任,道路交通安全法第56条,,", "\n".join([
        "D04,E0505,,,,B02,,纠正违停,,监管责任,道路交通安全法第56条,,2026-06-30",
        "D14,E0505,,,,B01,,纠正违停,,监管责任,道路交通安全法第56条,2026-07-01,",
    ]))  # fmt: skip
    assert not check_pack(toy)
    edit(toy / "duties.csv", "2026-07-01", "2026-06-30")
    assert [fault.line for fault in check_pack(toy)] == [6]


def test_category_that_no_duty_holds_everywhere_is_a_warning(toy: Path) -> None:
    edit(toy / "duties.csv", "D01,,,,,@town", "D01,E*,,,,@town")
    edit(toy / "duties.csv", "D02,C01*", "D02,C011*")
    findings = examine(toy)
    assert not findings.faults
    assert [warning.what for warning in findings.warnings] == [
        "no duty holds everywhere for C0102: such issues may have no unit."
    ]


def test_codes_of_the_wrong_form(tmp_path: Path) -> None:
    plain = Path(shutil.copytree(PACKS / "plain", tmp_path / "plain"))
    edit(plain / "areas/district.geojson", '"id":3', '"id":"three"')
    (fault,) = [fault for fault in check_pack(plain) if "code_format" in fault.what]
    assert fault.line == 4
    assert np.all(read_pack(PACKS / "plain").areas["district"].codes == ["01", "02", "03", "04"])
