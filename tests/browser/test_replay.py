"""The time line in real Chromium: a past day on the map is the board of that day, by hand, by keys and by address."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import open_wall
from tests.browser.test_wall import ask, number, worn
from tests.store.random_life import life
from tests.store.test_late import other, told
from tests.web.conftest import PACKS, TOY
from tests.web.served import Served, serve
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold
from weathermap.weather.playback import LETTERS
from weathermap.weather.skies import CODES

DAY_S = 86_400
MOVED = """
() => {
  const { map, picture } = weathermap;
  return map?.loaded() && map.areTilesLoaded() && !map.isMoving() && !picture.on;
}
"""


@pytest.fixture(scope="module")
def served(clone: Callable[..., Settings]) -> Iterator[Served]:
    """A city live since nine days, part of whose records came days late."""
    settings = clone()
    engine = open_store(settings)
    pack, now = other(read_pack(PACKS / "toy"), coverage=False), int(time.time())
    with engine.begin() as connection:
        load_pack(connection, pack)
        city = open_city(connection, pack.config.code)
        recorded = [(now - days * DAY_S) * 1_000_000 for days in (9, 4, 1)]
        early = told(life(pack, 21, 300, recorded[0]), recorded)
        for at, part in zip(recorded, early, strict=True):
            take_in(connection, city, part, at)
        for part in told(life(pack, 6, 150, now * 1_000_000), [now * 1_000_000] * 3):
            take_in(connection, city, part)
    fold(engine)
    engine.dispose()
    with serve(settings) as running:
        yield running


def open_line(browser: Browser, url: str, width: int = 1440, height: int = 900) -> Page:
    page = open_wall(browser, url, width, height)
    expect(page.locator("[data-track]")).to_be_visible()
    return page


def shows(page: Page, served: Served, at: str, as_: str = "looked", level: str = "town") -> dict[str, Any]:
    """Wait until the wall rests at an instant; its map, labels and totals are those of the board."""
    expect(page).to_have_url(re.compile(re.escape(at).replace(":", "(:|%3A)")))
    page.wait_for_function(MOVED)
    board: dict[str, Any] = ask(page, served, f"weather?city={TOY}&level={level}&at={at}&as={as_}")
    totals = board["totals"]
    for name in ("notified", "rectified", "open"):
        figure = page.locator(f'.totals .counts [data-query*="state={name}"]')
        expect(figure).to_have_text(f"{totals[name]:,}")
    expect(page.locator(".sentence")).to_have_text(totals["sentence"]["zh"])
    for area in board["areas"]:
        assert worn(page, level, area["id"]) == (area["weather"] or ""), area["code"]
        label = page.locator(f'[data-label="{area["code"]}"] .figures')
        if label.count():
            expect(label).to_have_text(f"{area['open']:,} / {area['rectified']:,}")
    return board


def test_a_dragged_day_is_the_board_of_that_day_and_now_is_a_key_away(browser: Browser, served: Served) -> None:
    page = open_line(browser, f"{served.url}/?city={TOY}", 1920, 1080)
    film = ask(page, served, f"playback?city={TOY}")
    track = page.locator("[data-track]")
    steps = len(film["at"])
    expect(track).to_have_attribute("aria-valuenow", str(steps))
    row = page.locator(".track .row").bounding_box()
    assert row is not None

    def middle(step: int) -> tuple[float, float]:
        return row["x"] + row["width"] * (step + 0.5) / steps, row["y"] + row["height"] / 2

    page.mouse.move(*middle(steps - 2))
    page.mouse.down()
    page.mouse.move(*middle(steps - 6), steps=4)
    page.mouse.up()
    expect(track).to_have_attribute("aria-valuenow", str(steps - 6))
    expect(page.locator(".clock.past")).to_be_visible()
    shows(page, served, film["at"][steps - 6])
    for key, step in (("ArrowRight", steps - 5), ("Home", 0), ("ArrowLeft", 0), ("PageUp", 3)):
        track.press(key)
        expect(track).to_have_attribute("aria-valuenow", str(step))
    shows(page, served, film["at"][3])
    # what changed colour is named with the events that did it; each number opens a list of its length
    level, found = next(
        (level, at)
        for level in ("town", "community", "zone")
        for before, at in zip(film["at"][-2::-1], film["at"][:0:-1], strict=True)
        for change in ask(page, served, f"changes?city={TOY}&level={level}&from={before}&at={at}&events=3")["changes"]
        if any(turned["total"] for turned in change["events"])
    )
    page.goto(f"{served.url}/?city={TOY}&level={level}&at={found}")
    expect(page.locator(".caption")).to_contain_text("→")
    figure = page.locator(".changed .events .n").first
    total = number(figure)
    figure.click()
    expect(page.locator(".sheet h2 .great")).to_have_text(f"{total:,}")
    expect(page.locator(".sheet [data-issue]")).to_have_count(min(total, 50))
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("at="))
    expect(page.locator("[data-track]")).to_have_attribute("aria-valuetext", "现在")
    page.close()


def test_as_it_looked_and_as_it_is_known_are_two_days(browser: Browser, served: Served) -> None:
    page = open_line(browser, f"{served.url}/?city={TOY}", 1920, 1080)
    looked, known = (ask(page, served, f"playback?city={TOY}&as={as_}") for as_ in ("looked", "known"))
    pairs = zip(looked["parts"][0]["totals"]["open"][0], known["parts"][0]["totals"]["open"][0], strict=True)
    step = next(k for k, (then, today) in enumerate(pairs) if then != today)
    page.goto(f"{served.url}/?city={TOY}&at={looked['at'][step]}")
    before = shows(page, served, looked["at"][step])
    page.locator('[data-act="as"][data-value="known"]').click()
    expect(page).to_have_url(re.compile("as=known"))
    after = shows(page, served, looked["at"][step], "known")
    assert before["totals"]["open"] != after["totals"]["open"]
    figure = page.locator('.totals .counts [data-query*="state=open"]')
    for board in (after, before):  # the list of either is as long as its number
        figure.click()
        expect(page.locator(".sheet h2 .great")).to_have_text(f"{board['totals']['open']:,}")
        page.keyboard.press("Escape")
        page.locator('[data-act="as"][data-value="looked"]').click()
        expect(page).not_to_have_url(re.compile("as=known"))
        shows(page, served, looked["at"][step])
    page.close()


def test_a_replay_wears_its_frames_without_a_request_each(browser: Browser, served: Served) -> None:
    page = open_line(browser, f"{served.url}/?city={TOY}&days=90")
    film = ask(page, served, f"playback?city={TOY}&from={ask(page, served, f'playback?city={TOY}')['at'][0]}")
    official = datetime.now(ZoneInfo("Asia/Shanghai")).hour >= 8  # before 08:00 today has no colour yet
    assert len(film["at"]) == (30 if official else 29)
    page.locator('[data-act="pace"][data-value="2"]').evaluate("button => button.click()")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".play").click()
    track = page.locator("[data-track]")
    expect(track).to_have_attribute("aria-valuenow", re.compile(r"^[3-8]\d$"), timeout=60_000)
    assert [url for url in asked if "/api/" in url] == []
    page.locator(".play").click()
    page.wait_for_function("() => new URLSearchParams(location.search).has('at')")
    at = page.evaluate("() => new URLSearchParams(location.search).get('at')")
    shows(page, served, at)
    page.close()


FILLS = {"sunny": "#e9b949", "cloudy": "#b3c2c9", "overcast": "#77858e", "rain": "#2a78c8", "unvisited": "#232b30"}
PLAYED = """
() => new Promise(done => {
  const track = document.querySelector('.track'), { picture, map } = weathermap, frames = [];
  const label = element => [
    element.dataset.label,
    element.querySelector('.mark .glyph')?.dataset.sky ?? null,
    element.querySelector('.figures')?.textContent ?? null,
  ];
  const labels = () => [...document.querySelectorAll('.label.area')].map(label);
  new MutationObserver((_, watch) => {
    const seen = picture.seen();
    if (!seen) return;
    frames.push({ step: Number(track.getAttribute('aria-valuenow')), ...seen, labels: labels() });
    if (frames.length < 28) return;
    watch.disconnect();
    document.querySelector('.play').click();
    const canvas = document.querySelector('canvas.picture');
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const compare = () => {
      if (picture.on) return requestAnimationFrame(compare);
      map.redraw();
      const drawn = map.getCanvas(), pen = new OffscreenCanvas(drawn.width, drawn.height).getContext('2d');
      pen.drawImage(drawn, 0, 0);
      const other = pen.getImageData(0, 0, drawn.width, drawn.height).data;
      let [all, unlike] = [0, 0];
      for (let i = 0; i < pixels.length; i += 4) {
        if (pixels[i + 3] < 255) continue;
        all += 1;
        unlike += [0, 1, 2].some(k => Math.abs(pixels[i + k] - other[i + k]) > 40);
      }
      done({ frames, all, unlike });
    };
    compare();
  }).observe(track, { attributes: true, attributeFilter: ['aria-valuenow'] });
  document.querySelector('.play').click();
})
"""


@pytest.mark.parametrize("level", ["town", "community"])
def test_each_frame_played_shows_its_day_and_the_map_at_rest_is_its_last(
    browser: Browser, served: Served, level: str
) -> None:
    """Colour, pattern, sign and figures of a frame are those of its instant; at rest no pixel gives the change away."""
    page = open_line(browser, f"{served.url}/?city={TOY}&level={level}", 1920, 1080)
    film = ask(page, served, f"playback?city={TOY}&level={level}")
    areas = film["parts"][0]["areas"]
    sky = dict(zip(LETTERS, CODES, strict=True))
    page.locator('[data-act="pace"][data-value="2"]').evaluate("button => button.click()")
    played = page.evaluate(PLAYED)
    assert [frame["step"] for frame in played["frames"]] == list(range(28))
    colours = set()
    look = {area: i for i, area in enumerate(areas["id"])}
    for frame in played["frames"]:
        assert {area["id"] for area in frame["areas"]} == set(look)
        for area in frame["areas"]:
            weather = sky.get(areas["weather"][look[area["id"]]][frame["step"]])
            assert area["sky"] == weather
            if area["colour"] and weather:
                assert min(FILLS, key=lambda name: off(FILLS[name], area["colour"])) == weather
                colours.add(weather)
        for code, sign, figures in frame["labels"]:
            i = areas["code"].index(code)
            assert sign == sky.get(areas["weather"][i][frame["step"]])
            open_, rectified = areas["open"][i][frame["step"]], areas["rectified"][i][frame["step"]]
            assert figures in (None, f"{open_:,} / {rectified:,}")
    assert len(colours) > (level == "community")
    assert played["unlike"] < played["all"] / 1000, played["unlike"]
    page.close()


def off(fill: str, colour: list[int]) -> float:
    return math.dist([int(fill[i : i + 2], 16) for i in (1, 3, 5)], colour)


def test_moving_the_map_while_it_plays_shows_the_map_itself_and_then_goes_on(browser: Browser, served: Served) -> None:
    page = open_line(browser, f"{served.url}/?city={TOY}&days=90", 1920, 1080)
    page.locator('[data-act="pace"][data-value="1"]').evaluate("button => button.click()")
    page.locator(".play").click()
    page.wait_for_function("() => weathermap.picture.seen()")
    before = {area["id"]: area["colour"] for area in page.evaluate("weathermap.picture.seen()")["areas"]}
    page.evaluate("() => { weathermap.map.zoomTo(weathermap.map.getZoom() + 1, { duration: 300 }) }")
    page.wait_for_function("() => weathermap.map.isMoving() && !weathermap.picture.on")
    page.wait_for_function("() => !weathermap.map.isMoving() && weathermap.picture.seen()")
    seen = page.evaluate("weathermap.picture.seen()")["areas"]
    assert 0 < len(seen) <= len(before)
    page.locator(".list .n").first.click()  # a list opened on the way does not stop it
    expect(page.locator(".sheet h2")).to_be_visible()
    step = page.locator("[data-track]").get_attribute("aria-valuenow")
    expect(page.locator("[data-track]")).not_to_have_attribute("aria-valuenow", str(step))
    assert page.evaluate("weathermap.picture.on")
    page.close()


def test_tiles_without_borders_wear_each_frame_too(browser: Browser, served: Served) -> None:
    page = open_line(browser, f"{served.url}/?city={TOY}&level=community&view=cartogram", 1920, 1080)
    film = ask(page, served, f"playback?city={TOY}&level=community")
    areas, sky = film["parts"][0]["areas"], dict(zip(LETTERS, CODES, strict=True))
    worn = page.evaluate(
        """() => new Promise(done => {
          const track = document.querySelector('.track'), frames = [];
          new MutationObserver((_, watch) => {
            const tiles = [...document.querySelectorAll('.cartogram .tile')]
              .map(tile => [tile.dataset.tile.split(':')[1], tile.className.match(/on-(\\w+)/)[1]]);
            frames.push([Number(track.getAttribute('aria-valuenow')), Object.fromEntries(tiles)]);
            if (frames.length === 28) { watch.disconnect(); done(frames); }
          }).observe(track, { attributes: true, attributeFilter: ['aria-valuenow'] });
          document.querySelector('[data-act="pace"][data-value="2"]').click();
          document.querySelector('.play').click();
        })"""
    )
    for step, tiles in worn:
        days = zip(areas["code"], areas["weather"], strict=True)
        assert tiles == {code: sky.get(letters[step], "none") for code, letters in days}
    assert [step for step, _ in worn] == list(range(28))
    page.close()


def test_with_reduced_motion_every_press_is_one_day(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce", bypass_csp=True)
    page.goto(f"{served.url}/?city={TOY}&lang=en")
    track = page.locator("[data-track]")
    expect(track).to_have_attribute("aria-valuetext", "now", timeout=30_000)
    track.press("Home")
    for step in (1, 2):
        page.locator(".play").click()
        expect(track).to_have_attribute("aria-valuenow", str(step))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_what_falls_due_opens_its_list(browser: Browser, served: Served) -> None:
    page = open_line(browser, f"{served.url}/?city={TOY}")
    ahead = ask(page, served, f"ahead?city={TOY}")
    assert ahead["total"] > 0
    page.locator(".ahead .head .n").click()
    expect(page.locator(".sheet h2 .great")).to_have_text(str(number(page.locator(".ahead .head .n"))))
    page.close()
