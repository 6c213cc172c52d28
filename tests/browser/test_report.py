"""The report as a page of its own, opened from the disk with the network cut, and the wall's button that makes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import open_wall
from tests.browser.test_wall import AXE, ask
from tests.web.conftest import TOY
from tests.web.served import Served
from tests.web.test_report import read_csv

SHAPES = """() => {
  const found = [];
  report.eachLayer(layer => {
    if (layer.feature) found.push([layer.feature.id, layer.options.fillColor, layer.getLatLngs().flat(3).length]);
  });
  return found;
}"""


@pytest.mark.parametrize("level", ["town", "community"])
def test_the_map_file_opens_without_any_network(browser: Browser, served: Served, tmp_path: Path, level: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    board = ask(page, served, f"weather?city={TOY}&level={level}")
    file = tmp_path / "report.html"
    asked = {"city": TOY, "level": level, "at": board["at"], "format": "html"}
    file.write_bytes(page.request.get(f"{served.url}/api/v1/report/grid", params=asked).body())
    context.set_offline(True)
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda asked: requests.append(asked.url))
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_function("() => window.report?._loaded")
    shapes = {code: (fill, corners) for code, fill, corners in page.evaluate(SHAPES)}
    assert set(shapes) == {area["code"] for area in board["areas"]}
    for area in board["areas"]:
        fill, corners = shapes[area["code"]]
        assert corners > 3
        if area["weather"]:
            assert fill == f"url(#sky-{area['weather']})"
            assert page.locator(f"pattern#sky-{area['weather']}").count() == 1
    painted = page.locator(".leaflet-overlay-pane path.leaflet-interactive")
    expect(painted).to_have_count(len(board["areas"]))
    assert all(box and box["width"] > 1 for box in (shape.bounding_box() for shape in painted.all()))
    painted.nth(list(shapes).index(board["areas"][0]["code"])).dispatch_event("click")
    expect(page.locator(".leaflet-popup")).to_contain_text(f"{board['areas'][0]['notified']:,}")
    rows = page.locator("table.numbers tbody tr")
    expect(rows).to_have_count(len(board["areas"]))
    for at, area in enumerate(board["areas"]):
        expect(rows.nth(at)).to_contain_text(f"{area['notified']:,}")
    expect(page.locator("dl.stamp")).to_contain_text("边界为虚构")
    assert [url for url in requests if url != file.as_uri() and not url.startswith(("data:", "blob:"))] == []
    assert complaints == []
    # a popup that still fades in has no contrast yet
    page.wait_for_function("() => getComputedStyle(document.querySelector('.leaflet-popup')).opacity === '1'")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"]) for v in grave] == []
    slider = page.locator("#days input")  # five days back, still without a network: as the API has that day
    slider.evaluate("e => { e.value = Number(e.max) - 5; e.dispatchEvent(new Event('input')); }")
    day = page.locator("#days output").inner_text()
    earlier = {code: fill for code, fill, _ in page.evaluate(SHAPES)}
    context.set_offline(False)
    then = ask(page, served, f"weather?city={TOY}&level={level}&at={day.replace(' ', 'T')}")
    assert day < board["at"][:10] and any(area["weather"] for area in then["areas"])
    for area in then["areas"]:
        if area["weather"]:
            assert earlier[area["code"]] == f"url(#sky-{area['weather']})", area["code"]
    context.close()


def test_the_wall_saves_what_is_on_view(browser: Browser, served: Served, tmp_path: Path) -> None:
    page = open_wall(browser, f"{served.url}/?city={TOY}&level=community", 1920, 1080)
    page.locator('.report [data-act="report"]').click()
    expect(page.locator(".report li")).to_have_count(4)
    page.keyboard.press("Escape")
    expect(page.locator(".report li")).to_have_count(0)
    page.locator('.report [data-act="report"]').click()
    with page.expect_download() as coming:
        page.locator('.report [data-value="csv"]').click()
    file = tmp_path / "report.csv"
    coming.value.save_as(file)
    assert coming.value.suggested_filename.startswith("玩具市_网格报表_社区（村）_")
    codes = {area["code"] for area in ask(page, served, f"areas?city={TOY}&level=community")["areas"]}
    assert codes < {row["code"] for row in read_csv(file.read_bytes())}
    expect(page.locator(".report .making")).to_have_count(0)
    page.close()
