"""The wall in real Chromium on the real server: coloured, clickable down and up, bilingual, calling nobody."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import open_wall
from tests.web.conftest import PLAIN, TOY
from tests.web.served import Served

SIZES = ((1920, 1080), (1440, 900), (390, 844))


def features(page: Page, layer: str) -> set[str]:
    """Codes of the areas drawn in a layer."""
    found = page.evaluate(
        "layer => window.weathermap.map.queryRenderedFeatures({layers: [layer]}).map(f => f.properties.code)", layer
    )
    return set(found)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(("city", "level"), [(TOY, "town"), (PLAIN, "district")])
def test_every_area_is_drawn_and_named_with_its_numbers(
    browser: Browser, served: Served, city: str, level: str, width: int, height: int
) -> None:
    page = open_wall(browser, f"{served.url}/?city={city}", width, height)
    board = page.request.get(f"{served.url}/api/v1/weather?city={city}&level={level}").json()
    assert features(page, f"{level}-fill") == {area["code"] for area in board["areas"]}
    for area in board["areas"]:
        row = page.locator(f'[data-row="{level}:{area["code"]}"]').first
        expect(row).to_contain_text(area["name"])
        expect(row).to_contain_text(str(area["open"]))
    expect(page.locator("body")).to_contain_text(f"{board['totals']['rectified']:,}")
    page.close()


def test_a_town_opens_its_communities_and_back_goes_up(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}")
    board = page.request.get(f"{served.url}/api/v1/weather?city={TOY}&level=town").json()
    town = board["areas"][0]["code"]
    page.locator(f'[data-row="town:{town}"] [data-act="area"]').first.click()
    expect(page).to_have_url(re.compile(rf"area=town(:|%3A){town}"))
    inside = page.request.get(f"{served.url}/api/v1/weather?city={TOY}&level=community&parent={town}").json()
    for community in inside["areas"]:
        expect(page.locator(f'[data-row="community:{community["code"]}"]').first).to_contain_text(community["name"])
    page.wait_for_function("() => window.weathermap.map.loaded() && !window.weathermap.map.isMoving()")
    assert features(page, "community-fill") >= {community["code"] for community in inside["areas"]}
    page.go_back()
    expect(page.locator(f'[data-row="town:{town}"]').first).to_be_visible()
    page.close()


def test_a_number_opens_the_list_that_it_counts(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}")
    board = page.request.get(f"{served.url}/api/v1/weather?city={TOY}&level=town").json()
    figure = page.locator('[data-act="list"][data-query*="state=open"]:not([data-query*="area"])').first
    assert figure.inner_text().replace(",", "") == str(board["totals"]["open"])
    figure.click()
    expect(page.locator("[data-issue]")).to_have_count(min(board["totals"]["open"], 50))
    page.close()


def test_the_other_language_is_one_click_away(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}")
    page.locator('[data-act="lang"]').first.click()
    expect(page).to_have_url(re.compile("lang=en"))
    expect(page.locator("body")).to_contain_text("Toytown")
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))
    page.close()
