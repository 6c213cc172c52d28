"""Accounts bound to an area: every page, list, move and export of issues holds what lies in it, and nothing else."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from tests.store.random_life import life
from tests.web.conftest import PACKS
from tests.web.hand import PASSWORD, Hand
from weathermap.city.reading import read_pack
from weathermap.issue.given import Wish
from weathermap.issue.hands import make_moves
from weathermap.issue.intake import take_in
from weathermap.notice.inbox import inbox
from weathermap.people.accounts import create_account, find_account
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.work.jobs import list_jobs
from web.desk.queues import QUEUES


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    made = clone()
    engine = open_store(made)
    pack = read_pack(PACKS / "toy")
    town = f"town:{pack.areas['town'].codes[0]}"
    with engine.begin() as connection:
        load_pack(connection, pack)
        city = open_city(connection)
        for batch in life(pack, 5, 120, time.time_ns() // 1_000):
            take_in(connection, city, batch, tell=True)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        for login, area, person in (("town", town, "PI2"), ("all", "", "PS1"), ("gone", "town:nowhere", "PI1")):
            roles = ["dispatcher", "supervisor", "checker"]
            create_account(connection, login, login, roles, city.city_id, None, people[person], PASSWORD, area)
        create_account(connection, "sec", "sec", ["security_admin"], password=PASSWORD)
    engine.dispose()
    return made


@pytest.fixture(scope="module")
def lie(engine: Engine) -> dict[str, bool]:
    """Issue number → whether it lies in the account's town."""
    with engine.connect() as connection:
        area = connection.execute(
            select(t.area.c.area_id).where(t.area.c.level == "town").order_by(t.area.c.code)
        ).scalars()
        own = next(iter(area))
        return {row.number: own in row.places for row in connection.execute(select(t.issue.c.number, t.issue.c.places))}


def numbers(page: str) -> set[str]:
    return set(re.findall(r"990101-\d{8}-\d{6}", page))


def test_every_page_of_one_issue_asks(app: Flask, lie: dict[str, bool]) -> None:
    """Whatever route names an issue refuses one that lies outside, and no other."""
    hand, free = Hand(app, "town"), Hand(app, "all")
    inside, outside = (next(n for n, within in lie.items() if within is wanted) for wanted in (True, False))
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and re.search(r"/issues?/<(string:)?(issue_)?number>", rule.rule)
    ]
    assert {rule.endpoint for rule in rules} >= {
        "desk_pages.issue", "case_pages.file", "reporter_pages.ask", "issues_api.issue", "receipts_api.receipt",
        "evidence_api.issue_photo",
    }  # fmt: skip
    for rule in rules:
        made = {name: "0" * 64 if name == "digest" else "thumb" for name in rule.arguments}
        with app.test_request_context():
            paths = [
                app.url_map.bind("").build(
                    rule.endpoint, {**made, **dict.fromkeys(rule.arguments & {"number", "issue_number"}, n)}
                )
                for n in (inside, outside)
            ]
        assert hand.client.get(paths[0]).status_code in (200, 404), rule.rule
        assert hand.client.get(paths[1]).status_code == 403, rule.rule
        assert free.client.get(paths[1]).status_code in (200, 404), rule.rule


