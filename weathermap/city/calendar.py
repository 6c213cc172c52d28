"""The city's working time: office hours on statutory workdays. All arithmetic is in wall time, microseconds, int64.

Working time is a straight line with flat pieces: `work(t)` is the office time from 1970 to t. Adding office time is
going up that line and coming back, which makes it exact, monotone and fast for millions of starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

import chinese_calendar
import numpy as np
from numpy.typing import NDArray

from weathermap.city.clock import DAY_US, EPOCH_DAY, FIRST_YEAR, LAST_YEAR, NONE, Times, local_days, to_local, to_utc
from weathermap.city.clock import local_day_texts as local_day_texts
from weathermap.city.pack import Config, Holiday
from weathermap.errors import PackError

__all__ = ["Calendar", "local_day_texts", "local_days", "to_local", "to_utc"]

MINUTE_US = 60_000_000
_DAYS = date(LAST_YEAR + 1, 1, 1).toordinal() - EPOCH_DAY
# Worked by 国办发明电〔2005〕35号 (New Year 2006), and missing from the package's list.
_ALSO_WORKED = (date(2005, 12, 31),)


@dataclass(frozen=True)
class Calendar:
    """Workdays and office hours of one city, 1970–2099."""

    timezone: str
    opens: NDArray[np.int64]  # µs of the day at which each office span starts, shape (spans,)
    closes: NDArray[np.int64]  # … and ends
    workday: NDArray[np.bool_]  # of each day since 1970-01-01
    provisional_years: frozenset[int]  # statutory days unknown: counted as Monday to Friday
    _day_start: NDArray[np.int64]  # office µs before each day; shape (days + 1,)
    _span_start: NDArray[np.int64]  # office µs of the day before each span; shape (spans + 1,)
    _workdays: NDArray[np.int64]  # the days that are workdays, ascending
    _rank: NDArray[np.int64]  # how many workdays lie before each day; shape (days + 1,)

    @classmethod
    def from_config(cls, config: Config, holidays: Iterable[Holiday] = (), known_to: int = LAST_YEAR) -> Self:
        """The calendar that `city.toml` asks for; `holidays` (holidays.csv) override it day by day.

        `known_to`: as when the statutory days of later years were not known yet. Raises PackError for a holiday outside
        1970–2099.
        """
        workday, provisional = _workdays(config.calendar, tuple(holidays), known_to)
        opens, closes = (
            np.array(column, dtype=np.int64) * MINUTE_US for column in zip(*config.office_hours, strict=True)
        )
        span_start = np.concatenate([[0], np.cumsum(closes - opens)])
        return cls(
            timezone=config.timezone,
            opens=opens,
            closes=closes,
            workday=workday,
            provisional_years=provisional,
            _day_start=np.concatenate([[0], np.cumsum(workday * span_start[-1])]),
            _span_start=span_start,
            _workdays=np.flatnonzero(workday),
            _rank=np.concatenate([[0], np.cumsum(workday)]),
        )

    @property
    def office_day_us(self) -> int:
        """Office time of one workday, µs."""
        return int(self._span_start[-1])

    def is_workday(self, day: date) -> bool:
        """Whether the office works on `day`."""
        return bool(self.workday[day.toordinal() - EPOCH_DAY])

    def is_provisional(self, us: Times) -> NDArray[np.bool_]:
        """Whether UTC instants lie in a year whose statutory days are unknown; NONE does not; shape (n,)."""
        local = to_local(us, self.timezone)
        years = (np.where(local == NONE, 0, local) // DAY_US).astype("datetime64[D]").astype("datetime64[Y]")
        unknown = np.array(sorted(self.provisional_years), dtype=np.int64) - 1970
        found: NDArray[np.bool_] = np.isin(years.astype(np.int64), unknown) & (local != NONE)
        return found

    def work_between(self, start_us: Times, end_us: Times) -> Times:
        """Office time from one UTC instant to another, µs; negative when it runs backwards; shape (n,)."""
        start, end = to_local(start_us, self.timezone), to_local(end_us, self.timezone)
        return self._work(end) - self._work(start)

    def add_work(self, start_us: Times, work_us: Times) -> Times:
        """UTC instant at which `work_us` (> 0) of office time have passed since `start_us`: the first such. Shape (n,).

        Nothing to add gives the start itself. Raises ValueError for instants that leave 1970–2099.
        """
        start = np.asarray(start_us, dtype=np.int64)
        target = self._work(to_local(start, self.timezone)) + work_us
        day = np.searchsorted(self._day_start, target, side="left") - 1
        if len(day) and (day.min() < -1 or int(day.max()) >= _DAYS):
            raise ValueError(f"the calendar ends in {LAST_YEAR}")
        day = np.maximum(day, 0)
        rest = target - self._day_start[day]
        span = np.clip(np.searchsorted(self._span_start, rest, side="left") - 1, 0, len(self.opens) - 1)
        local = day * DAY_US + self.opens[span] + rest - self._span_start[span]
        return np.where(np.asarray(work_us) > 0, to_utc(local, self.timezone)[0], start)

    def add_workdays(self, start_us: Times, days: NDArray[np.int64]) -> Times:
        """UTC instant `days` (> 0, whole) workdays after `start_us`, at the same clock time; shape (n,).

        A start outside office time first moves on to the next opening of the office. Nothing to add gives the start.
        """
        start = np.asarray(start_us, dtype=np.int64)
        day, clock = self._into_office(to_local(start, self.timezone))
        rank = self._rank[day] + days
        if len(rank) and int(rank.max()) >= len(self._workdays):
            raise ValueError(f"the calendar ends in {LAST_YEAR}")
        local = self._workdays[rank] * DAY_US + clock
        return np.where(np.asarray(days) > 0, to_utc(local, self.timezone)[0], start)

    def _work(self, local: Times) -> Times:
        """Office time from 1970 to a wall time; flat outside office hours."""
        day, clock = self._split(local)
        worked = np.clip(clock[:, None] - self.opens, 0, self.closes - self.opens).sum(axis=1)
        return self._day_start[day] + np.where(self.workday[day], worked, 0)

    def _into_office(self, local: Times) -> tuple[Times, Times]:
        """(day, clock) of the first moment of office time at or after a wall time."""
        day, clock = self._split(local)
        span = np.searchsorted(self.closes, clock, side="right")  # the first span that has not closed
        over = ~self.workday[day] | (span == len(self.opens))
        rank = self._rank[day] + (over & self.workday[day])  # the next workday after today, or today's place in line
        if len(rank) and int(rank.max()) >= len(self._workdays):
            raise ValueError(f"the calendar ends in {LAST_YEAR}")
        moved = np.where(over, self._workdays[rank], day)
        clock = np.where(over, self.opens[0], np.maximum(clock, self.opens[np.minimum(span, len(self.opens) - 1)]))
        return moved, clock

    def _split(self, local: Times) -> tuple[Times, Times]:
        """(days since 1970, µs of the day); raises ValueError outside 1970–2099."""
        day = np.asarray(local, dtype=np.int64) // DAY_US
        if len(day) and (int(day.min()) < 0 or int(day.max()) >= _DAYS):
            raise ValueError(f"the calendar knows {FIRST_YEAR} to {LAST_YEAR}")
        return day, local - day * DAY_US


def _workdays(calendar: str, holidays: tuple[Holiday, ...], known_to: int) -> tuple[NDArray[np.bool_], frozenset[int]]:
    """(workday of each day since 1970, years whose statutory days are unknown)."""
    weekday = (np.arange(_DAYS) + 3) % 7  # 1970-01-01 was a Thursday; 0 = Monday
    workday = weekday < 5
    provisional: frozenset[int] = frozenset()
    if calendar == "CN":
        for days, works in (
            (chinese_calendar.holidays, False),
            (chinese_calendar.workdays, True),
            (_ALSO_WORKED, True),
        ):
            workday[[day.toordinal() - EPOCH_DAY for day in days if day.year <= known_to]] = works
        known = {year for day in chinese_calendar.holidays if (year := day.year) <= known_to} | _settled(holidays)
        provisional = frozenset(range(FIRST_YEAR, LAST_YEAR + 1)) - known
    for holiday in holidays:
        if not FIRST_YEAR <= holiday.day.year <= LAST_YEAR:
            remedy = f"The calendar knows {FIRST_YEAR} to {LAST_YEAR}."
            raise PackError(f"holidays.csv: {holiday.day} cannot be used.", remedy)
        workday[holiday.day.toordinal() - EPOCH_DAY] = holiday.workday
    return workday, provisional


def _settled(holidays: Iterable[Holiday]) -> set[int]:
    """Years that holidays.csv gives whole: those with 1 January and 1 October, which every statutory list has."""
    free = {holiday.day for holiday in holidays if not holiday.workday}
    return {day.year for day in free if date(day.year, 1, 1) in free and date(day.year, 10, 1) in free}
