"""Issues merged as duplicates and split into parts: who has whose fate, and that every tally stays exact."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import Connection, func, select

from tests.store.standing import PACK, WAYS, put
from weathermap.duty.deadlines import deadlines
from weathermap.issue.given import Part, Wish
from weathermap.issue.hands import make_moves
from weathermap.issue.kin import done_parts, kin_of, near_duplicates, survivor_of
from weathermap.people.accounts import Account, create_account, find_account
from weathermap.settings import Settings
from weathermap.snap.reports import Sent, take_snap
from weathermap.snap.tickets import answer, find_ticket
from weathermap.store import tables as t
from weathermap.store.catalog import load_catalog
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_store
from web.snap.telling import tell


@pytest.fixture
def settings(fresh: Settings) -> Settings:
    engine = open_store(fresh)
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        units = dict(connection.execute(select(t.unit.c.code, t.unit.c.unit_id)).all())  # type: ignore[arg-type]
        for login, role, unit, person in (
            ("desk", "dispatcher", None, "PI2"),
            ("chief", "commander", None, "PC1"),
            ("check", "checker", None, "PI1"),
            ("head", "head", "T001", "P001"),
            ("bureau", "head", "B02", "PB2"),
        ):
            create_account(connection, login, login, [role], city.city_id, unit and units[unit], people[person])
    engine.dispose()
    return fresh


class Desk:
    """Moves by login on issues as they stand."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self.connection, self.settings, self.city = connection, settings, open_city(connection)

    def issue(self, number: str) -> Any:
        return self.connection.execute(select(t.issue).where(t.issue.c.number == number)).one()

    def wish(self, number: str, move: str, **given: Any) -> Wish:
        return replace(Wish(number, self.issue(number).seq, move), **given)

    def act(self, login: str, *wishes: Wish) -> list[str]:
        """What was refused, in words."""
        account: Account = find_account(self.connection, login)
        answers = make_moves(self.connection, self.settings, self.city, account, wishes)
        return [str(answer.error) for answer in answers if answer.error is not None]


def test_a_duplicate_has_the_fate_of_what_it_went_into(settings: Settings) -> None:
    engine, now = open_store(settings), time.time_ns() // 1_000
    with engine.begin() as connection:
        desk = Desk(connection, settings)
        first, second, third = (put(connection, desk.city, f"d{k}", WAYS["handling"], now) for k in range(3))
        waiting = put(connection, desk.city, "d3", WAYS["reported"], now)
        far = put(connection, desk.city, "far", WAYS["handling"], now, area=40)
        near = [row.number for row in near_duplicates(connection, desk.issue(waiting).issue_id)]
        assert near == [first, second, third]  # the same kind of problem at the same place
        assert far not in near
        assert "itself" in desk.act("desk", desk.wish(first, "merge", into=first))[0]
        assert "no issue" in desk.act("desk", desk.wish(first, "merge", into="X"))[0]
        # each into the other at once: the second is refused, or both were gone
        pair = desk.wish(second, "merge", into=first), desk.wish(first, "merge", into=second)
        assert "itself" in desk.act("desk", *pair)[0]
        assert not desk.act("desk", desk.wish(waiting, "merge", into=third))
        assert "merged" in desk.act("desk", desk.wish(first, "merge", into=second))[0]
        assert not desk.act("desk", desk.wish(first, "merge", into=third))
        fate = survivor_of(connection, desk.issue(second).issue_id)  # through what it was merged into
        assert fate is not None
        assert (fate.number, fate.state) == (third, "handling")
        assert survivor_of(connection, desk.issue(third).issue_id) is None
        duplicates = kin_of(connection, desk.issue(third).issue_id)["duplicate"]
        assert [row.number for row in duplicates] == sorted([first, waiting])
        until = now + 9 * 86_400_000_000
        assert not desk.act("chief", desk.wish(third, "order", note="三日内", until=until))
        assert "order" in desk.act("desk", desk.wish(third, "merge", into=far))[0]
        assert not desk.act("head", desk.wish(third, "feed_back", note="已清"))
        assert not desk.act("check", desk.wish(third, "check_pass"))
        fate = survivor_of(connection, desk.issue(waiting).issue_id)
        assert fate is not None
        assert fate.state == "rectified"
    fold(engine)
    assert verify_store(engine) == []
    engine.dispose()


