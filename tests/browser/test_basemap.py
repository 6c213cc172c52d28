"""Streets on the wall in real Chromium: only where close enough, beneath the weather, from where they may come."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.looking import open_wall
from tests.browser.test_wall import still
from tests.web.conftest import TOY
from tests.web.pmtiles_file import archive, picture
from tests.web.served import serve
from weathermap.settings import Settings
from web.app import create_app

HOST = "t9.tianditu.test"


def drawn(page: Page, layer: str) -> int:
    return int(page.evaluate("layer => weathermap.map.queryRenderedFeatures({layers: [layer]}).length", layer))


def zoom(page: Page, level: float) -> None:
    page.evaluate("level => weathermap.map.jumpTo({zoom: level})", level)
    still(page)


def test_streets_of_a_file_lie_beneath_the_weather_where_close(
    browser: Browser, filled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cities = create_app(filled).test_client().get("/api/v1/cities").get_json()["cities"]
    bbox = next(city["bbox"] for city in cities if city["code"] == TOY)
    monkeypatch.setenv("WEATHERMAP_BASEMAP", str(archive(tmp_path / "streets.pmtiles", bbox, "vector")))
    with serve(filled) as served:
        page = open_wall(browser, f"{served.url}/?city={TOY}")  # fails when anyone outside is asked
        zoom(page, 11)
        assert drawn(page, "basemap-roads") == 0
        zoom(page, 15)
        assert drawn(page, "basemap-roads") > 0 and drawn(page, "basemap-lanes") > 0
        assert drawn(page, "basemap-buildings") > 0
        order = page.evaluate("weathermap.map.getStyle().layers.map(layer => layer.id)")
        assert order.index("land") < order.index("basemap-roads") < order.index("town-fill") < order.index("town-cut")
        assert drawn(page, "town-fill") > 0
        expect(page.locator(".source")).to_contain_text("Test streets")
        page.close()


def test_tianditu_gets_requests_for_pictures_and_nobody_else_gets_any(
    browser: Browser, filled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEATHERMAP_TIANDITU_KEY", "a1b2")
    monkeypatch.setenv("WEATHERMAP_TIANDITU_HOST", HOST)
    with serve(filled) as served:
        page = browser.new_page(viewport={"width": 1440, "height": 900})  # the page's own policy in force
        outside: list[tuple[str, str]] = []
        complaints: list[str] = []

        def answer(route: Route) -> None:
            outside.append((route.request.resource_type, route.request.url))
            headers = {"Access-Control-Allow-Origin": "*"}
            route.fulfill(body=picture(), content_type="image/png", headers=headers)

        page.route(lambda url: not url.startswith((served.url, "data:", "blob:")), answer)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{served.url}/?city={TOY}")
        page.wait_for_function("() => window.weathermap?.map?.loaded()", timeout=60_000)
        zoom(page, 14)
        assert outside and {kind for kind, _ in outside} == {"image"}
        assert all(url.startswith(f"https://{HOST}/") and url.endswith("tk=a1b2") for _, url in outside)
        assert {url.split("/")[3] for _, url in outside} == {"vec_w", "cva_w"}
        assert complaints == []
        page.close()
