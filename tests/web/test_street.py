"""What a phone sends: stored once, however often and in whatever order; a fail makes an issue tied to its clause."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import Engine, func, select

from tests.web.conftest import PACKS
from tests.web.hand import PASSWORD, enter
from weathermap.city.reading import read_pack
from weathermap.people.accounts import create_account
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import access_log, photo
from weathermap.store.registry import open_city
from weathermap.store.visit_tables import observation, shot, visit
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_city
from web.app import create_app

Send = Callable[..., Any]


@pytest.fixture(scope="module")
def app(clone: Callable[..., Settings]) -> Iterator[Flask]:
    settings = clone()
    engine = open_store(settings)
    with engine.begin() as connection:
        load_pack(connection, read_pack(PACKS / "toy"))
        city = open_city(connection)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        for login, role, person in (("one", "inspector", "PI1"), ("two", "inspector", "PI2"), ("head", "head", "P001")):
            unit = int(city.unit_ids[0]) if role == "head" else None
            create_account(connection, login, login, [role], city.city_id, unit, people[person], PASSWORD)
        create_account(connection, "office", "office", ["supervisor"], city.city_id, None, people["PI2"], PASSWORD)
        create_account(connection, "nobody", "nobody", ["inspector"], city.city_id, None, None, PASSWORD)
    made = create_app(settings)
    made.extensions["test_engine"] = engine
    yield made
    engine.dispose()


@pytest.fixture
def engine(app: Flask) -> Engine:
    return app.extensions["test_engine"]  # type: ignore[no-any-return]


def phone(app: Flask, login: str = "one") -> tuple[FlaskClient, Send]:
    """A signed-in phone, and how it sends JSON."""
    client = app.test_client()
    enter(client, login)
    csrf = client.get("/api/v1/street/me").json["csrf"]  # type: ignore[index]

    def send(path: str, body: object, **headers: str) -> Any:
        return client.post(f"/api/v1/street/{path}", json=body, headers={"X-CSRF-Token": csrf, **headers})

    return client, send


def shoot(client: FlaskClient, key: str, shade: int = 0, content: bytes | None = None) -> Any:
    if content is None:
        kept = io.BytesIO()
        Image.new("RGB", (64, 48), (shade, 90, 200)).save(kept, "JPEG")
        content = kept.getvalue()
    csrf = client.get("/api/v1/street/me").json["csrf"]  # type: ignore[index]
    data = {"key": key, "at": "2026-11-25T08:00:00+08:00", "lon": "120.5045", "lat": "24.996"}
    data["photo"] = (io.BytesIO(content), "a.jpg")  # type: ignore[assignment]
    return client.post("/api/v1/street/photos", data=data, headers={"X-CSRF-Token": csrf})


def market(key: str, photos: tuple[str, ...] = (), **more: object) -> dict[str, Any]:
    """A visit of the east market: one item passed, one failed."""
    return {
        "key": key,
        "kind": "patrol",
        "point": "PT01",
        "start": "2026-11-25T00:10:00Z",
        "end": "2026-11-25T00:25:00Z",
        "observed": [
            {"standard": "S01", "edition": "2026", "result": "pass"},
            {
                "standard": "S02",
                "edition": "2026",
                "result": "fail",
                "issue": {"key": str(uuid4()), "category": "E0504", "note": "摊位越线", "photos": list(photos)},
            },
        ],
        **more,
    }


def count(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_visit_is_stored_once_and_its_fail_is_an_issue_with_clause_and_photo(app: Flask, engine: Engine) -> None:
    client, send = phone(app)
    key, picture = str(uuid4()), str(uuid4())
    body = market(key, (picture,))
    early = send("visits", body)  # before its photo: named, nothing stored, nothing lost
    assert (early.status_code, early.json["conflict"], early.json["photos"]) == (409, "missing", [picture])
    assert early.json["zh"].startswith("还有 1 张照片没有送到")
    assert count(engine, visit) == 0
    assert shoot(client, picture).json["again"] is False
    assert shoot(client, picture).json["again"] is True
    first = send("visits", body)
    assert first.status_code == 200, first.text
    number = first.json["issues"][body["observed"][1]["issue"]["key"]]
    with ThreadPoolExecutor(4) as at_once:  # four that never heard the answer
        again = list(at_once.map(lambda _: phone(app)[1]("visits", body).json, range(4)))
    assert [answer["again"] for answer in again] == [True] * 4
    assert all(answer["issues"] == first.json["issues"] for answer in again)
    assert (count(engine, visit), count(engine, observation), count(engine, shot), count(engine, t.issue)) == (
        1,
        2,
        1,
        1,
    )
    with engine.connect() as connection:
        stored = connection.execute(select(visit)).one()
        issue = connection.execute(select(t.issue).where(t.issue.c.number == number)).one()
        event = connection.execute(select(t.issue_event).where(t.issue_event.c.issue_id == issue.issue_id)).one()
        evidence = connection.execute(select(photo)).one()
        failed = connection.execute(select(observation).where(observation.c.result == "fail")).one()
    assert abs(stored.started_at - datetime.now(UTC)) < timedelta(minutes=1)  # official: the receipt
    assert stored.told_start == datetime(2026, 11, 25, 0, 10, tzinfo=UTC)  # beside it: the phone's
    data = json.loads(event.data)
    assert (data["standard"], data["edition"], data["clause"]) == ("S02", "2026", "测评体系2026版第2条")
    assert data["photos"] == [evidence.sha256.hex()] and data["note"] == "摊位越线"
    assert event.actor == stored.person_id and issue.state == "reported" and issue.receipt["unit"] == "B03"
    assert failed.issue_id == issue.issue_id == evidence.issue_id
    page = client.get(f"/desk/issue/{number}").text
    assert "无占道经营" in page and "测评体系2026版第2条 2026" in page and "摊位越线" in page
    changed = send("visits", {**body, "note": "changed"})
    assert (changed.status_code, changed.json["conflict"]) == (409, "elsewhere")


def test_coverage_comes_from_these_visits(app: Flask, engine: Engine) -> None:
    client, send = phone(app)
    before = client.get("/api/v1/points/PT05").json
    assert before["visited"] is False  # type: ignore[index]
    assert send("visits", {"key": str(uuid4()), "point": "PT05", "observed": []}).status_code == 200
    after = client.get("/api/v1/points/PT05").json
    assert after["visited"] is True and after["visits"][0]["by"] == "巡查员"  # type: ignore[index]
    fold(engine)
    town = next(a for a in client.get("/api/v1/weather?level=town").json["areas"] if a["code"] == "990101101")  # type: ignore[index]
    assert town["covered"] == 1
    along = client.get("/api/v1/street").json
    fields = along["fields"]  # type: ignore[index]
    points = {row[0]: dict(zip(fields, row, strict=True)) for row in along["points"]}  # type: ignore[index]
    assert points["PT05"]["visits"] == 1 and points["PT05"]["mine"] is False and points["PT04"]["mine"] is True
    assert along["units"][points["PT01"]["units"][1]]["code"] == "B03"  # type: ignore[index]  # proposed for S02


def test_who_was_there_meanwhile_is_shown_and_never_merged(app: Flask, engine: Engine) -> None:
    _, one = phone(app)
    _, two = phone(app, "two")
    visits = count(engine, visit)
    assert two("visits", {"key": (theirs := str(uuid4())), "point": "PT03", "last": ""}).status_code == 200
    mine = {"key": str(uuid4()), "point": "PT03", "last": ""}
    refused = one("visits", mine)
    assert (refused.status_code, refused.json["conflict"]) == (409, "meanwhile")
    assert refused.json["visits"][0]["by"] == "谢一" and refused.json["last"] == theirs
    assert count(engine, visit) == visits + 1
    assert one("visits", {**mine, "last": refused.json["last"]}).status_code == 200  # sent on, seeing theirs
    assert count(engine, visit) == visits + 2


def test_what_cannot_be_used_is_named(app: Flask, engine: Engine) -> None:
    client, send = phone(app)
    counted = [count(engine, table) for table in (visit, t.issue, shot)]
    body = market(str(uuid4()))
    fail = body["observed"][1]
    for wrong, status, said in (
        ({**body, "point": "PT99"}, 404, "PT99"),
        ({**body, "key": "../x"}, 403, "no id"),
        ({**body, "observed": [{**fail, "standard": "S03"}]}, 404, "S03"),
        ({**body, "observed": [fail, fail]}, 403, "twice"),
        ({**body, "observed": [{**fail, "issue": None}]}, 403, "brings its problem"),
        ({**body, "observed": [{**fail, "issue": {**fail["issue"], "category": "X"}}]}, 404, "'X'"),
        ({**body, "note": "长" * 501}, 403, "501"),
        ({**body, "start": "2026-11-25 08:00"}, 400, "zone"),
        ([], 400, "no object"),
        ("<script>", 400, "no object"),
    ):
        answer = send("visits", wrong)
        assert answer.status_code == status and said in answer.json["detail"], answer.text
    assert send("issues", {"issue": {"key": str(uuid4()), "category": "E0102"}}).status_code == 403  # no place
    broken = shoot(client, str(uuid4()), content=b"no photo")
    assert broken.status_code == 400 and "no picture" in broken.json["detail"]
    assert send("visits", body, **{"X-CSRF-Token": "forged"}).status_code == 403
    assert app.test_client().get("/api/v1/street", headers={"Accept": "application/json"}).status_code == 401
    outsider = app.test_client()
    enter(outsider, "head")
    assert outsider.get("/api/v1/street").status_code == 403
    assert "bound to nobody" in phone(app, "nobody")[0].get("/api/v1/street").json["detail"]  # type: ignore[index]
    assert [count(engine, table) for table in (visit, t.issue, shot)] == counted


def test_an_issue_on_the_way_and_a_foreign_photo(app: Flask, engine: Engine) -> None:
    client, send = phone(app)
    picture, key = str(uuid4()), str(uuid4())
    assert shoot(client, picture, 7).status_code == 200
    assert [one["key"] for one in client.get("/api/v1/street/photos").json["photos"]] == [picture]  # type: ignore[index]
    body = {
        "issue": {"key": key, "category": "E0102", "lon": 120.5225, "lat": 24.996, "photos": [picture]},
        "point": "",
    }
    theirs = phone(app, "two")[1]("issues", body)
    assert theirs.json["conflict"] == "missing"  # another's photo is none of theirs
    first, again = send("issues", body), send("issues", body)
    assert (first.json["again"], again.json["again"]) == (False, True) and first.json["issues"] == again.json["issues"]
    assert client.get("/api/v1/street/photos").json["photos"] == []  # type: ignore[index]
    with engine.begin() as connection:
        assert not verify_city(connection, "990101")


def test_photos_of_a_lost_phone_are_sorted_at_the_desk(app: Flask, engine: Engine) -> None:
    client, send = phone(app)
    one, two, three, four = keys = [str(uuid4()) for _ in range(4)]
    assert all(shoot(client, key, 20 + n).status_code == 200 for n, key in enumerate(keys))
    assert send("visits", market(str(uuid4()), point="PT03", observed=[])).status_code == 200
    office = app.test_client()
    enter(office, "office")

    def sort(by: FlaskClient, shots: list[str], act: str, **more: object) -> Any:
        data = {"csrf": word(by, "/desk/photos"), "key": str(uuid4()), "shot": shots, "act": act, **more}
        return by.post("/desk/photos", data=data)

    shown = client.get("/desk/photos").text
    assert all(key in shown for key in keys) and "PT0" in shown and one not in office.get("/desk/photos").text
    assert sort(office, [one], "issue", category="E0102").status_code == 400  # not theirs yet
    assert sort(client, [], "issue").status_code == sort(client, [one], "issue").status_code == 400  # none; no category
    made = sort(client, [one], "issue", category="E0102")
    number = re.findall(r"number=([\w-]+)", made.headers["Location"])[0]
    assert re.search("/desk/photo/[0-9a-f]{64}/", client.get(f"/desk/issue/{number}").text)
    visit_id = re.findall(r'<option value="(\d+)">[^<]*', client.get("/desk/photos").text)[0]
    assert sort(client, [two], "visit", visit=visit_id).status_code == 303
    assert sort(client, [three], "aside").status_code == 303
    assert [row["key"] for row in client.get("/api/v1/street/photos").json["photos"]] == [four]  # type: ignore[index]
    assert three in client.get("/desk/photos?aside=1").text
    assert sort(client, [three], "back").status_code == 303
    with engine.begin() as connection:
        long_ago = datetime.now(UTC) - timedelta(days=4)
        connection.execute(shot.update().where(shot.c.key.in_([three, four])).values(received_at=long_ago))
    assert three in office.get("/desk/photos").text and three not in phone(app, "two")[0].get("/desk/photos").text
    assert sort(office, [three, four], "issue", category="E0102", point="PT01").status_code == 303
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).where(access_log.c.what == "photo taken over")).scalar() == 2
        held = connection.execute(select(shot.c.visit_id, shot.c.issue_id).where(shot.c.key.in_(keys))).all()
    assert [sum(value is not None for value in column) for column in zip(*held, strict=True)] == [1, 3]
    assert client.get("/api/v1/street/photos").json["photos"] == []  # type: ignore[index]
    assert sort(client, [four], "issue", category="E0102").status_code == 400  # sorted meanwhile


def word(client: FlaskClient, path: str) -> str:
    """The session's own word, from a form."""
    return re.findall(r'name="csrf" value="([^"]+)"', client.get(path).text)[-1]


