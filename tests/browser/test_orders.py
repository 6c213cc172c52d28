"""The orders on the wall: what runs and what was done, each opening its issue, each number its list."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import open_wall
from tests.browser.test_wall import ask, number
from tests.web.conftest import TOY
from tests.web.served import Served


@pytest.mark.parametrize("inside", [False, True])
def test_the_panel_shows_what_was_ordered_here(browser: Browser, served: Served, inside: bool) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}", 1920, 1080)
    board = ask(page, served, f"weather?city={TOY}")
    town = max(board["areas"], key=lambda area: area["ordered"] + area["listed"])
    area, whole = (f"&area=town:{town['code']}", town) if inside else ("", board["totals"])
    page.goto(f"{served.url}/?city={TOY}&at={board['at']}{area}")
    expect(page.locator(".orders li").first).to_be_visible()
    found = ask(page, served, f"orders?city={TOY}&state=current&at={board['at']}{area}&limit=3")["orders"]
    done = ask(page, served, f"orders?city={TOY}&state=done&at={board['at']}{area}&limit=3")["orders"]
    shown = [button.get_attribute("data-number") for button in page.locator(".orders li button").all()]
    assert shown == [order["number"] for order in [*found, *done][:3]]
    for state in ("ordered", "listed"):
        figure = page.locator(f'.orders [data-query*="state={state}"]')
        assert figure.count() == (whole[state] > 0)
        if whole[state]:
            assert number(figure) == whole[state]
            figure.click()
            expect(page.locator(".sheet h2 .great")).to_have_text(str(whole[state]))
            expect(page.locator(".sheet [data-issue]")).to_have_count(whole[state])
            page.keyboard.press("Escape")
    page.locator(".orders li button").first.click()
    expect(page.locator(f'.sheet [data-issue="{shown[0]}"] .story')).to_contain_text(found[0]["text"])
    page.close()
