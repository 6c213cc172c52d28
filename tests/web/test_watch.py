"""On the desk: the inbox, proposals of the ladder, orders on units and towns."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from tests.store.standing import DAY_US, WAYS, put
from tests.web.conftest import PACKS
from tests.web.hand import PASSWORD, Hand
from weathermap.city.reading import read_pack
from weathermap.people.accounts import create_account
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.notice_tables import ladder_step, unit_order_event
from weathermap.store.registry import open_city
from weathermap.work.timers import watch

ACCOUNTS = (
    ("chief", "commander", "B01", "PC1"),
    ("office", "supervisor", "B01", "PS1"),
    ("head", "head", "T001", "P001"),
    ("other", "head", "T101", "P101"),
    ("inspector", "inspector", "B01", "PI1"),
)


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    """Four issues of unit T001, overdue for days; the ladder has looked at them."""
    made = clone()
    engine = open_store(made)
    with engine.begin() as connection:
        load_pack(connection, read_pack(PACKS / "toy"))
        city = open_city(connection)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        units = dict(connection.execute(select(t.unit.c.code, t.unit.c.unit_id)).all())  # type: ignore[arg-type]
        for login, role, unit, person in ACCOUNTS:
            create_account(connection, login, login, [role], city.city_id, units[unit], people[person], PASSWORD)
        now = time.time_ns() // 1_000
        for key in range(4):
            put(connection, city, f"late-{key}", WAYS["handling"], now - 9 * DAY_US)
        assert watch(connection, city, now) == 8
    engine.dispose()
    return made


class Person(Hand):
    """Who is told of things and answers."""

    def act(self, path: str, **form: object) -> str:
        """What the page says after a form."""
        answer = self.client.post(path, data={"csrf": self.csrf, **form})
        assert answer.status_code == 303, answer.text[:500]
        return self.get(answer.location)

    def badge(self) -> int:
        found = re.search(r'class="badge">(\d+)', self.get("/desk"))
        return int(found[1]) if found else 0


@pytest.fixture(scope="module")
def who(app: Flask) -> Callable[[str], Person]:
    return lambda login: Person(app, login)


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_the_inbox_counts_what_is_unread_and_leads_to_it(who: Callable[[str], Person]) -> None:
    head, other = who("head"), who("other")
    assert other.badge() == 0
    assert head.badge() == 4
    page = head.get("/desk/inbox?lang=en")
    assert page.count('class="new"') == 4
    assert "已经逾期" in page
    link = re.search(r'href="(/desk/inbox/(\d+)\?to=[^"]+)"', page)
    assert link
    opened = head.client.get(link[1].replace("&amp;", "&"))
    assert opened.location.startswith("/desk/issue/990101-")
    head.get(opened.location)
    assert head.badge() == 3
    other.act("/desk/inbox/read", notice=link[2])
    other.client.get(link[1].replace("&amp;", "&"))
    assert "没有消息" in other.get("/desk/inbox")  # somebody else's
    head.act("/desk/inbox/read", notice=re.findall(r'name="notice" value="(\d+)"', head.get("/desk/inbox"))[0])
    assert head.badge() == 2
    head.act("/desk/inbox/read")
    assert head.badge() == 0


@pytest.mark.parametrize("target", ["https://robots/", "//robots", "/desk//robots", "/sign-out", "/desk/\\robots"])
def test_a_notice_leads_to_the_desk_alone(who: Callable[[str], Person], target: str) -> None:
    assert who("head").client.get("/desk/inbox/1", query_string={"to": target}).location == "/desk/inbox"


def form_of(page: str, decision: str) -> dict[str, str]:
    """The fields of the first proposal's form."""
    form = re.search(rf'<form [^>]*id="form-{decision}-.*?</form>', page, re.S)
    assert form
    return dict(re.findall(r'name="(decision|step|number|seq|until)"(?:[^>]*?) value="([^"]*)"', form[0]))


