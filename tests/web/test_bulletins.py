"""A bulletin from draft to publication: one instant in all its forms, who sees what, objections, broken templates."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from time import time_ns
from urllib.parse import quote
from zoneinfo import ZoneInfo

import docx
import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import Engine, select, text, update

from etl.bulletin.drafting import before
from etl.jobs.making import make_waiting
from etl.jobs.room import Readers
from tests.store.random_life import life
from tests.web.conftest import PACKS
from tests.web.hand import PASSWORD, csrf, enter
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.notice.message import message_of
from weathermap.people.accounts import create_account
from weathermap.settings import Settings
from weathermap.store.bulletin_tables import bulletin
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.job_tables import job, schedule
from weathermap.store.notice_tables import notice
from weathermap.store.registry import open_city
from weathermap.store.sql import query
from weathermap.work.schedules import fire
from web.api.issues import filter_of
from web.api.report import question_of


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = replace(clone(), data_dir=tmp_path_factory.mktemp("data"))
    opened = open_store(made)
    pack = read_pack(PACKS / "toy")
    with opened.begin() as connection:
        load_pack(connection, pack)
        city = open_city(connection)
        for batch in life(pack, 11, 200, time_ns() // 1_000):
            take_in(connection, city, batch)
        units = dict(connection.execute(text("SELECT code, unit_id FROM unit")).all())  # type: ignore[arg-type]
        create_account(connection, "office", "office", ["supervisor"], city.city_id, None, None, PASSWORD)
        for code, unit in units.items():
            create_account(connection, f"head-{code.lower()}", code, ["head"], city.city_id, unit, None, PASSWORD)
    opened.dispose()
    return made


@pytest.fixture
def office(app: Flask) -> FlaskClient:
    client = app.test_client()
    enter(client, "office")
    return client


def write(office: FlaskClient, kind: str) -> str:
    form = {"csrf": csrf(office), "kind": kind, "day": f"{datetime.now(UTC):%Y-%m-%d}"}
    answer = office.post("/bulletins", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def number_in(text: str) -> str:
    return re.sub(r"[\s,]", "", text)


@pytest.mark.parametrize("kind", ["daily", "weekly", "monthly", "special", "mock", "notice"])
def test_all_forms_say_the_numbers_of_one_instant(office: FlaskClient, engine: Engine, kind: str) -> None:
    place = write(office, kind)
    with engine.connect() as connection:
        facts = connection.execute(text("SELECT facts FROM bulletin ORDER BY bulletin_id DESC LIMIT 1")).scalar_one()
    asked = {"level": facts["level"], "from": facts["from"].replace(" ", "T"), "at": facts["at"].replace(" ", "T")}
    board = office.get("/api/v1/weather", query_string=asked).get_json()
    for row, area in zip(facts["towns"], board["areas"], strict=True):
        assert all(row[key] == area[key] for key in ("notified", "rectified", "open", "overdue", "due", "on_time"))
    told = board["totals"]
    said = f"区间内通报问题{told['notified']}件，已整改{told['rectified']}件"
    pages = pypdf.PdfReader(io.BytesIO(office.get(f"{place}/pdf").data)).pages
    pdf = number_in("".join(page.extract_text() for page in pages))
    document = docx.Document(io.BytesIO(office.get(f"{place}/docx").data))
    word = number_in("".join(paragraph.text for paragraph in document.paragraphs))
    chat = number_in(office.get(f"{place}/txt").text)
    for form in (pdf, word, chat):
        assert said in form and number_in(facts["at"]) in form, form[:400]
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert [row[0] for row in cells[1:]] == [row["name"] for row in facts["towns"]]
    assert [row[2] for row in cells[1:]] == [str(area["notified"]) for area in board["areas"]]
    picture = Image.open(io.BytesIO(office.get(f"{place}/png").data))
    assert picture.format == "PNG" and picture.width == 750 and picture.height > 800
    named = office.get(f"{place}/pdf").headers["Content-Disposition"]
    assert named.isascii() and f"filename*=UTF-8''{quote('关于')}" in named


def test_those_named_see_their_part_and_are_answered_before_it_goes_out(
    app: Flask, office: FlaskClient, engine: Engine
) -> None:
    place = write(office, "weekly")
    number = int(place.rsplit("/", 1)[1])
    with engine.connect() as connection:
        named = connection.execute(
            text("SELECT units FROM bulletin WHERE bulletin_id = :n"), {"n": number}
        ).scalar_one()
        units = connection.execute(text("SELECT code FROM unit WHERE NOT retired")).scalars().all()
    other = next(code for code in units if code not in named)
    one, stranger = app.test_client(), app.test_client()
    enter(one, f"head-{named[0].lower()}")
    enter(stranger, f"head-{other.lower()}")
    assert one.get(place).status_code == 404  # a draft is the office's
    form = {"csrf": csrf(office)}
    assert office.post(f"{place}/publish", data=form).status_code == 403  # nobody has seen it
    assert office.post(f"{place}/show", data=form).status_code == 303
    assert stranger.get(place).status_code == 404
    page = one.get(place).text
    assert "通报中涉及本单位的内容" in page and "<img" not in page
    assert one.get(f"{place}/pdf").status_code == 403
    said = {"csrf": csrf(one), "said": "第三件不在我单位辖区"}
    assert stranger.post(f"{place}/objections", data=said | {"csrf": csrf(stranger)}).status_code == 403
    assert one.post(f"{place}/objections", data=said).status_code == 303
    assert office.post(f"{place}/publish", data=form).status_code == 403  # they may still object
    with engine.begin() as connection:  # the day is over
        past = datetime.now(UTC) - timedelta(minutes=1)
        connection.execute(
            text("UPDATE bulletin SET open_until = :at WHERE bulletin_id = :n"), {"at": past, "n": number}
        )
    assert one.post(f"{place}/objections", data=said).status_code == 403
    answer = office.post(f"{place}/publish", data=form)
    assert answer.status_code == 403 and "no answer" in answer.get_json()["detail"]
    which = re.search(r'name="objection" value="(\d+)"', office.get(place).text)[1]  # type: ignore[index]
    assert one.post(f"{place}/answer", data=said | {"objection": which, "answer": "x"}).status_code == 403
    office.post(f"{place}/answer", data=form | {"objection": which, "answer": "已核实，予以更正"})
    assert office.post(f"{place}/publish", data=form).status_code == 303
    assert stranger.get(place).status_code == 200 and "已核实，予以更正" in one.get(place).text
    pages = pypdf.PdfReader(io.BytesIO(one.get(f"{place}/pdf").data)).pages
    assert "已核实，予以更正" in number_in("".join(page.extract_text() for page in pages))
    assert office.post(f"{place}/withdraw", data=form).status_code == 403


def test_a_schedule_drafts_and_shows_and_everybody_is_told(
    app: Flask, office: FlaskClient, settings: Settings, engine: Engine
) -> None:
    form = {"csrf": csrf(office), "kind": "weekly", "rhythm": "mon", "clock": "08:30", "show": "1"}
    assert office.post("/bulletins/schedules", data=form).location == "/bulletins"
    assert office.post("/bulletins/schedules", data=form | {"kind": "mock"}).status_code == 400
    with engine.begin() as connection:
        due = connection.execute(select(schedule.c.next_at)).scalar_one()
        fire(connection, due)
        row = connection.execute(select(job)).one()
    readers = Readers(question_of, filter_of)
    assert make_waiting(settings, readers) == 1
    with engine.begin() as connection:
        told = connection.execute(select(job)).one()
        assert told.state == "done", told.said
        connection.execute(update(job).values(state="running", result=None))  # its maker died before it could say so
    assert make_waiting(settings, readers) == 1
    with engine.connect() as connection:
        made = connection.execute(select(bulletin).where(bulletin.c.job_id == row.job_id)).one()  # not a second one
        assert connection.execute(select(job.c.result)).scalar_one() == {"bulletin": made.bulletin_id}
    zone = ZoneInfo("Asia/Shanghai")
    monday = due.astimezone(zone).replace(hour=0, minute=0)
    assert made.facts["from"] == f"{monday - timedelta(days=7):%Y-%m-%d %H:%M}"
    assert made.at <= monday - timedelta(seconds=1) and made.state == "shown" and made.units
    place = f"/bulletins/{made.bulletin_id}"
    one = app.test_client()
    enter(one, f"head-{made.units[0].lower()}")

    def inbox(client: FlaskClient, word: str) -> str:
        seen = client.get("/desk/inbox").text
        assert word in seen
        return next(unescape(link) for link in re.findall(r'href="(/desk/inbox/[^"]+)"', seen) if "bulletins" in link)

    inbox(office, "定时通报已起草")
    assert one.get(inbox(one, "通报征求意见")).location == place
    assert 'id="objection"' in one.get(place).text and "on-time rate" in one.get(f"{place}?lang=en").text
    with engine.connect() as connection:
        shown = select(notice.c.notice_id).where(notice.c.kind == "bulletin_shown")
        shown = shown.order_by(notice.c.notice_id.desc()).limit(1)
        row_told = connection.execute(query("notice_told"), {"notices": [connection.execute(shown).scalar_one()]}).one()
        sent = message_of(row_told, 1, "", "https://example.org")
    assert sent.link == f"https://example.org{place}" and made.head["title"] in sent.text
    one.post(f"{place}/objections", data={"csrf": csrf(one), "said": "数字有误"})
    inbox(office, "对通报有意见")
    which = re.search(r'name="objection" value="(\d+)"', office.get(place).text)[1]  # type: ignore[index]
    office.post(f"{place}/answer", data={"csrf": csrf(office), "objection": which, "answer": "已核实"})
    inbox(one, "通报意见已答复")
    head = dict.fromkeys(("title", "number", "recipients", "signer", "matter"), "新的") | {"signed_on": "2026-11-30"}
    assert office.post(f"{place}/head", data=head | {"csrf": csrf(office)}).status_code == 303
    with engine.begin() as connection:
        kept = connection.execute(select(bulletin.c.head).where(bulletin.c.job_id == row.job_id)).scalar_one()
        assert kept["number"] == "新的" and kept["matter"] == ""  # what units saw stands
        past = datetime.now(UTC) - timedelta(minutes=1)
        connection.execute(update(bulletin).where(bulletin.c.job_id == row.job_id).values(open_until=past))
    assert office.post(f"{place}/publish", data={"csrf": csrf(office)}).status_code == 303
    inbox(one, "通报已发布")
    listed = office.get("/bulletins").text
    office.post(re.search(r'action="(/bulletins/schedules/\d+/delete)"', listed)[1], data={"csrf": csrf(office)})  # type: ignore[index]
    assert "/delete" not in office.get("/bulletins").text


@pytest.mark.parametrize(
    ("kind", "instant", "first", "last"),
    [
        ("daily", "2026-03-02T08:30", "2026-03-01T08:00:00", "2026-03-02T07:59:59"),
        ("daily", "2026-03-02T07:30", "2026-02-28T08:00:00", "2026-03-01T07:59:59"),
        ("weekly", "2026-03-02T08:30", "2026-02-23T00:00:00", "2026-03-01T23:59:59"),
        ("monthly", "2026-03-01T08:30", "2026-02-01T00:00:00", "2026-02-28T23:59:59"),
    ],
)
def test_a_schedule_tells_of_the_last_whole_window(kind: str, instant: str, first: str, last: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    found = before(kind, datetime.fromisoformat(instant).replace(tzinfo=zone), "Asia/Shanghai")
    assert found == tuple(datetime.fromisoformat(text).replace(tzinfo=zone) for text in (first, last))


def test_an_office_changes_a_template_and_a_broken_one_is_told_with_its_line(
    office: FlaskClient, settings: Settings
) -> None:
    place = write(office, "daily")
    folder = settings.data_dir / "templates"
    folder.mkdir(exist_ok=True)
    own = folder / "bulletin-daily.typ"
    own.write_text('#let d = json("data.json")\nOWN #d.totals.notified', encoding="utf-8")
    try:
        assert "OWN" in pypdf.PdfReader(io.BytesIO(office.get(f"{place}/pdf").data)).pages[0].extract_text()
        own.write_text('#let d = json("data.json")\n\n#d.totals.nothing\n', encoding="utf-8")
        answer = office.get(f"{place}/pdf")
        assert answer.status_code == 400 and "3" in answer.get_json()["detail"]
        document = docx.Document()
        document.add_paragraph("{{ title }}")
        document.add_paragraph("{% if title %} 没有结束")
        document.save(str(folder / "bulletin-daily.docx"))
        detail = office.get(f"{place}/docx").get_json()["detail"]
        assert "bulletin-daily.docx" in detail and re.search(r"第 \d+ 行", detail)
        assert "模板有错" in office.get(place).text
    finally:
        for file in folder.iterdir():
            file.unlink()


def test_a_case_file_tells_the_story_of_an_issue(office: FlaskClient) -> None:
    listed = office.get("/api/v1/issues?state=due").get_json()["issues"][0]
    answer = office.get(f"/desk/issue/{listed['number']}/file.pdf")
    assert answer.status_code == 200 and "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    issue = office.get(f"/api/v1/issues/{listed['number']}").get_json()
    for said in (listed["number"], listed["category"]["name"], "五定", "回执", "时限推算", "经过", "派遣"):
        assert said in text, said
    assert issue["events"][-1]["hash"] in re.sub(r"\s", "", text)
