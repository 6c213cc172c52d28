"""The cartogram in real Chromium: every area and unit has its tile with the API's numbers, none covers another, and a
click does what it does on the map."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import lived
from tests.browser.looking import blank_page, open_wall
from tests.browser.test_wall import AXE, ask, burden
from tests.web.conftest import PLAIN, TOY
from tests.web.served import Served, serve
from weathermap.settings import Settings


def tiles(page: Page) -> dict[str, dict[str, Any]]:
    """Every tile: its box, weather, name read aloud, and what its figures open."""
    found: dict[str, dict[str, Any]] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.cartogram [data-tile]')].map(tile => {
          const box = (tile.querySelector('.in') ?? tile).getBoundingClientRect();
          return [tile.dataset.tile, {
            box: [box.left, box.top, box.right, box.bottom],
            sky: (tile.className.match(/on-(\\w+)/) ?? [])[1] ?? null,
            said: tile.querySelector('[aria-label]').getAttribute('aria-label'),
            figures: [...tile.querySelectorAll('.figures [data-query]')]
              .map(f => f.innerText.replace(/,/g, '')) }] }))"""
    )
    return found


def no_tile_covers_another(found: dict[str, dict[str, Any]]) -> None:
    boxes = [tile["box"] for tile in found.values()]
    for i, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[i + 1 :]:
            assert (
                right <= other[0] + 0.5 or other[2] <= left + 0.5 or bottom <= other[1] + 0.5 or other[3] <= top + 0.5
            )


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
@pytest.mark.parametrize(
    ("city", "level", "query"),
    [
        (TOY, "town", ""),
        (TOY, "community", "&level=community"),
        (TOY, "zone", "&level=zone"),
        (PLAIN, "beat", "&level=beat"),
    ],
)
def test_every_area_has_a_tile_with_its_weather_and_numbers(
    browser: Browser, served: Served, city: str, level: str, query: str, width: int, height: int
) -> None:
    page = blank_page(browser, width, height)
    at = ask(page, served, f"weather?city={city}&level={level}")["at"]
    page.goto(f"{served.url}/?city={city}{query}&view=cartogram&at={at}")
    expect(page.locator(".cartogram .tile").first).to_be_visible()
    found = tiles(page)
    areas = ask(page, served, f"weather?city={city}&level={level}&at={at}")["areas"]
    assert set(found) == {f"{level}:{area['code']}" for area in areas}
    for area in areas:
        tile = found[f"{level}:{area['code']}"]
        assert tile["sky"] == (area["weather"] or "none")
        assert tile["figures"] == [str(area["open"]), str(area["rectified"])][: len(tile["figures"])]
        assert area["name"] in tile["said"] and f"未整改 {area['open']:,}" in tile["said"]
    no_tile_covers_another(found)
    assert all(tile["box"][0] >= 0 and tile["box"][2] <= width for tile in found.values())
    page.close()


def test_tiles_stand_as_their_areas_lie(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}&view=cartogram", 1920, 1080)
    found = tiles(page)
    shapes = ask(page, served, f"areas?city={TOY}&level=town")["areas"]
    for axis, sign in ((0, 1), (1, -1)):
        ends = sorted(shapes, key=lambda shape: sign * shape["label"][axis])
        first, last = (found[f"town:{shape['code']}"]["box"][axis] for shape in (ends[0], ends[-1]))
        assert first <= last
    page.close()


def test_every_unit_has_a_tile_among_its_kind(browser: Browser, served: Served) -> None:
    page = blank_page(browser, 1920, 1080)
    at = ask(page, served, f"weather?city={TOY}")["at"]
    page.goto(f"{served.url}/?city={TOY}&by=responsibility&view=cartogram&at={at}")
    expect(page.locator(".cartogram .tile").first).to_be_visible()
    units = ask(page, served, f"weather?city={TOY}&level=unit&by=responsibility&at={at}")["areas"]
    found = tiles(page)
    assert set(found) == {f"unit:{unit['code']}" for unit in units}
    for unit in units:
        tile = found[f"unit:{unit['code']}"]
        assert unit["name"] in tile["said"]
        shown = [str(unit["open"]), str(unit["rectified"])] if unit["notified"] else []
        assert tile["figures"] == shown[: len(tile["figures"])] and bool(tile["figures"]) == bool(shown)
        if unit["notified"]:
            assert tile["sky"] == (unit["weather"] or "none")
    expect(page.locator(".cartogram h3")).to_have_count(len({unit["kind"] for unit in units}))
    no_tile_covers_another(found)
    expect(page.locator(".unbordered")).to_contain_text("不画界线")
    page.close()


def test_a_tile_answers_as_its_area_on_the_map(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}", 1920, 1080)
    page.locator('[data-act="view"][data-value="cartogram"]').click()
    expect(page).to_have_url(re.compile("view=cartogram"))
    area = next(area for area in ask(page, served, f"weather?city={TOY}")["areas"] if area["why"] and area["open"])
    tile = page.locator(f'[data-tile="town:{area["code"]}"]')
    tile.locator(".why").click()
    expect(page.locator(".why h2").first).to_contain_text(area["name"])
    tile.locator(".figures button").first.click()
    expect(page.locator(".sheet h2 .great")).to_have_text(tile.locator(".figures button").first.inner_text())
    page.keyboard.press("Escape")
    tile.locator(".go").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"area=town:{area['code']}.*view=cartogram"))
    expect(page.locator("h1")).to_have_text(area["name"])
    inside = ask(page, served, f"weather?city={TOY}&level=community&parent={area['code']}")["areas"]
    expect(page.locator(".cartogram .tile")).to_have_count(len(inside))
    page.locator('[data-act="view"][data-value="map"]').click()
    expect(page.locator(".cartogram")).to_be_hidden()
    expect(page.locator(".map")).to_be_visible()
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
@pytest.mark.parametrize("query", ["", "&by=responsibility", "&level=community&lang=en"])
def test_axe_finds_nothing_serious(browser: Browser, served: Served, query: str, width: int, height: int) -> None:
    page = blank_page(browser, width, height)
    page.goto(f"{served.url}/?city={TOY}&view=cartogram{query}")
    expect(page.locator(".cartogram .tile").first).to_be_visible()
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [
        f"{v['id']}: {v['nodes'][0]['html'][:200]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert not serious, "\n".join(serious)
    page.close()


def test_a_change_recolours_its_tile_by_itself(browser: Browser, clone: Callable[..., Settings]) -> None:
    settings = lived(clone(), 12)
    with serve(settings) as served:
        page = open_wall(browser, f"{served.url}/?view=cartogram", 1920, 1080)
        expect(page.locator(".stream")).to_contain_text("实时")
        dry = {area["code"] for area in ask(page, served, "weather?level=town")["areas"] if area["weather"] != "rain"}
        town = next(town for town in ask(page, served, "areas?level=town")["areas"] if town["code"] in dry)
        tile = page.locator(f'[data-tile="town:{town["code"]}"]')
        expect(tile).not_to_have_class(re.compile("on-rain"))
        tile.evaluate("tile => { tile.kept = true }")
        burden(settings, *town["label"], 60, "burden")
        expect(tile).to_have_class(re.compile("on-rain"))
        assert tile.evaluate("tile => tile.kept")
        page.close()
