"""Reports, bulletins, imports and jobs in real Chromium: numbers as the API has them, files that arrive, no serious
finding of axe-core on desk and phone."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, update

from etl.jobs.making import make_waiting
from tests.browser.test_desk import AXE, enter
from tests.store.standing import DAY_US, PACK, WAYS, put
from tests.web.served import Served, serve
from tests.web.test_jobs import READERS
from weathermap.people.demo import make_demo_accounts
from weathermap.settings import Settings
from weathermap.store.bulletin_tables import bulletin
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.job_tables import job
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold
from weathermap.work.jobs import claim, release

LATE = 6


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return replace(clone(), data_dir=tmp_path_factory.mktemp("paper"))


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    """Six overdue issues of one unit, and six of today."""
    opened = open_store(settings)
    with opened.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        now = time.time_ns() // 1_000
        for k in range(2 * LATE):
            way = WAYS["handling" if k < LATE else ("reported", "to_check")[k % 2]]
            put(connection, city, f"paper-{k}", way, now - (20 * DAY_US if k < LATE else 0), k * 3 % len(PACK.finest))
        make_demo_accounts(connection, city.city_id)
    fold(opened)
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def served(settings: Settings, engine: Engine) -> Iterator[Served]:
    with serve(settings) as running:
        yield running


def sound(page: Page) -> None:
    """No serious finding of axe-core, nothing wider than the screen, at a desk's width and a phone's."""
    for width, height in ((390, 844), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        grave = [(f["id"], f["nodes"][0]["html"]) for f in found if f["impact"] in ("serious", "critical")]
        assert not grave, (width, json.dumps(grave, ensure_ascii=False))
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_report_says_what_the_api_says_and_leads_to_its_list(browser: Browser, served: Served) -> None:
    page = enter(browser, served, "supervisor")
    page.goto(f"{served.url}/reports")
    sound(page)
    page.locator('select[name="window"]').first.select_option("this_month")
    page.get_by_role("button", name="查看").click()
    page.wait_for_url("**window=this_month**")
    heads = page.locator("table.numbers thead th").all_inner_texts()
    at = heads.index("逾期")
    cells = [row.locator("th, td").all_inner_texts() for row in page.locator("table.numbers tbody tr").all()]
    asked = page.locator('a[data-format="csv"]').get_attribute("href") or ""
    instant = re.search(r"[?&]at=([^&]+)", asked)
    assert instant
    board = page.request.get(f"{served.url}/api/v1/weather?level=town&at={instant[1]}").json()
    assert [int(row[at]) for row in cells] == [area["overdue"] for area in board["areas"]]
    assert board["totals"]["overdue"] == LATE
    with page.expect_download() as loading:
        page.locator('a[data-format="csv"]').click()
    lines = list(csv.reader(io.StringIO(Path(loading.value.path()).read_text(encoding="utf-8-sig"))))
    held = {line[1]: line for line in lines if len(line) > at}
    assert [held[row[1]][at] for row in cells] == [row[at] for row in cells]
    assert "网格报表" in loading.value.suggested_filename
    page.get_by_label("视图名称").fill("本月各镇")
    page.get_by_role("button", name="保存当前视图").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    page.get_by_role("link", name="本月各镇").click()
    expect(page.locator('select[name="window"]').first).to_have_value("this_month")
    page.locator("dl.sums a").filter(has_text=re.compile(rf"^{LATE}$")).first.click()
    expect(page.locator("h1")).to_contain_text(f"逾期 {LATE}")
    expect(page.locator("table.list tbody tr")).to_have_count(LATE)
    sound(page)


def test_a_bulletin_is_shown_objected_to_answered_and_sent_out(
    browser: Browser, served: Served, engine: Engine
) -> None:
    office = enter(browser, served, "supervisor")
    office.goto(f"{served.url}/bulletins")
    sound(office)
    office.get_by_role("button", name="取数并起草").click()
    office.wait_for_url(re.compile(r"/bulletins/\d+$"))
    place = office.url
    shown = office.locator("img.long")
    assert shown.evaluate("async image => { await image.decode(); return image.naturalWidth; }") == 750
    office.get_by_role("button", name="送有关单位阅看").click()
    expect(office.locator(".head")).to_contain_text("意见截止")
    sound(office)
    unit = enter(browser, served, "head")
    unit.goto(f"{served.url}/desk/inbox")
    unit.get_by_role("link", name="通报征求意见").click()
    unit.wait_for_url(place)
    unit.locator("textarea[name=said]").fill("第三件不在我单位辖区")
    unit.get_by_role("button", name="提出意见").click()
    expect(unit.locator(".objection")).to_contain_text("第三件不在我单位辖区")
    sound(unit)
    with engine.begin() as connection:  # a day later
        past = datetime.now(UTC) - timedelta(minutes=1)
        connection.execute(update(bulletin).where(bulletin.c.state == "shown").values(open_until=past))
    office.reload()
    office.get_by_label("答复").fill("已核实，予以更正")
    office.get_by_role("button", name="答复").click()
    expect(office.locator(".objection")).to_contain_text("已核实，予以更正")
    office.get_by_role("button", name="发布").click()
    expect(office.locator(".head")).to_contain_text("已发布")
    with office.expect_download() as loading:
        office.get_by_role("link", name="PDF").click()
    assert Path(loading.value.path()).read_bytes().startswith(b"%PDF") and "通报" in loading.value.suggested_filename


def test_a_ledger_is_mended_tried_and_imported(
    browser: Browser, served: Served, settings: Settings, tmp_path: Path
) -> None:
    page = enter(browser, served, "dispatcher")
    page.goto(f"{served.url}/import")
    sound(page)
    spot = PACK.finest.geoms[0].representative_point()
    heads = "工单号,问题类型,时间,经度,纬度,地址"
    rows = [f"L{k},{'路灯' if k else '没有的类别'},2026-05-0{k + 1} 08:00,{spot.x},{spot.y},一号路" for k in range(4)]
    ledger = tmp_path / "五月台账.csv"
    ledger.write_text("\n".join([heads, *rows]) + "\n", encoding="gb18030")
    page.locator('input[type="file"]').set_input_files(ledger)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator("h1")).to_have_text("五月台账.csv")
    sound(page)
    mapping = page.locator("textarea[name=mapping]")
    assert 'key = "工单号"' in mapping.input_value()
    mended = """source = "hotline"
