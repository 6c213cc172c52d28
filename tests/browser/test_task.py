"""A task with somebody who has no account: on a phone, with a photo as phones take them; and checks by keys."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.browser.looking import outside
from tests.browser.test_desk import AXE, enter
from tests.store.standing import PACK, WAYS, put
from tests.store.test_checks import moved
from tests.store.test_pairs import cleared, made, street
from tests.web.served import Served, serve
from weathermap.evidence.catch_up import CatchUp
from weathermap.evidence.photos import keep_photos
from weathermap.issue.batch import NONE
from weathermap.people.demo import make_demo_accounts
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold

PHONE = (390, 844)


@pytest.fixture(scope="module")
def served(clone: Callable[..., Any]) -> Iterator[Served]:
    settings = clone()
    engine = open_store(settings)
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        now = time.time_ns() // 1_000
        for k in range(9):
            put(connection, city, f"task-{k}", WAYS["handling"], now, k * 3 % len(PACK.finest))
        make_demo_accounts(connection, city.city_id)
        for k in range(3, 9):
            moved(connection, city, f"task-{k}", "feed_back", now + k, NONE, "ab" * 32)
        shown = made(street(1)), made(cleared(street(1)))
        waiting = connection.scalars(select(t.issue.c.issue_id).where(t.issue.c.state == "to_check")).all()
        for issue_id in waiting:
            for seq, one in zip((1, 3), shown, strict=True):
                keep_photos(connection, settings, issue_id, seq, [one])
    assert CatchUp(engine, settings).once() == 6
    fold(engine)
    engine.dispose()
    with serve(settings) as running:
        yield running


def photo() -> bytes:
    """Twelve million pixels with a camera's noise and its place in it, turned on its side: some megabytes."""
    noise = np.random.default_rng(3).integers(0, 60, (3000, 4000, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    held = io.BytesIO()
    Image.fromarray(noise + np.linspace(0, 190, 4000).astype(np.uint8)[None, :, None]).save(held, "JPEG", exif=exif)
    return held.getvalue()


def sound(page: Page, width: int) -> None:
    """No serious finding of axe-core, nothing wider than the screen."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    grave = [(f["id"], f["nodes"][0]["html"]) for f in found if f["impact"] in ("serious", "critical")]
    assert not grave, json.dumps(grave, ensure_ascii=False)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def test_a_task_is_done_on_a_phone_and_confirmed_by_its_unit(browser: Browser, served: Served) -> None:
    unit = enter(browser, served, "handler", "", *PHONE)
    unit.locator("tr.row a").first.click()
    address = unit.url
    unit.get_by_role("button", name="二次派遣").click()
    form = unit.locator("dialog[open]")
    form.get_by_label("交给谁").fill("盐田村保洁队")
    form.get_by_label("办什么").fill("清走路口垃圾")
    form.get_by_label("期限").fill(f"{datetime.now() + timedelta(days=3):%Y-%m-%d}")
    form.get_by_role("button", name="二次派遣").click()
    expect(unit.locator(".qr svg")).to_be_visible()
    sound(unit, PHONE[0])
    link = unit.get_by_label("链接", exact=True).input_value()
    unit.get_by_role("button", name="复制链接").click()
    expect(unit.get_by_role("button", name="已复制")).to_be_visible()
    # no script, as in whatever opens a link: a form is a form
    crew = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, java_script_enabled=False).new_page()
    crew.on("request", lambda asked: outside(asked.url))
    crew.goto(link)
    expect(crew.locator("main")).to_contain_text("清走路口垃圾")
    expect(crew.locator("svg.place")).to_be_visible()
    crew.get_by_label("办好后的照片").set_input_files(
        [{"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo()}]
    )
    crew.get_by_role("button", name="已办好").click()
    expect(crew.locator("h1")).to_have_text("已收到，谢谢")
    unit.goto(address)
    expect(unit.locator(".tasks")).to_contain_text("已回复")
    expect(unit.locator(".steps")).to_contain_text("二次派遣回复")
    shown = unit.locator(".tasks img")
    assert shown.evaluate("async i => { await i.decode(); return i.naturalHeight > i.naturalWidth; }")  # turned upright
    sound(unit, PHONE[0])
    unit.get_by_role("button", name="确认并反馈").click()
    unit.locator("dialog[open]").get_by_label("说明").fill("村里已清理")
    unit.locator("dialog[open]").get_by_role("button", name="反馈").click()
    expect(unit.locator("h1")).to_contain_text("待核查")
    expect(unit.locator(".photos figure").nth(1).locator("img")).to_have_count(1)
    crew.goto(f"{link}?lang=en")
    expect(crew.locator("h1")).to_have_text("The task is over")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_of_this_stand_well_on_a_phone(browser: Browser, served: Served, lang: str) -> None:
    page = enter(browser, served, "dispatcher", f"?lang={lang}", *PHONE)
    for address in (f"/desk/help?lang={lang}", f"/desk?queue=split&lang={lang}", f"/desk?queue=handling&lang={lang}"):
        page.goto(f"{served.url}{address}")
        sound(page, PHONE[0])
    page.locator("tr.row a").first.click()
    page.locator('[data-dialog="dialog-split"]').click()
    sound(page, PHONE[0])
    checker = enter(browser, served, "checker", f"?lang={lang}", *PHONE)
    checker.goto(f"{served.url}/desk/check?lang={lang}")
    sound(checker, PHONE[0])


def test_many_are_checked_by_photo_by_keys_and_sent_together(browser: Browser, served: Served) -> None:
    page = enter(browser, served, "checker")
    page.goto(f"{served.url}/desk/check")
    waiting = page.locator("[data-pair]").count()
    assert waiting >= 3  # the draw may send some to the spot
    hints = page.locator("[data-pair] .hints", has=page.locator(".good")).first
    expect(hints.locator(".good")).to_contain_text("处吻合")
    hints.scroll_into_view_if_needed()
    # all have the same two photos; looked for when it is seen, which takes its time
    expect(hints.locator(".look").first).to_contain_text("的照片是同一张", timeout=120_000)
    for key in ("p", "p", "u", "k", "u", "p", "r"):
        page.keyboard.press(key)
    page.keyboard.type("垃圾还在")
    page.keyboard.press("Enter")
    expect(page.locator("[data-tally]")).to_contain_text("不通过 1")
    passed = page.locator('input[value="pass"]:checked').count()
    page.keyboard.press("s")
    expect(page.get_by_role("status")).to_have_text(f"已核查：通过 {passed} 件，不通过 1 件。")
    expect(page.locator("[data-pair]")).to_have_count(waiting - passed - 1)
    back = page.request.get(f"{served.url}/api/v1/issues?state=handling").json()["issues"]
    assert any(issue["state"] == "handling" for issue in back)
