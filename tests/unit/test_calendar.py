"""City time and working time: zones, statutory days, and the arithmetic of office hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weathermap.city.calendar import Calendar, local_day_texts, local_days, to_local, to_utc
from weathermap.city.clock import AMBIGUOUS, CLEAR, NONE, NONEXISTENT
from weathermap.city.pack import Holiday
from weathermap.city.reading import read_pack
from weathermap.errors import PackError

CONFIG = read_pack(Path(__file__).parents[1] / "packs/toy").config
CN = Calendar.from_config(CONFIG)
PLAIN = Calendar.from_config(replace(CONFIG, calendar="", timezone="America/New_York"))
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000


def us(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=moment.tzinfo)) // timedelta(microseconds=1)


def instant(text: str, zone: str = "Asia/Shanghai") -> int:
    return us(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))


def wall(moment: int, zone: str = "Asia/Shanghai") -> str:
    return str(np.datetime64(int(to_local(np.array([moment]), zone)[0]), "us").astype("datetime64[m]"))


def one(value: int) -> np.ndarray:
    return np.array([value], dtype=np.int64)


instants = st.integers(us(datetime(2004, 1, 1)), us(datetime(2026, 12, 1)))
amounts = st.integers(1, 40 * 8 * HOUR)


# City time


@pytest.mark.parametrize(
    ("zone", "local", "utc", "flag"),
    [
        ("America/New_York", "2026-03-08T01:59", "2026-03-08T06:59", CLEAR),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30", NONEXISTENT),  # 03:30 of the new time
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00", CLEAR),
        ("America/New_York", "2026-11-01T00:59", "2026-11-01T04:59", CLEAR),
        ("America/New_York", "2026-11-01T01:00", "2026-11-01T05:00", AMBIGUOUS),  # the first of the two
        ("America/New_York", "2026-11-01T01:59", "2026-11-01T05:59", AMBIGUOUS),
        ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00", CLEAR),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45", AMBIGUOUS),  # half an hour only
        ("Asia/Shanghai", "2026-05-01T08:00", "2026-05-01T00:00", CLEAR),
    ],
)
def test_wall_times(zone: str, local: str, utc: str, flag: int) -> None:
    found, flags = to_utc(one(us(datetime.fromisoformat(local))), zone)
    assert (np.datetime64(int(found[0]), "us"), flags[0]) == (np.datetime64(utc), flag)


@settings(deadline=None, max_examples=50)  # a busy machine is no fault
@given(st.sampled_from(ZONES), st.integers(0, us(datetime(2080, 1, 1))))
def test_zones_agree_with_the_standard_library(zone: str, moment: int) -> None:
    naive = datetime(1970, 1, 1) + timedelta(microseconds=moment)
    aware = naive.replace(tzinfo=ZoneInfo(zone))
    assert int(to_utc(one(moment), zone)[0][0]) == us(aware.astimezone(UTC))
    local = naive.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert int(to_local(one(moment), zone)[0]) == us(local)
    back, flags = to_utc(to_local(one(moment), zone), zone)
    assert flags[0] != NONEXISTENT
    assert back[0] == moment or flags[0] == AMBIGUOUS


def test_none_stays_none_and_nothing_stays_nothing() -> None:
    both = np.array([NONE, 0])
    assert to_utc(both, "Asia/Shanghai")[0].tolist() == [NONE, -8 * HOUR]
    assert to_local(both, "Asia/Shanghai").tolist() == [NONE, 8 * HOUR]
    assert local_days(both, "Asia/Shanghai").tolist() == [NONE, date(1970, 1, 1).toordinal()]
    assert local_day_texts(both, "Asia/Shanghai").tolist() == ["", "1970-01-01"]
    empty = np.array([], dtype=np.int64)
    assert len(to_utc(empty, "UTC")[0]) == len(local_day_texts(empty, "UTC")) == len(CN.add_work(empty, empty)) == 0


def test_the_day_is_the_citys() -> None:
    moments = np.array([instant("2026-05-01T00:00"), instant("2026-05-01T00:00") - 1])
    assert local_day_texts(moments, "Asia/Shanghai").tolist() == ["2026-05-01", "2026-04-30"]
    assert local_days(moments, "Asia/Shanghai").tolist() == [
        date(2026, 5, d).toordinal() - (d != 1) * 2 for d in (1, 2)
    ]


# Statutory days of 2025 and 2026, as the State Council's office announced them.
OFF = {
    "2025": ["01-01", "01-28..02-04", "04-04..04-06", "05-01..05-05", "05-31..06-02", "10-01..10-08"],
    "2026": ["01-01..01-03", "02-15..02-23", "04-04..04-06", "05-01..05-05", "06-19..06-21", "09-25..09-27",
             "10-01..10-07"],
}  # fmt: skip
MAKE_UP = {
    "2025": ["01-26", "02-08", "04-27", "09-28", "10-11"],
    "2026": ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
}


@pytest.mark.parametrize("year", ["2025", "2026"])
def test_statutory_days(year: str) -> None:
    off: set[date] = set()
    for span in OFF[year]:
        first, _, last = span.partition("..")
        day, end = (date.fromisoformat(f"{year}-{text}") for text in (first, last or first))
        off |= {day + timedelta(days=i) for i in range((end - day).days + 1)}
    make_up = {date.fromisoformat(f"{year}-{text}") for text in MAKE_UP[year]}
    day = date(int(year), 1, 1)
    while day.year == int(year):
        expected = day in make_up or (day.weekday() < 5 and day not in off)
        assert CN.is_workday(day) == expected, day
        day += timedelta(days=1)
    assert int(year) not in CN.provisional_years


def test_years_that_nobody_knows_are_provisional() -> None:
    assert {2003, 2027, 2099} <= CN.provisional_years
    assert not PLAIN.provisional_years
    moments = np.array([instant("2026-12-31T23:59"), instant("2027-01-01T00:00"), NONE])
    assert CN.is_provisional(moments).tolist() == [False, True, False]
    assert CN.is_workday(date(2027, 10, 1))


def test_the_packs_days_go_first() -> None:
    own = (Holiday(date(2026, 11, 11), False, "own day"), Holiday(date(2026, 11, 14), True, "make-up"))
    calendar = Calendar.from_config(CONFIG, own)
    assert CN.is_workday(date(2026, 11, 11)) and not calendar.is_workday(date(2026, 11, 11))
    assert not CN.is_workday(date(2026, 11, 14)) and calendar.is_workday(date(2026, 11, 14))
    assert not Calendar.from_config(CONFIG, [Holiday(date(2026, 5, 9), False, "")]).is_workday(date(2026, 5, 9))


def test_a_year_is_known_once_its_whole_list_is_there() -> None:
    local = Holiday(date(2027, 11, 11), False, "own day")
    assert 2027 in Calendar.from_config(CONFIG, [local]).provisional_years
    listed = [Holiday(date(2027, 1, 1), False, "元旦"), Holiday(date(2027, 10, 1), False, "国庆节"), local]
    assert 2027 not in Calendar.from_config(CONFIG, listed).provisional_years


def test_a_holiday_outside_the_calendar_is_refused() -> None:
    with pytest.raises(PackError, match="1926-11-11"):
        Calendar.from_config(CONFIG, [Holiday(date(1926, 11, 11), False, "")])


def test_without_a_calendar_it_is_monday_to_friday() -> None:
    assert PLAIN.is_workday(date(2026, 10, 1))
    assert not PLAIN.is_workday(date(2026, 10, 10))


# Working time


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-16T08:00", 60, "2026-11-16T09:00"),
        ("2026-11-16T07:00", 60, "2026-11-16T09:00"),
        ("2026-11-16T11:30", 60, "2026-11-16T14:30"),
        ("2026-11-16T11:00", 60, "2026-11-16T12:00"),  # due as the office closes, not as it opens again
        ("2026-11-16T12:30", 60, "2026-11-16T15:00"),
        ("2026-11-16T14:00", 240, "2026-11-16T18:00"),
        ("2026-11-20T17:00", 240, "2026-11-23T11:00"),  # over a weekend
        ("2026-09-30T17:00", 120, "2026-10-08T09:00"),  # over National Day
        ("2026-10-09T17:00", 120, "2026-10-10T09:00"),  # into a make-up Saturday
        ("2026-11-21T12:00", 480, "2026-11-23T18:00"),
    ],
)
def test_office_time(start: str, minutes: int, end: str) -> None:
    found = CN.add_work(one(instant(start)), one(minutes * MINUTE))
    assert wall(found[0]) == end
    assert CN.work_between(one(instant(start)), found)[0] == minutes * MINUTE


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-16T10:00", 1, "2026-11-17T10:00"),
        ("2026-11-20T17:59", 1, "2026-11-23T17:59"),
        ("2026-11-20T18:00", 1, "2026-11-24T08:00"),  # handed over after closing: as the office next opens
        ("2026-11-21T12:00", 1, "2026-11-24T08:00"),
        ("2026-11-16T12:30", 1, "2026-11-17T14:00"),
        ("2026-11-16T06:00", 2, "2026-11-18T08:00"),
        ("2026-09-30T10:00", 2, "2026-10-09T10:00"),
        ("2026-10-09T10:00", 1, "2026-10-10T10:00"),
        ("2026-02-13T10:00", 2, "2026-02-24T10:00"),  # 14 February is worked, then New Year
    ],
)
def test_workdays(start: str, days: int, end: str) -> None:
    assert wall(CN.add_workdays(one(instant(start)), one(days))[0]) == end


@settings(deadline=None, max_examples=50)  # a busy machine is no fault
@given(instants, amounts, amounts)
def test_office_time_can_be_split(start: int, first: int, second: int) -> None:
    for calendar in (CN, PLAIN):
        halfway = calendar.add_work(one(start), one(first))
        assert calendar.add_work(halfway, one(second))[0] == calendar.add_work(one(start), one(first + second))[0]


@settings(deadline=None, max_examples=50)  # a busy machine is no fault
@given(instants, amounts)
def test_office_time_passes_between_start_and_end(start: int, amount: int) -> None:
    for calendar in (CN, PLAIN):
        end = calendar.add_work(one(start), one(amount))
        assert calendar.work_between(one(start), end)[0] == amount
        assert calendar.work_between(one(start), end - 1)[0] == amount - 1, "not the first such instant"
        day = date.fromisoformat(str(local_day_texts(end, calendar.timezone)[0]))
        assert calendar.is_workday(day)


@settings(deadline=None, max_examples=50)  # a busy machine is no fault
@given(instants, st.integers(0, 30 * DAY), amounts, st.integers(0, 8 * HOUR), st.integers(1, 30))
def test_later_starts_and_longer_limits_never_end_earlier(
    start: int, delay: int, amount: int, more: int, days: int
) -> None:
    for calendar in (CN, PLAIN):
        ends = calendar.add_work(np.array([start, start + delay, start]), np.array([amount, amount, amount + more]))
        assert ends[0] <= ends[1] and ends[0] <= ends[2]
        ends = calendar.add_workdays(np.array([start, start + delay, start]), np.array([days, days, days + 1]))
        assert ends[0] <= ends[1] and ends[0] < ends[2]


@settings(deadline=None, max_examples=50)  # a busy machine is no fault
@given(instants, st.integers(1, 20), st.integers(1, 20))
def test_workdays_can_be_split_and_are_office_days(start: int, first: int, second: int) -> None:
    halfway = CN.add_workdays(one(start), one(first))
    whole = CN.add_workdays(one(start), one(first + second))
    assert CN.add_workdays(halfway, one(second))[0] == whole[0]
    assert CN.work_between(one(start), whole)[0] == (first + second) * CN.office_day_us


def test_nothing_to_add_is_the_start_itself() -> None:
    saturday = one(instant("2026-11-21T12:00"))
    assert CN.add_work(saturday, one(0)).tolist() == CN.add_workdays(saturday, one(0)).tolist() == saturday.tolist()


def test_many_at_once_are_what_each_is() -> None:
    chance = np.random.default_rng(1)
    starts = chance.integers(us(datetime(2025, 1, 1)), us(datetime(2026, 11, 1)), 200)
    work, days = chance.integers(1, 100 * HOUR, 200), chance.integers(1, 20, 200)
    for add, amounts_ in ((CN.add_work, work), (CN.add_workdays, days)):
        alone = [int(add(one(start), one(amount))[0]) for start, amount in zip(starts, amounts_, strict=True)]
        assert add(starts, amounts_).tolist() == alone


@pytest.mark.parametrize("moment", ["1969-12-01T00:00", "2100-06-01T00:00"])
def test_outside_the_calendar(moment: str) -> None:
    with pytest.raises(ValueError, match="the calendar knows 1970 to 2099"):
        CN.add_work(one(instant(moment)), one(HOUR))


def test_beyond_the_calendars_end() -> None:
    with pytest.raises(ValueError, match="ends in 2099"):
        CN.add_work(one(instant("2099-12-30T10:00")), one(100 * 8 * HOUR))
    with pytest.raises(ValueError, match="ends in 2099"):
        CN.add_workdays(one(instant("2099-12-30T10:00")), one(100))
