"""Second dispatch: a task goes out by a link to whom has no account, comes back with a photo, and the unit confirms."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text

from tests.store.standing import PACK, WAYS, put
from tests.store.test_photos import jpeg
from tests.web.hand import PASSWORD, Hand
from weathermap.people.accounts import create_account
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import photo, task_link
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_store
from web.limit import Limit
from web.pages import task as task_page

WHOM = "宝盖村 老王 13800138000"
WORDS = "老王说已清走"


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    made = clone()
    engine = open_store(made)
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        units = dict(connection.execute(select(t.unit.c.code, t.unit.c.unit_id)).all())  # type: ignore[arg-type]
        for login, role, unit, person in (
            ("head", "head", "T001", "P001"),
            ("foreign", "head", "T101", "P101"),
            ("desk", "dispatcher", "B01", "PI2"),
        ):
            create_account(connection, login, login, [role], city.city_id, units[unit], people[person], PASSWORD)
        for k in range(8):
            put(connection, city, f"task-{k}", WAYS["handling"], time.time_ns() // 1_000)
    engine.dispose()
    return made


class Person(Hand):
    """Who acts at the desk."""

    def __init__(self, app: Flask, engine: Engine, login: str) -> None:
        super().__init__(app, login)
        self.engine = engine

    def seq(self, number: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(select(t.issue.c.seq).where(t.issue.c.number == number)).scalar_one())

    def move(self, number: str, move: str, **form: Any) -> Any:
        data = {"csrf": self.csrf, "move": move, "issue": f"{number}@{self.seq(number)}", **form}
        return self.client.post("/desk/moves", data={"back": f"/desk/issue/{number}", **data})

    def refused(self, number: str, move: str, **form: Any) -> str:
        answer = self.move(number, move, **form)
        return self.client.get(answer.location).text if answer.status_code == 303 else ""

    def pass_on(self, number: str, **form: Any) -> str:
        """The secret of the link."""
        until = f"{datetime.now() + timedelta(days=2):%Y-%m-%d}"
        page = self.move(number, "pass_on", **{"to": WHOM, "note": "清走垃圾", "until": until, **form})
        assert page.status_code == 200, self.client.get(page.location).text
        return re.search(r'value="http://[^"]+/task/([^"]+)"', page.text)[1]  # type: ignore[index]


@pytest.fixture
def head(app: Flask, engine: Engine) -> Person:
    return Person(app, engine, "head")


@pytest.fixture
def number(engine: Engine) -> str:
    """An issue that the unit handles and nobody has passed on."""
    with engine.connect() as connection:
        i, links = t.issue.c, select(task_link.c.issue_id)
        free = select(i.number).where(i.state == "handling", i.seq == 2, i.issue_id.not_in(links))
        return str(connection.execute(free.limit(1)).scalar_one())


def sent(kind: str = "done", words: str = WORDS, picture: bytes | None = None) -> dict[str, Any]:
    more = {} if picture is None else {"photo": (io.BytesIO(picture), "好.jpg")}
    return {"answer": kind, "words": words, **more}


def test_a_task_goes_out_comes_back_and_is_confirmed(app: Flask, engine: Engine, head: Person, number: str) -> None:
    secret = head.pass_on(number)
    outside = app.test_client()
    page = outside.get(f"/task/{secret}")
    assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert all(word in page.text for word in ("清走垃圾", "<svg", "东街街道办事处"))
    assert "cannot" in outside.get(f"/task/{secret}?lang=en").text
    assert "照片" in outside.post(f"/task/{secret}", data=sent()).text  # done is shown by a photo
    answer = outside.post(f"/task/{secret}", data=sent(picture=jpeg()))
    assert "已收到" in answer.text
    assert "已收到" in outside.post(f"/task/{secret}", data=sent(picture=jpeg())).text  # sent twice counts once
    issue = head.client.get(f"/desk/issue/{number}").text
    assert all(word in issue for word in ("老王", WORDS, "已回复", "采用"))
    with engine.connect() as connection:
        events = connection.execute(
            select(t.issue_event)
            .join(t.issue, t.issue.c.issue_id == t.issue_event.c.issue_id)
            .where(t.issue.c.number == number)
            .order_by(t.issue_event.c.seq)
        ).all()
        assert [event.move for event in events[2:]] == ["pass_on", "answer"]
        assert not any(
            word in event.data for event in events for word in ("老王", "13800138000")
        )  # personal text stays outside
        assert bytes(connection.execute(select(task_link.c.token)).scalars().first()) != secret.encode()  # type: ignore[arg-type]
    evidence = events[-1].seq
    head.move(number, "feed_back", note="村里已清理", evidence=str(evidence))
    with engine.connect() as connection:
        i = connection.execute(select(t.issue).where(t.issue.c.number == number)).one()
        assert i.state == "to_check"
        seqs = connection.execute(select(photo.c.seq).where(photo.c.issue_id == i.issue_id)).scalars().all()
        assert sorted(seqs) == [evidence, i.seq]  # the same photo, as the feedback's evidence
    assert "已了结" in outside.get(f"/task/{secret}").text
    fold(engine)
    assert verify_store(engine) == []


def test_an_answer_can_be_sent_back_and_cannot_says_why(app: Flask, head: Person, number: str) -> None:
    secret, outside = head.pass_on(number), app.test_client()
    task = str(head.seq(number))
    assert "没有待确认" in head.refused(number, "send_back", task=task, note="再清")
    assert "原因" in outside.post(f"/task/{secret}", data=sent("cannot", " ")).text
    assert "已收到" in outside.post(f"/task/{secret}", data=sent("cannot", "门锁着")).text
    assert "门锁着" in head.client.get(f"/desk/issue/{number}").text
    head.move(number, "send_back", task=task, note="钥匙在门卫")
    page = outside.get(f"/task/{secret}").text
    assert "钥匙在门卫" in page
    assert "已收到" in outside.post(f"/task/{secret}", data=sent(picture=jpeg())).text


def test_a_link_that_ended_says_what_to_do(app: Flask, engine: Engine, head: Person, number: str) -> None:
    outside = app.test_client()
    secret = head.pass_on(number)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE task_link SET until = now() - interval '1 s' WHERE token = sha256(:s)"), {"s": secret.encode()}
        )
    assert "已过期" in outside.get(f"/task/{secret}").text
    assert "已过期" in outside.post(f"/task/{secret}", data=sent(picture=jpeg())).text
    other = head.pass_on(number)
    head.move(number, "take_back", task=str(head.seq(number)))
    for page in (outside.get(f"/task/{other}"), outside.post(f"/task/{other}", data=sent(picture=jpeg()))):
        assert "已撤回" in page.text
    with engine.connect() as connection:
        moves = connection.execute(
            select(t.issue_event.c.move).where(
                t.issue_event.c.move == "answer",
                t.issue_event.c.issue_id
                == select(t.issue.c.issue_id).where(t.issue.c.number == number).scalar_subquery(),
            )
        )
        assert not moves.all()


def test_only_its_unit_passes_on_and_what_does_not_do_is_named(
    app: Flask, engine: Engine, head: Person, number: str
) -> None:
    for login in ("foreign", "desk"):
        other = Person(app, engine, login)
        assert "没有办成" in other.refused(number, "pass_on", to="村", note="x", until="2099-01-01")
        assert "没有办成" in other.refused(
            number, "pass_on", to="村", note="x", until=f"{datetime.now() + timedelta(days=2):%Y-%m-%d}"
        )
    for form, word in (
        ({"to": ""}, "交给谁"),
        ({"to": "x" * 61}, "60"),
        ({"until": "2099-01-01"}, "30 天"),
        ({"until": ""}, "日期"),
        ({"note": ""}, "说明"),
    ):
        data = {"to": "村", "note": "清", "until": f"{datetime.now() + timedelta(days=2):%Y-%m-%d}", **form}
        assert word in head.refused(number, "pass_on", **data)
    with engine.connect() as connection:
        i = select(t.issue.c.issue_id).where(t.issue.c.number == number).scalar_subquery()
        assert not connection.execute(select(func.count()).where(task_link.c.issue_id == i)).scalar_one()


def test_bad_answers_are_named_and_nothing_is_lost(app: Flask, head: Person, number: str) -> None:
    secret, outside = head.pass_on(number), app.test_client()
    script = "<script>alert(1)</script>"
    answer = outside.post(f"/task/{secret}", data=sent(words=script, picture=b"no photo"))
    assert answer.status_code == 400
    assert "好.jpg" in answer.text
    assert script not in answer.text
    assert "&lt;script&gt;" in answer.text  # what was written stays in the form
    assert "501" in outside.post(f"/task/{secret}", data=sent(words="x" * 501, picture=jpeg())).text
    assert outside.get(f"/task/{secret}/photo/{'0' * 64}/shown").status_code == 404
    assert outside.get(f"/task/{'x' * 22}").status_code == 404


def test_trying_links_and_sending_again_and_again_end(
    app: Flask, head: Person, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_page, "unknown", Limit(3, 60.0))
    monkeypatch.setattr(task_page, "sent", Limit(3, 60.0))
    secret, outside = head.pass_on(number), app.test_client()
    assert [outside.post(f"/task/{secret}", data=sent("cannot", "")).status_code for _ in range(5)] == [400] * 3 + [
        429
    ] * 2
    html = {"Accept": "text/html"}
    assert [outside.get(f"/task/none{k}", headers=html).status_code for k in range(5)] == [404] * 3 + [429] * 2
    assert "稍候" in outside.get("/task/none", headers=html).text
