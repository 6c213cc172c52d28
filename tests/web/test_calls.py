"""What somebody told the office, written down at the desk: stored once, who told it apart, known issues asked first."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import Engine, func, select

from tests.web.conftest import PACKS
from tests.web.hand import PASSWORD, Hand
from weathermap.city.reading import read_pack
from weathermap.issue.workflow import MOVES
from weathermap.people.accounts import create_account, find_account
from weathermap.people.permissions import PERMISSIONS
from weathermap.people.reporters import reporter_of, reveal
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import photo
from weathermap.store.registry import open_city
from weathermap.tally.verify import verify_store

PHONE = "138 0000 1234"


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    made = clone()
    engine = open_store(made)
    with engine.begin() as connection:
        load_pack(connection, read_pack(PACKS / "toy"))
        city = open_city(connection)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        units = dict(connection.execute(select(t.unit.c.code, t.unit.c.unit_id)).all())  # type: ignore[arg-type]
        create_account(connection, "desk", "desk", ["dispatcher"], city.city_id, None, people["PI2"], PASSWORD)
        create_account(connection, "unit", "unit", ["head"], city.city_id, units["B01"], None, PASSWORD)
    engine.dispose()
    return made


def jpeg(shade: int) -> tuple[io.BytesIO, str]:
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, 90, 200)).save(kept, "JPEG")
    return io.BytesIO(kept.getvalue()), "call.jpg"


def told(**more: object) -> dict[str, object]:
    point = read_pack(PACKS / "toy").points[0]
    spot = {"lon": f"{point.lon:.6f}", "lat": f"{point.lat:.6f}", "address": "中心路 8 号对面", "point": point.code}
    return {"key": str(uuid4()), "source": "hotline", "category": "E0102", "note": "垃圾满了", **spot, **more}


def count(engine: Engine, what: object) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(what)).scalar_one())  # type: ignore[arg-type]


def test_a_call_is_stored_once_and_who_called_stands_apart(app: Flask, engine: Engine, settings: Settings) -> None:
    assert PERMISSIONS["report"] == MOVES["report"].roles
    hand, form = Hand(app, "desk"), told(phone=PHONE, name="王女士", note="垃圾<b>满了</b>")
    for _ in range(2):  # pressed twice
        answer = hand.client.post("/desk/report", data={"csrf": hand.csrf, **form, "photo": jpeg(1), "seen": ""})
        assert answer.status_code == 303, answer.text
        number = re.search(r"stored=([\d-]+)", answer.location)[1]  # type: ignore[index]
    assert count(engine, t.issue) == 1 and count(engine, photo) == 1
    with engine.connect() as connection:
        i, s = t.issue.c, t.source.c
        row = connection.execute(select(t.issue, s.code).join(t.source, s.source_id == i.source_id)).one()
        assert (row.number, row.code, row.state, row.address) == (number, "hotline", "reported", form["address"])
        assert row.area_id and row.point_id
        event = connection.execute(select(t.issue_event)).one()
        assert event.actor and "满了" in event.data and "1380000" not in event.data and "王" not in event.data
        assert json.loads(event.data)["photos"]
        by = find_account(connection, "desk")
        reporter = reporter_of(connection, row.issue_id)
        assert by and reporter
        seen = reveal(connection, settings, reporter, by, "回访核实")
        assert (seen.phone, seen.name) == ("13800001234", "王女士")
    page = hand.get(f"/desk/report?stored={number}")
    assert f"/desk/issue/{number}" in page and 'data-done="form-report"' in page
    assert "&lt;b&gt;满了" in hand.get(f"/desk/issue/{number}")
    assert Hand(app, "unit").client.get("/desk/report").status_code == 403


def test_what_is_known_around_is_asked_about_first(app: Flask, engine: Engine) -> None:
    hand, before = Hand(app, "desk"), count(engine, t.issue)
    form = told(note="又有人说")
    asked = hand.client.post("/desk/report", data={"csrf": hand.csrf, **form, "photo": jpeg(2)})
    assert asked.status_code == 409 and count(engine, t.issue) == before  # nothing stored, and nothing lost
    known = re.search(r'name="known" value="([\d-]+)"', asked.text)[1]  # type: ignore[index]
    kept = re.search(r'name="shot" value="([^"]+)"', asked.text)[1]  # type: ignore[index]
    assert "又有人说" in asked.text and f'name="seen" value="{known}"' in asked.text
    joined = {**form, "shot": kept, "seen": known, "known": known, "phone": "13900000000"}
    for _ in range(2):
        answer = hand.client.post("/desk/report", data={"csrf": hand.csrf, **joined})
        assert answer.status_code == 303 and f"stored={known}" in answer.location
    assert count(engine, t.issue) == before
    with engine.connect() as connection:
        e = t.issue_event.c
        follows = connection.execute(select(t.issue_event).where(e.move == "follow")).all()
        assert len(follows) == 1 and json.loads(follows[0].data)["note"] == "又有人说" and follows[0].actor
        shown = connection.execute(select(photo).where(photo.c.seq == follows[0].seq)).one()
        assert shown.issue_id == follows[0].issue_id
    other = told(seen=known, known="")
    assert hand.client.post("/desk/report", data={"csrf": hand.csrf, **other}).status_code == 303
    assert count(engine, t.issue) == before + 1
    near = json.loads(hand.get(f"/desk/report/near?lon={form['lon']}&lat={form['lat']}"))
    assert near["inside"] and near["place"] and {one["number"] for one in near["near"]} >= {known}
    assert verify_store(engine) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lon": "", "lat": "", "point": "", "address": " "}, "请在地图上选位置"),
        ({"category": "X"}, "请选择类别"),
        ({"source": "?"}, "请选择来源"),
        ({"point": "NONE"}, "没有编码为 NONE 的点位"),
        ({"phone": "12"}, "telephone"),
        ({"name": "王女士"}, "请一并填写电话"),
        ({"lon": "east"}, "lon="),
        ({"note": "长" * 501}, "501"),
        ({"address": "路" * 201}, "200 个字"),
        ({"key": "no id"}, "no id"),
    ],
)
def test_what_cannot_be_stored_says_why_and_is_kept(
    app: Flask, engine: Engine, wrong: dict[str, str], said: str
) -> None:
    hand, before = Hand(app, "desk"), count(engine, t.issue)
    numbers = re.findall(r'"number":"([\d-]+)"', hand.get(f"/desk/report/near?lon={told()['lon']}&lat={told()['lat']}"))
    page = hand.post("/desk/report", 400, **(told(seen=" ".join(numbers), words="留着") | wrong))
    assert said in page and count(engine, t.issue) == before
    assert "垃圾满了" in page or "note" in wrong


def test_an_address_alone_will_do_and_places_are_found_by_words(app: Flask, engine: Engine) -> None:
    hand = Hand(app, "desk")
    hand.post("/desk/report", 303, **told(lon="", lat="", point="", address="老车站后面"))
    with engine.connect() as connection:
        row = connection.execute(select(t.issue).where(t.issue.c.address == "老车站后面")).one()
        assert row.position == "missing" and row.area_id is None
    pack = read_pack(PACKS / "toy")
    found = json.loads(hand.get(f"/desk/report/places?q={pack.points[3].name}"))["places"]
    assert found[0]["point"] == pack.points[3].code and found[0]["lon"] == pack.points[3].lon
    area = pack.areas["community"].names[1]
    assert json.loads(hand.get(f"/desk/report/places?q={area}"))["places"][-1]["level"] == "community"
    assert json.loads(hand.get("/desk/report/places?q="))["places"] == []
    assert "<svg" in hand.get(f"/desk/report/map?lon={pack.points[3].lon}&lat={pack.points[3].lat}")
    client = app.test_client()
    gone = client.post(
        "/desk/report",
        data=told(),
        headers={"Accept": "text/html", "Referer": "http://localhost/desk/report?lang=en"},
    )
    assert gone.status_code == 401 and "/sign-in?next=/desk/report%3Flang%3Den" in gone.text
