"""The browser tests look at the same filled stores as the web tests: one server and one Chromium a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.looking import chromium
from tests.store.random_life import life
from tests.web.conftest import PACKS, filled, reviewed
from tests.web.served import Served, serve
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold

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


@pytest.fixture(scope="module")
def alive(clone: Callable[..., Settings]) -> Settings:
    """A store of the module's own with the toy city, so that its tests may add to it."""
    return lived(clone(), 50)


def lived(settings: Settings, issues: int) -> Settings:
    """The same store, with the toy city and the lives of so many issues in it."""
    engine = open_store(settings)
    pack = read_pack(PACKS / "toy")
    with engine.begin() as connection:
        load_pack(connection, pack)
        take_in(connection, open_city(connection), life(pack, 5, issues, time.time_ns() // 1_000)[0])
    fold(engine)
    engine.dispose()
    return settings
