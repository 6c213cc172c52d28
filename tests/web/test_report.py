"""The grid report in every format, cell by cell, beside what the API answers at the same instant."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import geopandas
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from etl.export.columns import COUNTS, PLACE, POINTS, RATES, SKY
from etl.export.csv_file import write_csv
from etl.export.grid_report import Report
from etl.export.output import whole_file
from etl.export.shapes import Shapes
from etl.export.tick import silent
from tests.web.conftest import PLAIN, TOY
from tests.web.test_api import get, moment
from weathermap.cli import main
from weathermap.errors import OutputError
from weathermap.settings import Settings
from weathermap.weather.words import GATES, WEATHER, percent

NUMBERS = {column.key: column for column in (*COUNTS, *POINTS, *RATES)}
HEADS = {column.zh: column.key for column in (*NUMBERS.values(), *SKY)} | {"代码": "code", "名称": "name"}
Table = list[dict[str, Any]]  # by column key


def keyed(heads: list[str], rows: list[list[Any]]) -> Table:
    return [{HEADS.get(head, head): value for head, value in zip(heads, row, strict=True)} for row in rows]


def read_csv(content: bytes) -> Table:
    assert content.startswith(b"\xef\xbb\xbf")
    lines = [line for line in csv.reader(io.StringIO(content.decode("utf-8-sig"))) if not line[0].startswith("#")]
    return keyed(lines[0], lines[1:])


def read_xlsx(content: bytes) -> Table:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    space = sheet.tag.removesuffix("worksheet")
    assert not sheet.findall(f".//{space}f")  # no formula
    assert sheet.find(f".//{space}autoFilter") is not None and sheet.find(f".//{space}pane") is not None
    rows = []
    for line in sheet.iter(f"{space}row"):
        cells = []
        for cell in line.iter(f"{space}c"):
            written = "".join(part.text or "" for part in cell.iter() if part.tag in (f"{space}t", f"{space}v"))
            cells.append(written if cell.get("t") == "inlineStr" else float(written) if written else None)
        rows.append(cells)
    return keyed(rows[2], rows[3:])


def read_geojson(content: bytes) -> Table:
    document = json.loads(content)
    rest = [document["rest"]] if document["rest"] else []
    return [*(feature["properties"] for feature in document["features"]), *rest, document["totals"]]


class Tables(HTMLParser):
    """All rows of the tables of numbers; what several tables share counts once."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def read_html(content: bytes) -> Table:
    text = content.decode()
    assert not re.search(r"""(?:src|href)=["']?(?!data:)|@import|fetch\(|XMLHttpRequest""", text.split("<style>")[-1])
    tables = Tables()
    tables.feed(re.sub(r"<script>.*?</script>", "", text, flags=re.S))
    heads = tables.rows[0]
    return keyed(heads, [row for row in tables.rows[1:] if row != heads])


READ = {"csv": read_csv, "xlsx": read_xlsx, "geojson": read_geojson, "html": read_html}


def as_written(value: Any, key: str, kind: str) -> Any:
    """How a number of the API stands in a format."""
    share = NUMBERS[key].kind == "rate"
    if kind == "csv":
        return "" if value is None else str(value)
    if kind == "html":
        return "–" if value is None else percent(value, 2) if share else f"{value:,}"
    if kind == "xlsx":  # a workbook holds 16 digits
        return "–" if value is None else pytest.approx(value, rel=1e-15)
    return value


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize(
    ("city", "asked"),
    [
        (TOY, {"level": "town"}),
        (TOY, {"level": "community", "window": "10"}),
        (TOY, {"level": "cell", "parent": "990101001"}),
        (TOY, {"level": "zone"}),
        (TOY, {"level": "town", "by": "responsibility"}),
        (TOY, {"level": "unit", "by": "responsibility"}),
        (PLAIN, {"level": "district"}),
    ],
)
def test_each_cell_is_what_the_api_answers(client: FlaskClient, city: str, asked: dict[str, str], kind: str) -> None:
    asked = {"city": city, "at": moment(2)} | asked
    if "window" in asked:
        end = datetime.now(UTC).replace(microsecond=0)
        asked = {"city": city, "level": asked["level"], "to": end.isoformat()}
        asked["from"] = (end - timedelta(days=10)).isoformat()
    board = get(client, "/api/v1/weather", **asked)
    found = client.get("/api/v1/report/grid", query_string=asked | {"format": kind})
    assert found.status_code == 200, found.text
    table = READ[kind](found.data)
    *rows, total = table
    rest = rows.pop() if len(rows) > len(board["areas"]) else None
    assert [row["code"] for row in rows] == [area["code"] for area in board["areas"]]
    covers = "declared" in table[0]
    assert covers == (city == TOY)
    for row, area in [*zip(rows, board["areas"], strict=True), (total, board["totals"])]:
        for key in NUMBERS:
            if covers or key not in ("declared", "covered"):
                assert row[key] == as_written(area[key], key, kind), (area["code"], key)
        if "weather" in row:
            assert row["weather"] == (WEATHER[area["weather"]]["zh"] if area["weather"] else "–")
            assert row["reason"] == (area["why"]["sentence"]["zh"] if area["why"] else "–")
            assert row["gate"] == (GATES[area["why"]["gate"]]["zh"] if area["why"] else "–")
    if kind in ("csv", "xlsx", "geojson"):  # numbers: parts and the rest are the whole
        for key in ("notified", "open", "overdue", "due"):
            parts = sum(float(row[key]) for row in [*rows, *([rest] if rest else [])])
            assert parts == float(total[key]), key


