"""The brief on a phone: it says what the API says, fits one screen, is honest without a net, and makes a picture."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import outside
from tests.browser.test_wall import AXE
from tests.web.conftest import PLAIN, TOY
from tests.web.served import Served

RANK = {"sunny": 0, "cloudy": 1, "overcast": 2, "unvisited": 3, "rain": 4}
FILL = {
    "sunny": (242, 193, 78),
    "cloudy": (220, 228, 231),
    "overcast": (148, 161, 169),
    "rain": (42, 120, 200),
    "unvisited": (250, 250, 247),
}
PICTURE = """async (data) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), pen = canvas.getContext("2d");
  pen.drawImage(bitmap, 0, 0);
  const found = {}, pixels = pen.getImageData(0, 0, bitmap.width, bitmap.height).data;
  let foot = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const colour = `${pixels[i]},${pixels[i + 1]},${pixels[i + 2]}`;
    found[colour] = (found[colour] ?? 0) + 1;
    if (i > pixels.length * 0.92 && pixels[i] < 150) foot++;
  }
  return {size: [bitmap.width, bitmap.height], colours: found, foot};
}"""


def open_brief(browser: Browser, served: Served, query: str, width: int = 390, height: int = 844) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, bypass_csp=True)
    page.on("request", lambda asked: outside(asked.url))
    page.goto(f"{served.url}/brief?{query}")
    expect(page.locator(".content")).to_be_visible()
    return page


def ask(page: Page, served: Served, path: str, **query: str) -> Any:
    found = page.request.get(f"{served.url}/api/v1/{path}", params=query)
    assert found.ok, found.text()
    return found.json()


def texts(page: Page, selector: str) -> list[str]:
    return [re.sub(r"\s+", " ", text).strip() for text in page.locator(selector).all_inner_texts()]


def numbers(page: Page, selector: str) -> list[int]:
    return [int(re.sub(r"[,+]", "", text).replace("−", "-")) for text in texts(page, selector)]


@pytest.mark.parametrize(("city", "inside"), [(TOY, False), (TOY, True), (PLAIN, False)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_brief_says_what_the_api_says(browser: Browser, served: Served, city: str, inside: bool, lang: str) -> None:
    page = browser.new_page()
    level, scope, area = "town" if city == TOY else "district", {"city": city}, {}
    if inside:
        town = ask(page, served, "weather", city=city)["areas"][0]["code"]
        level, area = "community", {"area": f"town:{town}"}
        scope = {"city": city, "parent": town}
    page.close()
    query = "&".join(f"{name}={value}" for name, value in ({"city": city, "lang": lang} | area).items())
    page = open_brief(browser, served, query)
    at = page.locator(".content").get_attribute("data-at") or ""
    board = ask(page, served, "weather", **scope, level=level, at=at)
    totals, name = board["totals"], "name" if lang == "zh" else "name_en"
    assert numbers(page, ".totals .n") == [totals["notified"], totals["rectified"], totals["open"]]
    assert texts(page, ".rates dd") == [f"{100 * totals[rate]:.2f}%" for rate in ("rectification_rate", "on_time_rate")]
    assert texts(page, ".sentence") == [totals["sentence"][lang]]
    bad = [a for a in board["areas"] if a["weather"] and (a["weather"] != "sunny" or "thunder" in a["badges"])]
    bad.sort(key=lambda a: (-RANK[a["weather"]], -a["overdue"], -a["open"], a["code"]))
    assert texts(page, ".worst b") == [a[name] or a["name"] for a in bad[:3]]
    changed = ask(page, served, "changes", **scope, level=level, at=at)
    better = [c[name] or c["name"] for c in changed["changes"] if c["better"]]
    assert texts(page, ".better b")[: min(3, len(better))] == better[:3]
    since = ask(page, served, "weather", **scope, level=level, at=at, **{"from": changed["from"]})["totals"]
    turned = [sum(c["better"] is sense for c in changed["changes"]) for sense in (False, True)]
    assert numbers(page, ".since .n") == [since["notified"], since["rectified"], *turned]
    running, done = (ask(page, served, "orders", city=city, **area, state=s, at=at) for s in ("current", "done"))
    assert running["total"] + done["total"] > 0
    shown = [*running["orders"], *done["orders"]][:3]
    assert [
        parse_qs(urlsplit(str(a.get_attribute("href"))).query)["issue"][0] for a in page.locator(".orders li a").all()
    ] == [order["number"] for order in shown]
    assert texts(page, ".orders .below > span") == [order["text"] for order in shown]
    counts = running["counts"] | done["counts"]
    told = {state: counts[state] for state in ("overdue", "open", "to_check") if counts[state]}
    told |= {"done": done["total"], "in_term": counts["in_term"]} if done["total"] else {}
    links = [(str(a.get_attribute("href")), a.inner_text()) for a in page.locator(".orders h2 a").all()]
    said = {parse_qs(urlsplit(href).query)["orders"][0]: re.findall(r"\d+", text) for href, text in links}
    assert said == {state: [str(n)] for state, n in told.items()}
    for href, text in links:  # every count opens the list that it counts
        page.goto(f"{served.url}{href}&at={at}")
        expect(page.locator(".orders.all li")).to_have_count(int(re.findall(r"\d+", text)[0]))
    page.close()


def test_a_line_opens_the_wall_where_it_points(browser: Browser, served: Served) -> None:
    page = open_brief(browser, served, f"city={TOY}")
    number = page.locator(".orders li a").first.get_attribute("href").split("issue=")[1]
    page.locator(".orders li a").first.click()
    expect(page.locator(f'.sheet [data-issue="{number}"] .story')).to_be_visible()
    page.go_back()
    shown = texts(page, ".totals .n")[2]
    page.locator(".totals a.n").nth(2).click()
    expect(page.locator(".sheet h2 .great")).to_have_text(shown)
    page.go_back()
    town = texts(page, ".worst b")[0]
    page.locator(".worst a").first.click()
    expect(page.locator(".masthead h1")).to_have_text(town)
    page.close()


def test_it_fits_one_screen_and_axe_finds_nothing_serious(browser: Browser, served: Served) -> None:
    for query, width, height in (
        (f"city={TOY}", 390, 844),
        (f"city={TOY}&lang=en", 360, 640),
        (f"city={TOY}", 1440, 900),
    ):
        page = open_brief(browser, served, query, width, height)
        page.evaluate("document.fonts.ready")
        tall, wide = page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
        assert wide <= width
        if (width, "lang" in query) == (390, False):
            assert tall <= height
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []
        page.close()


def test_without_a_net_it_says_so_and_how_old_it_is(browser: Browser, served: Served) -> None:
    page = open_brief(browser, served, f"city={TOY}")
    expect(page.locator(".stale")).to_have_count(0)
    shown = texts(page, ".totals .n")
    page.context.set_offline(True)
    expect(page.locator(".stale")).to_have_text(re.compile(r"离线 · 数据截至 \d\d:\d\d · \d+ (分|时|天)前"))
    assert texts(page, ".totals .n") == shown
    page.context.set_offline(False)
    expect(page.locator(".stale")).to_have_count(0)
    # opened again while the server is silent: the last brief, and never as if it were fresh
    page.route("**/api/v1/**", lambda route: route.abort())
    page.reload()
    expect(page.locator(".stale")).to_be_visible()
    assert texts(page, ".totals .n") == shown
    page.close()


def test_a_place_that_does_not_exist_is_told(browser: Browser, served: Served) -> None:
    page = browser.new_page()
    page.goto(f"{served.url}/brief?city={TOY}&area=town:nowhere")
    expect(page.locator(".problem")).to_contain_text("nowhere")
    page.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_picture_is_the_brief(browser: Browser, served: Served, lang: str, tmp_path: Path) -> None:
    page = open_brief(browser, served, f"city={TOY}&lang={lang}")
    at = page.locator(".content").get_attribute("data-at") or ""
    sky = ask(page, served, "weather", city=TOY, at=at)["totals"]["weather"]
    with page.expect_download() as download:
        page.locator("[data-act=share]").click()
    name = download.value.suggested_filename
    assert re.search(r"-\d{4}-\d\d-\d\d-\d{4}\.png$", name) and ("简报" in name) == (lang == "zh")
    file = tmp_path / "brief.png"
    download.value.save_as(file)
    found = page.evaluate(PICTURE, base64.b64encode(file.read_bytes()).decode())
    assert found["size"] == [1080, 1920]
    colours = found["colours"]
    assert len(colours) > 300
    paper = colours["246,245,241"] / (1080 * 1920)
    assert 0.6 < paper < 0.97
    assert colours[",".join(map(str, FILL[sky]))] > 2_000  # the city's weather, on its chip
    assert colours["11,15,17"] > 5_000 and found["foot"] > 1_000  # ink, and what must be said at the foot
    expect(page.locator(".said")).to_contain_text(name)
    page.close()
