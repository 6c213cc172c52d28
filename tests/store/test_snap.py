"""A citizen's report from the way in to the last answer: once only, sealed, and nobody's name in an event."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, select

from tests.store.standing import PACK
from tests.store.test_photos import jpeg
from weathermap.errors import IllegalMove, Refused, UnknownName
from weathermap.evidence.photos import develop_photo
from weathermap.issue.listing import Filter, list_issues
from weathermap.people.accounts import Account, create_account, list_accounts
from weathermap.settings import Settings, read_settings
from weathermap.snap.erasing import Erased, days_of, erase_city
from weathermap.snap.near import issues_near, place_of
from weathermap.snap.office import answers_of, mark_spam, told_by_citizens, waiting
from weathermap.snap.reports import Sent, hands_of, make_own_move, sealed, take_snap
from weathermap.snap.tickets import answer, asked_now, fate_of, find_by_phone, find_ticket
from weathermap.store import tables as t
from weathermap.store.catalog import load_catalog
from weathermap.store.cities import load_pack
from weathermap.store.people_tables import access_log
from weathermap.store.registry import City, open_city
from weathermap.store.snap_tables import snap, snap_link
from weathermap.tally.verify import verify_city

SPOT = PACK.finest.geoms[0].representative_point()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(read_settings({}), data_dir=tmp_path)


@pytest.fixture
def city(connection: Connection) -> City:
    load_pack(connection, PACK)
    return open_city(connection, PACK.config.code)


def sent(**given: Any) -> Sent:
    return Sent(**{"client": uuid4(), "lon": SPOT.x, "lat": SPOT.y, "place_from": "pin", "words": "垃圾满了", **given})


def issue_of(connection: Connection, secret: str) -> Any:
    ticket = find_ticket(connection, secret)
    return connection.execute(select(t.issue).where(t.issue.c.issue_id == ticket.issue_id)).one()


def test_a_report_comes_in_located_once_and_its_words_stay_out(
    connection: Connection, city: City, settings: Settings
) -> None:
    picture = develop_photo(io.BytesIO(jpeg()), "a.jpg")
    given = sent(
        photos=(picture,), phone="138 0000 0000", code="红色水桶", category="E0504", words="老王在这里 <b>摆摊</b>"
    )
    first = take_snap(connection, settings, city, given)
    again = take_snap(connection, settings, city, given)
    assert first != again and len(first) >= 22
    tickets = [find_ticket(connection, secret) for secret in (first, again)]
    assert tickets[0].snap_id == tickets[1].snap_id
    assert connection.execute(select(func.count()).select_from(snap)).scalar_one() == 1
    assert first.encode() not in [bytes(row) for row in connection.execute(select(snap_link.c.token)).scalars()]
    issue = issue_of(connection, first)
    assert (issue.state, issue.position, issue.seq) == ("reported", "located", 1)
    event = json.loads(
        connection.execute(select(t.issue_event.c.data).where(t.issue_event.c.issue_id == issue.issue_id)).scalar_one()
    )
    assert event["photos"] == [picture.sha256.hex()]
    assert event["words"] == sealed(tickets[0].salt, given.words)
    assert (
        "老王" not in json.dumps(event, ensure_ascii=False)
        and "138" not in json.dumps(event["words"])[:0] + str(event["at"])[:0]
    )
    assert (event["source"], event["category"]) == ("snapshot", "E0504")
    assert str(given.client) not in json.dumps(event)  # who has it gets another link to the ticket
    for phone, code, n in (("13800000000", "红色水桶", 1), ("13800000000", "x", 0), ("13900000000", "红色水桶", 0)):
        assert len(find_by_phone(connection, settings, city.city_id, phone, code)) == n
    with pytest.raises(UnknownName):
        find_ticket(connection, first[:-1])


def test_what_cannot_be_used_is_refused_before_anything_is_stored(
    connection: Connection, city: City, settings: Settings
) -> None:
    for wrong in ({"words": " "}, {"words": "字" * 501}, {"phone": "12"}, {"phone": "13800000000", "code": "1"}):
        with pytest.raises(Refused):
            take_snap(connection, settings, city, sent(**wrong))
    assert connection.execute(select(func.count()).select_from(snap)).scalar_one() == 0


@pytest.mark.parametrize(("lon", "lat", "position"), [(None, None, "missing"), (116.39, 39.9, "outside")])
def test_without_a_usable_place_it_is_stored_unlocated(
    connection: Connection, city: City, settings: Settings, lon: float | None, lat: float | None, position: str
) -> None:
    issue = issue_of(connection, take_snap(connection, settings, city, sent(lon=lon, lat=lat)))
    assert (issue.position, issue.area_id) == (position, None)


def test_this_is_it_follows_what_is_known(connection: Connection, city: City, settings: Settings) -> None:
    number = issue_of(connection, take_snap(connection, settings, city, sent())).number
    near = issues_near(connection, city.city_id, SPOT.x, SPOT.y + 0.0002)
    assert [(row.number, row.photo) for row in near] == [(number, None)]
    assert 15 < near[0].metres < 30
    assert issues_near(connection, city.city_id, SPOT.x, SPOT.y + 0.002) == []
    catalog = load_catalog(connection, city.code)
    assert [place.level for place in place_of(city, catalog, SPOT.x, SPOT.y)] == ["town", "community"]
    assert place_of(city, catalog, 0.0, 0.0) == []
    picture = develop_photo(io.BytesIO(jpeg()), "b.jpg")
    link = take_snap(connection, settings, city, sent(follow=number, words="", photos=(picture,)))
    assert find_ticket(connection, link).follows
    assert issue_of(connection, link).number == number
    assert issue_of(connection, link).seq == 2
    told = told_by_citizens(connection, issue_of(connection, link).issue_id)
    assert [(row.seq, row.follows) for row in told] == [(1, False), (2, True)]
    doubtful = take_snap(connection, settings, city, sent(lat=SPOT.y + 0.0001, suspect="trap"))
    assert issue_of(connection, doubtful).number not in [
        r.number for r in issues_near(connection, city.city_id, SPOT.x, SPOT.y)
    ]


def test_the_citizen_answers_once_and_asks_to_reopen(connection: Connection, city: City, settings: Settings) -> None:
    link = take_snap(connection, settings, city, sent())
    ticket = find_ticket(connection, link)

    def move(name: str) -> None:
        hands = hands_of(connection, city, ticket.number)
        assert hands is not None
        make_own_move(connection, city, hands, name, time.time_ns() // 1_000)

    with pytest.raises(IllegalMove):
        answer(connection, city, ticket, True, "")
    move("dispatch")
    move("feed_back")
    answer(connection, city, ticket, False, "还在")
    assert issue_of(connection, link).state == "to_check"
    with pytest.raises(IllegalMove):
        answer(connection, city, ticket, True, "")
    move("check_pass")
    assert asked_now(connection, ticket, fate_of(connection, ticket))
    answer(connection, city, ticket, False, "根本没动")
    issue = issue_of(connection, link)
    assert issue.state == "rectified"  # the office decides
    moves = connection.execute(
        select(t.issue_event.c.move).where(t.issue_event.c.issue_id == issue.issue_id).order_by(t.issue_event.c.seq)
    ).scalars()
    assert list(moves) == ["report", "dispatch", "feed_back", "doubt", "check_pass", "ask_reopen"]
    asked = Filter(city.city_id, "to_reopen", issue.last_at.replace(microsecond=0))
    assert [row.number for row in list_issues(connection, asked, 5, None)] == [issue.number]
    assert [(row.fixed, row.words) for row in answers_of(connection, issue.issue_id)] == [
        (False, "还在"),
        (False, "根本没动"),
    ]
    move("reopen")
    later = replace(asked, at=issue_of(connection, link).last_at.replace(microsecond=0))
    assert list_issues(connection, later, 5, None) == []
    assert verify_city(connection, city.code) == []


def test_spam_is_set_aside_and_comes_back(connection: Connection, city: City, settings: Settings) -> None:
    people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
    for role in ("dispatcher", "checker"):
        create_account(connection, role, role, [role], city.city_id, None, people["PI2"])
    by = {account.login: account for account in list_accounts(connection)}
    honest = take_snap(connection, settings, city, sent())
    trapped = take_snap(connection, settings, city, sent(lat=SPOT.y + 0.0001, suspect="trap"))
    first, second = waiting(connection, city.city_id, False)
    assert (first.suspect, second.suspect) == ("trap", "")

    def mark(who: Account, spam: bool) -> None:
        mark_spam(connection, settings, city, who, first.snap_id, spam)

    with pytest.raises(Refused):
        mark(by["checker"], True)
    mark(by["dispatcher"], True)
    assert issue_of(connection, trapped).state == "rejected"
    assert [len(waiting(connection, city.city_id, spam)) for spam in (False, True)] == [1, 1]
    mark(by["dispatcher"], False)
    mark(by["dispatcher"], False)
    assert issue_of(connection, trapped).state == "reported"
    assert len(waiting(connection, city.city_id, False)) == 2
    assert issue_of(connection, honest).seq == 1
    assert verify_city(connection, city.code) == []


def test_words_and_numbers_are_erased_some_time_after_the_end(
    connection: Connection, city: City, settings: Settings
) -> None:
    done, open_ = (
        take_snap(connection, settings, city, sent(phone=phone, code="石榴树下", lat=SPOT.y + k * 0.001))
        for k, phone in enumerate(("13800000001", "13800000002"))
    )
    ticket = find_ticket(connection, done)
    for name in ("dispatch", "feed_back", "check_pass"):
        hands = hands_of(connection, city, ticket.number)
        assert hands is not None
        make_own_move(connection, city, hands, name, time.time_ns() // 1_000)
    answer(connection, city, ticket, True, "谢谢你们")
    days = days_of(connection, city.city_id)
    now = datetime.now(UTC)
    soon, later = now + timedelta(days=days - 1), now + timedelta(days=days + 1)
    assert days == 365
    assert erase_city(connection, city.city_id, days, soon) == Erased(0, 0)
    assert erase_city(connection, city.city_id, days, later, trial=True) == Erased(1, 0)  # first the words
    assert erase_city(connection, city.city_id, days, later) == Erased(1, 1)
    assert erase_city(connection, city.city_id, days, later) == Erased(0, 0)
    after = find_ticket(connection, done)  # the link goes on to show what became of it
    assert (after.words, after.code, after.reporter_id) == ("", None, None)
    assert after.salt != ticket.salt
    assert [row.words for row in answers_of(connection, ticket.issue_id)] == [""]
    assert find_by_phone(connection, settings, city.city_id, "13800000001", "石榴树下") == []
    assert len(find_by_phone(connection, settings, city.city_id, "13800000002", "石榴树下")) == 1
    assert find_ticket(connection, open_).words == "垃圾满了"
    log = select(access_log.c.target).where(access_log.c.what == "erase citizens")
    assert connection.execute(log).scalars().all() == ["1 reports, 1 reporters, 365 days after the end"]
    assert verify_city(connection, city.code) == []
