"""A wall that nobody looks after: whatever happens to line, server, store, clock or version, it says how old its
numbers are and comes back by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.browser.line import Line
from tests.browser.test_wall import burden
from tests.web.served import Served, serve
from weathermap.settings import Settings

LIVE, AGED, PLATE = ".stream.live", ".stream.aged", ".stream.plate"
WHOLE = "() => window.weathermap?.map?.loaded() && document.fonts.status === 'loaded'"


@pytest.fixture(scope="module")
def served(alive: Settings) -> Iterator[Served]:
    with serve(alive) as running:
        yield running


@pytest.fixture
def line(served: Served) -> Iterator[Line]:
    made = Line(int(served.url.rpartition(":")[2]))
    yield made
    made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page(viewport={"width": 1280, "height": 720})
    made.clock.install()
    yield made
    made.close()


def live(page: Page, url: str) -> None:
    """The wall, live and whole: a file still under way when a line falls silent would hold one of the browser's six
    connections for as long as the line seems open."""
    under_way: set[Request] = set()
    page.on("request", lambda asked: under_way.add(asked))
    page.on("requestfinished", lambda asked: under_way.discard(asked))
    page.on("requestfailed", lambda asked: under_way.discard(asked))
    page.goto(url)
    expect(page.locator(LIVE)).to_be_visible(timeout=30_000)
    page.wait_for_function(WHOLE, timeout=60_000)
    for _ in range(100):
        if all("/stream" in request.url for request in under_way):
            return
        page.wait_for_timeout(200)
    pytest.fail(f"still under way: {[request.url for request in under_way]}")


def test_a_line_that_only_seems_open_is_noticed_and_opened_anew(page: Page, line: Line) -> None:
    live(page, line.url)
    line.state = "silent"
    page.clock.fast_forward(12_000)
    expect(page.locator(AGED)).to_have_text(re.compile(r"数据 1\d 秒前"))
    page.clock.fast_forward(25_000)
    expect(page.locator(PLATE)).to_have_text(re.compile(r"连接中断 · 数据截至 \d\d:\d\d:\d\d · 正在重连"))
    saturation = page.locator(".map canvas.maplibregl-canvas").evaluate("c => getComputedStyle(c).filter")
    assert saturation == "saturate(0.6)"
    expect(page.locator(".counts .n").first).to_be_visible()  # what was known stays, said to be old
    line.state = "open"  # the old connections stay silent: only a new one helps
    for _ in range(40):  # the browser may try its old connections one by one before it opens another
        if page.locator(LIVE).count():
            break
        page.clock.fast_forward(8_000)
        page.wait_for_timeout(400)
    expect(page.locator(LIVE)).to_be_visible(timeout=45_000)
    assert not page.locator(".wall.lost").count()


def test_a_stranger_in_place_of_the_server_changes_nothing_but_the_age(page: Page, line: Line) -> None:
    live(page, line.url)
    shown = page.locator(".counts").inner_text()
    line.state = "stranger"
    line.cut()
    page.clock.fast_forward(40_000)
    expect(page.locator(PLATE)).to_be_visible()
    page.clock.fast_forward(61_000)
    page.wait_for_timeout(500)
    assert page.locator(".counts").inner_text() == shown
    expect(page.locator(".problem")).to_be_hidden()
    line.state = "open"
    line.cut()
    page.clock.fast_forward(15_000)
    expect(page.locator(LIVE)).to_be_visible(timeout=20_000)


def test_numbers_that_cannot_be_fetched_grow_old_though_the_stream_goes_on(
    page: Page, served: Served, alive: Settings
) -> None:
    live(page, f"{served.url}/?level=community")  # not in the frames: the view must be fetched
    page.route("**/api/v1/weather?*", lambda route: route.fulfill(status=500, content_type="text/html", body="<h1>no"))
    burden(alive, 0.0, 0.0, 1, "not fetched")
    expect(page.locator(AGED)).to_be_visible(timeout=20_000)
    page.unroute("**/api/v1/weather?*")
    expect(page.locator(LIVE)).to_be_visible(timeout=20_000)
    now = page.request.get(f"{served.url}/api/v1/weather").json()["totals"]["notified"]
    expect(page.locator(".counts .n").first).to_have_text(f"{now:,}")


def test_a_server_without_its_store_ticks_on_and_is_not_believed(page: Page, served: Served, alive: Settings) -> None:
    live(page, served.url)
    owner = alive.owner_url or ""
    name = urlsplit(owner).path.lstrip("/")
    with closing(psycopg2.connect(owner.replace(f"/{name}", "/postgres", 1))) as admin:
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            try:
                cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
                expect(page.locator(AGED)).to_be_visible(timeout=25_000)
            finally:
                cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    expect(page.locator(LIVE)).to_be_visible(timeout=30_000)


def test_after_a_sleep_everything_is_asked_anew(page: Page, served: Served) -> None:
    live(page, served.url)
    with (
        page.expect_request(re.compile("/api/v1/stream"), timeout=10_000),
        page.expect_request(re.compile("/api/v1/weather"), timeout=10_000),
    ):
        page.clock.fast_forward(8 * 3_600_000)
    expect(page.locator(LIVE)).to_be_visible(timeout=10_000)


@pytest.mark.parametrize("hours", [30, -30])
def test_a_clock_that_jumps_changes_neither_hour_nor_age(page: Page, served: Served, hours: int) -> None:
    live(page, served.url)
    page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=hours))
    page.clock.run_for(3_000)
    expect(page.locator(LIVE)).to_be_visible(timeout=10_000)
    local = datetime.now(UTC) + timedelta(hours=8)
    said = page.locator(".clock").inner_text()
    assert any((local + timedelta(minutes=m)).strftime("%H:%M") in said for m in (-1, 0, 1)), said
    assert f"{local.day}日" in said


def test_a_city_whose_records_begin_again_is_shown_as_it_is_now(page: Page, served: Served) -> None:
    asked = []

    def once_old(route: Route) -> None:
        answer = route.fetch()
        cities = answer.json()
        if not asked:
            cities["cities"][0]["past_at"] = "2026-01-01T00:00:00Z"
        asked.append(route)
        route.fulfill(response=answer, json=cities)

    page.route("**/api/v1/cities", once_old)
    page.goto(f"{served.url}/")
    expect(page.locator(".counts .n").first).to_be_visible(timeout=15_000)
    expect(page.locator(LIVE)).to_have_count(0)
    page.clock.fast_forward(11 * 60_000)
    expect(page.locator(LIVE)).to_be_visible(timeout=20_000)


class Deployed:
    """The page as it was built before: the server's, but of another build, for as often as is wanted."""

    def __init__(self, page: Page, url: str) -> None:
        self.loads, self.later, self.old = 0, 200, 1
        page.route(f"{url}/", self._page)

    def _page(self, route: Route) -> None:
        if route.request.resource_type == "document":
            self.loads += 1
        answer = route.fetch()
        body = answer.text()
        if self.old > 0:
            body = re.sub('data-build="[^"]*"', 'data-build="0.0.1-before"', body)
            self.old -= 1
            return route.fulfill(response=answer, body=body)
        return route.fulfill(response=answer, status=self.later, body=body)


