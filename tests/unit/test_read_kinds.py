"""Reading workbooks, geographic files and Parquet: values, what offices do to tables, and hostile files."""

from __future__ import annotations

import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import xlsxwriter

from etl.mapping import fitted, read_mapping
from etl.numerals import number
from etl.read import open_ledger
from etl.statements import read_statements
from etl.times import read_instants
from tests.small_ledger import MAPPING, make_city
from weathermap.city.reading import read_pack
from weathermap.errors import LedgerError

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def office_workbook(path: Path) -> Path:
    """As offices keep it: a merged title, a header of two levels, real dates, merged cells, formulas, a total."""
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("说明").write(0, 0, "填表说明")
    sheet, date = book.add_worksheet("台账"), book.add_format({"num_format": "yyyy/m/d h:mm"})
    sheet.merge_range(0, 0, 0, 5, "2026年5月问题台账")
    for column, name in enumerate(["编号", "类别", "上报\n时间"]):
        sheet.merge_range(2, column, 3, column, name)
    sheet.merge_range(2, 3, 2, 4, "位置")
    sheet.write_row(3, 3, ["经度", "纬度"])
    sheet.merge_range(2, 5, 3, 5, "片区")
    for line, key in ((4, 1), (5, 2)):
        sheet.write(line, 0, key)
        sheet.write_datetime(line, 2, datetime(2026, 5, 1, 8, line), date)
        sheet.write_row(line, 3, [118.62, 24.72])
    sheet.merge_range(4, 1, 5, 1, "暴露垃圾")
    sheet.merge_range(4, 5, 5, 5, "1")
    sheet.write_formula(7, 0, "=A6+1", None, 3)
    sheet.write_row(7, 1, ["路灯", 46143.375, "１１８．６７", "24.72"])
    sheet.write_formula(8, 0, "=A8+1", None, "")
    sheet.write_row(8, 1, ["路灯", "2026-05-01"])
    sheet.write_row(9, 0, ["合计", 4])
    book.close()
    return path


def test_an_office_workbook(tmp_path: Path) -> None:
    ledger = open_ledger(office_workbook(tmp_path / "a.xlsx"))
    assert ledger.names == ("编号", "类别", "上报时间", "位置/经度", "位置/纬度", "片区")
    assert ledger.lines.tolist() == [5, 6, 8, 9, 10]
    assert ledger.row(0) == ["1", "暴露垃圾", "2026-05-01 08:04:00", "118.62", "24.72", "1"]
    assert ledger.row(1) == ["2", "暴露垃圾", "2026-05-01 08:05:00", "118.62", "24.72", "1"]
    assert ledger.row(2)[:3] == ["3", "路灯", "46143.375"]
    assert [note.split(":")[0] for note in ledger.notes] == [
        "sheet '台账'",
        "cells merged over several rows",
        "line 1 is a title, not the header",
        "the header has two levels, lines 3 and 4",
    ]
    mapping = tmp_path / "mapping.toml"
    text = MAPPING[: MAPPING.index("[status]")] + MAPPING[MAPPING.index("[published") :]
    for old, new in (
        ("经度", "位置/经度"),
        ("纬度", "位置/纬度"),
        ('address = "地址"\n', ""),
        ('"%Y/%m/%d %H:%M"', '"excel"'),
    ):
        text = text.replace(old, new)
    text = text.replace('closed_at = "办结时间"\ndeadline = "期限"\n', "")
    mapping.write_text(text, encoding="utf-8")
    reading = read_statements(ledger, fitted(read_mapping(mapping), ledger), read_pack(make_city(tmp_path / "c")), NOW)
    assert reading.statements.key.tolist() == ["1", "2", "3"]
    assert reading.statements.lon.tolist() == [118.62, 118.62, 118.67]
    assert str(reading.statements.reported_at[2].astype("datetime64[us]")) == "2026-05-01T01:00:00.000000"
    assert [(r.line, r.reason) for r in reading.rejected] == [
        (9, "the cell holds a formula without a value"),
        (10, "a total, no record"),
    ]


def test_the_sheet_is_chosen(tmp_path: Path) -> None:
    path = office_workbook(tmp_path / "a.xlsx")
    assert open_ledger(path, sheet="台账").notes[0] == "sheet '台账'"
    with pytest.raises(LedgerError, match=r"no sheet '一月'.*说明, 台账"):
        open_ledger(path, sheet="一月")