def test_every_list_holds_what_lies_within(app: Flask, engine: Engine, lie: dict[str, bool]) -> None:
    hand, free, own = Hand(app, "town"), Hand(app, "all"), set()
    within = {number for number, yes in lie.items() if yes}
    counts, whole = hand.get("/desk/counts"), free.get("/desk/counts")
    for code in QUEUES:
        shown = numbers(hand.get(f"/desk?queue={code}&show=500"))
        assert shown <= within and shown == numbers(free.get(f"/desk?queue={code}&show=500")) & within
        own |= shown
        if count := re.search(rf'id="count-{code}"[^>]*>([\d,]+)<', counts):
            assert int(count[1]) == len(shown), code
    assert own and counts != whole
    town = read_pack(PACKS / "toy").areas["town"]
    assert hand.client.get(f"/desk?area=town:{town.codes[1]}").status_code == 403
    assert numbers(hand.get(f"/desk?queue=open&area=town:{town.codes[0]}")) <= within
    for path in (
        "/reports/issues",
        "/reviews",
        "/desk/check",
        "/desk/snaps",
        "/desk/proposals",
        "/desk/inbox",
        "/desk?q=路边",
    ):
        assert numbers(hand.get(path)) <= within, path
    some = next(iter(sorted(own)))
    assert hand.client.get(f"/desk?q={some}").status_code == 303
    for path in ("/api/v1/issues?state=open", "/api/v1/reviews?x=1"):
        assert hand.client.get(path).status_code == 403  # shorter than its number it would deceive
        assert hand.client.get(f"{path}&area=town:{town.codes[1]}").status_code == 403
        listed = json.loads(hand.get(f"{path}&area=town:{town.codes[0]}&limit=500"))
        assert {row["number"] for row in listed.get("issues", listed.get("reviews"))} <= within
    assert hand.client.get("/desk/counts").status_code == 200
    with engine.connect() as connection:
        account = find_account(connection, "town")
        told = inbox(connection, account, 100)
        assert {entry.told.number for entry in told if getattr(entry.told, "number", None)} <= within
    gone = app.test_client()
    gone.post("/sign-in", data={"login": "gone", "password": PASSWORD})
    assert "town:nowhere" in gone.get("/desk").text and gone.get("/desk").status_code == 403


def test_moves_and_exports_stay_within(app: Flask, engine: Engine, settings: Settings, lie: dict[str, bool]) -> None:
    with engine.begin() as connection:
        city, account = open_city(connection), find_account(connection, "town")
        rows = connection.execute(select(t.issue.c.number, t.issue.c.seq).where(t.issue.c.state == "reported")).all()
        wishes = [Wish(row.number, row.seq, "file") for row in rows]
        assert {lie[wish.number] for wish in wishes} == {True, False}
        for answer in make_moves(connection, settings, city, account, wishes):
            assert (answer.error is not None and "辖区" in answer.error.said("zh")) != lie[answer.wish.number], answer
    hand, free = Hand(app, "town"), Hand(app, "all")
    with engine.connect() as connection:
        i = t.issue.c
        spots = select(i.number, func.ST_X(i.geom), func.ST_Y(i.geom)).where(i.state == "handling", i.geom.is_not(None))
        number, lon, lat = next(row for row in connection.execute(spots) if not lie[row.number])
    near = f"/desk/report/near?lon={lon}&lat={lat}"
    assert number in numbers(free.get(near)) and not numbers(hand.get(near))
    call = {"key": str(uuid4()), "source": "hotline", "category": "E0102", "known": number, "lon": lon, "lat": lat}
    assert "辖区" in hand.post("/desk/report", 400, **call)
    town = read_pack(PACKS / "toy").areas["town"]
    hand.post("/jobs", 303, kind="issues", format="csv", query="state=open")
    hand.post("/jobs", 403, kind="issues", format="csv", query=f"state=open&area=town:{town.codes[1]}")
    free.post("/jobs", 303, kind="issues", format="csv", query="state=open")
    with engine.connect() as connection:
        asked: list[Any] = [job.asked for job in list_jobs(connection, city.city_id, None)]
        assert sorted(each.get("area", "") for each in asked) == ["", f"town:{town.codes[0]}"]
    assert hand.get("/jobs").count("/cancel") <= 1  # nobody else's


def test_the_security_administrator_binds(app: Flask, engine: Engine) -> None:
    hand = Hand(app, "sec")
    town = read_pack(PACKS / "toy").areas["town"].codes[1]
    assert f'value="town:{town}"' in hand.get("/admin/people/account?login=all")
    form = {"login": "all", "name": "all", "role": ["dispatcher"], "person": "PS1", "do": "change"}
    assert "town:x" in hand.post("/admin/people/account", 400, **form, area="town:x")
    hand.post("/admin/people/account", 303, **form, area=f"town:{town}")
    with engine.connect() as connection:
        assert find_account(connection, "all").area == f"town:{town}"
    assert f"town:{town}" in hand.get("/admin/people")
