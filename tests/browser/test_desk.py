"""The desk in real Chromium: an issue goes from hand to hand, by mouse and by keys, and the wall's numbers follow."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.looking import outside
from tests.store.standing import PACK, WAYS, put
from tests.store.test_photos import jpeg
from tests.web.served import Served, serve
from weathermap.people.accounts import create_account, digest
from weathermap.people.demo import DEMO_PASSWORD, make_demo_accounts
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import invitation
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold
from web.app import create_app

AXE = Path(__file__).parents[2] / "web/ui/node_modules/axe-core/axe.min.js"
INVITED = "a-link-to-set-a-password"
SCRIPT = "**/static/assets/main-*.js"


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    return clone()


@pytest.fixture(scope="module")
def served(settings: Settings) -> Iterator[Served]:
    engine = open_store(settings)
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        now = time.time_ns() // 1_000
        for k in range(30):
            way = WAYS[("reported", "handling", "to_check")[k % 3]]
            put(connection, city, f"desk-{k}", way, now, k * 3 % len(PACK.finest))
        make_demo_accounts(connection, city.city_id)
        for login, role in (("sys", "system_admin"), ("sec", "security_admin"), ("aud", "audit_admin")):
            create_account(connection, login, login, [role], password=DEMO_PASSWORD)
        invited = create_account(connection, "new", "new", ["checker"], city.city_id)
        token, until = digest(INVITED), datetime.now(UTC) + timedelta(days=1)
        connection.execute(invitation.insert().values(token=token, account_id=invited, until=until))
        every = ["commander", "supervisor", "dispatcher", "inspector", "checker"]
        create_account(connection, "all", "all", every, city.city_id, password=DEMO_PASSWORD)
    fold(engine)
    engine.dispose()
    with serve(settings) as running:
        yield running


def enter(browser: Browser, served: Served, role: str, query: str = "", width: int = 1440, height: int = 900) -> Page:
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.on("request", lambda asked: outside(asked.url))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"{served.url}/desk{query}")
    page.locator(f'form:has(input[value="demo-{role}"]) button').click()
    expect(page.locator("main h1")).to_be_visible()
    return page


def test_an_issue_goes_from_the_unit_to_the_check(browser: Browser, served: Served) -> None:
    """Fed back by its unit with a note, passed by somebody else by keys; the wall's open issues go down by one."""
    handler = enter(browser, served, "handler")
    before = open_issues(handler, served)
    handler.locator("tr.row a").first.click()
    handler.wait_for_url("**/desk/issue/**")  # with its script, which opens the forms
    number = handler.url.partition("/issue/")[2].partition("?")[0]
    handler.get_by_role("button", name="反馈").click()
    handler.locator("dialog[open]").get_by_label("说明").fill("已清理完毕")
    handler.locator('dialog[open] input[type="file"]').set_input_files(
        [{"name": "坏.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}]
    )
    handler.locator("dialog[open]").get_by_role("button", name="反馈").click()
    expect(handler.get_by_role("alert")).to_contain_text("坏.jpg")
    handler.wait_for_load_state()
    handler.get_by_role("button", name="反馈").click()
    expect(handler.locator("dialog[open]").get_by_label("说明")).to_have_value("已清理完毕")
    handler.locator('dialog[open] input[type="file"]').set_input_files(
        [{"name": "好.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}]
    )
    handler.locator("dialog[open]").get_by_role("button", name="反馈").click()
    expect(handler.get_by_role("status")).to_contain_text("1 件")
    expect(handler.locator(".steps")).to_contain_text("已清理完毕")
    shown = handler.locator(".photos figure").nth(1).locator("img")
    assert shown.evaluate("async image => { await image.decode(); return image.naturalWidth; }") == 640
    assert open_issues(handler, served) == before  # not before it was checked
    supervisor = enter(browser, served, "supervisor")
    supervisor.goto(f"{served.url}/desk/issue/{number}")
    supervisor.locator("h1").wait_for()
    supervisor.keyboard.press("p")
    supervisor.locator("dialog[open]").get_by_role("button", name="核查通过").click()
    expect(supervisor.locator("h1")).to_contain_text("已整改")
    assert open_issues(supervisor, served) == before - 1
    handler.reload()
    expect(handler.locator(".act")).to_contain_text("轮不到您")


def open_issues(page: Page, served: Served) -> int:
    answer = page.request.get(f"{served.url}/api/v1/weather?level=town").json()
    return int(answer["totals"]["open"])


def test_keys_choose_rows_and_move_them_together(browser: Browser, served: Served) -> None:
    page = enter(browser, served, "dispatcher")
    waiting = int(page.locator("h1").inner_text().split()[1])
    assert waiting >= 2
    expect(page.locator(".bulk")).to_be_hidden()
    script: list[Route] = []
    page.route(SCRIPT, lambda route: script.append(route))  # slow: what is pressed before it came is done once it has
    page.goto(page.url, wait_until="commit")
    expect(page.locator("main h1")).to_be_visible()
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    let_go(page, script)
    expect(page.locator(".bulk [data-count]")).to_have_text("2")
    expect(page.locator("#count-to_dispatch")).to_have_text(str(waiting))
    page.keyboard.press("d")
    expect(page.get_by_role("status")).to_contain_text("2 件")
    expect(page.locator("h1")).to_contain_text(f"{waiting - 2}" if waiting > 2 else "0")
    page.goto(f"{served.url}/desk?queue=open")
    address = page.locator("tr.row a").first.get_attribute("href")
    page.route(SCRIPT, lambda route: script.append(route))
    page.goto(f"{served.url}{address}", wait_until="commit")
    page.locator(".act button").first.click()
    page.locator(".act button").last.click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    let_go(page, script)
    expect(page.locator("dialog[open]")).to_have_count(1)


def let_go(page: Page, script: list[Route]) -> None:
    """The page's script comes after all."""
    while not script:
        page.wait_for_timeout(20)
    script.pop().continue_()
    page.unroute(SCRIPT)


def test_what_was_typed_survives_an_ended_session(browser: Browser, served: Served) -> None:
    page = enter(browser, served, "handler")
    page.locator("tr.row a").first.click()
    address = page.url
    page.get_by_role("button", name="反馈").click()
    page.locator("dialog[open]").get_by_label("说明").fill("写了很久的说明")
    page.context.clear_cookies()
    page.locator("dialog[open]").get_by_role("button", name="反馈").click()
    page.goto(address)
    page.locator('input[name="login"]').first.fill("demo-handler")
    page.locator('input[name="password"]').first.fill(DEMO_PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("button", name="反馈").click()
    expect(page.locator("dialog[open]").get_by_label("说明")).to_have_value("写了很久的说明")


def test_filters_stand_in_the_address(browser: Browser, served: Served) -> None:
    page = enter(browser, served, "commander")
    page.goto(f"{served.url}/desk?queue=open")
    whole = int(page.locator("h1").inner_text().split()[1])
    page.locator('select[name="area"]').select_option(index=1)
    page.wait_for_url("**area=town**")
    part = int(page.locator("h1").inner_text().split()[1])
    assert 0 < part < whole
    page.reload()
    assert int(page.locator("h1").inner_text().split()[1]) == part
    expect(page.locator("tr.row")).to_have_count(min(part, 50))


# Every route that answers with a page of the desk: who looks at it, and where; + is that page's first row.
PAGES = {
    "account_pages.sign_in_page": ("", "/sign-in"),
    "account_pages.begin": ("", f"/begin/{INVITED}"),
    "admin_pages.start": ("sys", "/admin"),
    "admin_pages.rows": ("sys", "/admin/tables/duties"),
    "admin_pages.row": ("sys", "/admin/tables/duties+"),
    "calendar_pages.look": ("sys", "/admin/calendar"),
    "channel_pages.show": ("sys", "/admin/channels"),
    "people_pages.everyone": ("sec", "/admin/people"),
    "people_pages.account": ("sec", "/admin/people+"),
    "log_pages.log": ("aud", "/admin/log"),
    "log_pages.changes": ("aud", "/admin/changes"),
    "bulletin_pages.bulletins": ("all", "/bulletins"),
    "check_pages.compare": ("all", "/desk/check"),
    "desk_pages.explain": ("all", "/desk/help"),
    "desk_pages.issue": ("all", "/desk+"),
    "desk_pages.queue": ("all", "/desk"),
    "import_pages.start": ("all", "/import"),
    "inbox_pages.notices": ("all", "/desk/inbox"),
    "jobs_pages.jobs": ("all", "/jobs"),
    "loads_page.loads": ("all", "/loads"),
    "loads_page.reviews": ("all", "/reviews"),
    "order_pages.orders": ("all", "/desk/orders"),
    "proposal_pages.waiting": ("all", "/desk/proposals"),
    "report_pages.form": ("all", "/desk/report"),
    "reporter_pages.ask": ("all", "/desk+/reporter"),
    "reports_page.reports": ("all", "/reports"),
    "report_lists.listed": ("all", "/reports/issues"),
    "rounds_pages.rounds": ("all", "/desk/rounds"),
    "snaps_page.snaps": ("all", "/desk/snaps"),
    "unsorted_pages.photos": ("all", "/desk/photos"),
    "visits_pages.coverage": ("all", "/desk/coverage"),
    "visits_pages.new_visit": ("all", "/desk/visits/new"),
}
# Pages that need more than an address to stand: axe-core looks at them where they are used.
ELSEWHERE = {
    "bulletin_pages.bulletin": "test_paper",
    "brief_page.page": "test_brief",
    "import_pages.look": "test_paper",
    "points_page.page": "test_points",
    "public_page.page": "test_public",
    "rounds_pages.one": "test_street",
    "snap_pages.form": "test_snap",
    "street_pages.page": "test_street",
    "task_pages.show": "test_task",
    "ticket_pages.find_page": "test_snap",
    "ticket_pages.ticket": "test_snap",
    "wall.page": "test_wall",
}
# What answers with no page: files, pictures, data, parts of a page, and ways that lead on.
NO_PAGE = re.compile(
    r"static$|.*_(api|tiles)\.|.*\.(advice|file|counts|state|opened|job_file|rows|download|photo|near|places|small_map|back"
    r"|out|near_photo|icon|manifest|worker|code|ticket_photo)$"
)


def test_axe_finds_nothing_serious_on_any_page(browser: Browser, served: Served, settings: Settings) -> None:
    """No serious finding of axe-core, nothing wider than a phone or a desk; a page that stands in no list fails it."""
    app = create_app(settings)
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    found = {rule.endpoint for rule in rules if not NO_PAGE.match(rule.endpoint)} | {"admin_pages.rows"}
    assert found == {*PAGES, *ELSEWHERE}
    eyes = {who: browser.new_page(viewport={"width": 390, "height": 844}) for who in ("", "all", "sys", "sec", "aud")}
    for who in filter(None, eyes):
        asked = {"login": who, "password": DEMO_PASSWORD, "next": "/"}
        assert eyes[who].request.post(f"{served.url}/sign-in", form=asked).ok
    for k, (who, address) in enumerate(PAGES.values()):
        page, (base, plus, more) = eyes[who], address.partition("+")
        answer = page.goto(f"{served.url}{base}?lang={'zh' if k % 2 else 'en'}")
        if plus:
            path = page.locator("tr.row a").first.get_attribute("href") or ""
            answer = page.goto(f"{served.url}{path.replace('?', more + '?', 1)}")
        assert answer and answer.ok, (address, page.url)
        in_nobodys_way(page)
        page.set_viewport_size({"width": 1440, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440, page.url
        page.set_viewport_size({"width": 390, "height": 844})
    lost = eyes["all"].goto(f"{served.url}/desk/issue/none")
    assert lost and lost.status == 404
    in_nobodys_way(eyes["all"])


def in_nobodys_way(page: Page) -> None:
    """No serious finding of axe-core, and nothing wider than the screen."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    grave = [(f["id"], f["nodes"][0]["html"]) for f in found if f["impact"] in ("serious", "critical")]
    assert not grave, json.dumps(grave, ensure_ascii=False)
    assert page.viewport_size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], page.url


def test_a_commander_orders_from_the_wall(browser: Browser, served: Served) -> None:
    """The issue's story on the wall leads to the order's form; the wall itself moves nothing."""
    page = enter(browser, served, "commander")
    number = page.request.get(f"{served.url}/api/v1/issues?state=handling").json()["issues"][0]["number"]
    page.goto(f"{served.url}/?issue={number}")
    page.get_by_role("link", name="督办…").click()
    form = page.locator("dialog[open]")
    expect(form).to_contain_text("督办")
    form.get_by_label("说明").fill("三日内清理")
    form.get_by_label("期限").fill(f"{datetime.now() + timedelta(days=3):%Y-%m-%d}")
    form.get_by_role("button", name="督办", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("督办 1 件")
    listed = page.request.get(f"{served.url}/api/v1/orders").json()["orders"]
    assert [order["text"] for order in listed if order["number"] == number] == ["三日内清理"]


def administrator(browser: Browser, served: Served, login: str) -> Page:
    """Signed in by keys alone."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.on("request", lambda asked: outside(asked.url))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"{served.url}/admin")
    page.keyboard.type(login)  # the field waits for it
    page.keyboard.press("Tab")
    page.keyboard.type(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_be_visible()
    return page


def press(page: Page, role: Any, name: str) -> None:
    """By the keyboard."""
    page.get_by_role(role, name=name, exact=True).focus()
    page.keyboard.press("Enter")


def test_administrators_look_first_and_publish_a_version(browser: Browser, served: Served) -> None:
    """By keys: a duty goes to another unit after a look at what it does; the other administrator sees people alone."""
    page = administrator(browser, served, "sys")
    press(page, "link", "责任清单")
    page.get_by_label("在表中查找").fill("D02")
    page.keyboard.press("Enter")
    press(page, "link", "D02")
    field = page.locator('#form-edit input[name="unit"]')
    field.fill("NOBODY")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("NOBODY")  # its fault, with what was typed still there
    expect(field).to_have_value("NOBODY")
    field.fill("B03")
    field.press("Enter")
    expect(page.locator("#effect")).to_contain_text("这样改会怎样")
    expect(page.locator("#effect")).to_contain_text("B03")
    in_nobodys_way(page)
    press(page, "button", "确认生效")
    expect(page.get_by_role("status")).to_contain_text("第 2 版")
    expect(page.locator("tr.row a", has_text="D02@")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})
    for table in ("tables/holidays", "channels"):
        page.goto(f"{served.url}/admin/{table}")
        in_nobodys_way(page)
    other = administrator(browser, served, "sec")
    expect(other.locator("main h1")).to_have_text("人员与权限")
    expect(other.locator("tr.row")).to_contain_text(["sec", "sys"])
    in_nobodys_way(other)
    assert other.goto(f"{served.url}/admin/tables/duties").status == 403  # type: ignore[union-attr]
