"""Who may do what to an issue now: every role, state and move of the table; stale pages; many hands at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import IntegrityError

from tests.store.standing import DAY_US, PACK, WAYS, put
from weathermap.errors import Refused, Stale, WeathermapError
from weathermap.issue.batch import NONE
from weathermap.issue.given import Part, Wish
from weathermap.issue.hands import Answer, make_moves, open_moves
from weathermap.issue.listing import Filter, list_issues
from weathermap.issue.workflow import INTO, MOVES, NOTE, PARTS, STATES, TASK, TO, UNIT, UNTIL
from weathermap.people.accounts import Account, create_account, find_account
from weathermap.people.roles import ROLES
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import issue_check
from weathermap.store.registry import City, open_city
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_store


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    """A store with the toy city and an account of each role that works there."""
    made = clone()
    engine = open_store(made)
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        units = dict(connection.execute(select(t.unit.c.code, t.unit.c.unit_id)).all())  # type: ignore[arg-type]
        for login, role, unit, person in (
            ("head", "head", "T001", "P001"),
            ("foreign", "handler", "T101", "P102"),
            ("check", "checker", "B01", "PI1"),
            ("office", "supervisor", "B01", "PS1"),
            ("desk", "dispatcher", "B01", "PI2"),
            ("chief", "commander", "B01", "PC1"),
            ("own", "checker", "T001", "PB2"),
        ):
            create_account(connection, login, login, [role], city.city_id, units[unit], people[person])
    engine.dispose()
    return made


@pytest.fixture
def engine(settings: Settings):  # type: ignore[no-untyped-def]
    opened = open_store(settings)
    yield opened
    opened.dispose()


def wish_of(connection: Connection, number: str, move: str) -> Wish:
    seq = connection.execute(select(t.issue.c.seq).where(t.issue.c.number == number)).scalar_one()
    ahead = time.time_ns() // 1_000 + DAY_US
    needs = MOVES[move].needs
    held = connection.execute(select(t.issue.c.unit_id).where(t.issue.c.number == number)).scalar_one()
    other = connection.execute(select(t.unit.c.code).where(t.unit.c.unit_id != (held or 0)).limit(1)).scalar_one()
    note, until, unit = (
        "已清理" if NOTE in needs else "",
        ahead if UNTIL in needs else NONE,
        other if UNIT in needs else "",
    )
    into, parts, facts = "", (), {}
    if INTO in needs:
        i = t.issue.c
        into = connection.execute(
            select(i.number).where(i.state == "handling", i.number != number).limit(1)
        ).scalar_one()
    if PARTS in needs:
        parts = tuple(Part("E0102", unit) for unit in ("T001", "B01"))
    if {TO, TASK} & set(needs):
        facts = {"task": 1}  # as `tasks` gives it
    return Wish(number, seq, move, note, until, unit, into=into, parts=parts, facts=facts)


def made(connection: Connection, settings: Settings, city: City, account: Account, wish: Wish) -> Answer:
    return make_moves(connection, settings, city, account, [wish])[0]


def test_an_administrator_may_move_nothing() -> None:
    for role in ROLES.keys() & {"system_admin", "security_admin", "audit_admin", "screen"}:
        account = Account(1, "a", "a", None, (role,), None, 1)
        assert not [m for state in STATES for m in open_moves(account, state, None, 0)]


def test_a_stale_page_is_told_what_happened_and_nothing_is_overwritten(settings: Settings, engine: Engine) -> None:
    now = time.time_ns() // 1_000
    with engine.begin() as connection:
        city = open_city(connection)
        number = put(connection, city, "stale", WAYS["handling"], now)
        head = find_account(connection, "head")
        seen = wish_of(connection, number, "feed_back")
        assert made(connection, settings, city, head, seen).error is None
        again = made(connection, settings, city, head, seen).error  # a double click, or a page from before
        assert isinstance(again, Stale)
        assert "Feed back" in again.what
        assert "陈一" in again.what
        assert connection.execute(select(t.issue.c.seq).where(t.issue.c.number == number)).scalar_one() == 3


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"note": " "}, "note"),
        ({"note": "x" * 501}, "501"),
        ({"move": "relocate"}, "no move"),
        ({"number": "X"}, "no issue"),
    ],
)
def test_what_does_not_do_is_named(settings: Settings, engine: Engine, change: dict[str, str], word: str) -> None:
    with engine.connect() as connection, connection.begin() as whole:
        city = open_city(connection)
        number = put(connection, city, "bad", WAYS["handling"], time.time_ns() // 1_000)
        wish = replace(wish_of(connection, number, "feed_back"), **change)
        error = made(connection, settings, city, find_account(connection, "head"), wish).error
        assert error is not None
        assert word in error.what
        whole.rollback()


def test_who_handled_cannot_check_and_the_store_holds_it_too(settings: Settings, engine: Engine) -> None:
    now = time.time_ns() // 1_000
    with engine.begin() as connection:
        city = open_city(connection)
        number = put(connection, city, "check", WAYS["to_check"], now)
        for login, allowed in (("own", False), ("check", True)):
            wish = wish_of(connection, number, "check_pass")
            answer = made(connection, settings, city, find_account(connection, login), wish)
            assert (answer.error is None) == allowed
        row = connection.execute(select(issue_check)).one()
        assert row.checker != row.handler
        assert row.checker_unit != row.handler_unit
    for column, other in (("checker", "handler"), ("checker_unit", "handler_unit")):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(text(f"UPDATE issue_check SET {column} = {other}"))


def test_many_hands_lose_nothing(settings: Settings, engine: Engine) -> None:
    """Sixteen writers at eight issues: each issue is fed back once, the rest are told so, tallies stay exact."""
    now = time.time_ns() // 1_000
    with engine.begin() as connection:
        city = open_city(connection)
        numbers = [put(connection, city, f"many-{k}", WAYS["handling"], now) for k in range(8)]
        head = find_account(connection, "head")
        wishes = [wish_of(connection, number, "feed_back") for number in numbers]
    done: list[str] = []
    refused: list[Exception] = []

    def write(order: list[int]) -> None:
        own = open_store(settings)
        for at in order:
            with own.begin() as connection:
                answer = make_moves(connection, settings, city, head, [wishes[at]])[0]
            if answer.error is None:
                done.append(answer.wish.number)
            else:
                refused.append(answer.error)
        own.dispose()

    chance = np.random.default_rng(5)
    threads = [threading.Thread(target=write, args=(chance.permutation(8).tolist(),)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == sorted(numbers)
    assert len(refused) == 15 * 8
    assert all(isinstance(error, Stale) for error in refused)
    with engine.connect() as connection:
        states = connection.execute(
            select(t.issue.c.state, func.count()).where(t.issue.c.number.in_(numbers)).group_by("state")
        )
        assert dict(states.all()) == {"to_check": 8}  # type: ignore[arg-type]
    fold(engine)
    assert verify_store(engine, None) == []


def test_units_ask_and_the_office_decides(settings: Settings, engine: Engine) -> None:
    """Handed back, it stays with its unit until another is named; after three times the commander decides."""
    now = time.time_ns() // 1_000
    with engine.connect() as connection, connection.begin() as whole:
        city = open_city(connection)
        head, desk, chief = (find_account(connection, login) for login in ("head", "desk", "chief"))
        number = put(connection, city, "asked", WAYS["handling"], now)

        def act(who: Account, move: str, **given: object) -> WeathermapError | None:
            wish = replace(wish_of(connection, number, move), **given)  # type: ignore[arg-type]
            return made(connection, settings, city, who, wish).error

        def listed(state: str) -> list[str]:
            at = datetime.fromtimestamp(time.time() + 5, UTC)
            return [row.number for row in list_issues(connection, Filter(city.city_id, state, at), 50, None)]

        deadline = connection.execute(select(t.issue.c.deadline).where(t.issue.c.number == number)).scalar_one()
        for times in range(3):
            assert act(head, "hand_back") is None
            assert listed("handed_back") == [number]
            if times < 2:
                assert act(desk, "refuse") is None
                assert listed("handed_back") == []
        for move in ("refuse", "reassign"):
            assert "commander" in str(act(desk, move))
        assert "T001 already" in str(act(chief, "reassign", unit="T001"))
        assert act(chief, "reassign", unit="T101") is None
        row = connection.execute(select(t.issue).where(t.issue.c.number == number)).one()
        assert row.deadline == deadline
        assert row.unit_id == connection.execute(select(t.unit.c.unit_id).where(t.unit.c.code == "T101")).scalar_one()
        assert (
            row.person_id
            == connection.execute(select(t.person.c.person_id).where(t.person.c.code == "P101")).scalar_one()
        )
        assert listed("handed_back") == []
        assert isinstance(act(head, "feed_back"), Refused)
        whole.rollback()


def test_an_extension_is_asked_for_before_the_deadline(settings: Settings, engine: Engine) -> None:
    with engine.connect() as connection, connection.begin() as whole:
        city = open_city(connection)
        number = put(connection, city, "late", WAYS["handling"], time.time_ns() // 1_000 - 300 * DAY_US)
        wish = wish_of(connection, number, "ask_extension")
        error = made(connection, settings, city, find_account(connection, "head"), wish).error
        assert "before the deadline" in str(error)
        whole.rollback()