def test_the_file_names_what_it_holds_and_says_its_state(client: FlaskClient) -> None:
    asked = {"city": TOY, "level": "town", "at": moment(1)}
    found = client.get("/api/v1/report/grid", query_string=asked | {"format": "csv"})
    name = unquote(found.headers["Content-Disposition"])
    assert "玩具市_网格报表_镇（街道）_" in name and name.endswith(".csv")
    assert int(found.headers["Content-Length"]) == len(found.data)
    text = found.data.decode("utf-8-sig")
    for said in ("数据时刻", "统计区间", "界线版本", "边界为虚构", "审图号,无，不得公开发布", "测试数据 Test data"):
        assert said in text
    english = client.get("/api/v1/report/grid", query_string=asked | {"format": "html", "lang": "en"}).text
    assert '<html lang="en">' in english and "Made-up borders" in english


def test_geojson_holds_every_shape_where_it_lies(client: FlaskClient) -> None:
    asked = {"city": TOY, "level": "cell", "format": "geojson"}
    frame = geopandas.read_file(io.BytesIO(client.get("/api/v1/report/grid", query_string=asked).data))
    areas = get(client, "/api/v1/areas", city=TOY, level="cell")["areas"]
    assert len(frame) == len(areas) and frame.crs.to_epsg() == 4326 and frame.is_valid.all()
    for shape, area in zip(frame.sort_values("code").geometry, areas, strict=True):
        assert shape.bounds == pytest.approx(area["bbox"], abs=1e-6)
        assert all(part.exterior.is_ccw for part in getattr(shape, "geoms", [shape]))


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("level=town", 404, "geojson"),
        ("level=town&format=dwg", 404, "dwg"),
        ("level=town&format=csv&lang=fr", 400, "zh"),
        ("level=planet&format=csv", 404, "planet"),
        ("level=town&format=csv&from=2026-02-01&to=2026-01-01", 400, "after"),
    ],
)
def test_a_bad_request_is_answered_in_words(client: FlaskClient, asked: str, status: int, said: str) -> None:
    found = client.get(f"/api/v1/report/grid?city={TOY}&{asked}")
    assert found.status_code == status and said in found.get_json()["detail"] + found.get_json()["remedy"]


def test_no_text_is_taken_for_a_formula() -> None:
    row = {"name": "=HYPERLINK(1)", "code": "-1"}
    report = Report(
        "t", "zh", PLACE, [row], None, row, [], "t", [None], (1, "town"), False, "", datetime(2026, 11, 25, tzinfo=UTC)
    )
    file = io.BytesIO()
    write_csv(report, Shapes.none(), file, silent)
    assert file.getvalue().decode("utf-8-sig").splitlines()[1] == "'-1,'=HYPERLINK(1)"


# ── The command ──────────────────────────────────────────────────────────────────────────────────────────────────────
def run(settings: Settings, *words: str) -> tuple[int, str]:
    environ = {"WEATHERMAP_DATABASE_URL": settings.database_url, "WEATHERMAP_DATA": str(settings.data_dir)}
    done = CliRunner().invoke(main, ["report", "grid", "--city", TOY, *words], env=environ)
    return done.exit_code, done.output


def test_the_command_guesses_the_format_and_replaces_only_when_told(filled: Settings, tmp_path: Path) -> None:
    file = tmp_path / "report.xlsx"
    code, said = run(filled, "--level", "town", "--output", str(file))
    assert code == 0 and "MB" in said and read_xlsx(file.read_bytes())
    code, said = run(filled, "--level", "town", "--output", str(file))
    assert code == 1 and "--force" in said
    assert run(filled, "--level", "town", "--output", str(file), "--force", "--format", "csv")[0] == 0
    assert read_csv(file.read_bytes())
    assert [path.name for path in tmp_path.iterdir()] == ["report.xlsx"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--level", "planet", "--output", "a.csv"), "town"),
        (("--level", "town", "--output", "a.dwg"), "geojson"),
        (("--level", "town", "--output", "a"), "geojson"),
        (("--level", "town", "--output", "no/such/a.csv"), "does not exist"),
        (("--level", "town", "--output", "."), "format"),
        (("--level", "town", "--output", "a.csv", "--from", "2026-02-01", "--to", "2026-01-01"), "after"),
        (("--level", "town", "--output", "a.csv", "--at", "yesterday"), "2026-11-23"),
    ],
)
def test_the_command_says_what_is_wrong(
    filled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, output = run(filled, *words)
    assert code == 1 and said in output and "Traceback" not in output
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    file = tmp_path / "report.csv"
    file.write_text("as it was")
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OutputError, match="cannot be written"), whole_file(file) as written:
            written.write(b"x" * 100_000)
            written.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_text() == "as it was" and [path.name for path in tmp_path.iterdir()] == ["report.csv"]


def test_very_many_areas_stand_in_a_table_for_each_parent(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"city": TOY, "level": "cell", "at": moment(1), "format": "html"}
    whole = client.get("/api/v1/report/grid", query_string=asked)
    monkeypatch.setattr("etl.export.html_file.MANY", 10)
    monkeypatch.setattr("etl.export.folium_map.MANY", 10)
    found = client.get("/api/v1/report/grid", query_string=asked)
    assert found.text.count("<details>") == len({row["上级"] for row in read_html(whole.data) if row["code"]}) > 1
    assert read_html(found.data) == read_html(whole.data)
    assert '"preferCanvas": true' in found.text and '"preferCanvas": false' in whole.text
