"""Which feedback photos may prove and which wants a visit; suspensions that end by themselves."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from tests.store.random_life import columns
from tests.store.standing import DAY_US, PACK, WAYS, put
from tests.store.test_kin import Desk, settings
from weathermap.duty.trace import counted
from weathermap.issue.batch import NONE, Batch, Moves, Reports, empty_moves, empty_reports
from weathermap.issue.checks import visit_reasons
from weathermap.issue.held import micros
from weathermap.issue.intake import take_in
from weathermap.issue.listing import Filter, count_issues, list_issues
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.db import open_store
from weathermap.store.registry import City
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_store
from weathermap.work.backlog import resume_due, suspended_of

__all__ = ["settings"]
SHARE = 0.1


def moved(connection: Any, city: City, key: str, move: str, at: int, until: int = NONE, photos: str = "") -> None:
    moves = columns(Moves, [(PACK.sources[0].code, key, move, at, "P001", until, "", "", photos)])
    take_in(connection, city, Batch(empty_reports(), moves), NONE)  # type: ignore[arg-type]


def test_the_draw_is_made_by_the_seal_and_anybody_can_make_it_again(settings: Settings) -> None:
    engine, now = open_store(settings), time.time_ns() // 1_000
    with engine.begin() as connection:
        desk = Desk(connection, settings)
        numbers = [put(connection, desk.city, f"c{k}", WAYS["handling"], now) for k in range(150)]
        for k in range(150):
            moved(connection, desk.city, f"c{k}", "feed_back", now, photos="ab" * 32)
        bare = put(connection, desk.city, "bare", WAYS["to_check"], now)
        rows = {number: desk.issue(number) for number in [*numbers, bare]}
        reasons = visit_reasons(connection, [row.issue_id for row in rows.values()])
        drawn = {n for n in numbers if int.from_bytes(bytes(rows[n].hash)[:2], "big") < SHARE * 65536}
        assert {n for n in numbers if reasons[rows[n].issue_id] == "drawn"} == drawn
        assert 2 <= len(drawn) <= 40  # a tenth of 150
        assert reasons[rows[bare].issue_id] == "no_photo"
        at = datetime.now(UTC) + timedelta(seconds=5)
        photo, visit = (Filter(desk.city.city_id, f"to_check_{way}", at) for way in ("photo", "visit"))
        assert (count_issues(connection, photo), count_issues(connection, visit)) == (150 - len(drawn), len(drawn) + 1)
        assert {row.number for row in list_issues(connection, visit, 200, None)} == drawn | {bare}
        # by photo passes what photos prove, and nothing else; the event says how it was checked
        plain = next(n for n in numbers if n not in drawn)
        one, two = (desk.wish(n, "check_pass", by="photo") for n in (plain, min(drawn)))
        (refused,) = desk.act("check", one, two)
        assert "visit" in refused
        assert not desk.act("check", replace(two, by=""))
        for number, said in ((plain, {"by": "photo"}), (min(drawn), {"by": "visit", "visit": "drawn"})):
            event = select(t.issue_event.c.data).where(t.issue_event.c.issue_id == rows[number].issue_id)
            data = connection.execute(event.where(t.issue_event.c.move == "check_pass")).scalar_one()
            assert json.loads(data) == said
        connection.execute(
            text("UPDATE category SET check_by = 'visit' WHERE code = :c"), {"c": PACK.categories[0].code}
        )
        assert count_issues(connection, photo) == 0
    engine.dispose()


def test_a_suspension_ends_by_itself_on_its_day_or_after_sixty(settings: Settings) -> None:
    engine, now = open_store(settings), time.time_ns() // 1_000
    with engine.begin() as connection:
        desk = Desk(connection, settings)
        for key, days, until in (("due", 20, 10), ("long", 61, 300), ("open", 61, None), ("later", 20, 30)):
            put(connection, desk.city, key, (), now - 90 * DAY_US, recorded=NONE)
            moved(connection, desk.city, key, "dispatch", now - 90 * DAY_US)
            end = NONE if until is None else now + (until - days) * DAY_US
            moved(connection, desk.city, key, "suspend", now - days * DAY_US, end)
        whole = now // 1_000_000 * 1_000_000
        spot, nan = PACK.finest.geoms[0].representative_point(), float("nan")
        kind = (PACK.sources[0].code, "fresh", "E0504", spot.x, spot.y, whole - 4 * DAY_US)  # five workdays
        report = columns(Reports, [(*kind, "", "", "T001", NONE, nan, "", False)])
        take_in(connection, desk.city, Batch(report, empty_moves()), NONE)  # type: ignore[arg-type]
        moved(connection, desk.city, "fresh", "dispatch", whole - 3 * DAY_US)
        moved(connection, desk.city, "fresh", "suspend", whole - 2 * DAY_US, whole - DAY_US)
        assert len(suspended_of(connection, desk.city.city_id, 60)) == 5
        number = put(connection, desk.city, "new", WAYS["handling"], now)
        wish = desk.wish(number, "suspend", note="缓办", until=now + 61 * DAY_US)
        assert "60" in desk.act("chief", wish)[0]
    assert (resume_due(engine), resume_due(engine)) == (4, 0)
    with engine.connect() as connection:
        at, city_id = datetime.now(UTC) + timedelta(seconds=5), desk.city.city_id
        assert count_issues(connection, Filter(city_id, "returned", at)) == 4
        assert count_issues(connection, Filter(city_id, "returned", at - timedelta(days=1))) == 0
        events = connection.execute(select(t.issue_event.c.data).where(t.issue_event.c.move == "resume")).scalars()
        assert sorted(json.loads(data)["by_itself"] for data in events) == ["backlog", "backlog", "until", "until"]
        e, k = t.issue_event.c, t.issue_key.c
        asked = select(e.at, e.data).join(t.issue_key, k.issue_id == e.issue_id).where(k.source_key == "fresh")
        _, given, stopped, again = connection.execute(asked.order_by(e.seq)).all()  # report, dispatch, suspend, resume
        first, then = (micros(datetime.fromisoformat(json.loads(row.data)["deadline"])) for row in (given, again))
        gap, calendar = (micros(stopped.at), micros(again.at)), desk.city.book.calendar
        allowed = [counted(calendar, micros(given.at), end, gaps) for end, gaps in ((first, []), (then, [gap]))]
        assert abs(allowed[0] - allowed[1]) < 1_000_000  # terms are whole seconds
        (waits,) = suspended_of(connection, city_id, 60)
        assert waits.source_key == "later"
    fold(engine)
    assert verify_store(engine) == []
    engine.dispose()