def points(crs: int | None = 4490) -> gpd.GeoDataFrame:
    values = {"编号": ["A", "B", "C", "D"], "上报": ["2026/05/01 08:00"] * 4, "数": [1.0, 2.5, None, 4.0]}
    corners = [(118.61, 24.71), (118.63, 24.71), (118.63, 24.73)]
    shapes = [shapely.Point(118.6, 24.7), shapely.Polygon(corners), None, shapely.Polygon()]
    return gpd.GeoDataFrame(values, geometry=shapes, crs=crs)


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "parquet"])
def test_geographic_files_bring_positions_and_their_system(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    frame = points()
    frame.to_parquet(path) if kind == "parquet" else frame.to_file(
        path, **({"SPATIAL_INDEX": "NO"} if kind == "fgb" else {})
    )
    ledger = open_ledger(path)
    assert ledger.names == ("编号", "上报", "数", "geometry x", "geometry y")
    assert ledger.crs == "EPSG:4490"
    assert ledger.columns["数"].tolist() == ["1", "2.5", "", "4"]
    assert ledger.columns["上报"][0] == "2026/05/01 08:00"
    x, y = ledger.columns["geometry x"], ledger.columns["geometry y"]
    assert (x[0], y[0], [*x[2:], *y[2:]]) == ("118.6", "24.7", [""] * 4)
    assert points().geometry[1].contains(shapely.Point(float(x[1]), float(y[1])))


def test_shapefiles_in_gbk_without_saying_so(tmp_path: Path) -> None:
    frame = points().iloc[[0]]
    frame.to_file(tmp_path / "a.shp", encoding="gbk")
    (tmp_path / "a.cpg").unlink()
    assert open_ledger(tmp_path / "a.shp").names[:2] == ("编号", "上报")
    for folder in ("", "数据/", "二/"):  # the last one beside the other, in one archive
        with zipfile.ZipFile(tmp_path / "b.zip", "a" if folder == "二/" else "w") as archive:
            for suffix in ("shp", "shx", "dbf", "prj"):
                archive.write(tmp_path / f"a.{suffix}", f"{folder}台账.{suffix}")
        if folder != "二/":
            zipped = open_ledger(tmp_path / "b.zip")
            assert (zipped.names[:2], zipped.crs) == (("编号", "上报"), "EPSG:4490")
            assert zipped.columns["编号"].tolist() == ["A"]
    with pytest.raises(LedgerError, match="several folders: 二, 数据"):
        open_ledger(tmp_path / "b.zip")


def test_layers_are_chosen(tmp_path: Path) -> None:
    points().iloc[:1].to_file(tmp_path / "a.gpkg", layer="one")
    points().to_file(tmp_path / "a.gpkg", layer="three")
    assert "others: one" in open_ledger(tmp_path / "a.gpkg").notes[0]
    assert len(open_ledger(tmp_path / "a.gpkg", sheet="one")) == 1
    with pytest.raises(LedgerError, match="no layer 'two'"):
        open_ledger(tmp_path / "a.gpkg", sheet="two")


def test_parquet_types_become_text(tmp_path: Path) -> None:
    at = datetime(2026, 5, 1, 8, 30)
    columns: dict[str, Any] = {
        "key": pa.array(["a", None]).dictionary_encode(),
        "n": pa.array([7, None]),
        "at": pa.array([at, None], pa.timestamp("us")),
        "zoned": pa.array([at, None], pa.timestamp("us", "Asia/Shanghai")),
        "day": pa.array([at.date(), None]),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    ledger = open_ledger(tmp_path / "a.parquet")
    assert ledger.row(0)[:3] == ["a", "7", "2026-05-01 08:30:00"]
    assert ledger.row(0)[4] == "2026-05-01"
    assert ledger.row(1) == [""] * 5
    zoned = read_instants(np.array([ledger.row(0)[3]], dtype=object), ("%Y-%m-%dT%H:%M:%S%z",), "Asia/Shanghai")
    assert str(zoned.us[0].astype("datetime64[us]")).startswith("2026-05-01T08:30")


# -- hostile and broken ------------------------------------------------------------------------------------------------


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    packed = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
    with packed as archive, archive.open("xl/worksheets/sheet1.xml", "w") as member:
        for _ in range(64):
            member.write(bytes(1 << 20))
    with pytest.raises(LedgerError, match="unpacks to 64 MiB, more than 300 times"):
        open_ledger(path)


def test_a_cell_far_from_the_others_takes_no_memory(tmp_path: Path) -> None:
    """The reader would make room for 17 thousand million cells, and take the whole process down with it."""
    for name, row, column in (("far", 1_048_575, 16_383), ("down", 1_048_575, 40)):
        book = xlsxwriter.Workbook(tmp_path / f"{name}.xlsx")
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["编号", "类别"])
        sheet.write_row(1, 0, ["1", "路灯"])
        sheet.write_blank(row, column, None, book.add_format({"bold": True}))  # formatted only: no harm
        if name == "far":
            sheet.write(row, column, "x")
        book.close()
    with pytest.raises(LedgerError, match=r"sheet1\.xml reach over 17,179,869,184 places") as caught:
        open_ledger(tmp_path / "far.xlsx")
    assert "Ctrl+End" in caught.value.remedy
    assert open_ledger(tmp_path / "down.xlsx").columns["编号"].tolist() == ["1"]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "zip", "parquet", "geojson", "gpkg", "shp"])
