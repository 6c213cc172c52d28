"""Citizens' pages without a script: send, ticket, find, answer; what is odd, too much or broken is said."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from werkzeug.test import TestResponse

from tests.store.standing import PACK, WAYS, put
from tests.store.test_photos import bomb, jpeg
from weathermap.people.demo import DEMO_PASSWORD, make_demo_accounts
from weathermap.settings import Settings
from weathermap.snap.reports import hands_of, make_own_move
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import photo
from weathermap.store.registry import open_city
from weathermap.store.snap_tables import snap
from web.snap.limits import Limit, Limits

SPOT = PACK.finest.geoms[0].representative_point()


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    made = clone()
    engine = open_store(made)
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        put(connection, city, "known", WAYS["handling"], time.time_ns() // 1_000, 8)
        make_demo_accounts(connection, city.city_id)
    engine.dispose()
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.extensions["weathermap_snap_limits"] = Limits()
    return app.test_client()


def send(browser: FlaskClient, /, *photos: tuple[bytes, str], **fields: Any) -> TestResponse:
    data = {"client": str(uuid4()), "lon": SPOT.x, "lat": SPOT.y, "place_from": "pin", **fields}
    files = {"photo": [(io.BytesIO(content), name) for content, name in photos]}
    return browser.post("/snap", data=data | files, content_type="multipart/form-data")


def number_in(page: str) -> str:
    found = re.search(r"990101-\d{8}-\d{6}", page)
    assert found
    return found[0]


def test_a_form_is_sent_whole_and_leads_to_its_ticket(client: FlaskClient, engine: Engine) -> None:
    page = client.get("/snap")
    assert page.status_code == 200
    assert 'enctype="multipart/form-data"' in page.text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    words = "<script>alert(1)</script>垃圾"
    answer = send(client, (jpeg(orientation=6), "a.jpg"), words=words, lon="", lat="", client="x")
    assert answer.status_code == 303
    ticket = client.get(answer.location)
    assert ticket.headers["Referrer-Policy"] == "no-referrer"
    assert ticket.headers["Cache-Control"] == "no-store"
    number = number_in(ticket.text)
    shown = re.search(r'src="(/snap/t/[^"]+/photo/[^"]+)"', ticket.text)
    assert shown
    picture = client.get(shown[1])
    assert picture.mimetype == "image/webp"
    assert b"SECRET-CAMERA" not in picture.data and b"Exif" not in picture.data
    assert client.get(shown[1].replace("/shown", "/original")).status_code == 404
    assert client.get(shown[1].replace(answer.location.rpartition("/")[2], "a" * 22)).status_code == 404
    assert client.get(f"{answer.location}/code.png").data.startswith(b"\x89PNG")
    with engine.connect() as connection:
        asked = select(snap.c.words, snap.c.place_from, t.issue.c.position)
        joined = asked.join(t.issue, t.issue.c.issue_id == snap.c.issue_id)
        row = connection.execute(joined.where(t.issue.c.number == number)).one()
        assert tuple(row) == (words, "photo", "outside")  # its EXIF says where, which is not in the toy city
    desk = client.post("/sign-in", data={"login": "demo-dispatcher", "password": DEMO_PASSWORD})
    assert desk.status_code == 303
    for address in ("/desk/snaps", f"/desk/issue/{number}"):
        shown_there = client.get(address).text
        assert words not in shown_there
        assert "&lt;script&gt;alert(1)&lt;/script&gt;垃圾" in shown_there


def test_a_broken_photo_is_named_and_the_report_survives(client: FlaskClient, engine: Engine) -> None:
    bad = ((bomb(), "炸弹.png"), (b"<svg onload=alert(1)>", "图.jpg"), (jpeg(), "好.jpg"), (jpeg(), "四.jpg"))
    page = client.get(send(client, *bad).location).text
    assert all(word in page for word in ("炸弹.png 像素太多", "图.jpg 不是图片", "四.jpg 超过 3 张"))
    with engine.connect() as connection:
        kept = select(func.count()).select_from(photo).join(t.issue, t.issue.c.issue_id == photo.c.issue_id)
        assert connection.execute(kept.where(t.issue.c.number == number_in(page))).scalar_one() == 1
    page = client.get(send(client, (b"", "空.jpg"), words="井盖没了", lang="en").location).text
    assert "空.jpg is empty" in page
    alone = send(client, (b"no", "无.jpg"))
    assert alone.status_code == 400
    assert "照片都没有收下：无.jpg 不是图片" in alone.text


def test_what_cannot_be_taken_keeps_what_was_written(client: FlaskClient, app: Flask) -> None:
    refused = send(client, words="写了很久", phone="abc", category="E0505")
    assert refused.status_code == 400
    assert all(word in refused.text for word in ("写了很久", "这不是手机号", 'value="E0505" checked'))
    assert send(client, words="字" * 501).status_code == 400
    assert "neither a photo nor a word" in send(client, lang="en").text
    app.extensions["weathermap_snap_limits"] = Limits(send=Limit(1, 120))
    assert send(client, words="一").status_code == 303
    late = send(client, words="二")
    assert late.status_code == 429
    assert "2 分钟" in late.text and "二</textarea>" in late.text
    told = client.post("/snap", data={"words": "三"}, headers={"Accept": "application/json"})
    assert (told.status_code, "分钟" in told.json["error"]) == (429, True)


def test_the_same_form_twice_is_one_ticket(client: FlaskClient, engine: Engine) -> None:
    form = {"client": str(uuid4()), "words": "只有一次"}
    numbers = {number_in(client.get(send(client, **form).location).text) for _ in range(2)}
    assert len(numbers) == 1


def test_what_is_near_is_offered_and_followed(client: FlaskClient) -> None:
    spot = PACK.finest.geoms[8].representative_point()
    asked = {"lon": spot.x, "lat": spot.y + 0.0001, "lang": "en"}
    told = client.get("/snap/near", query_string=asked).json
    assert told["inside"] and told["place"]
    assert [(one["state"], one["metres"]) for one in told["near"]] == [("being dealt with", 11)]
    number = told["near"][0]["number"]
    page = client.get(send(client, (jpeg(), "a.jpg"), follow=number).location).text
    assert number_in(page) == number
    assert "您也关注了" in page
    outside = client.get("/snap/near?lon=0&lat=0").json
    assert (outside["inside"], outside["near"]) == (False, [])
    for wrong in ("", "?lon=x&lat=1", "?lon=nan&lat=1", "?lon=1&lat=91"):
        assert client.get(f"/snap/near{wrong}").status_code == 404
    assert client.get(f"/snap/map?lon={spot.x}&lat={spot.y}").status_code == 403  # no review number, and no demo


def test_a_lost_ticket_is_found_by_phone_and_word(client: FlaskClient, app: Flask) -> None:
    number = number_in(client.get(send(client, words="路灯", phone="13800000000", code="红色水桶").location).text)

    def found(phone: str, code: str) -> TestResponse:
        return client.post("/snap/find", data={"phone": phone, "code": code})

    right = found("138-0000-0000", "红色水桶")
    link = re.search(r'href="(/snap/t/[^"]+)"', right.text)
    assert link and number in client.get(link[1]).text
    assert [found(p, c).status_code for p, c in (("13800000000", "x"), ("13900000000", "红色水桶"), ("1", "1"))] == [
        404,
        404,
        400,
    ]
    for _ in range(3):
        found("13800000000", "guess")
    assert found("13800000000", "红色水桶").status_code == 429


def test_the_citizen_is_asked_and_the_office_decides(client: FlaskClient, engine: Engine) -> None:
    link = send(client, words="垃圾桶").location
    number = number_in(client.get(link).text)
    assert "您看行吗" not in client.get(link).text
    assert client.post(link, data={"fixed": "no"}).status_code == 409
    for move in ("dispatch", "feed_back", "check_pass"):
        with engine.begin() as connection:
            city = open_city(connection)
            hands = hands_of(connection, city, number)
            assert hands is not None
            make_own_move(connection, city, hands, move, time.time_ns() // 1_000)
    assert "已经解决了，您看行吗" in client.get(link).text
    answered = client.post(link, data={"fixed": "no", "words": "还剩一半"})
    assert answered.status_code == 303
    page = client.get(link).text
    assert "请求重新处理" in page and 'name="fixed"' not in page
    client.post("/sign-in", data={"login": "demo-supervisor", "password": DEMO_PASSWORD})
    assert number in client.get("/desk?queue=to_reopen").text
    desk = client.get(f"/desk/issue/{number}").text
    assert all(word in desk for word in ("还剩一半", 'id="form-reopen"', 'id="form-refuse"'))


def test_no_ticket_is_guessed_or_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    link = send(client, words="秘密").location
    secret = link.rpartition("/")[2]
    with caplog.at_level("INFO", "web.request"):
        client.get(link)
        client.get(f"{link}/code.png")
    told = [str(vars(record)) for record in caplog.records if record.name == "web.request"]
    assert len(told) == 2
    assert not [line for line in told if secret in line]
    statuses = {client.get(f"/snap/t/{uuid4().hex[:22]}").status_code for _ in range(12)}
    assert statuses == {404, 429}
