"""What is made in the background: asked for on a page, made by a process, kept, cancelled, resumed, on schedule."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from html import unescape
from pathlib import Path
from time import time_ns
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text

from etl.export.issues.exporting import KINDS, ending_of
from etl.jobs.making import make_waiting
from etl.jobs.room import Readers
from tests.store.random_life import life
from tests.web.conftest import PACKS
from tests.web.hand import PASSWORD, csrf, enter
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.issue.listing import Filter, list_issues
from weathermap.people.accounts import create_account
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import connect_engine, open_store
from weathermap.store.job_tables import job, schedule
from weathermap.store.people_tables import access_log
from weathermap.store.registry import open_city
from weathermap.work.jobs import Cancelled, Progress, ask, cancel, claim, expire, find_job
from weathermap.work.schedules import add_schedule, fire, next_after
from web.api.issues import filter_of
from web.api.query import windowed
from web.api.report import question_of
from web.app import create_app
from web.problems import BadQuery

HOSTILE = "UPDATE issue SET address = '=HYPERLINK(1)' WHERE issue_id = (SELECT min(issue_id) FROM issue)"
READERS = Readers(question_of, filter_of)
ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def roomy(clone: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = replace(clone(), data_dir=tmp_path_factory.mktemp("data"))
    opened = open_store(made)
    pack = read_pack(PACKS / "toy")
    with opened.begin() as connection:
        load_pack(connection, pack)
        city = open_city(connection)
        for batch in life(pack, 4, 60, time_ns() // 1_000):
            take_in(connection, city, batch)
        for login, role in (("office", "supervisor"), ("other", "dispatcher")):
            create_account(connection, login, login, [role], city.city_id, None, None, PASSWORD)
    opened.dispose()
    return made


@pytest.fixture(scope="module")
def engine(roomy: Settings) -> Iterator[Engine]:
    opened = open_store(roomy)
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def app(roomy: Settings) -> Flask:
    return create_app(roomy)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def account(engine: Engine) -> Iterator[Any]:
    with engine.connect() as connection:
        row = connection.execute(text("SELECT account_id, city_id FROM account WHERE login = 'office'")).one()
    yield row
    with engine.begin() as connection:
        connection.execute(job.delete())
        connection.execute(schedule.delete())


def new_job(engine: Engine, account: Any, kind: str = "issues", **asked: str) -> int:
    with engine.begin() as connection:
        number = ask(connection, account.city_id, account.account_id, kind, "t", asked)
    assert number is not None
    return number


def state_of(engine: Engine, number: int) -> Any:
    with engine.connect() as connection:
        return find_job(connection, number)


def test_asked_on_the_page_made_fetched_and_logged(
    client: FlaskClient,
    app: Flask,
    roomy: Settings,
    engine: Engine,
    account: Any,
) -> None:
    enter(client, "office")
    seen = client.get("/reports?level=town&state=open")
    assert (
        seen.status_code == 200 and seen.text.count("<svg") >= 2 and client.get("/reports?lang=en").status_code == 200
    )
    form = {"csrf": csrf(client), "kind": "issues", "format": "csv", "query": "level=town&state=open"}
    assert client.post("/jobs", data=form).location == "/jobs?done=asked"
    assert make_waiting(roomy, READERS) == 1
    page = client.get("/jobs").text
    number = re.search(r'id="job-(\d+)" data-state="done"', page)[1]  # type: ignore[index]
    answer = client.get(f"/jobs/{number}/file")
    lines = [line for line in csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))) if not line[0].startswith("#")]
    listed = client.get("/api/v1/issues?state=open").get_json()
    assert len(lines) - 1 == listed["total"] == int(re.search(r"<small>([\d,]+) ", page)[1])  # type: ignore[index]
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    other = app.test_client()
    enter(other, "other")
    assert other.get(f"/jobs/{number}/file").status_code == 403 and f'id="job-{number}"' not in other.get("/jobs").text
    with engine.connect() as connection:
        said = set(connection.execute(select(access_log.c.what)).scalars())
    assert {"export asked", "export", "export fetched"} <= said
    bad = client.post("/jobs", data=form | {"format": "dwg"})
    assert bad.status_code == 404 and "gpkg" in bad.get_json()["remedy"]


@pytest.mark.parametrize(
    ("named", "first", "last"),
    [
        ("today", "2026-03-02T00:00:00", "2026-03-02T08:00:00"),
        ("yesterday", "2026-03-01T00:00:00", "2026-03-01T23:59:59"),
        ("this_week", "2026-03-02T00:00:00", "2026-03-02T08:00:00"),
        ("last_week", "2026-02-23T00:00:00", "2026-03-01T23:59:59"),
        ("this_month", "2026-03-01T00:00:00", "2026-03-02T08:00:00"),
        ("last_month", "2026-02-01T00:00:00", "2026-02-28T23:59:59"),
    ],
)
def test_a_window_as_seen_from_a_monday_at_eight(named: str, first: str, last: str) -> None:
    found = windowed({"window": named, "at": "2026-03-02T08:00:00+08:00", "state": "open"}, ZONE)
    assert found == {"state": "open", "from": f"{first}+08:00", "at": f"{last}+08:00"}
    with pytest.raises(BadQuery):
        windowed({"window": named, "to": "2026-03-02"}, ZONE)


@pytest.mark.parametrize("query", ["level=town", "level=unit&by=responsibility", "level=community&parent=990101001"])
def test_numbers_of_a_report_lead_to_their_lists(client: FlaskClient, engine: Engine, query: str) -> None:
    enter(client, "office")
    seen = client.get(f"/reports?{query}").text
    cells = re.findall(r'<a href="(/reports/issues\?[^"]+)">([\d,]+)</a>', seen)
    assert len(set(cells)) >= 3
    for href, number in dict(cells).items():
        page = client.get(unescape(href)).text
        assert int(re.search(r'data-total="(\d+)"', page)[1]) == int(number.replace(",", "")), href  # type: ignore[index]
        assert page.count('<td class="id">') == min(int(number.replace(",", "")), 50)
    assert "As of" in client.get(f"{unescape(cells[0][0])}&lang=en").text


def test_every_format_holds_every_issue(roomy: Settings, engine: Engine, account: Any) -> None:
    import openpyxl
    import pyarrow.parquet as pq
    import pyogrio

    with engine.begin() as connection:
        connection.execute(text(HOSTILE))
        at = datetime.now(UTC).replace(microsecond=0)
        rows = {row.number: row for row in list_issues(connection, Filter(account.city_id, None, at), 1_000, None)}
    numbers = {kind: new_job(engine, account, format=kind, at=at.isoformat()) for kind in KINDS}
    assert make_waiting(roomy, READERS) == len(KINDS)
    tables: dict[str, list[dict[str, Any]]] = {}
    for kind, number in numbers.items():
        done = state_of(engine, number)
        assert done.state == "done" and done.name.endswith(ending_of(kind)), done.said
        path = roomy.export_folder / done.file
        if kind.startswith("csv"):
            lines = csv.DictReader(io.StringIO(path.read_bytes().decode("gb18030" if kind != "csv" else "utf-8-sig")))
            found = [line for line in lines if not line["编号"].startswith("#")]
            tables[kind] = [{"number": r["编号"], "address": r["地址"].removeprefix("'")} for r in found]
            assert sum(r["地址"] == "'=HYPERLINK(1)" for r in found) == 1
        elif kind == "xlsx":
            book = openpyxl.load_workbook(path)
            assert book.sheetnames == ["问题1", "说明"] and book["问题1"].freeze_panes == "B2"
            heads, *lines = book["问题1"].iter_rows(values_only=True)
            at, until = heads.index("地址"), heads.index("时限")
            tables[kind] = [{"number": r[0], "address": r[at], "deadline": r[until]} for r in lines]
            assert {cell.data_type for row in book["问题1"].iter_rows() for cell in row} <= {"s", "n", "d", "b"}
        elif kind == "geoparquet":
            tables[kind] = pq.read_table(path, columns=["number", "address"]).to_pylist()
            frame = __import__("geopandas").read_parquet(path)
            assert {row.number: row.geometry.x if row.geometry else None for row in frame.itertuples()} == {
                number: row.lon for number, row in rows.items()
            }
        else:
            frame = pyogrio.read_dataframe(path, layer=0)
            tables[kind] = frame[["number", "address"]].to_dict("records")
            drawn = {r.number: None if r.geometry is None else r.geometry.x for r in frame.itertuples()}
            assert drawn == {number: row.lon for number, row in rows.items()}
    addresses = {number: row.address or "" for number, row in rows.items()}
    for kind, table in tables.items():
        assert {r["number"]: r["address"] or "" for r in table} == addresses, kind
    for line in tables["xlsx"]:
        held = rows[line["number"]].deadline
        local = held and held.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
        assert local is None if line["deadline"] is None else abs(line["deadline"] - local) < timedelta(seconds=1)


def test_who_dies_in_the_middle_leaves_the_job_to_the_next(
    roomy: Settings,
    engine: Engine,
    account: Any,
) -> None:
    number = new_job(engine, account, "grid_report", level="town", format="csv", at="2026-11-01T08:00:00+08:00")
    dying = connect_engine(str(roomy.database_url), pool=1)
    session = dying.connect().execution_options(isolation_level="AUTOCOMMIT")
    taken = claim(session)
    assert taken is not None and taken.job_id == number
    assert make_waiting(roomy, READERS) == 0  # it is being worked on
    pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    session.invalidate()
    dying.dispose()
    assert make_waiting(roomy, READERS) == 1
    made = state_of(engine, number)
    assert (made.state, made.attempts) == ("done", 2)
    again = new_job(engine, account, "grid_report", level="town", format="csv", at="2026-11-01T08:00:00+08:00")
    make_waiting(roomy, READERS)
    one, other = (roomy.export_folder / state_of(engine, n).file for n in (number, again))
    assert one.read_bytes() == other.read_bytes()


def test_what_is_cancelled_leaves_nothing(roomy: Settings, engine: Engine, account: Any) -> None:
    waiting = new_job(engine, account, format="xlsx")
    with engine.begin() as connection:
        cancel(connection, waiting)
    assert state_of(engine, waiting).state == "cancelled" and make_waiting(roomy, READERS) == 0
    running = new_job(engine, account, format="xlsx")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        progress = Progress(session, running)
        progress.of(10)
        with engine.begin() as connection:
            cancel(connection, running)
        with pytest.raises(Cancelled):
            progress.of(20)
    assert not list(roomy.export_folder.glob(f"*{running}-*"))


def test_a_file_is_taken_away_when_its_time_is_over(roomy: Settings, engine: Engine, account: Any) -> None:
    number = new_job(engine, account, "grid_report", level="town", format="csv")
    make_waiting(roomy, READERS)
    path = roomy.export_folder / state_of(engine, number).file
    (stray := roomy.export_folder / "999999-issues.csv").write_text("left behind")
    now = datetime.now(UTC)
    assert expire(engine, roomy.export_folder, now + timedelta(days=6)) == 0 and path.is_file() and not stray.exists()
    assert expire(engine, roomy.export_folder, now + timedelta(days=8)) == 1 and not path.exists()


def test_whoever_lost_the_right_gets_nothing(roomy: Settings, engine: Engine, account: Any) -> None:
    number = new_job(engine, account, format="csv")
    with engine.begin() as connection:
        connection.execute(text("UPDATE account SET disabled = true WHERE login = 'office'"))
    try:
        make_waiting(roomy, READERS)
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE account SET disabled = false WHERE login = 'office'"))
    assert state_of(engine, number).state == "failed" and not state_of(engine, number).file


@pytest.mark.parametrize(
    ("rhythm", "after", "expected"),
    [
        ("mon", "2026-11-22T12:00", "2026-11-23T08:00"),
        ("mon", "2026-11-23T07:59", "2026-11-23T08:00"),
        ("mon", "2026-11-23T08:00", "2026-11-30T08:00"),
        ("daily", "2026-12-31T09:00", "2027-01-01T08:00"),
        ("31", "2026-02-01T00:00", "2026-02-28T08:00"),
    ],
)
def test_the_next_instant_of_a_rhythm(rhythm: str, after: str, expected: str) -> None:
    zone = ZoneInfo(ZONE)
    found = next_after(rhythm, time(8), datetime.fromisoformat(after).replace(tzinfo=zone), ZONE)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=zone)


def test_a_schedule_is_made_once_though_two_workers_look(roomy: Settings, engine: Engine, account: Any) -> None:
    with engine.begin() as connection:
        asked, whose = {"level": "town", "format": "csv"}, (account.city_id, account.account_id)
        number = add_schedule(connection, *whose, "grid_report", "t", asked, "mon", time(8))
        due = connection.execute(select(schedule.c.next_at).where(schedule.c.schedule_id == number)).scalar_one()
    for late, made in ((timedelta(seconds=-1), 0), (timedelta(), 1), (timedelta(hours=3), 1), (timedelta(days=22), 2)):
        now, gate = due + late, threading.Barrier(2)

        def look(now: datetime = now, gate: threading.Barrier = gate) -> None:
            gate.wait()
            with engine.begin() as connection:
                fire(connection, now)

        threads = [threading.Thread(target=look) for _ in range(2)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        with engine.connect() as connection:
            found = connection.execute(select(job).order_by(job.c.job_id)).all()
        assert len(found) == made, now
    assert [row.due_at for row in found] == [due, due + timedelta(days=21)]  # the last one missed, not each
    assert SimpleNamespace(**found[0].asked).at == due.isoformat()
    assert make_waiting(roomy, READERS) == 2
    assert Path(roomy.export_folder / state_of(engine, found[0].job_id).file).read_bytes()


def test_a_schedule_tells_of_the_week_before_its_instant(
    client: FlaskClient, roomy: Settings, engine: Engine, account: Any
) -> None:
    enter(client, "office")
    form = {"csrf": csrf(client), "kind": "grid_report", "format": "csv", "query": "level=town&from=2020-01-01"}
    assert client.post("/schedules", data=form | {"window": "last_week", "rhythm": "mon"}).status_code == 303
    with engine.begin() as connection:
        due = connection.execute(select(schedule.c.next_at)).scalar_one()
        fire(connection, due)
        number = connection.execute(select(job.c.job_id)).scalar_one()
    assert make_waiting(roomy, READERS) == 1
    told = (roomy.export_folder / state_of(engine, number).file).read_text(encoding="utf-8-sig")
    monday = due.astimezone(ZoneInfo(ZONE))
    first, last = monday - timedelta(days=7), monday - timedelta(days=1)
    assert f"{first:%Y-%m-%d} 00:00:00 至 {last:%Y-%m-%d} 23:59:59" in told
    assert "上周" in client.get("/jobs").text
