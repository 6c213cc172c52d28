"""24 hours at speed: what the browser holds does not grow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.day import measure, open_devtools, pass_time
from tests.browser.looking import chromium
from tests.web.conftest import TOY
from tests.web.served import Served


@pytest.fixture
def page(playwright: Playwright) -> Iterator[Page]:
    with chromium(playwright) as browser:
        yield browser.new_page(viewport={"width": 800, "height": 600}, reduced_motion="reduce")


def test_a_day_leaves_nothing_behind(page: Page, served: Served) -> None:
    page.clock.install()
    page.goto(f"{served.url}/?city={TOY}&tour=12")
    expect(page.locator(".tour li.here")).to_be_visible(timeout=30_000)
    devtools = open_devtools(page)
    pass_time(page, 24 * 60, 15)  # every stop seen, every cache filled, every function compiled
    before = measure(page, devtools)
    pass_time(page, 24 * 60, 15)
    after = measure(page, devtools)
    said = f"\nbefore {before}\nafter  {after}"
    assert after.heap < before.heap * 1.08 + 500_000, said
    assert after.nodes <= before.nodes + 250, said  # what a stop shows swings by a hundred; three a step would be 288
    assert after.listeners <= before.listeners + 12, said  # what is under way holds some
    assert (after.sources, after.labels) == (before.sources, before.labels), said
    assert after.images <= before.images + 4, said  # a mark with another count is another image
    print(said)
