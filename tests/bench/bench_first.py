"""make bench-first: the first opening of the pages that phones open, on a slow line and a slow phone, nothing cached.

/snap at 360 px on “slow 3G” (2 s to and fro, 50 kB/s), the inspectors' and leaders' pages at 390 px on “fast 3G”
(0.56 s, 180 kB/s), as Chromium's own tools name them, all at 4× CPU throttling. Usable: the script of /snap stands
and takes a photo; the list of points is there; the brief's headline stands. Prints bytes over the line until then
and after all came, and seconds until something is seen and until it is usable (median of TIMES). `ratio`: the aim
(150 kB before the map) to what /snap needs. Asserts that each page becomes usable.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.bench.database import bench_cluster, new_database
from tests.browser.looking import FLAGS
from tests.many_points import fill, write_pack
from tests.web.hand import PASSWORD
from tests.web.served import serve
from weathermap.people.accounts import create_account
from weathermap.settings import read_settings
from weathermap.store.catalog import find_city
from weathermap.store.db import connect_engine

AIM_BYTES = 150_000
TIMES = int(os.environ.get("BENCH_TIMES", "3"))
SLOW, FAST = (2_000, 50_000), (562, 180_000)  # ms to and fro, bytes a second
PAGES = (
    ("/snap", 360, SLOW, "html.scripted .shoot"),
    ("/street", 390, FAST, ".rows li"),
    ("/points", 390, FAST, ".rows li"),
    ("/brief", 390, FAST, "main h1"),
)
WATCH = """selector => addEventListener('DOMContentLoaded', function look() {
  if (document.querySelector(selector)) window.usableAt = performance.now(); else requestAnimationFrame(look);
})"""


def first(browser: Browser, url: str, path: str, width: int, line: tuple[int, int], ready: str) -> list[float]:
    """(seconds until something is seen, until it is usable, bytes until then, bytes of all) of one fresh opening."""
    context = browser.new_context(viewport={"width": width, "height": 800}, has_touch=True, bypass_csp=True)
    if path == "/street":
        asked = {"login": "bench", "password": PASSWORD, "next": "/"}
        assert context.request.post(f"{url}/sign-in", form=asked).ok
    page = context.new_page()
    session = context.new_cdp_session(page)
    came: list[float] = []
    session.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
    session.send("Network.enable")
    limits = {"offline": False, "latency": line[0], "downloadThroughput": line[1], "uploadThroughput": line[1]}
    session.send("Network.emulateNetworkConditions", limits)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(f"({WATCH})({ready!r})")
    page.goto(url + path, wait_until="commit", timeout=120_000)
    page.wait_for_function("window.usableAt", timeout=120_000)
    until = sum(came)
    page.wait_for_load_state("networkidle")
    seen = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    usable = page.evaluate("window.usableAt")
    context.close()
    return [seen / 1000, usable / 1000, until, sum(came)]


def main() -> None:
    with bench_cluster() as cluster, tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = new_database(cluster, "first")
        engine = connect_engine(url, pool=2)
        fill(engine, write_pack(Path(folder) / "pack", 2_000), 300)
        with engine.begin() as connection:
            city = find_city(connection, None).city_id
            create_account(connection, "bench", "bench", ["inspector"], city, password=PASSWORD)
        engine.dispose()
        settings = read_settings(
            {"WEATHERMAP_DATABASE_URL": url, "WEATHERMAP_DATA": folder, "WEATHERMAP_LOG_LEVEL": "WARNING"}
        )
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        weight = 0.0
        with serve(settings) as served:
            for path, width, line, ready in PAGES:
                taken = [first(browser, served.url, path, width, line, ready) for _ in range(TIMES)]
                seen, usable, until, whole = (statistics.median(column) for column in zip(*taken, strict=True))
                print(
                    f"{path:8} {width} px, {line[0]} ms, {line[1] // 1000} kB/s: "
                    f"seen {seen:4.1f} s, usable {usable:4.1f} s, "
                    f"{until / 1000:6.1f} kB until then, {whole / 1000:6.1f} kB in all"
                )
                weight = whole if path == "/snap" else weight
        browser.close()
    print(f"ratio: {AIM_BYTES / weight:.2f}")


if __name__ == "__main__":
    main()
