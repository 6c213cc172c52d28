"""make bench-playback: a year replayed on the demo city, by the server and on the wall.

Server: a year of towns (and of communities, and 30 days of all cells) as one film, beside the same instants asked of
the board one after another; every frame of the towns is asserted to be its board. Wall: frames shown in a second when
played fast at town, community and cell level, in headless Chromium at 1920 × 1080, and what a frame costs the main
thread in its own time, which other work on the machine does not lengthen. Aims: 0.5 s, 2 s; 20 frames a second, 10
with cells.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

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
PLAY = """
async ms => {
  const track = () => document.querySelector('.track').getAttribute('aria-valuenow');
  const { map } = weathermap;
  let last = null, frames = 0;
  map.on('render', () => { if (track() !== last) { last = track(); frames += 1; } });
  document.querySelector('.play').click();
  await new Promise(done => setTimeout(done, 1000));
  const [from, start] = [performance.now(), frames];
  await new Promise(done => setTimeout(done, ms));
  return [(frames - start) / (performance.now() - from) * 1000, frames];
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


def wall(browser: Browser, url: str, what: str) -> None:
    """Frames a second when played fast, and what one costs the main thread."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(url)
    page.wait_for_function(
        "() => window.weathermap?.map?.loaded() && document.querySelector('.track')", timeout=120_000
    )
    page.locator('[data-act="pace"][data-value="2"]').evaluate("button => button.click()")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        return float(metrics["TaskDuration"])

    before = busy()
    rate, frames = page.evaluate(PLAY, SECONDS * 1000)
    each = (busy() - before) / max(frames, 1) * 1000
    assert frames > 0
    print(f"{what}: {rate:.1f} frames a second, {each:.1f} ms of the main thread each (room for {1000 / each:.0f})")
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
            wall(browser, f"{served.url}/?days=365", "towns")
            wall(browser, f"{served.url}/?days=365&level={catalog.levels[2]}", "communities")
            wall(browser, f"{served.url}/?area={town.level}:{town.code}", "a town with its cells")
            wall(browser, f"{served.url}/?level={catalog.levels[-1]}", "all cells")
            browser.close()
    print(f"ratio: {ratio:.1f}  (a board each ÷ one film, a year of towns)")


if __name__ == "__main__":
    main()
