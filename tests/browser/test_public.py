"""The citizens' page in real Chromium: what it shows, whom it asks, on phone and desk, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_wall import AXE, ask
from tests.web.conftest import NUMBER
from tests.web.served import Served, serve
from weathermap.settings import Settings

OPEN = re.compile(r"http://127\.0\.0\.1:\d+/(public|static|api/v1/public/|tiles/\d+/public/)|data:|blob:")


@pytest.fixture(scope="module")
def served(reviewed: Settings) -> Iterator[Served]:
    with serve(reviewed) as running:
        yield running


def open_public(browser: Browser, served: Served, query: str, width: int, height: int) -> tuple[Page, list[str]]:
    """The page with its map at rest, and all that it asked for."""
    page = browser.new_page(viewport={"width": width, "height": height}, bypass_csp=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.install()
    page.goto(f"{served.url}/public{query}")
    page.wait_for_function("() => window.publicMap?.loaded() && publicMap.areTilesLoaded()", timeout=60_000)
    return page, asked


@pytest.mark.parametrize(("query", "width", "height"), [("", 390, 844), ("?lang=en", 390, 844), ("", 1440, 900)])
def test_citizens_see_totals_and_weather_with_its_source(
    browser: Browser, served: Served, query: str, width: int, height: int
) -> None:
    page, asked = open_public(browser, served, query, width, height)
    answer = ask(page, served, "public/weather")
    for name in ("notified", "rectified", "open"):
        expect(page.locator(".figures")).to_contain_text(f"{answer['totals'][name]:,}")
    expect(page.locator(".sentence")).to_have_text(answer["sentence"]["en" if query else "zh"])
    expect(page.locator(".areas li")).to_have_count(len(answer["areas"]))
    expect(page.locator(".review")).to_be_visible()
    if width >= 1000:  # a wall is not scrolled
        expect(page.locator(".review")).to_be_in_viewport()
    expect(page.locator(".review")).to_contain_text(NUMBER)
    expect(page.locator(".foot")).to_contain_text("Test data")
    for area in answer["areas"]:
        state = page.evaluate(
            "id => publicMap.getFeatureState({source: 'areas-town', sourceLayer: 'town', id})", area["id"]
        )
        assert state["sky"] == (area["weather"] or "")
    drawn = page.evaluate("publicMap.queryRenderedFeatures({layers: ['town-fill']}).map(f => f.properties.code)")
    assert set(drawn) == {area["code"] for area in answer["areas"]}
    assert [url for url in asked if not OPEN.match(url)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")] == []
    page.close()


def test_old_data_are_said_to_be_old(browser: Browser, served: Served) -> None:
    page, _ = open_public(browser, served, "", 390, 844)
    page.route("**/api/v1/public/weather*", lambda route: route.abort())
    page.clock.fast_forward(200_000)
    expect(page.locator(".fresh .alert")).to_contain_text("旧数据")
    expect(page.locator(".fresh .alert")).to_contain_text("分钟前")
    expect(page.locator(".figures .n").first).to_be_visible()
    page.close()
