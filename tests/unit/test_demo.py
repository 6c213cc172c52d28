"""The demo year on a made-up city: exact figures, legal lives, the same luck for the same seed. No store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from etl.demo.chance import Chance
from etl.demo.clocks import Clocks
from etl.demo.figures import Figures
from etl.demo.noticing import source_rows
from etl.demo.pace import Live
from etl.demo.recalling import recall
from etl.demo.topup import top_up
from etl.demo.year import FILL_DAYS, Year, demo_year
from weathermap.city.reading import read_pack
from weathermap.errors import PackError
from weathermap.issue.batch import NONE, Columns
from weathermap.issue.book import Book
from weathermap.issue.decide import decide
from weathermap.issue.workflow import NEW, OPEN, step

PACKS = Path(__file__).parents[1] / "packs"
SMALL = Figures(notified=2_400, rectified=2_330, snapshots=40, found=11, rounds=4, overdue=14)
ZONE = ZoneInfo("Asia/Shanghai")
END = datetime(2026, 11, 23, 8, tzinfo=ZONE).timestamp()
DAY_S = 86_400
US = 1_000_000


@pytest.fixture(scope="module")
def book() -> Book:
    return Book.from_pack(read_pack(PACKS / "toy"))


@pytest.fixture(scope="module")
def year(book: Book) -> Year:
    return demo_year(book, 2026, END, SMALL)


def histories(year: Year) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """(source, key) → its moves with their instants, in the batch's order of time."""
    moves, found = year.batch.moves, defaultdict(list)
    for row in np.argsort(moves.at, kind="stable").tolist():
        found[moves.source[row], moves.source_key[row]].append((moves.move[row], int(moves.at[row])))
    return found


def final_states(year: Year) -> dict[tuple[str, str], list[str]]:
    """Every state that each issue went through; raises IllegalMove for a life that the workflow does not allow."""
    lives, found = histories(year), {}
    for key in zip(year.batch.reports.source.tolist(), year.batch.reports.source_key.tolist(), strict=True):
        states = [step(NEW, "report")]
        for move, _ in lives.pop(key, []):
            states.append(step(states[-1], move))
        found[key] = states
    assert not lives, "moves of issues that were never reported"
    return found


def same(a: Any, b: Any) -> bool:
    return a is b if a is None or b is None else np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def equal(a: Columns, b: Columns) -> bool:
    return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))


@pytest.mark.parametrize(
    ("end", "seed"),
    [
        (END, 2026),
        (datetime(2026, 11, 24, 16, tzinfo=ZONE).timestamp(), 1),
        (datetime(2026, 2, 20, 3, tzinfo=ZONE).timestamp(), 2),  # the Spring Festival: nobody has worked for days
        (datetime(2026, 8, 9, 23, 30, tzinfo=ZONE).timestamp(), 3),  # a Sunday night
        (datetime(2024, 2, 29, 12, tzinfo=ZONE).timestamp(), 4),
    ],
)
def test_the_figures_are_exact_and_every_life_is_legal(book: Book, end: float, seed: int) -> None:
    year = demo_year(book, seed, end, SMALL)
    states = final_states(year)
    valid = [s for s in states.values() if "handling" in s and s[-1] != "void"]
    assert len(valid) == SMALL.notified
    assert sum(s[-1] == "rectified" for s in valid) == SMALL.rectified
    assert sum(s[-1] in OPEN for s in valid) == SMALL.open
    assert sum(s[-1] == "rectified" for (source, _), s in states.items() if source == "snapshot") == SMALL.snapshots
    assert sum(source == "snapshot" for source, _ in states) > SMALL.snapshots
    found = [s[-1] for (source, _), s in states.items() if source == "round"]
    assert found == ["rectified"] * SMALL.found
    assert len({key[:8] for source, key in states if source == "round"}) == SMALL.rounds


