"""make bench-day: a wall's days at speed. What the browser holds after each, garbage collected: it must not grow.

The clock of the page is turned on a minute at a time; every minute the wall refreshes, opens its stream anew, and its
tour goes on a stop. There is no peer: `ratio: X` is the heap after the last day ÷ after the first.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench.database import bench_cluster, new_database
from tests.browser.day import measure, open_devtools, pass_time
from tests.browser.looking import FLAGS
from tests.store.random_life import life
from tests.web.served import serve
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.settings import read_settings
from weathermap.store.cities import load_pack
from weathermap.store.db import connect_engine
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold

DAYS = int(os.environ.get("BENCH_DAYS", "3"))
STEP = int(os.environ.get("BENCH_STEP", "1"))  # minutes
TOY = Path(__file__).parents[1] / "packs" / "toy"


def main() -> None:
    with bench_cluster() as cluster, tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = new_database(cluster, "day")
        engine = connect_engine(url, pool=4)
        pack = read_pack(TOY)
        with engine.begin() as connection:
            load_pack(connection, pack)
            for batch in life(pack, 11, 200, time.time_ns() // 1_000):
                take_in(connection, open_city(connection), batch)
        fold(engine)
        settings = replace(read_settings({}), database_url=url, data_dir=Path(folder), log_level="WARNING")
        with serve(settings) as served:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
            page = browser.new_page(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
            page.clock.install()
            page.goto(f"{served.url}/?tour=12")
            page.wait_for_selector(".tour li.here", timeout=60_000)
            devtools = open_devtools(page)
            pass_time(page, 6 * 60, 15, 150)
            heaps = []
            for day in range(DAYS + 1):
                if day:
                    pass_time(page, 24 * 60, STEP)
                held = measure(page, devtools)
                heaps.append(held.heap)
                print(f"after day {day}: {held}", flush=True)
                assert held.nodes < 3_000 and held.listeners < 150
            browser.close()
        engine.dispose()
    print(f"ratio: {heaps[-1] / heaps[1]:.2f}  (heap after day {DAYS} ÷ after day 1)")


if __name__ == "__main__":
    main()