def test_the_desk_enters_a_visit_and_the_ledger_counts_it(app: Flask, engine: Engine) -> None:
    client, _ = phone(app, "two")
    before = client.get("/desk/coverage?person=PI2").text
    assert before.count("本月") >= 2 and "PT06" in client.get("/desk/coverage?missing=1").text
    kept = io.BytesIO()
    Image.new("RGB", (60, 40), (9, 9, 9)).save(kept, "JPEG")
    data: dict[str, Any] = {
        "csrf": word(client, "/desk/visits/new?point=PT06"),
        "key": str(uuid4()),
        "point": "PT06",
        "kind": "full",
        "start": "2026-11-25T09:00",
        "end": "2026-11-25T09:20",
        "result-S04": "fail",
        "category-S04": "C0113",
        "note-S04": "通道堆物",
    }
    issues, visits = count(engine, t.issue), count(engine, visit)
    wrong = client.post("/desk/visits/new", data={**data, "end": "2026-11-25T08:00"})
    assert wrong.status_code == 400 and "结束早于开始" in wrong.text  # in the page's language
    assert "通道堆物" in wrong.text  # what was written stays
    for _ in range(2):  # a double click
        answer = client.post("/desk/visits/new", data={**data, "photo-S04": (io.BytesIO(kept.getvalue()), "a.jpg")})
        assert answer.status_code == 303, answer.text
    assert (count(engine, t.issue), count(engine, visit)) == (issues + 1, visits + 1)
    with engine.connect() as connection:
        seen = connection.execute(select(visit).order_by(visit.c.visit_id.desc()).limit(1)).one()
        assert seen.kind == "full" and seen.told_start == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
        held = connection.execute(select(shot).where(shot.c.visit_id == seen.visit_id)).one()
        assert held.standard == "S04" and held.issue_id is not None
    assert "PT06" not in client.get("/desk/coverage?missing=1").text
    assert "PT06" in client.get("/desk/coverage?person=PI2&lang=en").text
    walked = client.get("/desk/coverage?person=PI1&walk=1")
    assert "按步行顺序" in walked.text
    order = phone(app)[0].get("/api/v1/street/walk?lon=120.50&lat=24.99").json["points"]  # type: ignore[index]
    assert set(order) <= {"PT01", "PT02", "PT03", "PT04"} and "PT02" in order
    assert "没有找到点位「PT99」" in client.get("/desk/visits/new?point=PT99").text
    name = client.get("/api/v1/points/PT06").json["name"]  # type: ignore[index]
    assert f"<b>{name}</b>" in client.get(f"/desk/visits/new?point={name}").text  # found by name


