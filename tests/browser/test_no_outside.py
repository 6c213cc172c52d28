"""The network cut: every page of the server lives of the server alone, and its policy says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Playwright, Route

from tests.browser.looking import chromium
from tests.web.conftest import TOY, client
from tests.web.served import Served

__all__ = ["client"]
NOT_PAGES = re.compile(r"/(api|static|tiles|healthz|readyz)\b")
SIGNED_OUT = r"status of 401"  # the street's page opens without a session, as it must without signal, and then asks
NO_NAMES = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with chromium(playwright, NO_NAMES) as opened:
        yield opened


def pages(client: FlaskClient) -> list[str]:
    """All addresses of the app that answer with a page of their own, by its own list. Those that lead on, to the
    sign-in for one, are the page that they lead to."""
    rules = client.application.url_map.iter_rules()
    asked = sorted(r.rule for r in rules if "GET" in r.methods and not r.arguments and not NOT_PAGES.match(r.rule))
    answers = {path: client.get(f"{path}?city={TOY}") for path in asked}
    return [path for path, answer in answers.items() if answer.status_code == 200 and answer.mimetype == "text/html"]


def gate(own: str, outside: list[str]) -> Callable[[Route], None]:
    """Lets through what goes to the server itself; all else is noted and refused."""

    def pass_or_note(route: Route) -> None:
        if urlsplit(route.request.url).netloc == own:
            return route.continue_()
        outside.append(route.request.url)
        return route.abort()

    return pass_or_note


def listen(page: Page, complaints: list[str]) -> None:
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_calls_anybody_outside(browser: Browser, served: Served, client: FlaskClient, lang: str) -> None:
    asked = pages(client)
    assert {"/", "/brief", "/points", "/street", "/sign-in"} <= set(asked)
    for path in asked:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        outside: list[str] = []
        complaints: list[str] = []
        context.route(re.compile("^(https?|wss?):"), gate(urlsplit(served.url).netloc, outside))
        page = context.new_page()
        listen(page, complaints)
        answer = page.goto(f"{served.url}{path}?city={TOY}&lang={lang}")
        assert answer is not None
        page.wait_for_load_state("load")
        if answer.ok and answer.headers["content-type"].startswith("text/html"):
            policy = answer.headers["content-security-policy"]
            assert "default-src 'self'" in policy and "http" not in policy, path
            page.wait_for_function("() => document.body.innerText.trim().length > 15", timeout=30_000)
            page.wait_for_timeout(1_000)  # what a page would load late, it loads now
            assert [said for said in complaints if not re.search(SIGNED_OUT, said)] == [], path
        assert outside == [], path
        context.close()


def test_the_gate_would_notice(browser: Browser, served: Served) -> None:
    page = browser.new_page(bypass_csp=True)
    page.goto(served.url)
    said = page.evaluate("fetch('http://' + 'outside.example.org/').then(() => 'reached', () => 'cut')")
    assert said == "cut"
    page.close()