@pytest.mark.parametrize("way", ["reported", "handling"])
def test_a_split_issue_counts_as_its_parts_and_is_done_with_them(settings: Settings, way: str) -> None:
    engine, now = open_store(settings), time.time_ns() // 1_000
    with engine.begin() as connection:
        desk = Desk(connection, settings)
        number = put(connection, desk.city, "whole", WAYS[way], now)
        ticket = find_ticket(connection, take_snap(connection, settings, desk.city, Sent(uuid4(), follow=number)))
        whole = desk.issue(number)
        parts = (Part("E0102", "T001", "清垃圾"), Part("E0505", "B02", "拖车"))
        for bad in ((parts[0],), (parts[0], Part("E0102", "NOBODY")), parts * 4):
            assert desk.act("desk", desk.wish(number, "split", parts=bad))
        assert not desk.act("desk", desk.wish(number, "split", parts=parts))
        found = kin_of(connection, whole.issue_id)["part"]
        assert [row.unit_name for row in found] == ["东街街道办事处", "交警大队"]
        assert done_parts(found) == 0
        rows = [desk.issue(row.number) for row in found]
        assert {row.state for row in rows} == {"handling"}
        if way == "handling":
            assert {row.deadline for row in rows} == {whole.deadline}  # splitting never sets a term anew
        assert {row.area_id for row in rows} == {whole.area_id}
        assert [row.number for row in kin_of(connection, rows[0].issue_id)["whole"]] == [number]
        catalog = load_catalog(connection, desk.city.code)
        for login, row in zip(("head", "bureau"), rows, strict=True):
            told = tell(connection, catalog, ticket, "zh")
            assert not told.asked and "正在处理" in {how for _, how in told.parts}
            assert not desk.act(login, desk.wish(row.number, "feed_back", note="办结"))
            assert not desk.act("check", desk.wish(row.number, "check_pass"))
        assert done_parts(kin_of(connection, whole.issue_id)["part"]) == 2
        assert desk.issue(number).state == "split"
        told = tell(connection, catalog, ticket, "zh")  # the citizen hears that all of it is done, and is asked
        assert told.asked and told.headline.startswith("各部分都办好了")
        assert told.parts == [("东街街道办事处", "已经解决"), ("交警大队", "已经解决")]
        assert {"东街街道办事处说处理好了", "交警大队说处理好了"} <= {line.what for line in told.lines}
        answer(connection, desk.city, ticket, False, "还有一半")
        asked = select(func.count()).where(t.issue_event.c.move == "ask_reopen")
        assert connection.execute(asked).scalar_one() == 2
        assert not tell(connection, catalog, ticket, "zh").asked
    fold(engine)
    assert verify_store(engine) == []
    with engine.connect() as connection:
        sums = connection.execute(select(t.tally_prefix.c.notified, t.tally_prefix.c.rectified)).all()
        assert {row.notified for row in sums} & {2}
    engine.dispose()


def test_what_a_citizen_called_other_finds_its_kind_unit_and_term(settings: Settings) -> None:
    engine, now = open_store(settings), time.time_ns() // 1_000
    spot = PACK.finest.geoms[0].representative_point()
    with engine.begin() as connection:
        desk = Desk(connection, settings)
        ticket = find_ticket(
            connection, take_snap(connection, settings, desk.city, Sent(uuid4(), spot.x, spot.y, words="车停在盲道上"))
        )
        number, given = ticket.number, put(connection, desk.city, "given", WAYS["reported"], now)
        before = desk.issue(number)
        codes = dict(connection.execute(select(t.category.c.code, t.category.c.category_id)).all())  # type: ignore[arg-type]
        assert before.category_id != codes["E0505"]
        for wrong in ("", "NONE", PACK.config.snap_categories[-1]):
            assert "another category" in desk.act("desk", desk.wish(number, "recategorise", category=wrong))[0]
        assert "may not" in desk.act("head", desk.wish(number, "recategorise", category="E0505"))[0]
        for one in (number, given):
            assert not desk.act("desk", desk.wish(one, "recategorise", category="E0505"))
        assert {desk.issue(one).category_id for one in (number, given)} == {codes["E0505"]}
        assert desk.issue(number).receipt == before.receipt  # given on entry, it stays
        for one in (number, given):
            assert not desk.act("desk", desk.wish(one, "dispatch"))
        units = dict(connection.execute(select(t.unit.c.unit_id, t.unit.c.code)).all())  # type: ignore[arg-type]
        assert [units[desk.issue(one).unit_id] for one in (number, given)] == [
            "B02",
            "T001",
        ]  # routed; named by the source
        done = desk.issue(number)
        begun = np.array([int(done.notified_at.timestamp() * 1e6)])
        by_kind = deadlines(desk.city.book.calendar, desk.city.book.limits, np.array(["E0505"], dtype=object), begun)
        assert int(done.deadline.timestamp()) == int(by_kind[0]) // 1_000_000
        assert desk.act("desk", desk.wish(number, "recategorise", category="E0102"))  # handed over: too late
    fold(engine)
    assert verify_store(engine) == []
    engine.dispose()
