"""Terms against an independent slow count from the notices of the State Council's office (tests/calendar_cases)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from tests.calendar_cases import slow
from weathermap.city.calendar import Calendar
from weathermap.city.pack import Limit
from weathermap.city.reading import read_pack
from weathermap.duty.deadlines import Limits, deadlines

CONFIG = read_pack(Path(__file__).parents[1] / "packs/toy").config
CASES = slow.rows("cases.csv")
MINUTE = 60_000_000
KINDS = {"clock": "clock_hours", "work": "work_hours", "workdays": "workdays"}


def calendar_of(office: str) -> Calendar:
    return Calendar.from_config(replace(CONFIG, office_hours=slow.OFFICES[office]))


CALENDARS = {office: calendar_of(office) for office in slow.OFFICES}


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()) * 1_000_000


def test_every_case() -> None:
    """All limits of a kind as one batch through `deadlines`, as the intake asks."""
    assert len(CASES) > 500
    for office, calendar in CALENDARS.items():
        mine = [case for case in CASES if case["office"] == office]
        amounts = [int(c["amount"]) / (1 if c["kind"] == "workdays" else 60) for c in mine]
        terms = [
            Limit(f"K{i}", amount, KINDS[c["kind"]]) for i, (c, amount) in enumerate(zip(mine, amounts, strict=True))
        ]
        start, end = (np.array([us(c[name]) for c in mine]) for name in ("start", "end"))
        codes = np.array([term.category for term in terms], dtype=object)
        found = deadlines(calendar, Limits(terms), codes, start)
        wrong = [
            (c["why"], c["start"], c["end"]) for c, mine_, right in zip(mine, found, end, strict=True) if mine_ != right
        ]
        assert not wrong, wrong[:5]
        worked = np.array([int(c["worked"]) for c in mine]) * MINUTE
        assert calendar.work_between(start, end).tolist() == worked.tolist()
        assert calendar.work_between(end, start).tolist() == (-worked).tolist()


def test_every_statutory_day_and_every_day_worked_instead_is_in_a_case_and_known() -> None:
    calendar = next(iter(CALENDARS.values()))
    day, days = date(2004, 1, 1), []
    while day.year < 2027:
        days.append(day)
        day += timedelta(days=1)
    assert [day for day in days if calendar.is_workday(day) != slow.workday(day)] == []
    assert calendar.provisional_years.isdisjoint(range(2004, 2027))
    spans = [(date.fromisoformat(c["start"][:10]), date.fromisoformat(c["end"][:10])) for c in CASES]
    bare = [day for day in slow.OFF | slow.WORKED if day >= days[0] and not any(a <= day <= b for a, b in spans)]
    assert bare == []


@pytest.mark.parametrize("k", range(0, len(CASES), 29))
def test_the_cases_are_what_the_slow_count_says(k: int) -> None:
    case = CASES[k]
    again = slow.Case(
        case["office"], datetime.fromisoformat(case["start"]), case["kind"], int(case["amount"]), case["why"]
    )
    assert [str(value) for value in again.written()] == list(case.values())


@limits(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(CALENDARS)),
    st.integers(us("2004-01-01T00:00"), us("2026-06-01T00:00")),
    st.integers(1, 60 * 480 * MINUTE),
    st.integers(1, 60 * 480 * MINUTE),
)
def test_adding_splitting_shifting_and_going_back(office: str, start: int, first: int, second: int) -> None:
    calendar = CALENDARS[office]

    def add(at: int, amount: int) -> int:
        return int(calendar.add_work(np.array([at]), np.array([amount]))[0])

    def between(a: int, b: int) -> int:
        return int(calendar.work_between(np.array([a]), np.array([b]))[0])

    end = add(start, first)
    assert between(start, end) == first  # inverse
    assert add(end, second) == add(start, first + second)  # split
    assert between(start, end) + between(end, add(end, second)) == between(start, add(start, first + second))
    assert between(end, start) == -first
    later = start + second
    assert add(later, first) >= end  # a later start never ends earlier
    assert between(start, later) == between(end, add(later, first))
