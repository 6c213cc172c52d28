"""The map itself in real Chromium: marks of issues and points, arrows among areas, cells of the whole city."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import blank_page, open_wall
from tests.browser.test_wall import ask, burden, still
from tests.web.conftest import PACKS
from tests.web.served import Served, serve
from weathermap.city.reading import read_pack
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.tally.fold import fold

MARKS = (
    "(weathermap.map?.getLayer('marks') ? weathermap.map.queryRenderedFeatures({layers: ['marks']}) : [])"
    ".map(f => ({...f.properties, at: f.geometry.coordinates}))"
)
TOGETHER, ALONE = 3, 1


@pytest.fixture(scope="module")
def spots() -> list[tuple[float, float]]:
    """Two places of one community, some hundred metres from each other."""
    cells = read_pack(PACKS / "toy").areas["cell"]
    own = [
        geom.representative_point()
        for geom, up in zip(cells.geoms, cells.parents, strict=True)
        if up == cells.parents[0]
    ]
    return [(own[0].x, own[0].y), (own[-1].x, own[-1].y)]


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings], spots: list[tuple[float, float]]) -> Settings:
    """A store with a few issues of one community, all overdue."""
    settings = clone()
    engine = open_store(settings)
    with engine.begin() as connection:
        load_pack(connection, read_pack(PACKS / "toy"))
    fold(engine)
    engine.dispose()
    burden(settings, *spots[0], TOGETHER, "together")
    burden(settings, *spots[1], ALONE, "alone")
    return settings


@pytest.fixture(scope="module")
def served(settings: Settings) -> Iterator[Served]:
    with serve(settings) as running:
        yield running


def community(page: Page, served: Served) -> dict[str, Any]:
    """The one with the issues."""
    areas = ask(page, served, "weather?level=community")["areas"]
    found: dict[str, Any] = max(areas, key=lambda area: area["open"])
    return found


def marks(page: Page, wanted: int) -> list[dict[str, Any]]:
    """The marks on the map as soon as they stand for `wanted` issues."""
    page.wait_for_function(f"n => {MARKS}.reduce((sum, f) => sum + (f.all ?? f.n), 0) === n", arg=wanted)
    found: list[dict[str, Any]] = page.evaluate(MARKS)
    return found


def test_marks_stand_for_every_open_issue_and_open_it(browser: Browser, served: Served) -> None:
    page = blank_page(browser, 1920, 1080)
    code = community(page, served)["code"]
    page.goto(f"{served.url}/?area=community:{code}")
    found = marks(page, TOGETHER + ALONE)
    heap = next(mark for mark in found if mark.get("cluster"))
    alone = next(mark for mark in found if not mark.get("cluster"))
    assert (heap["all"], heap["late"], alone["late"]) == (TOGETHER, TOGETHER, ALONE)
    still(page)
    at = page.evaluate("at => weathermap.map.project(at)", alone["at"])
    page.locator(".map canvas.maplibregl-canvas").click(position=at, force=True)
    expect(page.locator(".sheet [data-issue]")).to_have_count(1)
    number = page.locator(".sheet [data-issue]").get_attribute("data-issue")
    assert ask(page, served, f"issues/{alone['id']}")["number"] == number
    page.close()


def test_a_past_second_has_its_marks_too(browser: Browser, served: Served) -> None:
    page = blank_page(browser, 1920, 1080)
    code = community(page, served)["code"]
    at = ask(page, served, "weather")["at"]
    page.goto(f"{served.url}/?area=community:{code}&at={at}")
    marks(page, TOGETHER + ALONE)
    assert not page.evaluate("!!weathermap.map.getSource('issues')")
    page.close()


def test_a_new_issue_gets_its_mark_without_a_reload(
    browser: Browser, served: Served, settings: Settings, spots: list[tuple[float, float]]
) -> None:
    page = blank_page(browser, 1920, 1080)
    found = community(page, served)
    page.goto(f"{served.url}/?area=community:{found['code']}")
    marks(page, found["open"])
    expect(page.locator(".stream")).to_contain_text("实时")
    middle = [(a + b) / 2 for a, b in zip(*spots, strict=True)]
    burden(settings, *middle, 1, "fresh", days=0)
    marks(page, found["open"] + 1)
    page.close()


def test_a_point_says_what_is_open_there_and_when_it_was_visited(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?lang=en", 1920, 1080)
    asked = ask(page, served, "points")
    row = dict(zip(asked["fields"], asked["points"][0], strict=True))
    level = asked["levels"].index("community")
    page.goto(f"{served.url}/?lang=en&area=community:{row['areas'][level]}")
    page.wait_for_function(
        "weathermap.map?.getLayer('points') && weathermap.map.queryRenderedFeatures({layers: ['points']}).length > 0"
    )
    still(page)
    drawn = page.evaluate("weathermap.map.queryRenderedFeatures({layers: ['points']}).map(f => f.properties)")
    assert {"code": row["code"], "image": "point-unvisited"}.items() <= next(
        p for p in drawn if p["code"] == row["code"]
    ).items()
    at = page.evaluate("at => weathermap.map.project(at)", [row["lon"], row["lat"]])
    page.locator(".map canvas.maplibregl-canvas").hover(position=at, force=True)
    expect(page.locator(".tip")).to_have_text(row["name_en"])
    page.locator(".map canvas.maplibregl-canvas").click(position=at, force=True)
    expect(page.locator(".card h3")).to_have_text(row["name_en"])
    expect(page.locator(".card")).to_contain_text("Not visited")
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_be_hidden()
    page.close()


def test_arrows_walk_the_map_enter_goes_in_and_plus_comes_nearer(browser: Browser, served: Served) -> None:
    page = open_wall(browser, served.url, 1920, 1080)
    still(page)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".map")).to_be_focused()
    towns = ask(page, served, "areas?level=town")["areas"]
    lit = "id => weathermap.map.getFeatureState({source: 'areas-town', sourceLayer: 'town', id}).hover === 1"
    first = [town for town in towns if page.evaluate(lit, town["id"])]
    assert len(first) == 1
    west_to_east = sorted(towns, key=lambda town: town["label"][0])
    for key in ["ArrowLeft"] * len(towns) + ["ArrowRight"]:
        page.keyboard.press(key)
    standing = next(town for town in towns if page.evaluate(lit, town["id"]))
    assert standing["label"][0] > west_to_east[0]["label"][0] or len(towns) == 1
    before = page.evaluate("weathermap.map.getZoom()")
    page.keyboard.press("+")
    page.wait_for_function("before => weathermap.map.getZoom() > before + 0.9", arg=before)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(standing["name"])
    expect(page.locator(".locator path.lit")).to_have_count(1)
    page.keyboard.press("Backspace")
    expect(page.locator(".locator path")).to_have_count(0)
    page.close()


def test_all_cells_of_the_city_are_drawn_and_counted_over_the_towns_weather(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?level=cell", 1920, 1080)
    still(page)
    cells = ask(page, served, "weather?level=cell")["areas"]
    drawn = page.evaluate("weathermap.map.queryRenderedFeatures({layers: ['cell-count']}).map(f => f.properties.code)")
    assert set(drawn) == {cell["code"] for cell in cells}
    for cell in cells:
        state = page.evaluate(
            "id => weathermap.map.getFeatureState({source: 'areas-cell', sourceLayer: 'cell', id})", cell["id"]
        )
        assert (state["open"], state["dark"] > 0) == (cell["open"], cell["open"] > 0)
    for town in ask(page, served, "weather?level=town")["areas"]:
        state = page.evaluate(
            "id => weathermap.map.getFeatureState({source: 'areas-town', sourceLayer: 'town', id})", town["id"]
        )
        assert state["sky"] == (town["weather"] or "")
    page.close()