def test_an_equal_seed_draws_an_equal_year(book: Book, year: Year) -> None:
    again, other = demo_year(book, 2026, END, SMALL), demo_year(book, 2027, END, SMALL)
    assert again.batch.visits is not None and year.batch.visits is not None
    assert equal(again.batch.reports, year.batch.reports)
    assert equal(again.batch.moves, year.batch.moves)
    assert equal(again.batch.visits, year.batch.visits)
    assert not equal(other.batch.reports, year.batch.reports)


def test_a_later_end_leaves_the_reports_of_earlier_days_alone(book: Book, year: Year) -> None:
    later = demo_year(book, 2026, END + 17.4 * DAY_S, SMALL)
    first = (later.first + (max(FILL_DAYS.values()) + 1) * DAY_S) * US

    def common(of: Year) -> Columns:
        reports = of.batch.reports
        # the days of citizens' rounds are counted from the demo's own first day
        return reports.take(
            (reports.reported_at > first) & (reports.reported_at <= END * US) & (reports.source != "round")
        )

    assert len(common(year)) > 0.6 * SMALL.notified
    assert equal(common(year), common(later))


def test_nothing_happens_after_the_end_or_before_the_year(year: Year) -> None:
    reports, moves, visits = year.batch.reports, year.batch.moves, year.batch.visits
    assert visits is not None
    assert reports.reported_at.min() >= year.first * US
    assert max(reports.reported_at.max(), moves.at.max(), visits.end.max()) <= END * US
    assert visits.start.min() < (year.first + 3 * DAY_S) * US  # points are covered as the year begins
    lives = histories(year)
    for key, at in zip(zip(reports.source, reports.source_key, strict=True), reports.reported_at.tolist(), strict=True):
        instants = [at, *(when for _, when in lives.get(key, []))]
        assert instants == sorted(instants)


def test_reports_lie_in_the_city_or_name_their_unit(book: Book, year: Year) -> None:
    reports = year.batch.reports
    area = book.locator.locate(reports.lon, reports.lat)
    unplaced = reports.flag == "missing"
    assert ((area >= 0) | unplaced).all()
    assert (reports.unit[unplaced] != "").all() and (reports.unit[~unplaced] == "").all()
    assert all(address and " " in address for address in reports.address)


def test_open_issues_are_overdue_by_the_citys_own_deadlines(book: Book, year: Year) -> None:
    lives, states, reports = histories(year), final_states(year), year.batch.reports
    keys = list(zip(reports.source.tolist(), reports.source_key.tolist(), strict=True))
    dispatched = np.array([next((at for move, at in lives.get(key, []) if move == "dispatch"), NONE) for key in keys])
    deadline = decide(reports, book, dispatched).deadline
    plain = {key for key in keys if {"extend", "suspend"}.isdisjoint(move for move, _ in lives.get(key, []))}
    overdue = [
        key
        for key, due in zip(keys, deadline.tolist(), strict=True)
        if key in plain and states[key][-1] == "handling" and due <= END * US
    ]
    assert abs(len(overdue) - SMALL.overdue) <= 6


def test_a_pack_without_units_is_told_what_it_lacks() -> None:
    with pytest.raises(PackError, match="no limits, no units"):
        source_rows(read_pack(PACKS / "plain"))


def test_luck_depends_on_the_key_alone() -> None:
    chance, keys = Chance(5), np.arange(10_000)
    drawn = chance.uniform("x", keys)
    assert np.array_equal(drawn[::-1], chance.uniform("x", keys[::-1]))
    assert abs(drawn.mean() - 0.5) < 0.02 and drawn.min() > 0 and drawn.max() < 1
    assert abs(np.corrcoef(drawn, chance.uniform("y", keys))[0, 1]) < 0.05
    assert abs(np.corrcoef(drawn, chance.uniform("x", keys, 1))[0, 1]) < 0.05
    assert abs(chance.normal("z", keys).std() - 1) < 0.05


