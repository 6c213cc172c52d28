"""The inspectors' page in real Chromium: list, map, numbers and address in step, on a phone and on a desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import outside
from tests.many_points import fill, write_pack
from tests.web.served import Served, serve
from weathermap.store.db import open_store

AXE = Path(__file__).parents[2] / "web/ui/node_modules/axe-core/axe.min.js"
MANY = 2_000
IDLE = """() => { const { map, marks } = window.points ?? {};
  return map && map.loaded() && map.areTilesLoaded() && !map.isMoving() && !marks.pending }"""


@pytest.fixture(scope="module")
def served(clone: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = clone()
    engine = open_store(settings)
    fill(engine, write_pack(tmp_path_factory.mktemp("many") / "pack", MANY), 300)
    engine.dispose()
    with serve(settings) as running:
        yield running


def open_points(browser: Browser, served: Served, query: str = "", width: int = 1440, height: int = 900) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, bypass_csp=True)
    page.on("request", lambda asked: outside(asked.url))
    page.goto(f"{served.url}/points{query}")
    idle(page)
    return page


def idle(page: Page) -> None:
    page.wait_for_function(IDLE, timeout=60_000)


def ask(page: Page, served: Served, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = page.request.get(f"{served.url}/api/v1/points{query}").json()
    return found


def in_list(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator(".head h2").inner_text()))


def on_map(page: Page) -> int:
    """How many points the map's marks stand for, over the whole city."""
    idle(page)
    found = page.evaluate("() => window.points.marks.standing.reduce((sum, { points }) => sum + points.length, 0)")
    return int(found)


def test_every_filter_leaves_in_list_and_map_what_the_server_counts(browser: Browser, served: Served) -> None:
    page = open_points(browser, served)
    whole = ask(page, served)
    assert in_list(page) == on_map(page) == whole["total"] == MANY
    assert whole["visited"] < MANY and whole["overdue"] > 0
    page.locator('[data-act="visited"][data-value="no"]').click()
    expect(page).to_have_url(re.compile("visited=no"))
    assert in_list(page) == on_map(page) == ask(page, served, "?visited=no")["total"] == MANY - whole["visited"]
    page.locator('[data-act="state"][data-value="overdue"]').click()
    both = ask(page, served, "?visited=no&state=overdue")
    assert in_list(page) == on_map(page) == both["total"] > 0
    # a facet's number is what one finds after choosing it
    page.locator('[data-act="pick"][data-value="kind"]').click()
    option = page.locator("dialog.picker li button").nth(1)
    kind, expected = option.get_attribute("data-value"), int(option.locator("b").inner_text())
    option.click()
    assert in_list(page) == expected == ask(page, served, f"?visited=no&state=overdue&kind={kind}")["total"]
    page.go_back()
    expect(page).not_to_have_url(re.compile("kind="))
    assert in_list(page) == both["total"]
    page.close()


def test_town_then_community_narrow_and_colour_ones_own_area(browser: Browser, served: Served) -> None:
    page = open_points(browser, served)
    assert page.locator('[data-level="community"]').count() == 0
    page.locator('[data-act="pick"][data-level="town"]').click()
    option = page.locator("dialog.picker li button").nth(1)
    town = option.get_attribute("data-value")
    option.click()
    assert in_list(page) == ask(page, served, f"?area=town:{town}")["total"] < MANY
    page.wait_for_function("() => window.points.map.getLayer('own')")
    page.locator('[data-act="pick"][data-level="community"]').click()
    option = page.locator("dialog.picker li button").nth(1)
    community = option.get_attribute("data-value")
    option.click()
    assert (community or "").startswith(town or "-")
    assert in_list(page) == ask(page, served, f"?area=community:{community}")["total"]
    page.locator('[data-act="pick"][data-level="community"]').click()
    page.locator('dialog.picker li button[data-value=""]').click()
    expect(page).to_have_url(re.compile(f"area=town:{town}$"))
    page.close()


def test_search_finds_by_name_code_and_address_and_says_what_to_drop(browser: Browser, served: Served) -> None:
    page = open_points(browser, served, "?kind=D01")
    some = page.locator("[data-code]").first
    name, code = some.locator(".what b").inner_text(), some.get_attribute("data-code") or ""
    page.locator(".search").fill(name)
    expect(page.locator(f'[data-code="{code}"]')).to_be_visible()
    assert in_list(page) == 1
    page.locator(".search").fill(code.lower())
    expect(page.locator("[data-code]")).to_have_count(1)
    page.locator(".search").fill("no such point")
    expect(page.locator("[data-code]")).to_have_count(0)
    drop = page.locator('.empty [data-value="q"]')
    expect(drop).to_contain_text(str(ask(page, served, "?kind=D01")["total"]))
    drop.click()
    assert in_list(page) == ask(page, served, "?kind=D01")["total"]
    expect(page.locator(".search")).to_have_value("")
    page.close()


def test_the_list_holds_few_rows_and_all_points(browser: Browser, served: Served) -> None:
    page = open_points(browser, served, "?sort=name")
    assert page.locator("[data-code]").count() < 40
    first = page.locator("[data-code]").first
    first.locator("button").focus()
    page.keyboard.press("End")
    expect(page.locator(f'[aria-posinset="{MANY}"]')).to_be_visible()
    expect(page.locator(f'[aria-posinset="{MANY}"] button')).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator('[aria-posinset="1"] button')).to_be_focused()
    page.close()