key = "工单号"
address = "地址"
[category]
column = "问题类型"
new = "reject"
[position]
lon = "经度"
lat = "纬度"
[times]
formats = ["%Y-%m-%d %H:%M"]
reported_at = "时间"
"""
    for button, said in (("试运行", "没有入库"), ("导入", "已导入")):
        mapping.fill(mended)
        page.get_by_role("button", name=button).first.click()
        expect(page.locator('[data-job="waiting"]')).to_be_visible()
        assert make_waiting(settings, READERS) == 1
        expect(page.locator('[data-job="done"]')).to_contain_text(said)
        expect(page.locator("#state")).to_contain_text("读取 4 行 = 入库 3 + 未入库 1")
    with page.expect_download() as loading:
        page.get_by_role("link", name="下载未入库的行").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(loading.value.path()).read_bytes()))
    values = [str(cell) for line in book.worksheets[0].iter_rows(values_only=True) for cell in line]
    assert "L0" in values and "L1" not in values


def test_a_job_shows_how_far_it_is_and_is_cancelled(browser: Browser, served: Served, engine: Engine) -> None:
    page = enter(browser, served, "supervisor")
    page.goto(f"{served.url}/reports")
    page.get_by_role("button", name="导出", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已加入后台任务")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        taken = claim(session)
        assert taken is not None
        session.execute(update(job).where(job.c.job_id == taken.job_id).values(done=100, total=400))
        expect(page.locator("table.jobs progress")).to_have_attribute("value", "100")
        expect(page.locator("table.jobs")).to_contain_text("100 / 400")
        sound(page)
        page.get_by_role("button", name="取消").click()
        expect(page.locator("table.jobs")).to_contain_text("正在取消")
        release(session, taken.job_id)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        assert claim(session) is None
    expect(page.locator(f"#job-{taken.job_id}")).to_contain_text("已取消")
