"""The street in real Chromium: a day without signal, photos and all, arrives exactly once, whatever dies meanwhile."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine, func, select, text

from tests.browser.looking import outside
from tests.many_points import fill, write_pack
from tests.web.hand import PASSWORD
from tests.web.served import serve
from tests.web.test_serve import free_port
from weathermap.people.accounts import create_account
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.catalog import find_city
from weathermap.store.db import open_store
from weathermap.store.people_tables import photo, session
from weathermap.store.visit_tables import observation, shot, visit
from weathermap.tally.verify import verify_city

AXE = Path(__file__).parents[2] / "web/ui/node_modules/axe-core/axe.min.js"
VISITS = 20
# What a browser without room does to a page: IndexedDB refuses the write.
FULL = """() => { const put = IDBObjectStore.prototype.put;
  window.room = () => { IDBObjectStore.prototype.put = put };
  IDBObjectStore.prototype.put = function () { throw new DOMException('', 'QuotaExceededError') } }"""
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = clone()
    engine = open_store(made)
    fill(engine, write_pack(tmp_path_factory.mktemp("many") / "pack", 120), 40)
    with engine.begin() as connection:
        city = find_city(connection, None).city_id
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        for login, person in (("one", "PI1"), ("two", "PI2")):
            create_account(connection, login, login, ["inspector"], city, None, people[person], PASSWORD)
    engine.dispose()
    return made


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    opened = open_store(settings)
    yield opened
    opened.dispose()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, has_touch=True)  # type: ignore[arg-type]
    yield context
    context.close()


def picture(shade: int) -> dict[str, Any]:
    kept = io.BytesIO()
    Image.effect_noise((160, 120), 20 + shade).save(kept, "JPEG")
    return {"name": f"{shade}.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def enter(phone: BrowserContext, url: str, login: str = "one", query: str = "") -> Page:
    """Sign in, and wait until everything that flight mode needs is on the phone."""
    page = phone.new_page()
    page.on("request", lambda asked: outside(asked.url))
    page.goto(f"{url}/sign-in?next=/street{query}")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("form button >> nth=0")
    page.wait_for_selector(".rows li")
    page.wait_for_selector("[data-act=mine]")
    page.wait_for_selector("html[data-kept=yes]", state="attached")
    return page


def codes(engine: Engine, many: int) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT code FROM point ORDER BY code LIMIT :n"), {"n": many}).scalars())


def make_visit(page: Page, code: str, shade: int) -> None:
    """By thumb: one fails with a photo, the rest pass, one photo of the place."""
    page.evaluate("code => { location.hash = '#visit=' + code }", code)
    page.click(".checks li:nth-child(2) [data-value=fail]")
    page.set_input_files("[data-photo]", picture(2 * shade))
    expect(page.locator(".problem .pic")).to_have_count(1)
    page.set_input_files(".whole input[capture]", picture(2 * shade + 1))
    expect(page.locator(".whole .pic")).to_have_count(1)
    page.click("[data-do=rest]")
    page.click("[data-do=finish]")
    page.wait_for_selector(".points:not([hidden])")


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        found = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (visit, observation, shot, photo, t.issue)
        }
        files = connection.execute(select(func.count(shot.c.sha256.distinct()))).scalar_one()
        return {**found, "files": files}


def in_queue(page: Page) -> dict[str, int]:
    states = page.eval_on_selector_all(".items > li", "all => all.map(one => one.dataset.state)")
    return {state: states.count(state) for state in set(states)}


def test_a_day_without_signal_arrives_exactly_once(settings: Settings, engine: Engine, phone: BrowserContext) -> None:
    port, before = free_port(), counts(engine)
    with serve(settings, port) as first:
        page = enter(phone, first.url)
        phone.set_offline(True)
        for shade, code in enumerate(codes(engine, VISITS)):
            make_visit(page, code, shade)
            if shade == VISITS // 2:
                page.reload()  # the worker serves the page
                page.wait_for_selector(".rows li")
        page.click("a[href='#queue']")
        expect(page.locator(".items > li")).to_have_count(VISITS)
        page.reload()
        page.wait_for_selector(".items > li")
        assert in_queue(page) == {"waiting": VISITS} and counts(engine) == before
        phone.set_offline(False)
        while counts(engine)["shot"] < 12:  # on its way
            page.wait_for_timeout(20)
        first.process.kill()
        first.process.wait()
    middle = counts(engine)
    assert 12 <= middle["shot"] < 2 * VISITS and middle["visit"] == before["visit"]
    with engine.begin() as connection:
        connection.execute(session.delete())  # and the sign-in runs out meanwhile
    with serve(settings, port):
        page.wait_for_selector(".queue a[href^='/sign-in']", timeout=90_000)
        assert sum(in_queue(page).values()) == VISITS  # asks, and keeps the queue
        page.click(".queue a[href^='/sign-in']")
        page.fill("[name=login]", "one")
        page.fill("[name=password]", PASSWORD)
        page.click("form button >> nth=0")
        page.wait_for_selector(".items > li")
        expect(page.locator(".items > [data-state=sent]")).to_have_count(VISITS, timeout=120_000)
        page.reload()
        page.wait_for_selector(".items > li")
        assert in_queue(page) == {"sent": VISITS}
    after = counts(engine)
    assert {name: after[name] - before[name] for name in after} == {
        "visit": VISITS,
        "observation": 3 * VISITS,
        "shot": 2 * VISITS,
        "files": 2 * VISITS,
        "photo": VISITS,
        "issue": VISITS,
    }
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).where(shot.c.visit_id.is_(None))).scalar_one() == 0
        told = connection.execute(select(visit.c.told_end, visit.c.started_at).where(visit.c.told_end.is_not(None)))
        assert all(row.told_end < row.started_at for row in told)  # the phone's clock, beside that of the receipt
        assert not verify_city(connection, "990101")


def test_a_conflict_and_a_full_phone_are_shown_and_lose_nothing(
    settings: Settings, engine: Engine, browser: Browser, phone: BrowserContext
) -> None:
    code = codes(engine, VISITS + 5)[-1]
    with serve(settings) as served:
        mine = enter(phone, served.url)
        phone.set_offline(True)
        make_visit(mine, code, 200)
        other = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
        theirs = enter(other, served.url, "two")
        make_visit(theirs, code, 300)
        theirs.click("a[href='#queue']")
        theirs.wait_for_selector("[data-state=sent]", timeout=30_000)
        other.close()
        phone.set_offline(False)
        mine.click("a[href='#queue']")
        mine.wait_for_selector("[data-state=conflict]", timeout=30_000)
        assert "谢一" in mine.locator("[data-state=conflict]").inner_text()
        before = counts(engine)["visit"]
        mine.click("[data-do=anyway]")
        mine.wait_for_selector("[data-state=sent]", timeout=30_000)
        assert counts(engine)["visit"] == before + 1

        phone.set_offline(True)
        mine.click("a[href='#tray']")
        mine.set_input_files(".tray input[multiple]", [picture(400)])
        expect(mine.locator(".shots li")).to_have_count(1)
        mine.evaluate(FULL)
        mine.set_input_files(".tray input[multiple]", [picture(401)])
        expect(mine.locator(".notice")).to_contain_text("存储已满", timeout=20_000)
        expect(mine.locator(".shots li")).to_have_count(1)  # what was kept is kept
        mine.evaluate("window.room()")
        mine.set_input_files(".tray input[multiple]", [picture(401)])
        expect(mine.locator(".shots li")).to_have_count(2, timeout=20_000)

        mine.click(".shots .pic >> nth=0")
        mine.fill("#tray-find", "1号")
        mine.click(".chips [data-value^=P] >> nth=0")
        mine.select_option("[data-do=category]", "E0102")
        issues = counts(engine)["issue"]
        mine.click("[data-do=report]")
        expect(mine.locator(".shots li")).to_have_count(1)
        phone.set_offline(False)
        mine.click("a[href='#queue']")
        expect(mine.locator("[data-state=sent]")).to_have_count(2, timeout=60_000)
        assert counts(engine)["issue"] == issues + 1


def sound(page: Page, width: int, fingers: bool) -> None:
    """Nothing serious for axe-core, nothing wider than the screen, on the street nothing too small for a thumb."""
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    serious = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")]
    assert not serious, "\n".join(serious)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    if fingers:
        small = page.evaluate(
            """() => [...document.querySelectorAll('button, a, select, label.button, .word')]
              .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44)
              .map(e => e.outerHTML.slice(0, 90))"""
        )
        assert not small, small


@pytest.mark.parametrize(("width", "lang"), [(360, "zh"), (390, "en")])
def test_every_screen_is_sound_on_a_phone(
    settings: Settings, engine: Engine, browser: Browser, width: int, lang: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740}, has_touch=True, bypass_csp=True)
    code = codes(engine, 60)[-1]
    with serve(settings) as served:
        page = enter(context, served.url, query="?lang=en" if lang == "en" else "")
        page.add_script_tag(path=str(AXE))
        sound(page, width, fingers=True)
        page.click(".rows li button >> nth=0")
        page.wait_for_selector(".begin")
        sound(page, width, fingers=True)
        page.evaluate("code => { location.hash = '#visit=' + code }", code)
        page.click(".checks li:nth-child(1) [data-value=fail]")
        page.set_input_files("[data-photo]", picture(1))
        expect(page.locator(".problem .pic")).to_have_count(1)
        sound(page, width, fingers=True)
        page.click("[data-do=back]")
        page.click("a[href='#tray']")
        page.set_input_files(".tray input[multiple]", [picture(2)])
        page.click(".shots .pic")
        page.wait_for_selector(".sort")
        sound(page, width, fingers=True)
        page.click("a[href='#queue']")
        page.wait_for_selector(".queue")
        sound(page, width, fingers=True)
        for path in ("/desk/coverage?person=PI1", f"/desk/visits/new?point={code}", "/desk/rounds"):
            page.goto(f"{served.url}{path}{'&' if '?' in path else '?'}lang={lang}")
            page.add_script_tag(path=str(AXE))
            sound(page, width, fingers=False)
        if width == 360:
            choose_points(page, engine)
    context.close()


def choose_points(page: Page, engine: Engine) -> None:
    """A round's points by name and on the map; what was sent is stored under their codes."""
    listed, status = page.locator(".chosen li"), page.locator("form.visit [role=status], dialog [role=status]")
    first, second, third = codes(engine, 3)
    page.fill("[name=name]", "十一月巡访")
    page.fill("[name=member] >> nth=0", "李老")
    page.get_by_role("button", name="建立").click()
    assert page.evaluate("document.querySelector('[role=combobox]').validity.customError")  # no point yet
    field = page.get_by_role("combobox", name="点位")
    for code in (first, second):
        field.fill(code)
        page.wait_for_selector(f"[role=option]:has-text('{code}')")
        field.press("ArrowDown")
        field.press("Enter")
        expect(listed.last).to_contain_text(code)
    listed.nth(0).get_by_role("button").click()
    expect(listed).to_have_count(1)
    page.locator("[data-map]").click()
    page.wait_for_function("window.points?.map?.loaded()", timeout=60_000)
    spot = page.evaluate(
        """code => { const { map, marks } = window.points;
          const point = marks.standing.flatMap(heap => heap.points).find(point => point.code === code);
          map.jumpTo({ center: [point.lon, point.lat], zoom: 17 });
          const c = map.getContainer().getBoundingClientRect(), p = map.project([point.lon, point.lat]);
          return { x: p.x + c.x, y: p.y + c.y } }""",
        third,
    )
    page.wait_for_function("!window.points.marks.pending && !window.points.map.isMoving()")
    page.mouse.click(spot["x"], spot["y"])
    expect(status).to_contain_text("2")
    sound(page, 360, fingers=False)
    page.locator("dialog.choosemap .main").click()
    page.get_by_role("button", name="建立").click()
    page.wait_for_url("**/desk/rounds/*")
    assert page.locator("table td small").all_inner_texts() == [second, third]
    page.add_script_tag(path=str(AXE))
    sound(page, 360, fingers=False)