def test_a_clock_that_runs_faster_still_counts_what_was_worked() -> None:
    days = [date(2026, 11, 16) + timedelta(days=i) for i in range(14)]
    clocks = Clocks.of("Asia/Shanghai", days, lambda day: day.weekday() < 5, ((480, 720), (840, 1080)))
    friday = np.array([datetime(2026, 11, 20, 17, tzinfo=ZONE).timestamp()])
    due = datetime.fromtimestamp(clocks.office.after(friday, np.array([4 * 3600.0]))[0], ZONE)
    assert due == datetime(2026, 11, 23, 11, tzinfo=ZONE)
    fast = clocks.faster_from(float(friday[0]), 60)
    assert fast.office.worked(friday) == clocks.office.worked(friday)
    assert fast.wall.after(friday, np.array([3600.0]))[0] - friday[0] == pytest.approx(60)
    assert 60 < fast.office.after(friday, np.array([3600.0]))[0] - friday[0] < 600


def test_a_live_demo_reports_at_its_pace_by_night(book: Book) -> None:
    start, pace = END + 14 * 3600, 600.0  # ten in the evening: real offices are shut
    live = Live(book, 2026, date(2025, 11, 23), start, pace, SMALL)
    reported: list[str] = []
    for now in np.arange(start + 5, start + 605, 5):
        batch = live.step(recall([], book, {}), now - 5, now)
        reported += batch.reports.source_key.tolist()
        assert len(batch.moves) == 0 or batch.moves.at.max() <= now * US
    expected = SMALL.notified / 365 / DAY_S * pace * 600
    assert len(set(reported)) == len(reported) == pytest.approx(expected, rel=0.15)


def test_a_live_demo_orders_now_and_then(book: Book) -> None:
    start, pace = END + 14 * 3600, 20_000.0
    live = Live(book, 2026, date(2025, 11, 23), start, pace, SMALL)
    batches = [live.step(recall([], book, {}), now - 5, now) for now in np.arange(start + 5, start + 605, 5)]
    ordered = [(b.moves, row) for b in batches for row in np.flatnonzero(b.moves.move == "order").tolist()]
    assert 1 <= len(ordered) <= 20  # of some 900 reports
    for moves, row in ordered:
        own = moves.source_key == moves.source_key[row]
        assert moves.at[own].max() == moves.at[row] < moves.until[row] and moves.note[row]


def test_what_is_left_undone_goes_on_where_it_stood(book: Book) -> None:
    def at(hours: float) -> datetime:
        return datetime.fromtimestamp(END + hours * 3600, ZONE)

    def row(key: str, state: str, seq: int, *, notified: datetime | None = None) -> tuple[object, ...]:
        due = at(24) if notified else None
        return (key, "patrol", "patrol", "E0102", "T001", 0, state, seq, at(-2), notified, due, None, False, "T001")

    rows = [
        row("20261122-0000007", "handling", 2, notified=at(-3)),
        row("20261122-0000008", "to_check", 3, notified=at(-3)),
        row("20261122-0000009", "reported", 1),
        row("of-someone-else", "handling", 2, notified=at(-3)),
    ]
    stored = recall(rows, book, {0: 0})
    batch = top_up(book, 2026, stored, date(2025, 11, 23), END, END + 12 * DAY_S, SMALL)
    own = [batch.moves.source_key == f"20261122-000000{n}" for n in (7, 8, 9)]
    first = [batch.moves.move[rows][0] for rows in own]
    assert first[0] in ("feed_back", "extend", "suspend", "void")
    assert first[1] in ("check_pass", "check_fail") and first[2] in ("dispatch", "reject")
    assert "of-someone-else" not in set(batch.moves.source_key)
    assert batch.moves.at.min() >= END * US and batch.reports.reported_at.min() > END * US
    assert len(batch.reports) == pytest.approx(12 * SMALL.notified / 365, rel=0.35)
