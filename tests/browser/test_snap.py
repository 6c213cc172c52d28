"""Citizens' pages in real Chromium: ten seconds to a ticket, with little over the line, and nothing lost on the way."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from tests.browser.looking import outside
from tests.store.standing import PACK, WAYS, put
from tests.store.test_photos import jpeg
from tests.web.served import Served, serve
from weathermap.city.reading import read_pack
from weathermap.evidence.photos import name_of
from weathermap.people.demo import make_demo_accounts
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import photo
from weathermap.store.registry import open_city
from weathermap.store.snap_tables import snap

AXE = Path(__file__).parents[2] / "web/ui/node_modules/axe-core/axe.min.js"
FIRST_LOAD = 150_000  # bytes before the map
QUIET = PACK.finest.geoms[0].representative_point()  # where nothing is known
KNOWN = PACK.finest.geoms[8].representative_point()
# what an app's own browser may lack: place, storage, workers, even random ids
POOR = """
const close = (host, get, names) => names.forEach((name) => Object.defineProperty(host, name, { get }));
close(Navigator.prototype, () => undefined, ["geolocation", "serviceWorker", "clipboard"]);
close(window, () => { throw new Error("closed"); }, ["localStorage", "sessionStorage", "indexedDB"]);
delete Crypto.prototype.randomUUID;
"""


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The toy city, its map reviewed, with one problem under way."""
    folder = tmp_path_factory.mktemp("pack") / "toy"
    shutil.copytree(PACK_FOLDER, folder)
    file = folder / "city.toml"
    file.write_text(file.read_text("utf-8").replace('review_number = ""', 'review_number = "测S001"'), "utf-8")
    made = clone()
    engine = open_store(made)
    with engine.begin() as connection:
        load_pack(connection, read_pack(folder))
        city = open_city(connection)
        put(connection, city, "known", WAYS["handling"], time.time_ns() // 1_000, 8)
        make_demo_accounts(connection, city.city_id)
    engine.dispose()
    return made


PACK_FOLDER = Path(__file__).parents[1] / "packs" / "toy"


@pytest.fixture(scope="module")
def served(settings: Settings) -> Iterator[Served]:
    with serve(settings) as running:
        yield running


def open_snap(
    browser: Browser,
    served: Served,
    width: int = 390,
    height: int = 844,
    query: str = "",
    script: str = "",
    **more: Any,
) -> Page:
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=False, **more)
    page = context.new_page()
    page.on("request", lambda asked: outside(asked.url))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    if script:
        page.add_init_script(script)
    page.goto(f"{served.url}/snap{query}")
    return page


def shoot(page: Page, content: bytes, name: str = "a.jpg") -> None:
    page.locator("#photo").set_input_files([{"name": name, "mimeType": "image/jpeg", "buffer": content}])


def at(spot: Any) -> dict[str, Any]:
    return {"geolocation": {"longitude": spot.x, "latitude": spot.y, "accuracy": 9}, "permissions": ["geolocation"]}


def in_nobodys_way(page: Page, width: int) -> None:
    """No serious finding of axe-core, and nothing wider than the screen."""
    page.evaluate(f"() => {{ {AXE.read_text()} }}")
    found = page.evaluate("axe.run()")["violations"]
    grave = [(f["id"], f["nodes"][0]["html"]) for f in found if f["impact"] in ("serious", "critical")]
    assert not grave, json.dumps(grave, ensure_ascii=False)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


@pytest.mark.parametrize(("lang", "width", "height"), [("zh", 360, 740), ("en", 360, 740), ("zh", 390, 844)])
def test_two_taps_from_opening_to_the_ticket(
    browser: Browser, served: Served, lang: str, width: int, height: int
) -> None:
    """The photo says where; a tap on the photo and a tap on the button are all; little comes before the map."""
    page = open_snap(browser, served, width, height, f"?lang={lang}", device_scale_factor=2, has_touch=True)
    page.wait_for_load_state("networkidle")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    came: list[float] = []
    line.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
    page.reload(wait_until="networkidle")
    assert 5_000 < sum(came) <= FIRST_LOAD, came
    in_nobodys_way(page, width)
    with page.expect_file_chooser() as chosen:
        page.locator(".shoot").tap()
    chosen.value.set_files(
        [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg(1600, 1000, spot=(QUIET.x, QUIET.y))}]
    )
    expect(page.locator("#from")).to_have_text("照片里的位置" if lang == "zh" else "Place from the photo")
    expect(page.locator("#spot")).not_to_be_empty()
    page.wait_for_function("() => document.querySelector('#map img').naturalWidth > 0")
    expect(page.locator("#send")).to_be_in_viewport()
    in_nobodys_way(page, width)
    page.locator("#send").tap()
    page.wait_for_url("**/snap/t/**")
    expect(page.locator("h1")).to_have_text("收到了，正在看" if lang == "zh" else "We have it and are looking at it")
    assert (
        page.locator(".pair img").evaluate("async image => { await image.decode(); return image.naturalWidth; }")
        == 1600
    )
    page.wait_for_function("() => document.querySelector('#card img').naturalWidth === 750")  # one picture to keep
    in_nobodys_way(page, width)
    page.goto(f"{served.url}/snap/find?lang={lang}")
    in_nobodys_way(page, width)