def test_two_gigabytes_of_nothing_are_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    with path.open("wb") as file:
        file.write(b"key,type\n1,a\n")
        file.truncate(2 << 30)  # sparse: takes no room
    tracemalloc.start()
    with pytest.raises(LedgerError) as caught:
        open_ledger(path)
    assert path.name in caught.value.what
    assert caught.value.remedy
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()


def test_a_long_text_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"key,type\n" + b"1,a\n" * 1000)
    with path.open("r+b") as file:
        file.truncate(64 << 20)
    with pytest.raises(LedgerError, match=r"a\.csv:1002: the file holds NUL bytes"):
        open_ledger(path)


def test_files_that_are_cut_off_or_of_another_kind(tmp_path: Path) -> None:
    whole = office_workbook(tmp_path / "a.xlsx").read_bytes()
    points().to_parquet(tmp_path / "p.parquet")
    cut = {"cut.xlsx": whole[:-2000], "cut.parquet": (tmp_path / "p.parquet").read_bytes()[:-50]}
    cut |= {"text.xlsx": b"key,type\n1,a\n", "old.xlsx": b"\xd0\xcf\x11\xe0" * 200, "not.gpkg": b"nothing"}
    for name, content in cut.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(LedgerError) as caught:
            open_ledger(tmp_path / name)
        assert name in caught.value.what
        assert caught.value.remedy
    for name, content, says, remedy in (
        ("page.xls", "\ufeff<html><table><tr><td>编号".encode(), "a web page", "spreadsheet program"),
        ("text.xls", "编号\t类别\r\n1\t路灯\r\n".encode("utf-16"), "a text", "Rename it to .csv"),
        ("new.xls", whole, "a newer workbook", "Rename it to .xlsx"),
        ("records.json", b'[{"no": 1}]', "cannot be opened", "Is it GeoJSON"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(LedgerError, match=says) as caught:
            open_ledger(tmp_path / name)
        assert remedy in caught.value.remedy
    damaged = bytearray(whole)
    damaged[whole.index(b"xl/worksheets/sheet2.xml") + 60] ^= 255
    (tmp_path / "damaged.xlsx").write_bytes(bytes(damaged))
    with pytest.raises(LedgerError, match="It is cut off or damaged"):
        open_ledger(tmp_path / "damaged.xlsx")


# -- what people write -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,009,452", 1_009_452),
        ("１１８．６２", 118.62),
        ("118°37′12″E", 118.62),
        ("北24度43分12秒", 24.72),
        ("71°3'30\"W", -71.0583333),
        ("1,5", None),
        ("nan", None),
        ("n/a", None),
    ],
)
def test_numbers_as_offices_write_them(text: str, value: float | None) -> None:
    found = number(text)
    assert np.isnan(found) if value is None else found == pytest.approx(value)


def test_times_as_offices_write_them() -> None:
    forms = ("%Y/%m/%d %H:%M", "%Y年%m月%d日 %H时%M分", "excel")
    texts = ["46143.375", "2026／5／1 9：00", "2026年5月1日 9时0分", "60", "46143.3750001", "32/13/2026"]
    found = read_instants(np.array(texts, dtype=object), forms, "Asia/Shanghai")
    nine = np.datetime64("2026-05-01T01:00:00", "us").astype(np.int64)
    assert [int(us) == nine for us in found.us] == [True, True, True, False, True, False]
    assert found.flag.tolist() == ["", "", "", "unreadable", "", "unreadable"]