def test_a_new_version_is_loaded_once_when_it_can_be_had_and_nobody_is_there(page: Page, served: Served) -> None:
    deployed = Deployed(page, served.url)
    deployed.later = 503  # the new page cannot be had yet
    live(page, f"{served.url}/")
    page.locator(".counts .n").first.click()  # and somebody looks at a list
    page.clock.fast_forward(70_000)
    page.wait_for_timeout(300)
    page.keyboard.press("Escape")
    page.clock.fast_forward(70_000)
    page.wait_for_timeout(500)
    assert deployed.loads == 1, "the old page stays"
    expect(page.locator(".counts .n").first).to_be_visible()
    deployed.later = 200
    page.evaluate("window.before = true")
    with page.expect_event("load", timeout=20_000):
        page.clock.fast_forward(65_000)
    assert page.evaluate("window.before === undefined")
    expect(page.locator(LIVE)).to_be_visible(timeout=20_000)
    page.clock.fast_forward(300_000)
    page.wait_for_timeout(500)
    assert deployed.loads == 2, "not again"


def test_a_version_that_never_comes_makes_no_loop(page: Page, served: Served) -> None:
    deployed = Deployed(page, served.url)
    deployed.old = 1_000
    live(page, f"{served.url}/")
    for _ in range(6):
        page.clock.fast_forward(65_000)
        page.wait_for_timeout(200)
    assert deployed.loads == 1
    expect(page.locator(LIVE)).to_be_visible(timeout=20_000)
