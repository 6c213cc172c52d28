"""The way in, what it guards, and moves from the desk."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select, text
from werkzeug.routing import IntegerConverter

from tests.store.random_life import life
from tests.web.conftest import PACKS
from tests.web.hand import PASSWORD, csrf, enter
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.people.accounts import WRONG, create_account, invite
from weathermap.people.permissions import ANYONE, LOOK
from weathermap.settings import Settings, check_host
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import access_log, session
from weathermap.store.registry import open_city
from web.app import WRONG_WITHIN_S, create_app
from web.bodies import Refusal
from web.limit import Limit
from web.permissions import ROUTES


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    made = clone()
    engine = open_store(made)
    pack = read_pack(PACKS / "toy")
    with engine.begin() as connection:
        load_pack(connection, pack)
        city = open_city(connection)
        for batch in life(pack, 4, 60, time.time_ns() // 1_000):
            take_in(connection, city, batch)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        for login, role, person in (
            ("office", "supervisor", "PS1"),
            ("desk", "dispatcher", "PI2"),
            ("chief", "commander", "PC1"),
        ):
            create_account(connection, login, login, [role], city.city_id, None, people[person], PASSWORD)
        create_account(connection, "root", "root", ["system_admin"])
        create_account(connection, "wall", "wall", ["screen"], city.city_id, password=PASSWORD)
    engine.dispose()
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_page_leads_to_the_sign_in_and_back(client: FlaskClient) -> None:
    answer = client.get("/desk?queue=overdue", headers={"Accept": "text/html"})
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/desk%3Fqueue%3Doverdue"
    assert client.get("/desk").status_code == 401  # not a browser
    answer = enter(client, "office", next="/desk?queue=overdue")
    assert (answer.status_code, answer.location) == (303, "/desk?queue=overdue")
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert client.get("/desk?queue=overdue").status_code == 200


@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)", "desk"]
)
def test_the_sign_in_leads_nowhere_else(client: FlaskClient, target: str) -> None:
    assert enter(client, "office", next=target).location == "/desk"
    assert f'value="{target}"' not in client.get("/sign-in", query_string={"next": target}).text


def test_login_and_password_are_refused_in_the_same_words(client: FlaskClient) -> None:
    wrong, unknown, unset = enter(client, "office", "x"), enter(client, "nobody", "x"), enter(client, "root", "")
    assert {a.status_code for a in (wrong, unknown, unset)} == {403}
    said = [re.search(r'role="alert"><b>([^<]+)', a.text)[1] for a in (wrong, unknown, unset)]  # type: ignore[index]
    assert len(set(said)) == 1
    assert enter(client, "office").status_code == 303


def test_wrong_passwords_lock_the_account_and_are_logged(client: FlaskClient, engine: Engine) -> None:
    for _ in range(WRONG):
        assert "账号或密码不对" in enter(client, "chief", "x").text
    assert "已锁定" in enter(client, "chief").text
    assert "locked" in enter(client, "chief", lang="en").text
    with engine.begin() as connection:
        refused = select(func.count()).where(access_log.c.what == "sign in refused", access_log.c.target == "chief")
        assert connection.execute(refused).scalar_one() == WRONG + 2
        connection.execute(text("UPDATE account SET locked_until = now() - interval '1 s'"))
    assert enter(client, "chief").status_code == 303


def test_a_session_ends_when_idle_when_old_and_when_left(client: FlaskClient, engine: Engine) -> None:
    for column, age in (("seen_at", "31 min"), ("begun_at", "13 h")):
        enter(client, "office")
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE session SET {column} = now() - interval '{age}'"))
        assert client.get("/desk").status_code == 401
    enter(client, "office")
    with engine.connect() as connection:
        before = connection.execute(select(func.count()).select_from(session)).scalar_one()
    assert client.post("/sign-out", data={"csrf": csrf(client)}).status_code == 303
    assert client.get("/desk").status_code == 401
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(session)).scalar_one() == before - 1


def test_a_screen_stays_signed_in_and_sees_no_desk(client: FlaskClient, engine: Engine) -> None:
    assert enter(client, "wall").location == "/"
    with engine.begin() as connection:
        connection.execute(text("UPDATE session SET seen_at = now() - interval '300 days'"))
    assert client.get("/desk").status_code == 403


def test_a_link_sets_the_password_once(client: FlaskClient, engine: Engine) -> None:
    with engine.begin() as connection:
        secret = invite(
            connection, connection.execute(text("SELECT account_id FROM account WHERE login = 'root'")).scalar_one()
        )
    page = client.get(f"/begin/{secret}")
    assert "root" in page.text
    for bad, word in (("short", "10"), ("aaaaaaaaaaaa", "容易被猜到"), ("root root root", "容易被猜到")):
        answer = client.post(f"/begin/{secret}", data={"password": bad, "again": bad})
        assert answer.status_code == 400
        assert word in answer.text
    assert client.post(f"/begin/{secret}", data={"password": PASSWORD, "again": "other"}).status_code == 400
    assert client.post(f"/begin/{secret}", data={"password": PASSWORD, "again": PASSWORD}).status_code == 303
    assert client.get(f"/begin/{secret}").status_code == 404
    assert enter(client, "root").status_code == 303
    assert client.get("/desk").status_code == 403  # an administrator has no desk


def test_what_changes_something_needs_the_sessions_own_word(client: FlaskClient) -> None:
    enter(client, "office")
    for said in ("", "x"):
        assert client.post("/desk/moves", data={"csrf": said, "move": "urge"}).status_code == 403


def test_everything_wants_a_sign_in_where_the_setting_says_so(settings: Settings) -> None:
    closed = create_app(replace(settings, sign_in=True))
    anonymous = closed.test_client()
    with closed.test_request_context():
        urls = closed.url_map.bind("localhost")
        for endpoint, permission in ROUTES.items():
            rule = next(r for r in closed.url_map.iter_rules() if r.endpoint == endpoint)
            if rule.methods is None or "GET" not in rule.methods or permission == ANYONE:
                continue
            values = {name: 1 if type(rule._converters[name]) is IntegerConverter else "a" for name in rule.arguments}
            assert anonymous.get(urls.build(endpoint, values)).status_code == 401, endpoint
    inside = closed.test_client()
    enter(inside, "wall")
    assert LOOK in ROUTES.values()
    assert inside.get("/api/v1/weather?level=town").status_code == 200
    check_host(replace(settings, sign_in=True, host="0.0.0.0"))


def moves_on(engine: Engine, state: str) -> tuple[str, int]:
    with engine.connect() as connection:
        row = connection.execute(select(t.issue.c.number, t.issue.c.seq).where(t.issue.c.state == state).limit(1)).one()
    return row.number, row.seq


def test_moves_are_answered_one_by_one(client: FlaskClient, engine: Engine) -> None:
    """One that can be made is made, one from a stale page is told so, one that is not there is named."""
    enter(client, "desk")
    number, seq = moves_on(engine, "reported")
    stale, other = moves_on(engine, "handling")
    data = {"csrf": csrf(client), "move": "dispatch", "back": "/desk?queue=to_dispatch"}
    answer = client.post("/desk/moves", data={**data, "issue": [f"{number}@{seq}", f"{stale}@{other - 1}", "X@1"]})
    page = client.get(answer.location).text
    assert "1 件" in page
    assert all(word in page for word in (f"{stale} 期间有变化", "没有编号为 X"))
    with engine.connect() as connection:
        assert connection.execute(select(t.issue.c.state).where(t.issue.c.number == number)).scalar_one() == "handling"
    again = client.get(client.post("/desk/moves", data={**data, "issue": f"{number}@{seq}"}).location).text
    assert f"{number} 期间有变化：派遣" in again


def test_script_in_a_note_stays_text(client: FlaskClient, engine: Engine) -> None:
    enter(client, "office")
    number, seq = moves_on(engine, "handling")
    note = "<script>alert(1)</script>"
    data = {
        "csrf": csrf(client),
        "move": "urge",
        "issue": f"{number}@{seq}",
        "note": note,
        "back": f"/desk/issue/{number}",
    }
    page = client.get(client.post("/desk/moves", data=data).location).text
    assert note not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("back", ["https://example.org", "//example.org/desk", "/sign-out"])
def test_a_move_leads_back_to_the_desk_alone(client: FlaskClient, back: str) -> None:
    enter(client, "office")
    assert client.post("/desk/moves", data={"csrf": csrf(client), "move": "urge", "back": back}).location == "/desk"


@pytest.mark.parametrize("login", ["office", "desk", "chief"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_queue_and_its_issues_open(client: FlaskClient, login: str, lang: str) -> None:
    """Each count is the number of rows behind it, and each row opens."""
    enter(client, login)
    first = client.get(f"/desk?lang={lang}").text
    counts = dict(re.findall(r'id="count-(\w+)"[^>]*>(\d+)<', client.get("/desk/counts").text))
    queues = set(re.findall(r"queue=(\w+)", first))
    assert set(counts) - queues <= {"orders", "proposals"}  # pages of their own
    counts = {code: n for code, n in counts.items() if code in queues}
    for queue in counts:
        page = client.get(f"/desk?queue={queue}&lang={lang}&show=500").text
        rows = re.findall(r'href="(/desk/issue/[^"]+)"', page)
        assert len(rows) == int(counts[queue])
        for href in rows[:2]:
            assert client.get(href.replace("&amp;", "&")).status_code == 200
    assert client.get("/desk?queue=nonsense").status_code == 404


def test_a_dispatched_issue_has_its_five_fixes(client: FlaskClient, engine: Engine) -> None:
    """Person, task, deadline, standard, responsibility: by which duty, of which clause."""
    i, c, u = t.issue.c, t.category.c, t.unit.c
    with engine.connect() as connection:
        parked = (
            select(i.number)
            .join_from(t.issue, t.category, c.category_id == i.category_id)
            .join(t.unit, u.unit_id == i.unit_id)
            .where(c.code == "E0505", u.code == "B02", i.deadline.is_not(None), i.point_id.is_(None))
        )
        number = connection.execute(parked.limit(1)).scalar_one()
    enter(client, "office")
    page = client.get(f"/desk/issue/{number}?lang=zh").text
    fixes = dict(re.findall(r"<dt>(\w+)</dt><dd>(.+?)</dd>", page.split('<dl class="fixes">')[1].split("</dl>")[0]))
    assert "职责表 D04 · 道路交通安全法第56条" in fixes["定责任"] and "监管责任" in fixes["定责任"]
    assert fixes["定任务"].startswith("纠正违停")
    assert fixes["定标准"] == "车辆停放有序<small>测评体系2026版第3条</small>"
    assert "改派不重置" in fixes["定时限"] and fixes["定人"] != "–"


def test_many_wrong_passwords_from_one_address_hold_it_up_whichever_the_account(settings: Settings) -> None:
    app = create_app(settings)
    here, there = {"REMOTE_ADDR": "198.51.100.7"}, {"REMOTE_ADDR": "198.51.100.8"}

    def tried(login: str, password: str, base: dict[str, str]) -> int:
        return (
            app.test_client()
            .post("/sign-in", data={"login": login, "password": password}, environ_base=base)
            .status_code
        )

    app.extensions["weathermap_wrong_passwords"] = Limit(4, WRONG_WITHIN_S)  # each try costs a slow hash
    assert [tried(f"name{n}", "Winter2026!", here) for n in range(4)] == [403] * 4
    assert tried("office", PASSWORD, here) == 429  # a right one among them would not be told
    assert tried("office", PASSWORD, there) == 303
    with open_store(settings).connect() as connection:
        held = select(func.count()).where(access_log.c.what == "sign in held up")
        assert connection.execute(held).scalar_one() == 1


def test_errors_are_pages_for_people_and_problems_for_programs(client: FlaskClient) -> None:
    enter(client, "office")
    page = client.get("/desk/nowhere", headers={"Accept": "text/html,*/*"})
    assert page.status_code == 404 and page.mimetype == "text/html" and "没有这个页面" in page.text
    assert client.get("/api/v1/nowhere", headers={"Accept": "text/html"}).mimetype == "application/problem+json"
    assert client.get("/desk/nowhere").mimetype == "application/problem+json"
    long = Refusal(413)
    assert long.told("/desk/report", "text/html,*/*;q=0.8")[0].startswith("text/html")
    assert "过长" in long.told("/desk/report", "text/html")[1]
    assert long.told("/api/v1/street/photos", "text/html")[0] == "application/problem+json"
    assert long.told("/desk/report")[0].startswith("text/plain")