def test_a_commander_takes_or_dismisses_what_the_ladder_proposes(who: Callable[[str], Person], engine: Engine) -> None:
    chief, office = who("chief"), who("office")
    page = chief.get("/desk/proposals?lang=en")
    assert page.count('data-dialog="take-') == 4
    assert "Red line" in page
    assert 'id="count-proposals">4<' in chief.get("/desk/counts")
    assert "data-dialog" not in office.get("/desk/proposals")  # the commander's to decide
    assert who("inspector").client.get("/desk/proposals").status_code == 200
    taken = form_of(page, "take")
    assert "不由您决定" in office.act("/desk/proposals", **taken, note="x")
    assert "date ahead" in chief.act("/desk/proposals", **{**taken, "until": ""}, note="限一日内消除", lang="en")
    assert "已采纳" in chief.act("/desk/proposals", **taken, note="限一日内消除")
    again = chief.act("/desk/proposals", **taken, note="限一日内消除", lang="en")
    assert "Not done" in again
    left = form_of(chief.get("/desk/proposals"), "leave")
    assert "理由" in chief.act("/desk/proposals", **left, note=" ")
    assert "已记录" in chief.act("/desk/proposals", **left, note="现场已有人处置")
    with engine.connect() as connection:
        s, e = ladder_step.c, t.issue_event.c
        states = connection.execute(select(s.state, s.note).where(s.step == "L3").order_by(s.decided_at)).all()
        assert [tuple(row) for row in states[:2]] == [("taken", ""), ("dismissed", "现场已有人处置")]
        assert [row.state for row in states[2:]] == ["open", "open"]
        order = connection.execute(select(e.actor, e.data).where(e.move == "order")).one()
        assert order.actor > 0
        assert "限一日内消除" in order.data
    assert who("inspector").client.post("/desk/proposals", data={"csrf": who("inspector").csrf}).status_code == 403


def test_a_unit_is_ordered_answers_and_the_commander_closes(who: Callable[[str], Person], engine: Engine) -> None:
    chief, head, other, office = (who(login) for login in ("chief", "head", "other", "office"))
    head.act("/desk/inbox/read")
    asked = chief.get("/desk/orders?give=town:990101001&lang=en")
    assert "data-open" in asked
    assert "Clear the 4 overdue" in asked
    given = {"unit": "", "place": "town:990101001", "note": "三日内清零", "until": in_days(3), "kind": "order"}
    assert office.client.post("/desk/orders", data={"csrf": office.csrf, **given}).status_code == 403
    assert "date ahead" in chief.act("/desk/orders", **{**given, "until": "2020-01-01"}, lang="en")
    assert "请写明" in chief.act("/desk/orders", **{**given, "note": " "})
    assert "已下达" in chief.act("/desk/orders", **given)
    row = next(r for r in orders(chief) if r["order"])
    assert (row["unit"]["code"], row["place"]["code"], row["state"], row["number"]) == (
        "T001",
        "990101001",
        "open",
        None,
    )
    assert [r["order"] for r in orders(chief, area="town:990101001") if r["order"]] == [row["order"]]
    assert not [r for r in orders(chief, area="town:990101101") if r["order"]]
    here = f"/desk/orders/{row['order']}"
    assert head.badge() == 1
    assert "三日内清零" in head.get("/desk/inbox")
    assert "data-dialog" not in other.get(here)
    answer = {"move": "answer", "seq": "1", "note": "已清零四件"}
    assert "您不能" in other.act(f"{here}/moves", **answer)
    assert "已记录" in head.act(f"{here}/moves", **answer)
    assert "已有变化" in head.act(f"{here}/moves", **answer)  # twice
    assert next(r for r in orders(chief) if r["order"])["state"] == "to_check"
    assert chief.badge() >= 1
    chief.act(f"{here}/moves", move="return", seq="2", note="还有一件", until=in_days(5))
    head.act(f"{here}/moves", move="answer", seq="3", note="已全部清零")
    assert "已记录" in chief.act(f"{here}/moves", move="close", seq="4", note="现场看过")
    row = next(r for r in orders(chief) if r["order"])
    assert row["state"] == "in_term"
    with engine.connect() as connection:
        e = unit_order_event.c
        said = connection.execute(select(e.move).order_by(e.seq)).scalars().all()
    assert said == ["give", "answer", "return", "answer", "close"]


def test_a_unit_is_listed_publicly_and_seen_by_all_on_the_desk(who: Callable[[str], Person]) -> None:
    chief = who("chief")
    chief.act("/desk/orders", unit="T101", note="挂牌整改", until=in_days(7), kind="list_publicly")
    for login in ("inspector", "other"):
        page = who(login).get("/desk/orders")
        assert "挂牌督办" in page
        assert "挂牌整改" in page
    rows = [row for row in orders(chief, kind="list_publicly") if row["order"]]
    assert [row["unit"]["code"] for row in rows] == ["T101"]


def orders(person: Person, **asked: str) -> list[dict[str, Any]]:
    answer = person.client.get("/api/v1/orders", query_string=asked)
    assert answer.status_code == 200
    assert sum(answer.json["counts"].values()) == answer.json["total"] == len(answer.json["orders"])
    found: list[dict[str, Any]] = answer.json["orders"]
    return found
