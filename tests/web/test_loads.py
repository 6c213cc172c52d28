"""Imports on the web with their rejected rows; receipts in words; the list of issues near a border."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import Engine

from etl.importing import run_import
from tests.small_ledger import make_city, row, write_ledger
from tests.web.hand import PASSWORD, enter
from weathermap.cli import main
from weathermap.errors import UnknownName
from weathermap.issue.receipt import find_receipt
from weathermap.issue.receipt_words import sentences
from weathermap.people.accounts import create_account
from weathermap.settings import Settings
from weathermap.store.cities import load_directory
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from web.app import create_app

UNITS = "code,name,name_en,kind,area,parent\nwest,西区办,West office,town,01,\neast,东区办,East office,town,02,\n"
DUTIES = """code,category,area,unit,clause
any,,,@district,条例 3
lamps,lamp,district:01,east,条例 9
lit,litter,,@district,条例 5
"""


@pytest.fixture(scope="module")
def imported(clone: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A city of two districts after two imports: one with rejected rows and a near thing, one without fault."""
    folder = tmp_path_factory.mktemp("loads")
    settings = clone()
    city = make_city(folder / "city", units=UNITS, duties=DUTIES)
    rows = [
        row("near", 经度="118.64995"),  # 5 m west of the border
        row("lamp", 类别="路灯"),
        row("void", 经度="119.9"),
        row("bad", 上报时间="昨天"),
        row("worse", 上报时间="前天"),
        row("odd", 类别="飞碟"),
        row("lamp", 类别="路灯", 地址="二号路"),
    ]
    run_import(settings, write_ledger(folder / "五月.csv", rows), city, {})
    run_import(settings, write_ledger(folder / "june.csv", [row("later")]), city, {})
    engine = open_store(settings)
    with engine.begin() as connection:
        create_account(connection, "office", "office", ["supervisor"], open_city(connection).city_id, password=PASSWORD)
        create_account(connection, "wall", "wall", ["screen"], open_city(connection).city_id, password=PASSWORD)
    engine.dispose()
    return settings


@pytest.fixture(scope="module")
def engine(imported: Settings) -> Iterator[Engine]:
    opened = open_store(imported)
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def client(imported: Settings) -> FlaskClient:
    made = create_app(imported).test_client()
    enter(made, "office")
    return made


def test_imports_are_for_staff(imported: Settings) -> None:
    client = create_app(imported).test_client()
    assert client.get("/api/v1/loads").status_code == 401
    assert client.get("/loads", headers={"Accept": "text/html"}).location == "/sign-in?next=/loads"
    enter(client, "wall")
    assert client.get("/api/v1/loads/1/rejected.csv").status_code == 403


def test_imports_reconcile_and_say_why(client: FlaskClient) -> None:
    second, first = client.get("/api/v1/loads").json["loads"]
    assert (second["name"], second["read"], second["stored"], second["reasons"]) == ("june.csv", 1, 1, [])
    assert (first["name"], first["read"], first["stored"], first["rejected"], first["duplicates"]) == (
        "五月.csv",
        7,
        3,
        3,
        1,
    )
    counted = {(entry["field"], entry["reason"].split(";")[0]): entry["rows"] for entry in first["reasons"]}
    assert counted == {
        ("上报时间", "… is no time of the form %Y-%m-%d %H:%M, %Y/%m/%d %H:%M"): 2,
        ("类别", "category … is unknown"): 1,
        ("duplicate", "key … is also on …, which is later or first and was taken"): 1,
    }


def test_the_rejected_rows_are_a_file(client: FlaskClient) -> None:
    first = client.get("/api/v1/loads").json["loads"][1]
    answer = client.get(first["rejected_rows"])
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(r["line"], r["field"], r["编号"]) for r in rows] == [
        ("5", "上报时间", "bad"),
        ("6", "上报时间", "worse"),
        ("7", "类别", "odd"),
        ("8", "duplicate", "lamp"),
    ]
    assert "'昨天' is no time" in rows[0]["reason"]
    assert [client.get(f"/api/v1/loads/{n}/rejected.csv").status_code for n in (999, "x")] == [404, 404]


SUMS = {"zh": "读取 7 = 入库 3 + 未入库 3 + 重复 1", "en": "7 read = 3 stored + 3 rejected + 1 duplicates"}


@pytest.mark.parametrize("lang", SUMS)
def test_the_page_lists_imports(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/loads?lang={lang}").text
    assert SUMS[lang] in page
    assert "五月.csv" in page
    assert ("1 × 类别：类别不认识" if lang == "zh" else "1 × 类别: category … is unknown") in page
    assert "/rejected.csv?city=smallton" in page


def test_pages_without_imports_and_reviews_say_so(clone: Callable[..., Settings], tmp_path: Path) -> None:
    settings = clone()
    engine = open_store(settings)
    load_directory(engine, make_city(tmp_path / "city"), {})
    with engine.begin() as connection:
        create_account(connection, "office", "office", ["supervisor"], open_city(connection).city_id, password=PASSWORD)
    client = create_app(settings).test_client()
    enter(client, "office")
    assert "还没有导入过台账" in client.get("/loads").text
    assert "Nothing waits for review" in client.get("/reviews?lang=en").text
    engine.dispose()


def test_a_near_thing_is_listed_with_both_candidates(client: FlaskClient) -> None:
    found = client.get("/api/v1/reviews").json
    assert (found["total"], found["next"]) == (1, None)
    [issue] = found["reviews"]
    decided, other = issue["candidates"]
    assert (decided["area"], decided["unit"], other["area"], other["unit"]) == ("01", "west", "02", "east")
    assert other["distance_m"] < issue["error_m"] == 10
    page = client.get("/reviews").text
    assert "西区办" in page
    assert "东区办" in page
    assert issue["number"] in page


def test_a_receipt_in_words(client: FlaskClient, engine: Engine) -> None:
    with engine.connect() as connection:
        near, lamp, void = (find_receipt(connection, key) for key in ("near", "lamp", "void"))
        with pytest.raises(UnknownName, match="no issue nothing"):
            find_receipt(connection, "nothing")
    assert (near.rule, near.duty_code, near.won_over, near.won_by) == ("duty", "lit", "any", "category")
    assert (lamp.duty_code, lamp.won_by, lamp.others) == ("lamps", "area", 1)
    zh, en = " ".join(sentences(near, "zh")), " ".join(sentences(near, "en"))
    place, other = ("第 1 版界线", "落在 西区（01）", "距其界线 5 米"), ("次近：东区（02）", "归 东区办（east）")
    for said in (*place, *other, "条例 5", "胜过 any", "待复核"):
        assert said in zh
    for said in ("boundary version 1", "lies in 西区 (01)", "duty lit, by 条例 5", "won over any", "To be reviewed"):
        assert said in en
    assert "该点在城市界线之外" in " ".join(sentences(void, "zh"))
    answer = client.get(f"/api/v1/issues/{near.number}/receipt").json
    assert answer["runner_up"]["code"] == "02"
    assert answer["text"]["en"] == sentences(near, "en")
    assert client.get("/api/v1/issues/nothing/receipt").status_code == 404


def test_the_command_explains(imported: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weathermap.commands.explain.read_settings", lambda: imported)
    told = CliRunner().invoke(main, ["explain", "near", "--lang", "en"])
    assert "Unit West office (west): duty lit" in told.output
    facts = json.loads(CliRunner().invoke(main, ["explain", "near", "--json"]).output)
    assert [place["level"] for place in facts["chain"]] == ["city", "district"]
    assert CliRunner().invoke(main, ["explain", "nothing"]).exit_code == 1
