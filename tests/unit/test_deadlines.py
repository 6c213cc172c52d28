"""Deadlines: which limit a category takes, and what each kind of limit makes of a start. Which duty wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from weathermap.city.calendar import Calendar, to_local
from weathermap.city.clock import NONE
from weathermap.city.pack import Duty, Limit
from weathermap.city.reading import read_pack
from weathermap.duty.deadlines import Limits, after_suspension, deadlines
from weathermap.duty.specificity import specificity
from weathermap.errors import PackError, UnknownName

PACK = read_pack(Path(__file__).parents[1] / "packs/toy")
CALENDAR = Calendar.from_config(PACK.config, PACK.holidays)
LIMITS = Limits(PACK.limits)


def instant(text: str) -> int:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return int(local.astimezone(UTC).timestamp()) * 1_000_000


def due(*pairs: tuple[str, str]) -> list[str]:
    """Deadlines of (category, start), in city time."""
    categories = np.array([category for category, _ in pairs], dtype=object)
    found = deadlines(CALENDAR, LIMITS, categories, np.array([instant(start) for _, start in pairs]))
    return [str(text) for text in to_local(found, "Asia/Shanghai").astype("datetime64[us]").astype("datetime64[m]")]


@pytest.mark.parametrize(
    ("category", "limit"),
    [
        ("E0102", ("E01*", 4, "work_hours")),
        ("E0104", ("E0104", 2, "work_hours")),  # exact beats prefix
        ("E0504", ("*", 5, "workdays")),
        ("C0113", ("C0113", 24, "clock_hours")),
    ],
)
def test_the_longest_match_wins(category: str, limit: tuple[str, float, str]) -> None:
    assert LIMITS.of(category) == Limit(*limit)


def test_a_longer_prefix_beats_a_shorter_one_wherever_it_stands() -> None:
    limits = (Limit("E01*", 1, "workdays"), Limit("*", 2, "workdays"), Limit("E010*", 3, "workdays"))
    for order in (limits, limits[::-1]):
        assert [Limits(order).of(code).amount for code in ("E0102", "E0111", "C01")] == [3, 1, 2]


def test_one_batch_with_all_kinds() -> None:
    assert due(
        ("C0113", "2026-11-20T17:00"),  # clock hours run through the weekend
        ("E0102", "2026-11-20T17:00"),
        ("E0599", "2026-11-20T17:00"),
        ("E0505", "2026-11-10T17:00"),  # over the city's own holiday, 11 November
        ("E0599", "2026-11-13T10:00"),  # 14 November is a make-up Saturday
    ) == ["2026-11-21T17:00", "2026-11-23T11:00", "2026-11-27T17:00", "2026-11-12T09:00", "2026-11-19T10:00"]


def test_a_category_that_no_limit_names_any_more_counts_office_time() -> None:
    some = Limits([Limit("E01*", 3, "clock_hours")])
    assert (some.always("E0102"), some.always("C0101"), Limits([]).always("E0102")) == (True, False, False)


def test_after_a_suspension_what_was_left_of_the_term_is_left_again() -> None:
    cases = [  # every hour?, deadline, suspended, resumed, deadline then
        (False, "2026-11-23T11:00", "2026-11-20T16:00", "2026-11-25T09:00", "2026-11-25T16:00"),  # five office hours
        (False, "2026-11-20T18:00", "2026-11-20T17:00", "2026-11-22T10:00", "2026-11-23T09:00"),  # resumed on a Sunday
        (True, "2026-11-20T18:00", "2026-11-20T17:00", "2026-11-22T10:00", "2026-11-22T11:00"),
        (False, "2026-11-20T15:00", "2026-11-20T16:00", "2026-11-25T09:00", "2026-11-20T15:00"),  # had passed
    ]
    always = np.array([case[0] for case in cases])
    instants = [np.array([instant(str(case[column])) for case in cases]) for column in (1, 2, 3, 4)]
    assert after_suspension(CALENDAR, always, *instants[:3]).tolist() == instants[3].tolist()
    chance, day = np.random.default_rng(1), 86_400_000_000
    suspended = instant("2026-01-05T00:00") + chance.integers(0, 300 * day, 500)
    deadline, at = suspended + chance.integers(1, 30 * day, 500), suspended + chance.integers(0, 60 * day, 500)
    found = after_suspension(CALENDAR, np.zeros(500, dtype=bool), deadline, suspended, at)
    assert (CALENDAR.work_between(at, found) == CALENDAR.work_between(suspended, deadline)).all()


def test_no_start_has_no_deadline() -> None:
    found = deadlines(CALENDAR, LIMITS, np.array(["E0102", "C0113", "E0599"], dtype=object), np.full(3, NONE))
    assert found.tolist() == [NONE] * 3
    assert len(deadlines(CALENDAR, LIMITS, np.array([], dtype=object), np.array([], dtype=np.int64))) == 0


def test_a_category_without_a_limit_is_named() -> None:
    limits = Limits([Limit("E01*", 4, "work_hours")])
    with pytest.raises(UnknownName, match="category 'E0504' has no limit") as raised:
        deadlines(CALENDAR, limits, np.array(["E0102", "E0504"], dtype=object), np.zeros(2, dtype=np.int64))
    assert "limits.csv" in raised.value.remedy


def test_part_of_a_workday_is_refused() -> None:
    with pytest.raises(PackError, match="is not whole"):
        Limits([Limit("*", 0.5, "workdays")])


def test_half_hours_count() -> None:
    limits = Limits([Limit("*", 0.5, "work_hours")])
    found = deadlines(CALENDAR, limits, np.array(["X"], dtype=object), np.array([instant("2026-11-16T11:45")]))
    assert found[0] == instant("2026-11-16T14:15")


BLANK = Duty("D", "", "", "", "", "B01", "", "", "", "", "", None, None)


def test_the_finer_area_wins_then_the_category_then_kind_then_source() -> None:
    levels = ("city", "town", "community", "cell")
    order = [
        BLANK,
        replace(BLANK, source="hotline"),
        replace(BLANK, point_kind="market"),
        replace(BLANK, point_kind="market", source="hotline"),
        replace(BLANK, category="*"),
        replace(BLANK, category="E01*"),
        replace(BLANK, category="E010*"),
        replace(BLANK, category="E0102"),
        replace(BLANK, category="E0102", source="hotline"),
        replace(BLANK, category="E0102", point_kind="market"),
        replace(BLANK, area="city:1"),
        replace(BLANK, area="town:1", category="E01*"),
        replace(BLANK, area="cell:1"),
    ]
    keys = [specificity(duty, levels) for duty in order]
    assert all(less < more for less, more in pairwise(keys))
    assert specificity(replace(BLANK, category="E0104"), levels) == specificity(order[7], levels)
