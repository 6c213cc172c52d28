"""make bench-playback: a year replayed on the demo city, by the server and on the wall.

Server: a year of towns (and of communities, and 30 days of all cells) as one film, beside the same instants asked of
the board one after another; every frame of the towns is asserted to be its board. Wall: frames played fast that reached
the screen in a second, at town, community and cell level, in headless Chromium at 1920 × 1080. Each frame is asserted
to be the next instant, to wear its weather and to show its colours; beside that, what one costs the main thread in its
own time, which other work on the machine does not lengthen. Aims: 0.5 s, 2 s; 20 frames a second, 10 with cells.
"""

from __future__ import annotations

import math
import os
import time
from bisect import bisect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from etl.demo.run import run_demo
from tests.bench.database import bench_cluster, new_database
from tests.browser.looking import FLAGS
from tests.web.served import serve
from weathermap.settings import Settings, read_settings
from weathermap.store.catalog import Catalog, load_catalog
from weathermap.store.db import open_store
from weathermap.weather.board import board
from weathermap.weather.playback import LETTERS, Film, playback
from weathermap.weather.skies import CODES
from web.api.playback import days_of

ROOT = Path(__file__).parents[2]
SEED = 1
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
# Every frame leaves a mark in the trace, and what the picture wears and shows by then.
WATCHED = """
async ms => {
  const track = document.querySelector('.track'), { picture } = weathermap, frames = [];
  new MutationObserver(() => {
    const step = Number(track.getAttribute('aria-valuenow')), seen = picture.seen(8, frames.length % 8);
    if (!seen || step === frames.at(-1)?.step) return;
    performance.mark('frame');
    frames.push({ step, ...seen });
  }).observe(track, { attributes: true, attributeFilter: ['aria-valuenow'] });
  document.querySelector('.play').click();
  while (!frames.length) await new Promise(requestAnimationFrame);
  await new Promise(done => setTimeout(done, ms));
  const [first, last] = [0, frames.length];
  document.querySelector('.play').click();
  return frames.slice(first, last);
}
"""
UNWATCHED = """
async ms => {
  const track = document.querySelector('.track');
  let frames = 0;
  new MutationObserver(() => (frames += 1)).observe(track, { attributes: true, attributeFilter: ['aria-valuenow'] });
  await new Promise(done => setTimeout(done, ms));
  return frames;
}
"""


def best(run: Callable[[], Any], times: int = 3) -> float:
    """The shortest of some runs, seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


def server(settings: Settings) -> tuple[Catalog, float]:
    """The films, and the ratio of the boards' time to that of the towns' film."""
    engine = open_store(settings)
    with engine.connect() as connection:
        catalog = load_catalog(connection, None)
        now = datetime.now(UTC).replace(microsecond=0)
        town, community, *_, cell = catalog.levels[1:]
        year, month = (days_of(now - timedelta(days=n), now, catalog.timezone) for n in (364, 29))
        film = Film(town, None, "place", year, None)
        boards = best(lambda: [board(connection, catalog, film.asked(at)) for at in year], 1)
        took = best(lambda: playback(connection, catalog, film))
        found = playback(connection, catalog, film)["parts"][0]
        sky = dict(zip(LETTERS, CODES, strict=True))
        for step, at in enumerate(year):
            shown = board(connection, catalog, film.asked(at))["areas"]
            for i, area in enumerate(shown):
                assert sky.get(found["areas"]["weather"][i][step]) == area["weather"], (at, area["code"])
                assert found["areas"]["open"][i][step] == area["open"], (at, area["code"])
        print(f"{len(year)} days × {len(found['areas']['code'])} {town}: {took:.2f} s, one board each: {boards:.2f} s")
        for level, steps in ((community, year), (cell, month)):
            other = Film(level, None, "place", steps, None)
            n = len(catalog.areas[catalog.versions[-1][0], level])
            print(f"{len(steps)} days × {n:,} {level}: {best(lambda: playback(connection, catalog, other), 1):.2f} s")  # noqa: B023
    engine.dispose()
    return catalog, boards / took


def traced(browser: Browser, page: Page, run: Callable[[], Any]) -> tuple[Any, list[dict[str, Any]]]:
    """What `run` gives, and what the browser noted meanwhile of frames and of marks."""
    session, events, ended = browser.new_browser_cdp_session(), [], []
    session.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    session.on("Tracing.tracingComplete", lambda _: ended.append(True))
    session.send("Tracing.start", {"traceConfig": {"includedCategories": ["viz", "blink.user_timing"]}})
    found = run()
    session.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    return found, events


def presented(events: list[dict[str, Any]]) -> float:
    """Frames of the replay that reached the screen, a second: swaps that brought one that the swap before had not."""
    marks = sorted(e["ts"] for e in events if e["name"] == "frame")
    swaps = sorted(e["ts"] for e in events if e["name"] == "Display::FrameDisplayed" and e["ts"] > marks[0])
    newest = [bisect(marks, at) for at in swaps if at <= marks[-1]]
    return len(set(newest)) / (float(marks[-1] - marks[0]) / 1_000_000)


FILLS = {"sunny": "#E9B949", "cloudy": "#B3C2C9", "overcast": "#77858E", "rain": "#2A78C8", "unvisited": "#232B30"}


def check(film: dict[str, Any], frames: list[dict[str, Any]], cells: dict[str, Any] | None) -> None:
    """Each frame is the next instant, and its areas wear and show the weather of that instant."""
    part, sky = film["parts"][0], dict(zip(LETTERS, CODES, strict=True))
    number = {area: i for i, area in enumerate(part["areas"]["id"])}
    shown = set()
    for before, frame in zip([None, *frames], frames, strict=False):
        step = frame["step"]
        assert before is None or step == (before["step"] + 1) % part["steps"], (before and before["step"], step)
        for area in frame["areas"]:
            weather = sky.get(part["areas"]["weather"][number[area["id"]]][step])
            assert area["sky"] == weather, (step, area, weather)
            assert area["bolt"] == (part["areas"]["thunder"][number[area["id"]]][step] != "0"), (step, area)
            if area["colour"] and weather:
                far = off(area["colour"], weather, cells is not None)
                assert far < 32, (step, area, weather)  # patterns change it a little
                shown.add(area["id"])
        if cells:
            counted = sum(steps[step] > 0 for steps in cells["parts"][0]["areas"]["open"])
            assert frame["dark"] == counted, (step, frame["dark"], counted)
    assert shown


def off(colour: list[int], weather: str, cells: bool) -> float:
    """How far a colour is from a weather's fill, or where cells darken it from the nearest of its shades."""
    shades = (0.0, 0.12, 0.24, 0.36) if cells else (0.0,)
    fill = [int(FILLS[weather][i : i + 2], 16) for i in (1, 3, 5)]
    distances = [[a * (1 - shade) + 20 * shade - b for a, b in zip(fill, colour, strict=True)] for shade in shades]
    return min(math.hypot(*each) for each in distances)


