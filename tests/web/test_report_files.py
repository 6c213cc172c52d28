"""The grid report read back by other readers (openpyxl, GDAL, pyarrow, python-docx, pypdf); narrowed, compared."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import docx
import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pypdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from etl.export.columns import COUNTS, RATES, state_column
from etl.export.csv_file import write_csv
from etl.export.grid_report import Report
from etl.export.shapes import Shapes
from etl.export.tick import silent
from etl.export.xlsx_file import write_xlsx
from tests.web.conftest import PLAIN, TOY
from tests.web.test_api import get, moment
from tests.web.test_report import NUMBERS, Table, keyed
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.db import open_store
from weathermap.weather.filtered import CHOSEN, COUNTED
from weathermap.weather.words import percent


def said(value: Any, key: str) -> str:
    """A number as people read it."""
    return "–" if value is None else percent(value, 2) if NUMBERS[key].kind == "rate" else f"{value:,}"


def read_gb18030(content: bytes, _tmp: Path) -> Table:
    lines = [line for line in csv.reader(io.StringIO(content.decode("gb18030"))) if not line[0].startswith("#")]
    return [
        {k: (float(v) if v and k in NUMBERS else v or None) for k, v in row.items()}
        for row in keyed(lines[0], lines[1:])
    ]


def read_xlsx(content: bytes, _tmp: Path) -> Table:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["网格报表", "摘要", "口径", "说明"]
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "C4" and sheet.auto_filter.ref
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    heads = [str(head) for head in rows[0]]
    summed = {row[0]: row[1] for row in book["摘要"].iter_rows(min_row=4, values_only=True)}
    assert summed["通报"] == rows[-1][heads.index("通报")]
    assert "整改率 = 已整改 ÷ 通报" in {row[1] for row in book["口径"].iter_rows(min_row=4, values_only=True)}
    found = keyed(heads, [list(row) for row in rows[1:]])
    return [{key: None if value == "–" else value for key, value in row.items()} for row in found]


def read_gpkg(content: bytes, tmp: Path) -> Table:
    file = tmp / "report.gpkg"
    file.write_bytes(content)
    with sqlite3.connect(file) as book:
        (style, default) = book.execute("SELECT styleQML, useAsDefault FROM layer_styles").fetchone()
        assert default and style.startswith("<!DOCTYPE qgis") and ("sunny" in style or "graduatedSymbol" in style)
        (told,) = book.execute("SELECT words FROM stamp WHERE name = '数据时刻'").fetchone()
        assert told
    frame = pyogrio.read_dataframe(file, layer="grid_report", fid_as_index=True)
    assert frame.crs.to_epsg() == 4326 and frame.geometry.dropna().is_valid.all()
    totals = pyogrio.read_dataframe(file, layer="totals")
    return [*_plain(frame), *_plain(totals)]


def read_fgb(content: bytes, tmp: Path) -> Table:
    file = tmp / "report.fgb"
    file.write_bytes(content)
    frame = pyogrio.read_dataframe(file).sort_values("code")
    about = json.loads(pyogrio.read_info(file)["layer_metadata"]["DESCRIPTION"])
    return [*_plain(frame), *([about["rest"]] if about["rest"] else []), about["totals"]]


def read_geoparquet(content: bytes, _tmp: Path) -> Table:
    import geopandas

    assert geopandas.read_parquet(io.BytesIO(content)).crs.to_authority() == ("OGC", "CRS84")
    table = pq.read_table(io.BytesIO(content))
    about = json.loads(table.schema.metadata[b"weathermap"])
    return [*table.to_pylist(), *([about["rest"]] if about["rest"] else []), about["totals"]]


def _plain(frame: Any) -> Table:
    rows = frame.drop(columns="geometry", errors="ignore").to_dict("records")
    return [{key: None if value != value else value for key, value in row.items()} for row in rows]


READ = {
    "csv-gb18030": read_gb18030,
    "xlsx": read_xlsx,
    "gpkg": read_gpkg,
    "fgb": read_fgb,
    "geoparquet": read_geoparquet,
}
ASKED = [
    (TOY, {"level": "town"}),
    (TOY, {"level": "cell", "parent": "990101001"}),
    (TOY, {"level": "unit", "by": "responsibility"}),
    (PLAIN, {"level": "district"}),
]


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize(("city", "asked"), ASKED)
def test_numbers_come_back_as_the_api_answers(
    client: FlaskClient, tmp_path: Path, city: str, asked: dict[str, str], kind: str
) -> None:
    asked = {"city": city, "at": moment(2)} | asked
    board = get(client, "/api/v1/weather", **asked)
    found = client.get("/api/v1/report/grid", query_string=asked | {"format": kind})
    assert found.status_code == 200, found.text
    table = READ[kind](found.data, tmp_path)
    *rows, total = table
    rows = rows[: len(board["areas"])]
    assert [row["code"] for row in rows] == sorted(area["code"] for area in board["areas"])
    for row, area in [*zip(rows, board["areas"], strict=True), (total, board["totals"])]:
        for key in set(NUMBERS) & set(row):
            assert row[key] == (None if area[key] is None else pytest.approx(area[key], rel=1e-15)), (row["code"], key)


@pytest.mark.parametrize(("city", "asked"), ASKED)
def test_papers_say_the_numbers_of_the_api(client: FlaskClient, city: str, asked: dict[str, str]) -> None:
    asked = {"city": city, "at": moment(2)} | asked
    board = get(client, "/api/v1/weather", **asked)
    whole = [*board["areas"], board["totals"]]
    keys = [key for key in NUMBERS if city == TOY or key not in ("declared", "covered")]
    numbers = [[said(area[key], key) for key in keys] for area in whole]

    answer = client.get("/api/v1/report/grid", query_string=asked | {"format": "docx"})
    document = docx.Document(io.BytesIO(answer.data))
    lines = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    table = keyed(lines[0], lines[1:])
    told = [table[at] for at in (*range(len(board["areas"])), -1)]
    assert [[row[key] for key in keys] for row in told] == numbers
    assert len(document.inline_shapes) == 1

    answer = client.get("/api/v1/report/grid", query_string=asked | {"format": "pdf"})
    pages = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for area in whole:  # the columns stand in this order
        line = " ".join(said(area[column.key], column.key) for column in (*COUNTS, *RATES))
        assert f" {line} " in f"{text} ", line
    assert "数据时刻" in text and "整改率 = 已整改 ÷ 通报" in text


def test_narrowed_each_number_is_the_length_of_its_list(client: FlaskClient, filled: Settings) -> None:
    engine = open_store(filled)
    with engine.connect() as connection:
        category = connection.execute(
            select(t.category.c.code).join(t.issue, t.issue.c.category_id == t.category.c.category_id)
        ).scalars()
        code = category.first()
    at = moment(2)
    for narrowed in ({"category": code}, {"source": "patrol"}, {"unit": "T01"}):
        narrowed = narrowed if _exists(client, narrowed, at) else {"category": code}
        asked = {"city": TOY, "level": "town", "at": at, **narrowed}
        answer = client.get("/api/v1/report/grid", query_string=asked | {"format": "geojson"})
        assert answer.status_code == 200, answer.text
        document = answer.get_json(force=True)
        assert "筛选" in document["stamp"] and "weather" not in document["totals"]
        for feature in document["features"]:
            row = feature["properties"]
            for state in COUNTED:
                listed = get(
                    client, "/api/v1/issues", city=TOY, state=state, area=f"town:{row['code']}", at=at, **narrowed
                )
                assert row[state] == listed["total"], (narrowed, row["code"], state)
        for state in COUNTED:
            assert (
                document["totals"][state]
                == get(client, "/api/v1/issues", city=TOY, state=state, at=at, **narrowed)["total"]
            )


def _exists(client: FlaskClient, narrowed: dict[str, Any], at: str) -> bool:
    return (
        client.get(
            "/api/v1/report/grid", query_string={"city": TOY, "level": "town", "at": at, "format": "csv", **narrowed}
        ).status_code
        == 200
    )


def test_every_state_that_a_report_counts_has_words() -> None:
    assert [state for state in CHOSEN if state_column(state).zh == state] == []


def test_one_state_alone_is_counted_for_areas_and_units(client: FlaskClient) -> None:
    at = moment(0)
    for level, by, name in (("community", "place", "area"), ("unit", "responsibility", "unit")):
        asked = {"city": TOY, "level": level, "by": by, "state": "overdue", "at": at, "format": "geojson"}
        document = client.get("/api/v1/report/grid", query_string=asked).get_json(force=True)
        board = get(client, "/api/v1/weather", city=TOY, level=level, by=by, at=at)
        counted = {f["properties"]["code"]: f["properties"]["overdue"] for f in document["features"]}
        assert counted == {area["code"]: area["overdue"] for area in board["areas"]}, name
        assert set(document["totals"]) == {"code", "name", "overdue", "parent"} and sum(counted.values())
    asked = {"city": TOY, "level": "town", "state": "open", "at": at}
    for kind in ("html", "pdf", "docx", "xlsx", "gpkg"):  # forms that draw
        assert client.get("/api/v1/report/grid", query_string=asked | {"format": kind}).status_code == 200, kind


def test_the_period_before_stands_beside(client: FlaskClient) -> None:
    end = datetime.fromisoformat(moment(3)).astimezone(UTC)
    start = end - timedelta(days=9)
    before = {
        "from": (start - timedelta(days=9, seconds=1)).isoformat(),
        "to": (start - timedelta(seconds=1)).isoformat(),
    }
    asked = {"city": TOY, "level": "town", "from": start.isoformat(), "to": end.isoformat()}
    old = get(client, "/api/v1/weather", city=TOY, level="town", **before)
    new = get(client, "/api/v1/weather", **asked)
    found = client.get("/api/v1/report/grid", query_string=asked | {"format": "geojson", "compare": "1"})
    document = found.get_json(force=True)
    pairs = zip(document["features"], new["areas"], old["areas"], strict=True)
    for row, now, then in [
        *((f["properties"], a, b) for f, a, b in pairs),
        (document["totals"], new["totals"], old["totals"]),
    ]:
        for key in ("notified", "open", "overdue", "rectification_rate"):
            assert row[f"{key}_before"] == then[key] and row[key] == now[key]
            known = now[key] is not None and then[key] is not None
            assert row[f"{key}_change"] == (pytest.approx(now[key] - then[key]) if known else None)
    assert "上期" in document["stamp"]
    without = client.get(
        "/api/v1/report/grid", query_string={"city": PLAIN, "level": "district", "format": "csv", "compare": "1"}
    )
    assert without.status_code == 404 and "from=" in without.get_json()["remedy"]


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@A1", "\t=1", "\r=1"])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    from etl.export.columns import PLACE

    row = {"name": text, "code": "x"}
    at = datetime(2026, 11, 25, tzinfo=UTC)
    report = Report(text, "zh", PLACE, [row], None, row, [("数据时刻", text)], "t", [None], (1, "town"), False, "", at)
    file = io.BytesIO()
    write_csv(report, Shapes.none(), file, silent)
    cells = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))
    assert cells[1][1] == f"'{text}" and cells[3][1] == f"'{text}"
    file = io.BytesIO()
    write_xlsx(report, Shapes.none(), file, silent)
    book = openpyxl.load_workbook(file)
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}


def test_chinese_names_download_right(client: FlaskClient) -> None:
    found = client.get("/api/v1/report/grid", query_string={"city": TOY, "level": "town", "format": "xlsx"})
    said = found.headers["Content-Disposition"]
    assert (
        said.startswith("attachment") and f"filename*=UTF-8''{quote('玩具市_网格报表_镇')}" in said and said.isascii()
    )
