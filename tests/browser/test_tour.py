"""`?tour=…`: the wall visits what matters by the rule, holds while somebody is there, and stays put without data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.line import Line
from tests.web.conftest import PLAIN, TOY
from tests.web.served import Served

HERE = ".tour li.here"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield made
    made.close()


def at(page: Page) -> int:
    return int(page.evaluate("[...document.querySelectorAll('.tour li')].findIndex(li => li.className === 'here')"))


def stops(page: Page) -> int:
    return page.locator(".tour li").count()


def bad(row: dict[str, Any]) -> bool:
    return row["weather"] in ("rain", "overcast") or "thunder" in row["badges"]


def test_it_goes_where_the_weather_is_bad_and_to_who_must_act(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/?city={TOY}&tour=600")
    expect(page.locator(HERE)).to_be_visible(timeout=30_000)
    board = page.request.get(f"{served.url}/api/v1/weather?city={TOY}").json()
    wanted = {f"town:{row['code']}" for row in board["areas"] if bad(row) or row["weather"] == "unvisited"}
    seen: list[str] = []
    units = 0
    for step in range(stops(page)):
        expect(page.locator(".tour .place")).to_have_text(f"巡览 {step + 1}/{stops(page)}")
        query = page.evaluate("location.search")
        seen.append(str((re.search("area=([^&]*)", query) or ["", ""])[1]))
        if "by=responsibility" in query:
            units += 1
            chosen = page.locator(".list tr.chosen")
            expect(chosen).to_have_count(1)
            expect(page.locator(".why h2")).to_contain_text(chosen.locator(".go").inner_text())
        page.keyboard.press("ArrowRight")
    assert seen[0] == "" and wanted <= set(seen)
    assert units == 1
    assert [place for place in seen if place.startswith("community:")], "no worst community"
    expect(page.locator(".tour .place")).to_have_text(re.compile("巡览 1/"))  # and back


def test_a_visitor_has_it_for_two_minutes_steps_and_lets_go(page: Page, served: Served) -> None:
    page.clock.install()
    page.goto(f"{served.url}/?city={TOY}&tour=10&lang=en")
    expect(page.locator(HERE)).to_be_visible(timeout=30_000)
    page.mouse.click(5, 5)
    expect(page.locator(".tour .held")).to_contain_text("space goes on")
    page.clock.run_for(60_000)
    assert at(page) == 0
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tour .place")).to_contain_text("Tour 2/")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tour .place")).to_contain_text("Tour 1/")
    page.clock.run_for(100_000)
    assert at(page) == 0 and page.locator(".tour .held").inner_text(), "each touch begins the two minutes anew"
    page.clock.run_for(25_000)
    expect(page.locator(".tour .place")).to_contain_text("Tour 2/")
    expect(page.locator(".tour .held")).to_be_empty()
    page.keyboard.press(" ")
    expect(page.locator(".tour .held")).not_to_be_empty()
    page.keyboard.press(" ")
    expect(page.locator(".tour .held")).to_be_empty()
    expect(page.locator(".tour .place")).to_contain_text("Tour 3/")
    assert page.evaluate("history.length") < 5, "a tour leaves no trail in the history"


def test_without_data_it_stays_where_it_is_and_goes_on_with_them(page: Page, served: Served) -> None:
    line = Line(int(served.url.rpartition(":")[2]))
    page.clock.install()
    page.goto(f"{line.url}/?city={TOY}&tour=30")
    expect(page.locator(HERE)).to_be_visible(timeout=30_000)
    line.state = "silent"
    line.cut()
    page.clock.fast_forward(40_000)
    expect(page.locator(".stream.plate")).to_be_visible()
    held = at(page)
    page.clock.run_for(90_000)
    assert at(page) == held
    line.state = "open"
    line.cut()
    page.clock.run_for(30_000)
    expect(page.locator(".stream.live")).to_be_visible(timeout=20_000)
    page.clock.run_for(32_000)
    expect(page.locator(".tour .place")).not_to_have_text(re.compile(f"巡览 {held + 1}/"))
    line.close()


@pytest.mark.parametrize("view", [f"city={TOY}&by=responsibility", f"city={PLAIN}"])
def test_every_view_has_a_tour(page: Page, served: Served, view: str) -> None:
    page.goto(f"{served.url}/?{view}&tour=1")
    expect(page.locator(HERE)).to_be_visible(timeout=30_000)
    for step in range(1, stops(page)):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".tour .place")).to_contain_text(f"{step + 1}/")
        expect(page.locator(".problem")).to_be_hidden()
        if "responsibility" in view:
            assert "area=" not in page.evaluate("location.search")