def wall(browser: Browser, url: str, what: str, level: str, cells: str | None = None) -> None:
    """Frames presented in a second when played fast, each one right; and what one costs the main thread."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    page.wait_for_function(
        "() => window.weathermap?.map?.loaded() && document.querySelector('.track')", timeout=120_000
    )
    page.locator('[data-act="pace"][data-value="2"]').evaluate("button => button.click()")
    frames, events = traced(browser, page, lambda: page.evaluate(WATCHED, SECONDS * 1000))

    def film(of: str) -> dict[str, Any]:
        address = next(each for each in asked if "/playback?" in each and f"level={of}" in each)
        return dict(page.evaluate("address => fetch(address).then(answer => answer.json())", address))

    check(film(level), frames, film(cells) if cells else None)
    page.wait_for_function("() => !weathermap.picture.on")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.locator(".play").evaluate("button => button.click()")
    page.wait_for_function("() => weathermap.picture.seen()")

    def busy() -> float:
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        return float(metrics["TaskDuration"])

    before = busy()
    shown = page.evaluate(UNWATCHED, SECONDS * 1000)
    each = (busy() - before) / max(shown, 1) * 1000
    print(f"{what}: {presented(events):.1f} frames a second on the screen, each the next ({len(frames)} in a row);")
    print(f"  {each:.1f} ms of the main thread each")
    page.close()


def main() -> None:
    city = ROOT / "gis_data" / (ROOT / "gis_data" / "default.txt").read_text(encoding="utf-8").strip()
    with bench_cluster() as cluster:
        settings = replace(read_settings({}), database_url=new_database(cluster, "playback"), log_level="WARNING")
        run_demo(settings, city, SEED, None, False, 1)
        catalog, ratio = server(settings)
        town = catalog.areas[catalog.versions[-1][0], catalog.levels[1]][0]
        with serve(settings) as served, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
            _, towns, communities, *_, cells = catalog.levels
            wall(browser, f"{served.url}/?days=365", "towns", towns)
            wall(browser, f"{served.url}/?days=365&level={communities}", "communities", communities)
            wall(browser, f"{served.url}/?area={town.level}:{town.code}", "a town with its cells", communities, cells)
            wall(browser, f"{served.url}/?level={cells}", "all cells", towns, cells)
            browser.close()
    print(f"ratio: {ratio:.1f}  (a board each ÷ one film, a year of towns)")


if __name__ == "__main__":
    main()
