"""Supervision by itself: reminders and proposals, each once, however many workers look and however often they die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, func, select, text

from tests.store.standing import DAY_US, PACK, WAYS, put
from weathermap.issue.given import Wish
from weathermap.issue.hands import make_moves
from weathermap.people.accounts import create_account, find_account
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.notice_tables import ladder_step, notice
from weathermap.store.registry import City, open_city
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_store
from weathermap.work.timers import watch

HOUR_US = 3_600_000_000


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    made = clone()
    engine = open_store(made)
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        unit = connection.execute(select(t.unit.c.unit_id).where(t.unit.c.code == "T001")).scalar_one()
        create_account(connection, "head", "head", ["head"], city.city_id, unit, people["P001"])
    engine.dispose()
    return made


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    opened = open_store(settings)
    yield opened
    opened.dispose()


@pytest.fixture
def held(engine: Engine) -> Iterator[tuple[Connection, City]]:
    """A transaction that is rolled back, and the city."""
    with engine.connect() as connection, connection.begin() as whole:
        yield connection, open_city(connection)
        whole.rollback()


def deadline_of(connection: Connection, number: str) -> int:
    at = connection.execute(select(t.issue.c.deadline).where(t.issue.c.number == number)).scalar_one()
    return int(at.timestamp()) * 1_000_000


def steps(connection: Connection) -> dict[str, str]:
    return dict(connection.execute(select(ladder_step.c.step, ladder_step.c.state)).all())  # type: ignore[arg-type]


def kinds(connection: Connection) -> list[str]:
    return list(connection.execute(select(notice.c.kind).order_by(notice.c.notice_id)).scalars())


def test_an_issue_climbs_the_ladder_a_step_at_a_time(held: tuple[Connection, City]) -> None:
    """Category C0102 is a red line: reminders before and after, an order at +4 h, the next a while after a decision."""
    connection, city = held
    number = put(connection, city, "climbs", WAYS["handling"], time.time_ns() // 1_000)
    deadline = deadline_of(connection, number)

    def look(hours: float) -> int:
        return watch(connection, city, deadline + int(hours * HOUR_US))

    def decided(step: str, hours: float) -> None:
        at = text(f"deadline + interval '{hours} hours'")
        chosen = ladder_step.update().where(ladder_step.c.step == step)
        connection.execute(chosen.values(state="dismissed", decided_at=at))

    assert look(-2.1) == 0
    assert (look(-1.9), look(-1.8)) == (1, 0)
    assert (look(0.1), look(0.2)) == (1, 0)
    assert steps(connection) == {"L1": "sent", "L2": "sent"}
    assert (look(5), look(30)) == (1, 0)  # one proposal at a time
    decided("L3", 30)
    assert (look(41), look(43)) == (0, 1)  # twelve hours after the decision before
    assert steps(connection) == {"L1": "sent", "L2": "sent", "L3": "dismissed", "L5": "open"}
    assert kinds(connection) == ["due_soon", "overdue", "proposed", "proposed"]
    events = connection.execute(
        select(t.issue_event.c.move, t.issue_event.c.actor).order_by(t.issue_event.c.seq).offset(2)
    ).all()
    assert [tuple(row) for row in events] == [("urge", 0), ("urge", 0)]


def test_what_a_leader_did_without_a_proposal_is_not_proposed(held: tuple[Connection, City]) -> None:
    connection, city = held
    number = put(connection, city, "ordered", ("dispatch", "order"), time.time_ns() // 1_000)
    assert watch(connection, city, deadline_of(connection, number) + 30 * HOUR_US) == 1
    assert steps(connection) == {"L1": "passed", "L2": "sent"}
    assert watch(connection, city, deadline_of(connection, number) + 80 * HOUR_US) == 1
    assert steps(connection)["L6"] == "open"


def test_seen_late_an_issue_gets_the_last_reminder_alone(held: tuple[Connection, City]) -> None:
    connection, city = held
    number = put(connection, city, "late", WAYS["handling"], time.time_ns() // 1_000)
    assert watch(connection, city, deadline_of(connection, number) + 90 * HOUR_US) == 2
    assert steps(connection) == {"L1": "passed", "L2": "sent", "L3": "open"}


def test_what_is_not_in_the_units_hands_rests(held: tuple[Connection, City]) -> None:
    """What waits for its check, is suspended or done is left alone; what came back twice is proposed at once."""
    connection, city = held
    now = time.time_ns() // 1_000
    for state in WAYS.keys() - {"handling"}:
        put(connection, city, state, WAYS[state], now)
    assert watch(connection, city, now + 40 * DAY_US) == 0
    twice = ("dispatch", *("feed_back", "check_fail") * 2)
    put(connection, city, "twice", twice, now)
    assert watch(connection, city, now - 200_000_000) == 1
    assert steps(connection) == {"L4": "open"}
    connection.execute(t.issue.update().values(state="rectified"))
    assert watch(connection, city, now) == 0
    assert steps(connection) == {"L4": "settled"}


def test_a_reminder_stands_in_nobodys_way(settings: Settings, engine: Engine) -> None:
    """A page from before it is still good, what a source dates before it keeps its instant, and all of it verifies."""
    now = time.time_ns() // 1_000
    with engine.begin() as connection:
        city = open_city(connection)
        number = put(connection, city, "reminded", WAYS["handling"], now)
        seen = connection.execute(select(t.issue.c.seq).where(t.issue.c.number == number)).scalar_one()
        assert watch(connection, city, deadline_of(connection, number) - HOUR_US) == 1
        answer = make_moves(
            connection, settings, city, find_account(connection, "head"), [Wish(number, seen, "feed_back", "已清理")]
        )[0]
        assert answer.error is None
        row = connection.execute(select(t.issue).where(t.issue.c.number == number)).one()
        assert row.seq == 4
        assert row.last_at == row.fed_back_at
        assert int(row.fed_back_at.timestamp()) < now // 1_000_000 + 60
    fold(engine)
    assert verify_store(engine, None) == []


def worker(settings: Settings) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "WEATHERMAP_DATABASE_URL": settings.database_url or ""}
    environ |= {"WEATHERMAP_DATA": str(settings.data_dir), "WEATHERMAP_CITY": "none"}
    words = (sys.executable, "-c", "from weathermap.cli import main; main()", "work")
    return subprocess.Popen(words, env=environ, stderr=subprocess.DEVNULL)


def test_two_workers_killed_and_started_again_take_each_step_once(fresh: Settings) -> None:
    issues = 260
    engine = open_store(fresh)
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        for key in range(issues):
            put(connection, city, f"many-{key}", WAYS["handling"], time.time_ns() // 1_000 - 20 * DAY_US)

    def taken() -> int:
        with engine.connect() as connection:
            return connection.execute(select(func.count()).where(ladder_step.c.state == "open")).scalar_one()

    def until(enough: int) -> None:
        limit = time.monotonic() + 60
        while taken() < enough:
            assert time.monotonic() < limit, taken()
            time.sleep(0.02)

    running = [worker(fresh), worker(fresh)]
    try:
        until(1)
        for process in running:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
        running = [worker(fresh), worker(fresh)]
        until(issues)
        time.sleep(0.5)
    finally:
        for process in running:
            process.terminate()
            process.wait(10)
    with engine.connect() as connection:
        e = t.issue_event.c
        urged = select(e.issue_id, func.count().label("n")).where(e.move == "urge").group_by(e.issue_id).subquery()
        assert connection.execute(select(func.count(), func.max(urged.c.n))).one() == (issues, 1)
        told = connection.execute(select(notice.c.kind, func.count()).group_by(notice.c.kind)).all()
        assert dict(told) == {"overdue": issues, "proposed": issues}  # type: ignore[arg-type]
    fold(engine)
    assert verify_store(engine, None) == []
    engine.dispose()
