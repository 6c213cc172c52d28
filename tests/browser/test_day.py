"""24 hours at speed: what the browser holds does not grow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.day import Held, measure, open_devtools, pass_time
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
    for _ in range(6):
        after = measure(page, devtools)
        if not (found := grown(before, after)):
            break
        pass_time(page, 60, 15, 1_000)  # what was under way is let go an hour later; what leaks is not
    print(said := f"\nbefore {before}\nafter  {after}")
    assert not found, said


def grown(before: Held, after: Held) -> list[str]:
    """What is held and was not."""
    limits = {
        "heap": before.heap * 1.08 + 500_000,
        "nodes": before.nodes + 250,  # what a stop shows swings by a hundred; three a step would be 288
        "listeners": before.listeners + 12,  # what is under way holds some
        "sources": before.sources,
        "labels": before.labels,
        "images": before.images + 4,  # a mark with another count is another image
    }
    return [name for name, limit in limits.items() if getattr(after, name) > limit]
