"""Three administrators kept apart; what they change is looked at first, made as a version of the pack, and kept."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Connection, Engine, func, select, text

from tests.store.random_life import life
from tests.web.conftest import PACKS
from tests.web.hand import PASSWORD, Hand
from weathermap.amend.amendment import AMENDED
from weathermap.city.reading import read_pack
from weathermap.cli import main
from weathermap.issue.intake import take_in
from weathermap.people.accounts import create_account
from weathermap.people.reporters import keep, link
from weathermap.people.roles import ROLES
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.admin_tables import admin_change
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import access_log, account
from weathermap.store.registry import open_city
from weathermap.tally.verify import verify_store
from web.permissions import ROUTES

ADMINS = {"sys": "system_admin", "sec": "security_admin", "aud": "audit_admin"}


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    made = clone()
    engine = open_store(made)
    pack = read_pack(PACKS / "toy")
    with engine.begin() as connection:
        load_pack(connection, pack)
        city = open_city(connection)
        for batch in life(pack, 4, 80, time.time_ns() // 1_000):
            take_in(connection, city, batch)
        for login, role in ADMINS.items():
            create_account(connection, login, login, [role], password=PASSWORD)
        create_account(connection, "desk", "desk", ["dispatcher"], city.city_id, password=PASSWORD)
    engine.dispose()
    return made


def test_the_three_stand_apart(app: Flask) -> None:
    pages = {name: need for name, need in ROUTES.items() if need in ("system", "people", "audit")}
    paths = {
        rule.endpoint: (rule.rule.replace("<table>", "units"), "POST" if "POST" in (rule.methods or ()) else "GET")
        for rule in app.url_map.iter_rules()
        if rule.endpoint in pages
    }
    assert len(paths) == len(pages) > 8
    for login, role in [*ADMINS.items(), ("desk", "dispatcher")]:
        hand = Hand(app, login)
        for endpoint, (path, method) in paths.items():
            status = hand.client.open(path, method=method, data={"csrf": hand.csrf}).status_code
            own = pages[endpoint] == {"system_admin": "system", "security_admin": "people", "audit_admin": "audit"}.get(
                role
            )
            assert (status != 403) == own, (login, endpoint, status)


@pytest.mark.parametrize("lang", ["", "?lang=en"])
def test_every_table_shows_its_rows_and_a_form_for_each(app: Flask, lang: str) -> None:
    hand, pack = Hand(app, "sys"), read_pack(PACKS / "toy")
    for table in AMENDED:
        rows = getattr(pack, table)
        page = hand.get(f"/admin/tables/{table}{lang}")
        assert page.count('<tr class="row">') == len(rows)
        if rows:
            key = vars(rows[0]).get("code") or vars(rows[0]).get("category") or vars(rows[0])["day"]
            assert f'value="{key}"' in hand.get(f"/admin/tables/{table}/row?key={key}{lang.replace('?', '&')}")
        hand.get(f"/admin/tables/{table}/row{lang}")
    assert hand.client.get("/admin/tables/points").status_code == 404


def duty_form(pack_duty: object, **more: str) -> dict[str, str]:
    values = {name: "" if value is None else str(value) for name, value in vars(pack_duty).items()}
    return {"key": values["code"], **values, **more}


def version_of(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, page
    return found[1]


def test_a_duty_is_looked_at_then_done_and_every_trace_kept(
    app: Flask, engine: Engine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = Hand(app, "sys")
    with engine.connect() as connection:
        city = open_city(connection)
        open_of = (
            select(t.unit.c.code, func.count())
            .join(t.unit, t.unit.c.unit_id == t.issue.c.unit_id)
            .where(t.issue.c.state.in_(("handling", "suspended")))
            .group_by(t.unit.c.code)
        )
        before = dict(connection.execute(open_of).all())  # type: ignore[arg-type]
        duty = next(d for d in city.pack.duties if d.unit in before and not d.person)
        other = next(u.code for u in city.pack.units if u.code != duty.unit and u.code in before)
    today = time.strftime("%Y-%m-%d")
    path = "/admin/tables/duties/row"
    # A tie is an error, nothing else is offered.
    said = hand.post(path, **duty_form(duty, key="", code="TIE", do="look"))
    assert "tie" in said and "form-apply" not in said
    # Looking changes nothing and names the units, the number and the reason.
    said = hand.post(path, **duty_form(duty, unit=other, since=today, do="look"))
    moved = re.search(r"([\d,]+) 件未结问题会换责任单位", said)
    assert moved and int(moved[1]) > 0 and "form-apply" in said and ("胜过" in said or "只有这条匹配" in said)
    with engine.connect() as connection:
        assert dict(connection.execute(open_of).all()) == before  # type: ignore[arg-type]
        assert open_city(connection).pack_version == city.pack_version
        assert connection.execute(select(func.count()).select_from(admin_change)).scalar_one() == 0
    # On a page that is out of date nothing is done.
    stale = duty_form(duty, unit=other, since=today, do="apply", version="99", hand_over="1")
    assert "form-apply" in hand.post(path, 409, **stale)
    hand.post(
        path, 303, **duty_form(duty, unit=other, since=today, do="apply", version=version_of(said), hand_over="1")
    )
    with engine.connect() as connection:
        after = dict(connection.execute(open_of).all())  # type: ignore[arg-type]
        now = open_city(connection)
        changes = connection.execute(select(admin_change).order_by(admin_change.c.change_id)).all()
        noted = connection.execute(select(access_log.c.what).where(access_log.c.login == "sys")).scalars().all()
    assert now.pack_version == city.pack_version + 1
    assert sum(abs(after.get(u, 0) - before.get(u, 0)) for u in before | after) > 0
    old, new = (next(d for d in now.pack.duties if d.code == c.target) for c in changes)
    assert (old.unit, new.unit) == (duty.unit, other) and str(new.valid_from) == today and old.valid_to < new.valid_from
    assert "change duties" in noted and all(change.pack_version == now.pack_version for change in changes)
    assert verify_store(engine) == []
    # The folder is the exchange form: what it lacks is named before it is undone.
    monkeypatch.setenv("WEATHERMAP_DATABASE_URL", settings.database_url or "")
    run = CliRunner().invoke
    refused = run(main, ["city", "load", str(PACKS / "toy")])
    assert refused.exit_code == 1 and duty.code in refused.output and "--overwrite" in refused.output
    assert run(main, ["city", "export", str(tmp_path / "pack")]).exit_code == 0
    again = run(main, ["city", "load", str(tmp_path / "pack")])
    assert again.exit_code == 0 and "nothing to do" in again.output
    assert "would undo" in run(main, ["city", "load", "--dry-run", str(PACKS / "toy")]).output


def test_a_term_shows_whose_deadline_would_be_another(app: Flask) -> None:
    hand, earlier = Hand(app, "sys"), 0
    for limit in read_pack(PACKS / "toy").limits:
        form = {"key": limit.category, "category": limit.category, "amount": "0.1", "kind": "clock_hours"}
        said = hand.post("/admin/tables/limits/row", **form, do="look")
        found = re.search(r"在办 ([\d,]+) 件按规则定的时限中，([\d,]+) 件会更早、([\d,]+) 件会更晚", said)
        assert found and int(found[1]) >= int(found[2]) and found[3] == "0"
        assert ("form-apply" in said) and ("若重新计算" in said) == (int(found[2]) > 0)
        earlier += int(found[2])
    assert earlier > 0


def test_what_is_no_row_is_said_and_nothing_typed_is_lost(app: Flask) -> None:
    hand = Hand(app, "sys")
    path = "/admin/tables/units/row"
    unit = {"code": "U9", "name": "新单位", "name_en": "", "kind": "bureau", "area": "", "parent": ""}
    for wrong, said in (
        ({"kind": "castle"}, "castle"),
        ({"parent": "NONE"}, "NONE"),
        ({"name": ""}, "「名称」没有填写"),
        ({"code": "T001"}, "已有 T001 这一行"),
        ({"name": "x" * 501}, "最多 500 个字"),
        ({"name": "a\tb"}, "写成一行"),
    ):
        form = {"csrf": hand.csrf, "key": "", "do": "look", **unit, **wrong}
        page = hand.client.post(path, data=form).text
        alert = re.search(r'role="alert"[^>]*>(.*?)</p>', page)
        english = re.search(r'role="alert"[^>]*>(.*?)</p>', hand.client.post(f"{path}?lang=en", data=form).text)
        assert alert and english and not re.search(r"[a-z]{4,} [a-z]{2,} [a-z]{2,}", re.sub("<b>.*?</b>", "", alert[1]))
        assert re.search(r"[a-z]+ [a-z]+ [a-z]+", english[1]), english[1]
        assert said in page and "form-apply" not in page and ('value="新单位"' in page or "name" in wrong), wrong
    page = hand.post(path, key="", do="look", **(unit | {"name": "<script>alert(1)</script>"}))
    assert "<script>alert(1)" not in page and "form-apply" in page


def test_accounts_are_made_bound_locked_and_never_shown_a_password(app: Flask, engine: Engine) -> None:
    hand, path = Hand(app, "sec"), "/admin/people/account"
    assert "须有一个角色" in hand.post(path, 400, do="create", login="new")
    assert "不能兼任" in hand.post(path, 400, do="create", login="new", role=["system_admin", "checker"])
    page = hand.post(path, do="create", login="New", name="陈", role="handler", unit="T001")
    link = re.search(r"http://localhost(/begin/[\w-]+)", page)
    assert link and hand.client.get(link[1]).status_code == 200
    owner = app.test_client()
    form = {"password": PASSWORD, "again": PASSWORD}
    assert owner.post(link[1], data=form).status_code == 303 and owner.post(link[1], data=form).status_code == 404
    assert owner.post("/sign-in", data={"login": "new", "password": PASSWORD}).status_code == 303
    assert owner.get("/desk").status_code == 200
    # Another role ends the sessions; a lock keeps out; each is kept with before and after, no password in it.
    hand.post(path, 303, do="change", login="new", name="陈", role="head", unit="T001")
    assert owner.get("/desk", headers={"Accept": "text/html"}).status_code == 302
    hand.post(path, 303, do="disable", login="new")
    assert owner.post("/sign-in", data={"login": "new", "password": PASSWORD}).status_code == 403
    with engine.connect() as connection:
        kept = connection.execute(select(admin_change).where(admin_change.c.target == "new")).all()
        hashed = connection.execute(select(account.c.password).where(account.c.login == "new")).scalar_one()
    assert [row.login for row in kept] == ["sec"] * 3 and '"roles": "head"' in kept[1].after
    assert hashed and hashed not in str(kept) and hashed not in hand.get(f"{path}?login=new")
    # Nobody touches the own account, and the last security administrator stays.
    assert "自己的账号" in hand.post(path, 400, do="disable", login="sec")
    hand.post(path, do="create", login="sec2", role="security_admin")
    hand.post(path, 303, do="disable", login="sec2")  # another one stays
    hand.post(path, 303, do="enable", login="sec2")
    with engine.begin() as connection:
        connection.execute(account.update().where(account.c.login == "sec").values(disabled=True))
    assert hand.client.get("/admin/people", headers={"Accept": "text/html"}).status_code == 302  # disabled: out at once
    with engine.begin() as connection:
        connection.execute(account.update().where(account.c.login == "sec").values(disabled=False))


def test_the_log_is_filtered_exported_and_safe_to_open(app: Flask, engine: Engine) -> None:
    app.test_client().post("/sign-in", data={"login": "=cmd()", "password": "x"})
    hand = Hand(app, "aud")
    page = hand.get("/admin/log?what=refused")
    assert "=cmd()" in page and "sign in refused" in page and ">sign in<" not in page
    assert "<td>sign in</td>" not in hand.get("/admin/log?from=2099-01-01")
    text = hand.client.get("/admin/log.csv?what=refused").get_data(as_text=True)
    assert text.startswith("\ufeffat,login,what,target,address") and "'=cmd()" in text
    assert "download log" in hand.get("/admin/log")
    hand.get("/admin/changes")
    assert hand.client.get("/admin/log?to=9999-12-31").status_code == 200
    assert hand.client.get("/admin/log?login=%00").status_code == 400  # the store keeps no NUL
    assert hand.client.post("/sign-in", data={"login": "a\0b", "password": "x"}).status_code == 400


def test_every_role_has_a_name_in_the_form(app: Flask) -> None:
    page = Hand(app, "sec").get("/admin/people/account?lang=en")
    assert all(names[1] in page for names in ROLES.values())


def test_who_reported_is_shown_with_a_reason_and_logged(app: Flask, settings: Settings, engine: Engine) -> None:
    with engine.begin() as connection:
        row = connection.execute(select(t.issue.c.issue_id, t.issue.c.number, t.issue.c.city_id).limit(1)).one()
        link(connection, row.issue_id, keep(connection, settings, row.city_id, "13800138000", "陈小明"))
        create_account(
            connection, "unit", "unit", ["head"], row.city_id, unit_of(connection, "T001"), password=PASSWORD
        )
    path = f"/desk/issue/{row.number}/reporter"
    hand = Hand(app, "desk")
    page = hand.get(f"/desk/issue/{row.number}")
    assert path in page and "13800138000" not in page
    hand.csrf = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    assert "13800138000" not in hand.get(path) and "13800138000" not in hand.post(path, 400, reason=" ")
    assert "13800138000" in hand.post(path, reason="回访核实地点")
    assert "13800138000" not in hand.get(path)
    unit = Hand(app, "unit")
    assert path not in unit.get(f"/desk/issue/{row.number}") and unit.client.get(path).status_code == 403
    with engine.connect() as connection:
        seen = connection.execute(select(access_log).where(access_log.c.what == "see reporter")).all()
    assert [(entry.login, entry.target.partition(": ")[2]) for entry in seen] == [("desk", "回访核实地点")]


def unit_of(connection: Connection, code: str) -> int:
    return int(connection.execute(select(t.unit.c.unit_id).where(t.unit.c.code == code)).scalar_one())


def test_a_day_off_moves_what_is_open_after_a_look(app: Flask, engine: Engine) -> None:
    hand, path = Hand(app, "sys"), "/admin/tables/holidays/row"
    i, e = t.issue.c, t.issue_event.c
    with engine.connect() as connection:
        given = connection.execute(  # a workday on which something ends that nobody but the rule dated
            text(
                "SELECT max(CAST(i.deadline AT TIME ZONE 'Asia/Shanghai' AS date)) FROM issue AS i"
                " JOIN category AS c USING (category_id)"
                " WHERE i.state = 'handling' AND c.code NOT IN ('C0113', 'C0102')"
                " AND extract(day FROM i.deadline) <> 14 AND NOT EXISTS (SELECT FROM issue_event AS e"
                " WHERE e.issue_id = i.issue_id AND e.move IN ('extend', 'resume'))"
            )
        )
        form = {"key": "", "day": str(given.scalar_one()), "name": "临时放假"}
    looked = hand.post(path, do="look", **form)
    said = re.search(r"在办 ([\d,]+) 件的期限会变", looked)
    assert said and int(said[1]) > 0 and "变动最大的" in looked
    assert re.search(r"open deadlines would move", hand.post(f"{path}?lang=en", do="look", **form))
    hand.post(path, 303, do="apply", version=version_of(looked), **form)
    with engine.connect() as connection:
        events = select(func.count()).where(e.move == "redate")
        assert connection.execute(events).scalar_one() == int(said[1])
        number = connection.execute(
            select(i.number)
            .join(t.issue_event, t.issue_event.c.issue_id == i.issue_id)
            .where(e.move == "redate", i.state == "handling")
            .limit(1)
        ).scalar_one()
    assert "都不变" in hand.get("/admin/calendar")
    desk = Hand(app, "desk").get(f"/desk/issue/{number}")
    assert "日历变更：期限由" in desk and "按日历重算期限" in desk
    assert verify_store(engine) == []