def test_a_mark_and_its_row_are_one(browser: Browser, served: Served) -> None:
    page = open_points(browser, served, "?kind=D02&visited=no")
    row = page.locator("[data-code]").first
    code = row.get_attribute("data-code") or ""
    row.locator("button").click()
    expect(page).to_have_url(re.compile(f"point={code}"))
    expect(page.locator(".card h2")).to_be_focused()
    idle(page)
    spot = page.evaluate(
        """code => { const m = window.points.map, c = m.getContainer().getBoundingClientRect();
          const { points: [point] } = window.points.marks.standing.find(h => h.points[0].code === code);
          const p = m.project([point.lon, point.lat]); return {x: p.x + c.x, y: p.y + c.y} }""",
        code,
    )
    assert page.evaluate("window.points.marks.rings.map(({ code }) => code)") == [code]
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_be_hidden()
    expect(page.locator(f'[data-code="{code}"] button')).to_be_focused()
    page.mouse.move(spot["x"], spot["y"])
    expect(page.locator(f'[data-code="{code}"]')).to_have_class(re.compile("lit"))
    page.mouse.click(spot["x"], spot["y"])
    expect(page.locator(f'[data-code="{code}"]')).to_have_class(re.compile("chosen"))
    page.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_card_tells_what_the_server_knows(browser: Browser, served: Served, lang: str) -> None:
    page = open_points(browser, served, f"?state=overdue&lang={lang}", 390, 844)
    row = page.locator("[data-code]").first
    code = row.get_attribute("data-code")
    row.locator("button").click()
    story = page.request.get(f"{served.url}/api/v1/points/{code}").json()
    name = "name" if lang == "zh" else "name_en"
    card = page.locator(".card")
    expect(card.locator("h2")).to_have_text(story[name])
    expect(card.locator("[data-issue]")).to_have_count(story["issues"]["total"])
    for standard in story["standards"]:
        expect(card).to_contain_text(standard[name])
    expect(card).to_contain_text(story["unit"][name])
    go = card.locator("a.go").get_attribute("href") or ""
    assert go.startswith(f"geo:{story['lat']},{story['lon']}")
    page.close()


def test_only_what_is_in_the_map_when_asked(browser: Browser, served: Served) -> None:
    page = open_points(browser, served)
    page.evaluate("window.points.map.jumpTo({zoom: 15.5, center: [120.505, 24.99]})")
    idle(page)
    assert in_list(page) == MANY  # moving the map filters nothing by itself
    page.locator('[data-act="inView"]').click()
    inside = in_list(page)
    assert 0 < inside < MANY
    west, south, east, north = page.evaluate("window.points.map.getBounds().toArray().flat()")
    whole = ask(page, served)
    lon, lat = whole["fields"].index("lon"), whole["fields"].index("lat")
    assert inside == sum(west <= p[lon] <= east and south <= p[lat] <= north for p in whole["points"])
    expect(page).to_have_url(re.compile("in=map&map="))
    link = page.url
    page.goto(link)
    idle(page)
    expect(page.locator(".head h2")).to_contain_text(str(inside))
    page.close()


def test_nearest_first_needs_permission_and_says_so(browser: Browser, served: Served) -> None:
    page = open_points(browser, served)
    page.locator(".head select").select_option("distance")
    expect(page.locator(".trouble")).to_contain_text("允许")
    expect(page.locator(".head select")).to_have_value("visit")
    page.close()
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        permissions=["geolocation"],
        geolocation={"longitude": 120.505, "latitude": 24.99, "accuracy": 20},
    )
    page = context.new_page()
    page.goto(f"{served.url}/points?sort=distance")
    sides = page.locator("[data-code] .side b")
    expect(sides.first).to_contain_text("米")
    metres = [
        float(text.split()[0]) * (1000 if "公里" in text else 1) for text in sides.all_inner_texts() if "米" in text
    ]
    assert len(metres) > 5 and metres == sorted(metres)
    near = page.locator('[data-act="near"]')
    told = int(near.locator("b").inner_text())
    near.click()
    expect(page).to_have_url(re.compile("near=yes"))
    assert 0 < told == in_list(page) == on_map(page) < MANY
    assert all("公里" not in text for text in sides.all_inner_texts())
    context.close()


def test_without_the_server_the_points_stay_and_say_their_age(browser: Browser, served: Served) -> None:
    page = open_points(browser, served)
    page.context.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".trouble.bad")).to_contain_text("连不上服务器")
    page.locator('[data-act="visited"][data-value="no"]').click()
    assert 0 < in_list(page) < MANY
    expect(page.locator('.trouble [data-act="retry"]')).to_be_visible()
    page.context.set_offline(False)  # it comes back by itself
    expect(page.locator(".trouble")).to_be_hidden()
    page.close()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900)])
@pytest.mark.parametrize("query", ["", "?lang=en&point=P0001", "?q=nothing&visited=no"])
def test_axe_finds_nothing_serious_and_targets_are_for_fingers(
    browser: Browser, served: Served, query: str, width: int, height: int
) -> None:
    page = open_points(browser, served, query, width, height)
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [
        f"{v['id']}: {v['nodes'][0]['html'][:200]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert not serious, "\n".join(serious)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, a, select, input')].filter(e => e.checkVisibility())
          .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert not small
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