def test_a_citizens_round_has_members_points_findings_and_a_follow_up(app: Flask, engine: Engine) -> None:
    client, _ = phone(app)
    csrf, key = word(client, "/desk/rounds"), str(uuid4())
    data = {"csrf": csrf, "key": key, "name": "十一月巡访", "held_on": "2026-11-20", "points": "PT01，PT07"}
    data |= {"member": ["李老", "王代表", "", "小陈"], "kind": ["veteran", "delegate", "veteran", "other"]}
    assert client.post("/desk/rounds", data={**data, "kind": ["elder"] * 4}).status_code == 400
    wrong = client.post("/desk/rounds", data={**data, "points": "PT01 PT98 PT99"})
    assert wrong.status_code == 400 and "没有这些点位：PT98、PT99。" in wrong.text and "王代表" in wrong.text
    for _ in range(2):
        made = client.post("/desk/rounds", data=data)
        assert made.status_code == 303
    place = made.headers["Location"]
    form = {"csrf": csrf, "key": str(uuid4()), "point": "PT07", "round": place.rpartition("/")[2], "result-S04": "fail"}
    assert client.post("/desk/visits/new", data=form).headers["Location"].startswith(place)
    change = {
        **data,
        "act": "change",
        "name": "十一月下旬巡访",
        "member": ["李老", "王代表", "小陈"],
        "kind": ["veteran", "delegate", "other"],
    }
    kept = client.post(place, data={**change, "points": "PT01"})  # it was at PT07 already
    assert kept.status_code == 400 and "这些点位已走访，不能移出" in kept.text
    assert client.post(place, data={**change, "points": "PT02 PT07"}).status_code == 303
    assert client.post(place, data={"csrf": csrf, "follow_up": "镇里已清理，下月再看"}).status_code == 303
    text = client.get(place).text
    assert all(said in text for said in ("李老", "两代表一委员", "其他市民", "镇里已清理", "已走访 1 / 2", "待派遣"))
    with engine.connect() as connection:
        source = connection.execute(
            select(t.source.c.code)
            .join_from(observation, t.issue, t.issue.c.issue_id == observation.c.issue_id)
            .join(t.source, t.source.c.source_id == t.issue.c.source_id)
            .order_by(observation.c.visit_id.desc())
            .limit(1)
        ).scalar_one()
    assert source == "round"
    assert "十一月下旬巡访" in client.get("/desk/rounds?lang=en").text
    assert client.get("/desk/rounds/999").status_code == 404
