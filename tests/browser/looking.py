"""Chromium as the browser tests and benchmarks start it, and the wall opened in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Playwright

FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium(playwright: Playwright, *extra: str) -> Iterator[Browser]:
    """Debian's Chromium, headless; `extra`: further switches."""
    opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, *extra])
    yield opened
    opened.close()


def blank_page(browser: Browser, width: int = 1440, height: int = 900) -> Page:
    """A page on nothing yet; any request that would leave this machine fails the test."""
    page = browser.new_page(viewport={"width": width, "height": height}, bypass_csp=True)
    page.on("request", lambda asked: outside(asked.url))
    return page


def open_wall(browser: Browser, url: str, width: int = 1440, height: int = 900) -> Page:
    """The wall once its map is idle."""
    page = blank_page(browser, width, height)
    page.goto(url)
    page.wait_for_function(
        "() => window.weathermap?.map?.loaded() && window.weathermap.map.areTilesLoaded()", timeout=60_000
    )
    return page


def outside(url: str) -> None:
    assert re.match(r"(http://127\.0\.0\.1[:/]|data:|blob:)", url), f"the page calls {url}"
