"""The wall in real Chromium: every number opens its list, every colour its reason, changes come by themselves.

It waits for the map and for text, never for time, and asks the map what it drew, never for pixels.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looking import blank_page, open_wall
from tests.store.random_life import columns
from tests.web.conftest import PACKS, PLAIN, TOY
from tests.web.served import Served, serve
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Batch, Moves, Reports
from weathermap.issue.intake import take_in
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold

AXE = Path(__file__).parents[2] / "web/ui/node_modules/axe-core/axe.min.js"
LATE_DAYS = 5
TILES = "performance.getEntriesByType('resource').filter(e => e.name.includes('/tiles/')).length"

# Asks for the list of every number of the page; clicks each (or one of each panel and state), goes through the list
# that opens to its end, and tells what it found.
OPEN_EACH = """async (each) => {
  const until = async (ready) => {
    for (let tries = 0; tries < 2000; tries++) {
      const found = ready();
      if (found) return found;
      await new Promise((go) => setTimeout(go, 10));
    }
    throw new Error("waited in vain: " + ready);
  };
  const all = (what) => [...document.querySelectorAll(what)];
  const whole = (text) => Number(text.replaceAll(",", ""));
  const numbers = all('.column button[data-act="list"], .tableview button[data-act="list"]');
  const found = [];
  const kinds = new Set();
  for (const query of new Set(numbers.map((number) => number.dataset.query))) {
    const number = numbers.find((one) => one.dataset.query === query);
    const shown = whole(number.textContent);
    const kind = number.closest("section").className + new URLSearchParams(query).get("state");
    if (!each && kinds.has(kind)) {
      const { total } = await (await fetch(`/api/v1/issues?${query}&limit=1`)).json();
      found.push({ query, shown, total, listed: total, net: null });
      continue;
    }
    kinds.add(kind);
    number.click();
    const total = whole((await until(() => document.querySelector(".sheet:not([hidden]) h2 .great"))).textContent);
    const sheet = document.querySelector(".sheet");
    await until(() => {
      sheet.scrollTop = 1e6;
      return !sheet.querySelector("[data-more]") && sheet.querySelectorAll("[data-issue]").length >= total;
    });
    const net = sheet.querySelector(".net")?.textContent ?? "";
    found.push({ query, shown, total, listed: sheet.querySelectorAll("[data-issue]").length, net });
    sheet.querySelector('[data-act="close"]').click();
    await until(() => sheet.hidden);
  }
  return found;
}"""


def ask(page: Page, served: Served, path: str) -> Any:
    """What the API answers."""
    return page.request.get(f"{served.url}/api/v1/{path}").json()


def still(page: Page) -> None:
    """Wait until the map rests with all its tiles."""
    page.wait_for_function(
        "() => { const m = weathermap.map; return m.loaded() && m.areTilesLoaded() && !m.isMoving() }"
    )


def worn(page: Page, level: str, area: int) -> str:
    """The weather that an area wears on the map."""
    state = page.evaluate(
        "([level, id]) => weathermap.map.getFeatureState({source: `areas-${level}`, sourceLayer: level, id})",
        [level, area],
    )
    return str(state.get("sky", ""))


def number(of: Locator) -> int:
    return int(of.inner_text().replace(",", ""))


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "view",
    [
        f"city={TOY}",
        f"city={TOY}&lang=en",
        f"city={TOY}&by=responsibility",
        f"city={TOY}&level=zone",
        f"city={TOY}&area=town:%TOWN%",
        f"city={TOY}&table=1",
        f"city={PLAIN}",
    ],
)
def test_every_number_opens_a_list_of_its_length(browser: Browser, served: Served, view: str) -> None:
    page = blank_page(browser)
    board = ask(page, served, f"weather?city={TOY}")
    page.close()
    # one instant throughout: a view of now takes new numbers while the test goes through the old ones
    asked = f"{view.replace('%TOWN%', board['areas'][0]['code'])}&at={board['at']}"
    page = open_wall(browser, f"{served.url}/?{asked}")
    expect(page.locator(".trend .trendline")).to_be_attached()
    opened = page.evaluate(OPEN_EACH, view == f"city={TOY}")
    assert len(opened) > 12
    for figure in opened:
        listed, shown = figure["total"], figure["shown"]
        assert figure["listed"] == listed, figure
        if "from=" in figure["query"] and listed != shown:  # a net flow: what was taken back is said beside the list
            said = rf"{shown:,} = .*− [^0-9]*{listed - shown:,}([^0-9,]|$)"
            assert figure["net"] is None or re.search(said, figure["net"]), figure
        else:
            assert listed == shown, figure
    page.close()


def test_an_issue_of_a_list_tells_its_story(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}")
    page.locator('.totals [data-query*="state=notified"]').first.click()
    line = page.locator(".sheet [data-issue]").first
    story = ask(page, served, f"issues/{line.get_attribute('data-issue')}")
    line.locator("button").click()
    for event in story["events"]:
        expect(line.locator(".story")).to_contain_text(event["move_name"]["zh"])
    page.close()


def test_the_table_says_what_the_map_says(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}")
    page.keyboard.press("t")
    expect(page).to_have_url(re.compile("table=1"))
    board = ask(page, served, f"weather?city={TOY}")
    for area in board["areas"]:
        row = page.locator(f'.tableview tr[data-row="town:{area["code"]}"]')
        for value in (area["name"], f"{area['notified']:,}", f"{area['rectified']:,}", f"{area['due']:,}"):
            expect(row).to_contain_text(value)
        if area["why"]:
            expect(row).to_contain_text(area["why"]["sentence"]["zh"])
    page.keyboard.press("t")
    expect(page.locator(".tableview")).to_be_hidden()
    page.close()


# ── Panels ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_panels_say_what_the_api_says(browser: Browser, served: Served) -> None:
    page = blank_page(browser, 1920, 1080)
    at = ask(page, served, f"weather?city={TOY}")["at"]
    page.goto(f"{served.url}/?city={TOY}&at={at}")
    for panel, of, shown in (("works", "special", ("open", "overdue")), ("sources", "source", ("notified", "open"))):
        parts = ask(page, served, f"breakdown?city={TOY}&of={of}&at={at}")["parts"]
        for part in parts:
            if part["notified"] or of == "special":
                row = page.locator(f'.{panel} tr[data-key="{part["code"]}"]')
                expect(row).to_contain_text(part["name"])
                assert [text.replace(",", "") for text in row.locator("td").all_text_contents()[1:]] == [
                    str(part[name]) for name in shown
                ]
    days = ask(page, served, f"trend?city={TOY}&at={at}")["days"]
    assert page.locator(".trend .day").count() == len(days)
    heads = [number(figure) for figure in page.locator(".trend h2 .n").all()]
    assert heads == [sum(day[name] for day in days) for name in ("notified", "rectified")]
    for kind in ask(page, served, f"ranking?city={TOY}&at={at}")["kinds"]:
        for unit in kind["ranked"]:
            expect(page.locator(f'.rank tr[data-unit="{unit["unit"]}"]')).to_contain_text(f"{unit['rate']:.1%}")
    changes = [ask(page, served, f"changes?city={TOY}&level={level}&at={at}") for level in ("town", "community")]
    shown_changes = {row["code"] for found in changes for row in found["changes"]}
    assert {row.get_attribute("data-change") for row in page.locator("[data-change]").all()} == shown_changes
    page.close()


def test_one_place_shows_one_panel_and_one_column_shows_all(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}", 1920, 1080)
    tabs = page.locator("section:not(.behind) > h2 .tabs").filter(has=page.locator('[data-value="newest"]'))
    tabs.locator('[data-value="newest"]').click()
    expect(page.locator(".newest")).to_be_visible()
    expect(page.locator('.newest [data-value="newest"]')).to_be_focused()
    expect(page.locator(".urgent")).to_be_hidden()
    page.locator('.works .tabs [data-value="sources"]').click()
    expect(page.locator(".sources tbody tr").first).to_be_visible()
    expect(page.locator(".works")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    for panel in ("trend", "works", "sources", "list", "urgent", "newest"):
        expect(page.locator(f".column > .{panel}")).to_be_visible()
    page.close()


# ── Colours and their reasons ────────────────────────────────────────────────────────────────────────────────────────
def test_every_area_wears_its_weather_and_a_label_with_its_numbers(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}", 1920, 1080)
    for area in ask(page, served, f"weather?city={TOY}")["areas"]:
        assert worn(page, "town", area["id"]) == (area["weather"] or "")
        label = page.locator(f'[data-label="{area["code"]}"]')
        expect(label).to_contain_text(f"{area['open']:,} / {area['rectified']:,}")
        if area["weather"]:
            expect(label.locator(f'svg[data-sky="{area["weather"]}"]')).to_be_attached()
    page.close()


def test_a_chip_tells_why(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}&lang=en")
    area = next(area for area in ask(page, served, f"weather?city={TOY}")["areas"] if area["why"])
    page.locator(f'.list [data-row="town:{area["code"]}"] .chip').click()
    expect(page.locator(".why h2")).to_contain_text(area["name_en"] or area["name"])
    expect(page.locator(".why [data-gate]")).to_have_count(len(area["why"]["gates"]))
    if area["why"]["gate"] != "none":
        deciding = next(gate for gate in area["why"]["gates"] if gate["gate"] == area["why"]["gate"])
        expect(page.locator(".why .decides")).to_contain_text(deciding["limit_text"]["en"])
    if area["why"]["turn"]:
        expect(page.locator(".why .turn")).to_contain_text(area["why"]["turn"]["sentence"]["en"])
    clear = {"flow": "overdue", "stock": "overdue", "long_overdue": "long_overdue", "suspended": "suspended"}
    state = clear.get(area["why"]["gate"], "")
    found = ask(page, served, f"why?city={TOY}&level=town&code={area['code']}")["issues"].get(state)
    if found and found["total"]:  # the first issues to clear
        expect(page.locator(".why h3 .n")).to_have_text(str(found["total"]))
        expect(page.locator(".why .issues li").first).to_contain_text(found["first"][0]["category"]["name_en"])
    page.keyboard.press("Escape")
    expect(page.locator(".why")).to_be_hidden()
    page.close()


def test_by_responsibility_the_units_answer(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}")
    page.locator('[data-act="by"][data-value="responsibility"]').click()
    expect(page).to_have_url(re.compile("by=responsibility"))
    units = ask(page, served, f"weather?city={TOY}&level=unit&by=responsibility")["areas"]
    for unit in units:
        if unit["notified"]:
            expect(page.locator(f'.list [data-row="unit:{unit["code"]}"]')).to_contain_text(unit["name"])
    towns = {
        area["code"]: area["weather"] for area in ask(page, served, f"weather?city={TOY}&by=responsibility")["areas"]
    }
    for area in ask(page, served, f"areas?city={TOY}&level=town")["areas"]:
        assert worn(page, "town", area["id"]) == (towns.get(area["code"]) or "")
    page.close()


def test_cells_are_fetched_for_one_town_only_and_darken_by_their_count(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}", 1920, 1080)
    assert not page.evaluate("performance.getEntriesByType('resource').some(e => /level=cell|\\/cell\\//.test(e.name))")
    town = ask(page, served, f"weather?city={TOY}")["areas"][0]["code"]
    page.locator(f'.list [data-area="town:{town}"].go').click()
    expect(page.locator("nav.crumb")).to_be_visible()
    still(page)
    cells = ask(page, served, f"weather?city={TOY}&level=cell&parent={town}")["areas"]
    for cell in cells:
        state = page.evaluate(
            "id => weathermap.map.getFeatureState({source: 'areas-cell', sourceLayer: 'cell', id})", cell["id"]
        )
        assert (state["dark"] > 0) == (cell["open"] > 0)
    drawn = page.evaluate("weathermap.map.queryRenderedFeatures({layers: ['cell-count']}).map(f => f.properties.code)")
    assert set(drawn) == {cell["code"] for cell in cells}
    page.close()


# ── Ways about ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_keyboard_goes_everywhere(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    focused = page.evaluate("document.activeElement.closest('[data-row]').dataset.row")
    page.keyboard.press("w")
    expect(page.locator(".why h2")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"area={focused}"))
    page.keyboard.press("l")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.keyboard.press("Backspace")
    expect(page).not_to_have_url(re.compile("area="))
    page.close()


def test_a_click_on_the_map_goes_in_and_the_crumb_comes_back(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}", 1920, 1080)
    area = ask(page, served, f"areas?city={TOY}&level=town")["areas"][0]
    still(page)
    spot = page.evaluate("at => weathermap.map.project(at)", area["label"])
    page.locator(".map canvas.maplibregl-canvas").click(position={"x": spot["x"], "y": spot["y"] - 4}, force=True)
    expect(page).to_have_url(re.compile(f"area=town:{area['code']}"))
    expect(page.locator("h1")).to_have_text(area["name"])
    page.locator("nav.crumb button").first.click()
    expect(page).not_to_have_url(re.compile("area="))
    page.close()


def test_the_language_changes_without_touching_the_map(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}")
    page.evaluate("window.before = weathermap.map")
    tiles = page.evaluate(TILES)
    page.locator('[data-act="lang"]').click()
    expect(page.locator(".counts")).to_contain_text("Notified")
    assert page.evaluate("window.before === weathermap.map") and page.evaluate(TILES) == tiles
    page.close()


def test_an_unknown_area_and_an_unknown_city_are_answered_in_words(browser: Browser, served: Served) -> None:
    page = browser.new_page()
    page.goto(f"{served.url}/?city={TOY}&area=town:nowhere")
    expect(page.locator(".problem")).to_be_visible()
    page.locator('.problem [data-act="area"]').click()
    expect(page.locator(".problem")).to_be_hidden()
    page.goto(f"{served.url}/?city=nowhere")
    expect(page.locator(".problem")).to_contain_text(TOY)
    page.close()


# ── For everyone ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
@pytest.mark.parametrize("view", ["", "&lang=en", "&table=1", "&by=responsibility", "&area=town:%TOWN%"])
def test_axe_finds_nothing_serious(browser: Browser, served: Served, view: str, width: int, height: int) -> None:
    page = blank_page(browser, width, height)
    town = ask(page, served, f"weather?city={TOY}")["areas"][0]["code"]
    page.goto(f"{served.url}/?city={TOY}{view.replace('%TOWN%', town)}")
    expect(page.locator(".list tbody tr").first).to_be_attached()
    if view == "&lang=en":
        page.locator('.totals [data-act="list"]').first.click()
        expect(page.locator(".sheet [data-issue]").first).to_be_visible()
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [
        f"{v['id']}: {v['nodes'][0]['html'][:200]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert not serious, "\n".join(serious)
    page.close()


def test_a_phone_scrolls_only_downwards(browser: Browser, served: Served) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}&lang=en", 390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_the_page_keeps_its_own_security_policy(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})  # the policy in force, unlike elsewhere here
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    answer = page.goto(f"{served.url}/?city={TOY}")
    assert answer is not None and "default-src 'self'" in answer.headers["content-security-policy"]
    towns = ask(page, served, f"weather?city={TOY}")["areas"]
    expect(page.locator(".label.area")).to_have_count(len(towns))
    expect(page.locator(".stream")).to_contain_text("实时")
    assert not complaints
    page.close()


def test_script_and_style_stay_within_450_kb_gzipped() -> None:
    import gzip

    static = Path(__file__).parents[2] / "web/static"
    chunks = json.loads((static / "manifest.json").read_text())
    asked, seen = ["src/main.ts", "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs"], set()
    while asked:
        seen.add(name := asked.pop())
        asked += {*chunks[name].get("imports", ()), *chunks[name].get("dynamicImports", ())} - seen
    files = {name for chunk in map(chunks.get, seen) for name in (chunk["file"], *chunk.get("css", ()))}
    sizes = {name: len(gzip.compress((static / name).read_bytes())) for name in files if name.endswith((".js", ".css"))}
    assert sum(size for name, size in sizes.items() if "fonts" not in name) <= 450_000, sizes


# ── Live ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def burden(settings: Settings, lon: float, lat: float, many: int, seed: str, days: int = LATE_DAYS * 4) -> None:
    """Hand over `many` issues at a spot some days ago that nobody has seen to: by default they are overdue now."""
    engine = open_store(settings)
    pack = read_pack(PACKS / "toy")
    then = time.time_ns() // 1_000 - days * 86_400_000_000
    source, category = pack.sources[0].code, pack.categories[0].code
    rows: list[tuple[object, ...]] = [
        (source, f"{seed}-{k}", category, lon, lat, then, "", "", "", NONE, float("nan"), "", False)
        for k in range(many)
    ]
    reports = columns(Reports, rows)
    assert isinstance(reports, Reports)
    word = np.array(["", "dispatch"], dtype=object)
    moves = Moves(
        reports.source, reports.source_key, np.repeat(word[1:], many), np.full(many, then), np.repeat(word[:1], many),
        np.full(many, NONE), np.repeat(word[:1], many),
    )  # fmt: skip
    with engine.begin() as connection:
        take_in(connection, open_city(connection), Batch(reports, moves))
    fold(engine)
    engine.dispose()


def test_a_change_recolours_by_itself_and_fetches_no_shape(browser: Browser, alive: Settings) -> None:
    with serve(alive) as served:
        page = open_wall(browser, served.url, 1920, 1080)
        expect(page.locator(".stream")).to_contain_text("实时")
        still(page)
        tiles = page.evaluate(TILES)
        town = ask(page, served, "areas?level=town")["areas"][0]
        before = ask(page, served, "weather")
        expect(page.locator(".trend .day")).to_have_count(30)
        page.evaluate("window.drawn = [...document.querySelectorAll('.column section, .trend .day, .list tr')]")
        burden(alive, *town["label"], 60, "burden")
        expect(page.locator(".counts .n").first).to_have_text(f"{before['totals']['notified'] + 60:,}")
        page.wait_for_function(
            "id => weathermap.map.getFeatureState({source: 'areas-town', sourceLayer: 'town', id}).sky === 'rain'",
            arg=town["id"],
        )
        expect(page.locator(f'[data-label="{town["code"]}"] svg[data-sky="rain"]')).to_be_attached()
        expect(page.locator(".headline")).to_contain_text(town["name"])
        assert page.evaluate(TILES) == tiles
        assert page.evaluate("window.drawn.every(part => part.isConnected)")  # new numbers, the same parts: no flicker
        page.close()


def test_a_lost_stream_is_said_and_comes_back_by_itself(browser: Browser, alive: Settings) -> None:
    with serve(alive) as served:
        page = open_wall(browser, served.url, 1920, 1080)
        expect(page.locator(".stream")).to_contain_text("实时")
        port = int(served.url.rpartition(":")[2])
        served.process.kill()
        served.process.wait()
        page.clock.install()
        page.clock.fast_forward(12_000)
        expect(page.locator(".stream.aged")).to_contain_text("数据")
        page.clock.fast_forward(25_000)
        expect(page.locator(".stream.plate")).to_contain_text("连接中断")
        expect(page.locator(".counts .n").first).to_be_visible()  # the last numbers stay, said to be old
        page.clock.resume()
    burden(alive, 0.0, 0.0, 1, "while away")
    with serve(alive, port) as served:
        expect(page.locator(".stream.plate")).to_have_count(0, timeout=40_000)
        now = ask(page, served, "weather")["totals"]["notified"]
        expect(page.locator(".counts .n").first).to_have_text(f"{now:,}")
        page.close()


def test_an_empty_store_says_what_to_do_and_the_city_then_appears(browser: Browser, fresh: Settings) -> None:
    with serve(fresh) as served:
        page = browser.new_page()
        page.goto(f"{served.url}/?lang=en")
        expect(page.locator(".problem")).to_contain_text("weathermap city load")
        engine = open_store(fresh)
        with engine.begin() as connection:
            load_pack(connection, read_pack(PACKS / "toy"))
        fold(engine)
        engine.dispose()
        expect(page.locator("h1")).to_contain_text("Toytown", timeout=30_000)
        expect(page.locator(".problem")).to_be_hidden()
        page.close()
