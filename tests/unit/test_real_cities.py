"""Three cities' own records in their own borders: skipped only where the shared records are missing."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from etl.agreement import Agreement, agree
from etl.codes import area_codes
from etl.mapping import fitted, read_mapping
from etl.positions import read_positions
from etl.read import Ledger, open_ledger
from etl.rules import PositionRule
from etl.statements import Reading, read_statements
from etl.suspicion import suspect
from weathermap.city.check import examine
from weathermap.city.pack import Category
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE
from weathermap.issue.book import Book

ROOT = Path(__file__).parents[2]
DATA = ROOT / "../shared/data"
BOSTON, NEWYORK = DATA / "boston_2015h1", DATA / "nyc_2018"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def needs(folder: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not folder.is_dir(), reason=f"{folder.name} is not on this machine")


def read(city: str, areas: dict[str, Path], file: Path) -> tuple[Reading, Ledger, dict[str, Agreement]]:
    """A city's records through its pack; every category counts as known."""
    directory = ROOT / "gis_data" / city
    pack = read_pack(directory, areas)
    ledger = open_ledger(file)
    rules = fitted(read_mapping(directory / "mapping.toml"), ledger)
    book = Book.from_pack(pack)
    names = set(ledger.columns[rules.category.column].tolist()) - {""}
    object.__setattr__(pack, "categories", tuple(Category(n, n, n, "service", "", False) for n in sorted(names)))
    assert suspect(ledger, rules, book) is None
    reading = read_statements(ledger, rules, pack, NOW)
    rows = reading.statements
    usable = (rows.flag == "") & np.isfinite(rows.lon)
    found = {
        level: agree(
            book,
            level,
            rows.lon,
            rows.lat,
            usable,
            area_codes(ledger.columns[rule.column], rule, pack.areas[level])[rows.row],
        )
        for level, rule in rules.published.items()
    }
    return reading, ledger, found


@needs(BOSTON)
def test_boston() -> None:
    """In the borders that do not say their system: they give what the well labelled ones give."""
    borders = BOSTON / "police_districts_mislabelled_crs.geojson@EPSG:2249"
    reading, _, agreement = read("boston", {"police": borders}, BOSTON / "requests.csv.gz")
    rows = reading.statements
    assert (len(rows), len(reading.rejected), reading.repeats) == (58_119, 0, 0)
    assert 0.135 < (rows.flag == "default").mean() < 0.155
    police = agreement["police"]
    assert (police.rows, police.exact, police.near) == (49_349, 48_969, 49_283)  # 99.23 %, 99.87 % within 15 m
    with gzip.open(BOSTON / "requests.csv.gz", "rt", encoding="utf-8") as file:
        said = {row["CASE_ENQUIRY_ID"]: row["OnTime_Status"] for row in csv.DictReader(file)}
    judged = (rows.closed_at != NONE) & (rows.deadline != NONE)
    on_time = np.where(rows.closed_at <= rows.deadline, "ONTIME", "OVERDUE")[judged]
    oracle = [said[key] for key in rows.key[judged].tolist()]
    assert len(oracle) > 35_000
    assert {
        (mine, theirs) for mine, theirs in zip(on_time.tolist(), oracle, strict=True) if theirs not in (mine, "")
    } == set()
    assert oracle.count("") < 110, "the source says nothing on a hundred rows"


@needs(BOSTON)
def test_borders_in_feet_that_do_not_say_so_are_refused_with_the_way_out() -> None:
    found = examine(ROOT / "gis_data/boston", {"police": BOSTON / "police_districts_mislabelled_crs.geojson"})
    [fault] = found.faults
    assert "are no degrees" in fault.what
    assert "EPSG:2249" in fault.remedy
    assert "--areas LEVEL=FILE@EPSG:2249" in fault.remedy


@needs(NEWYORK)
def test_new_york() -> None:
    areas = {"borough": NEWYORK / "borough.geojson", "board": NEWYORK / "community_district.geojson"}
    reading, ledger, agreement = read("newyork", areas, NEWYORK / "requests.csv")
    assert (len(reading.statements), len(reading.rejected)) == (6_765, 0)
    assert ledger.encoding == "utf-8-sig"
    board, borough = agreement["board"], agreement["borough"]
    assert sum(board.unknown.values()) < 10, "only parks and airports, which have no board"
    known = board.rows - sum(board.unknown.values())
    assert (known, board.exact, board.near) == (6_621, 6_600, 6_618)  # 99.68 %, 99.95 % within 15 m
    assert borough.exact / borough.rows > 0.999
    plane = {"lon": "X Coordinate (State Plane)", "lat": "Y Coordinate (State Plane)"}
    x, y = (ledger.columns[name] for name in plane.values())
    assert "," in x[0]
    rule = PositionRule(**plane, crs="EPSG:2263", default_points=(), real_points=(), default_share=1.0)
    position = read_positions(x, y, rule, read_pack(ROOT / "gis_data/newyork", areas))
    both = np.isfinite(position.lon) & np.isfinite(reading.statements.lon)
    assert both.sum() == 6_650
    assert np.abs(position.lon[both] - reading.statements.lon[both]).max() < 1e-5
