"""The browser tests look at the same filled stores as the web tests: one server and one Chromium a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.looking import chromium
from tests.web.conftest import filled, reviewed
from tests.web.served import Served, serve
from weathermap.settings import Settings

__all__ = ["filled", "reviewed"]

expect.set_options(timeout=20_000)  # what is waited for comes at once on a machine that does nothing else


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with chromium(playwright) as opened:
        yield opened


@pytest.fixture(scope="session")
def served(filled: Settings) -> Iterator[Served]:
    """The server on the filled store. Read only."""
    with serve(filled) as running:
        yield running