def test_this_is_it_follows_instead_of_repeating(browser: Browser, served: Served) -> None:
    page = open_snap(browser, served, **at(KNOWN))
    shoot(page, jpeg(spot=None))
    expect(page.locator("#from")).to_contain_text("手机定位，误差约 9 米")
    expect(page.locator(".near")).to_contain_text("就在这里有人报过")
    in_nobodys_way(page, 390)
    page.get_by_role("button", name="不是").click()
    expect(page.locator(".near")).to_have_count(0)
    page.reload()
    expect(page.locator("#strip li")).to_have_count(1)  # still here
    page.get_by_role("button", name="就是它，关注").click()
    expect(page.locator("#send")).to_have_text("关注这一件")
    page.locator("#send").click()
    page.wait_for_url("**/snap/t/**")
    expect(page.locator(".steps")).to_contain_text("您也关注了")
    expect(page.locator("h1")).to_have_text("已经交办，正在处理")


def test_where_the_browser_can_do_little_it_sends_at_once_and_loses_nothing(browser: Browser, served: Served) -> None:
    page = open_snap(browser, served, script=POOR)
    shoot(page, jpeg(spot=None))
    expect(page.locator("#from")).to_contain_text("这里不能自动定位")
    expect(page.locator("#said")).to_contain_text("这个浏览器不能暂存")
    page.locator("#words").fill("路灯不亮")
    page.locator("#map").focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#from")).to_have_text("您选的位置")
    page.route("**/snap", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.locator("#send").click()
    expect(page.get_by_role("alert")).to_contain_text("照片和文字都还在")
    expect(page.locator("#words")).to_have_value("路灯不亮")
    expect(page.locator("#strip li")).to_have_count(1)
    page.unroute_all()
    page.locator("#send").click()
    page.wait_for_url("**/snap/t/**")
    expect(page.locator(".pair img")).to_be_visible()


def test_a_broken_line_and_a_reload_lose_nothing_and_send_once(
    browser: Browser, served: Served, settings: Settings
) -> None:
    """The answer is lost on the way back, the page is loaded anew, the same is sent again: one report."""
    page = open_snap(browser, served, **at(QUIET))
    shoot(page, jpeg(spot=None))
    expect(page.locator("#from")).to_contain_text("手机定位")
    page.locator("#words").fill("井盖松了，走上去会响")
    lost: list[int] = []

    def lose(route: Any) -> None:
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/snap", lambda route: lose(route) if route.request.method == "POST" else route.continue_())
    page.locator("#send").click()
    expect(page.get_by_role("alert")).to_contain_text("还在")
    assert lost == [200]
    page.unroute_all()
    page.reload()
    expect(page.locator("#said")).to_contain_text("上次没有发出的还在")
    expect(page.locator("#words")).to_have_value("井盖松了，走上去会响")
    expect(page.locator("#strip li")).to_have_count(1)
    page.locator("#send").click()
    page.wait_for_url("**/snap/t/**")
    engine = open_store(settings)
    with engine.connect() as connection:
        told = select(func.count()).select_from(snap).where(snap.c.words == "井盖松了，走上去会响")
        assert connection.execute(told).scalar_one() == 1
    engine.dispose()
    page.goto(f"{served.url}/snap")
    expect(page.locator(".shoot")).to_be_visible()  # what was sent is gone from the phone


def test_a_word_without_a_place_asks_once_and_then_goes(browser: Browser, served: Served) -> None:
    page = open_snap(browser, served, script="delete Navigator.prototype.geolocation")
    shoot(page, b"no photo at all", "坏.jpg")
    page.locator("#send").click()
    expect(page.get_by_role("alert")).to_contain_text("还不知道在哪里")
    page.get_by_role("button", name="就这样提交").click()
    expect(page.get_by_role("alert")).to_contain_text("坏.jpg 不是图片")
    page.locator("#words").fill("南门口的垃圾")
    page.locator("#send").click()
    page.wait_for_url("**/snap/t/**")
    expect(page.get_by_role("alert")).to_contain_text("坏.jpg 不是图片")
    expect(page.locator("main")).to_contain_text("没有位置")


def test_it_sends_without_any_script(browser: Browser, served: Served) -> None:
    page = open_snap(browser, served, java_script_enabled=False)
    page.locator("#words").fill("没有脚本也能说")
    shoot(page, jpeg(spot=(QUIET.x, QUIET.y)))
    page.locator("#send").click()
    page.wait_for_url("**/snap/t/**")
    expect(page.locator(".steps")).to_contain_text("收到，属")


@pytest.mark.parametrize(("lang", "width", "height"), [("zh", 390, 844), ("en", 1440, 900)])
def test_the_office_sets_spam_aside_and_takes_it_back(
    browser: Browser, served: Served, lang: str, width: int, height: int
) -> None:
    sent = open_snap(browser, served, java_script_enabled=False)
    words = f"加微信 www.example.org {lang}"
    sent.locator("#words").fill(words)
    sent.locator("#send").click()
    sent.wait_for_url("**/snap/t/**")
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.goto(f"{served.url}/desk/snaps?lang={lang}")
    page.locator('form:has(input[value="demo-dispatcher"]) button').click()
    row = page.locator(".snaps li", has_text=words)
    expect(row.locator(".alert")).to_contain_text("链接" if lang == "zh" else "links")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    assert not [f["id"] for f in found if f["impact"] in ("serious", "critical")]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    row.get_by_role("button").click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(row).to_have_count(0)
    sent.reload()
    expect(sent.locator("h1")).to_have_text("这一件没有受理")
    page.get_by_role("status").get_by_role("button").click()
    expect(page.locator(".snaps li", has_text=words)).to_have_count(1)


def test_a_large_photo_goes_smaller_with_its_camera_words_and_faces_covered(
    browser: Browser, served: Served, settings: Settings
) -> None:
    page = open_snap(browser, served, has_touch=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright
    exif.get_ifd(0x8769)[36867] = "2026:11:20 08:30:00"
    exif.get_ifd(0x8825).update({1: "N", 2: _degrees(QUIET.y), 3: "E", 4: _degrees(QUIET.x)})
    kept = io.BytesIO()
    Image.effect_noise((3000, 2000), 70).save(kept, "JPEG", quality=88, exif=exif)
    assert len(kept.getvalue()) > 2_500_000
    shoot(page, kept.getvalue())
    expect(page.locator("#from")).to_have_text("照片里的位置")
    page.locator("#strip .cover").tap()
    canvas, patch = page.locator("dialog.cover canvas"), page.locator("dialog.cover .frame button")
    page.get_by_role("button", name="加一块").press("Enter")  # by keys alone: added, moved, sized, undone, taken away
    expect(patch).to_be_focused()
    expect(patch).to_have_accessible_name("遮挡 1：距左 42 %，距上 45 %，宽 16 %，高 11 %")
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    told = "遮挡 1：距左 40 %，距上 41 %，宽 18 %，高 13 %"
    expect(patch).to_have_accessible_name(told)
    expect(page.locator("dialog.cover").get_by_role("status")).to_have_text(told)
    in_nobodys_way(page, 390)
    page.keyboard.press("Delete")
    expect(patch).to_have_count(0)
    page.get_by_role("button", name="撤销").press("Enter")
    expect(patch).to_have_count(1)
    patch.press("Backspace")
    expect(page.get_by_role("button", name="加一块")).to_be_focused()
    box = canvas.bounding_box()
    assert box and box["height"] > box["width"]  # upright
    canvas.tap(position={"x": box["width"] / 2, "y": box["height"] / 4})
    page.locator("dialog.cover .main").tap()
    expect(page.locator("#strip .cover")).to_have_text("▦ 1")
    page.locator("#send").tap()
    page.wait_for_url("**/snap/t/**")
    engine = open_store(settings)
    with engine.connect() as connection:
        row = connection.execute(select(photo).order_by(photo.c.stored_at.desc()).limit(1)).one()
    engine.dispose()
    assert row.bytes < len(kept.getvalue()) * 0.8
    assert (row.width, row.height) == (1365, 2048)
    assert row.taken == "2026:11:20 08:30:00"
    assert (row.lon, row.lat) == (pytest.approx(QUIET.x, abs=1e-4), pytest.approx(QUIET.y, abs=1e-4))

    def grain(which: str) -> tuple[float, float]:
        """How much neighbours differ in the patch, and beside it."""
        with Image.open(settings.data_dir / "photos" / name_of(row.sha256, which)) as picture:
            shown = np.asarray(picture.convert("L"), dtype=float)
        height, width = shown.shape
        steps = np.abs(np.diff(shown, axis=1))
        y, x = height // 4, width // 2
        return float(np.median(steps[y - 20 : y + 20, x - 20 : x + 20])), float(np.median(steps[-60:, :200]))

    covered, open_ = grain("shown")
    assert covered < 4 < open_
    assert min(grain("original")) > 4  # kept as it came


def _degrees(x: float) -> tuple[float, float, float]:
    return int(x), int(x % 1 * 60), round(x * 60 % 1 * 60, 3)
