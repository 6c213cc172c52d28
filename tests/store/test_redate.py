"""Another calendar: open deadlines that a rule gave follow it, by an event each; all else stays as judged."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import numpy as np
import pytest
from sqlalchemy import Connection, text

from tests.store.random_life import life
from tests.store.standing import put
from tests.store.test_reassign import CODE, at, check_seals, count, lists, live, numbers, shown
from weathermap.city.calendar import Calendar
from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack, read_pack_files
from weathermap.duty.deadlines import Limits, deadlines
from weathermap.issue.batch import Batch, empty_reports
from weathermap.issue.intake import take_in
from weathermap.issue.redate import looked_at, redate
from weathermap.store.cities import load, load_pack
from weathermap.store.registry import open_city
from weathermap.tally.read import read_sums
from weathermap.tally.rebuild import rebuild_tallies
from weathermap.tally.verify import verify_city

ROWS = text(
    "SELECT issue_id, number, state, micros(notified_at), micros(deadline), c.code FROM issue"
    " JOIN category AS c USING (category_id) ORDER BY issue_id"
)
NAMED = text("SELECT DISTINCT issue_id FROM issue_event WHERE move = 'extend' AND CAST(data AS jsonb) ? 'deadline'")
IN_WORKDAYS = "C0118"
WAYS = {
    "handling": ("dispatch",),
    "resumed": ("dispatch", "suspend", "resume"),
    "to_check": ("dispatch", "feed_back"),
    "suspended": ("dispatch", "suspend"),
}
STOOD = text("SELECT DISTINCT issue_id FROM issue_event WHERE move = 'suspend'")


@pytest.fixture(scope="module")
def toy() -> Pack:
    return read_pack(Path(__file__).parents[1] / "packs" / "toy")


def other(pack: Pack, days: int = 60) -> Pack:
    """Wednesdays off and Saturdays worked, from some weeks ago to some weeks on."""
    today = datetime.now(UTC).date()
    around = [today + timedelta(days=k) for k in range(-days, days)]
    rows = [f"{day},{int(day.weekday() == 5)},换休" for day in around if day.weekday() in (2, 5)]
    return read_pack_files({**pack.files, "holidays.csv": "\n".join(["day,workday,name", *rows]).encode()})


def due(pack: Pack, calendar: Calendar, rows: list[Any]) -> dict[int, int]:
    codes = np.array([row[5] for row in rows], dtype=object)
    start = np.array([row[3] for row in rows], dtype=np.int64)
    found = deadlines(calendar, Limits(pack.limits), codes, start) // 1_000_000 * 1_000_000
    return {row[0]: int(us) for row, us in zip(rows, found, strict=True)}


@pytest.mark.parametrize("seed", [1, 2])
def test_open_terms_follow_the_calendar_and_the_past_stays(connection: Connection, toy: Pack, seed: int) -> None:
    moves = live(connection, toy, seed, 160)
    now = int(time.time())
    city = open_city(connection, CODE)
    for days in range(7):  # terms from each day of the week, so that some follow the calendar in every state
        for name, way in WAYS.items():
            put(connection, city, f"{name}-{days}", way, (now - days * 86_400) * 1_000_000, category=IN_WORKDAYS)
    past = [now - 1, now - 9 * 86_400]
    before = {second: (shown(connection, second), lists(connection, second, True)) for second in past}
    was = {row[0]: row for row in connection.execute(ROWS)}
    changed = other(toy)

    said = looked_at(connection, city, changed)
    assert said.earlier and said.later and len(said.examples) == 8 and count(connection, "redate") == 0
    done = load(connection, changed)
    assert (
        done.redated == said
        and f"{said.moved} open deadlines" in done.said
        and count(connection, "redate") == said.moved
    )
    assert verify_city(connection, CODE) == []
    check_seals(connection)
    assert redate(connection, CODE).moved == 0

    rows = {row[0]: row for row in connection.execute(ROWS)}
    named, stood = set(connection.execute(NAMED).scalars()), set(connection.execute(STOOD).scalars())
    handed = [row for row in was.values() if row[3] is not None]
    old, new = (due(toy, Calendar.from_config(pack.config, pack.holidays), handed) for pack in (toy, changed))
    seen = set()
    for row in handed:
        issue_id, _, state, _, held, _ = row
        now_held = rows[issue_id][4]
        if state not in ("handling", "to_check", "suspended") or issue_id in named:
            assert now_held == held, row
            continue
        assert now_held - held == new[issue_id] - old[issue_id], row
        if issue_id not in stood:
            assert (held, now_held) == (old[issue_id], new[issue_id])
        seen |= {(state, issue_id in stood)} if now_held != held else set()
    assert {state for state, _ in seen} == {"handling", "to_check", "suspended"} and ("handling", True) in seen

    for second, (looked, listed) in before.items():  # as judged then
        assert shown(connection, second) == looked, at(second)
        assert lists(connection, second, True) == listed, at(second)
    present = int(time.time()) + 2
    assert numbers(connection, present) == lists(connection, present, False)
    city = open_city(connection, CODE)
    subjects = [int(i) for ids in (*city.area_ids.values(), city.unit_ids) for i in ids]
    seconds = [now - 9 * 86_400, now, present, now + 40 * 86_400]
    sums = read_sums(connection, city.city_id, subjects, seconds)
    rebuild_tallies(connection, city)
    assert (read_sums(connection, city.city_id, subjects, seconds) == sums).all()

    back = load(connection, toy)  # the old calendar gives the old deadlines
    assert back.redated is not None and (back.redated.earlier, back.redated.later) == (said.later, said.earlier)
    assert {row[0]: row[4] for row in connection.execute(ROWS)} == {i: row[4] for i, row in was.items()}
    load(connection, changed)
    take_in(connection, open_city(connection, CODE), Batch(empty_reports(), moves))  # and life goes on
    assert verify_city(connection, CODE) == []
    check_seals(connection)


def test_a_year_that_the_library_has_learnt(connection: Connection, toy: Pack) -> None:
    """Terms given while a year counted as Monday to Friday: `weathermap redate` finds them without a changed pack."""
    load_pack(connection, toy)
    city = open_city(connection, CODE)
    last = max(day.year for day in chinese_calendar.holidays)
    ahead = date(last, 9, 28)  # days before a week off
    start = int(datetime(ahead.year, ahead.month, ahead.day, 2, tzinfo=UTC).timestamp()) * 1_000_000
    batch = life(toy, 7, 30, start)[0]
    knew_less = Calendar.from_config(toy.config, toy.holidays, last - 1)
    assert last in knew_less.provisional_years and last not in city.book.calendar.provisional_years
    moves = batch.moves.take(np.unique(batch.moves.source_key, return_index=True)[1])
    moves.move[:], moves.at[:] = "dispatch", start
    of = dict(zip(batch.reports.source_key, batch.reports.category, strict=True))
    codes = np.array([of[key] for key in moves.source_key], dtype=object)
    moves.until[:] = deadlines(knew_less, Limits(toy.limits), codes, moves.at)
    moves.until[:3] += 7_000_000  # the source's own, which no rule gives
    would = deadlines(city.book.calendar, Limits(toy.limits), codes, moves.at)
    take_in(connection, city, Batch(batch.reports, moves))
    found = redate(connection, CODE)
    assert found.later == found.moved == int((would[3:] != moves.until[3:]).sum()) > 2
    assert found.looked == len(moves) - 3
    assert redate(connection, CODE).moved == 0 and verify_city(connection, CODE) == []
