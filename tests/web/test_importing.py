"""A ledger from the desk: uploaded, understood, mended, tried, imported; what was not stored comes back as a file."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from etl.jobs.making import make_waiting
from tests.small_ledger import MAPPING, make_city, row, write_ledger
from tests.web.hand import PASSWORD, csrf, enter
from tests.web.test_jobs import READERS
from weathermap.city.reading import read_pack
from weathermap.people.accounts import create_account
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_store
from weathermap.work.jobs import BEAT_S
from web.app import create_app


@pytest.fixture
def settings(clone: Callable[..., Settings], tmp_path: Path) -> Settings:
    made = replace(clone(), data_dir=tmp_path / "data")
    opened = open_store(made)
    with opened.begin() as connection:
        load_pack(connection, read_pack(make_city(tmp_path / "city")))
        for login, role in (("desk", "dispatcher"), ("checker", "checker")):
            create_account(connection, login, login, [role], 1, None, None, PASSWORD)
    opened.dispose()
    return made


def upload(client: FlaskClient, file: Path) -> str:
    form = {"csrf": csrf(client), "ledger": (io.BytesIO(file.read_bytes()), file.name)}
    answer = client.post("/import", data=form, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def run(client: FlaskClient, settings: Settings, place: str, mapping: str, do: str) -> str:
    answer = client.post(place, data={"csrf": csrf(client), "mapping": mapping, "do": do})
    assert answer.status_code == 303
    assert make_waiting(settings, READERS) == 1
    return client.get(answer.location).text


def test_a_ledger_goes_in_and_its_rejected_rows_come_back(settings: Settings, tmp_path: Path) -> None:
    client = create_app(settings).test_client()
    enter(client, "desk")
    rows = [row("a1"), row("a2", 类别="路灯"), row("a3", 类别="没有的类别"), row("a4", 上报时间="昨天")]
    place = upload(client, write_ledger(tmp_path / "五月台账.csv", rows))
    page = client.get(place).text
    assert "五月台账.csv" in page and "一号路" in page and "key = &#34;编号&#34;" in page  # what was guessed
    broken = run(client, settings, place, "source = 3", "try")
    assert "失败" in broken and 'role="alert"' in broken
    engine = open_store(settings)

    def stored() -> int:
        with engine.connect() as connection:
            found: int = connection.execute(text("SELECT count(*) FROM issue")).scalar_one()
            return found

    tried = run(client, settings, place, MAPPING, "try")
    assert "没有入库" in tried and "读取 4 行 = 入库 2 + 未入库 2 + 重复 0" in tried and stored() == 0
    done = run(client, settings, place, MAPPING, "import")
    assert "已导入" in done and stored() == 2 and "五月台账.csv" in client.get("/loads").text
    link = re.search(r'href="(/jobs/\d+/file)"', done)[1]  # type: ignore[index]
    assert "未入库：1 行 – 类别：类别不认识" in done and "未入库：1 行 – 上报时间：没有这样的时间" in done
    english = client.get(f"{place}?job={link.split('/')[2]}&lang=en").text
    assert "4 rows read = 2 stored + 2 rejected + 0 duplicates" in english and "类别: unknown category" in english
    answer = client.get(link)
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    lines = [[str(value) for value in line] for line in book.worksheets[0].iter_rows(values_only=True)]
    assert sum("a3" in line for line in lines) == sum("a4" in line for line in lines) == 1
    mended = upload(client, write_ledger(tmp_path / "五月台账.csv", [row("a3"), row("a4"), row("a1")]))
    again = run(client, settings, mended, MAPPING, "import")
    assert "读取 3 行 = 入库 2 + 未入库 0 + 重复 1" in again and stored() == 4
    assert not re.search(r'href="/jobs/\d+/file"', again)
    engine.dispose()


def test_a_running_import_tells_how_far_it_is_and_stops_where_it_is_told(settings: Settings, tmp_path: Path) -> None:
    client = create_app(settings).test_client()
    enter(client, "desk")
    rows = [row(f"a{k}") for k in range(6_000)]
    place = upload(client, write_ledger(tmp_path / "全年台账.csv", rows))
    form = {"csrf": csrf(client), "mapping": MAPPING, "do": "import"}
    engine = open_store(settings)
    shown = client.post(place, data=form).location
    number = int(shown.rpartition("job=")[2])
    with engine.begin() as blocking:  # nothing can be stored before it is told to stop
        blocking.execute(text("LOCK TABLE issue IN SHARE MODE"))
        maker = threading.Thread(target=make_waiting, args=(settings, READERS))
        maker.start()
        until = monotonic() + 120
        while "0 / 6,000 行" not in client.get(f"{place}/state?job={number}").text:
            assert monotonic() < until
        assert client.post(f"/jobs/{number}/cancel", data=form | {"back": place[8:]}).location == shown
        assert "正在取消" in client.get(shown).text
        sleep(BEAT_S)  # so that the next piece looks
    maker.join(120)
    assert 'data-job="cancelled"' in client.get(shown).text and not maker.is_alive()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM issue")).scalar_one() == 0
    done = run(client, settings, place, MAPPING, "import")
    assert "读取 6,000 行 = 入库 6,000" in done
    fold(engine)
    assert verify_store(engine) == []
    engine.dispose()


def test_what_is_no_ledger_is_said_and_only_the_office_imports(settings: Settings, tmp_path: Path) -> None:
    app = create_app(settings)
    client, other = app.test_client(), app.test_client()
    enter(client, "desk")
    enter(other, "checker")
    assert other.get("/import").status_code == 403
    (tmp_path / "x.exe").write_bytes(b"MZ")
    (tmp_path / "x.xlsx").write_bytes(b"no workbook")
    form = {"csrf": csrf(client), "ledger": (io.BytesIO(b"MZ"), "x.exe")}
    assert client.post("/import", data=form, content_type="multipart/form-data").status_code == 400
    form = {"csrf": csrf(client), "ledger": (io.BytesIO(b"no workbook"), "x.xlsx")}
    answer = client.post("/import", data=form, content_type="multipart/form-data")
    assert answer.status_code == 200 and "x.xlsx 不是工作簿，而是文本。请把扩展名改为 .csv。" in answer.text
    assert "/uploads/" not in answer.text, "folders of the server are nobody's business"
    assert not list((settings.data_dir / "uploads").iterdir())
    assert client.get("/import/..%2F..%2Fetc").status_code == 404
