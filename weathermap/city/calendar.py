"""City time and working time: zones, office hours, statutory holidays and make-up workdays.

Times are microseconds since 1970-01-01T00:00Z (int64); naive city times are microseconds since 1970-01-01 00:00 on
the city's clocks. Working time is counted in whole seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from weathermap.city.pack import Config, Holiday

Times = NDArray[np.int64]
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
QUARTER_US = 900 * SECOND_US  # every zone's offset changes at a quarter of an hour, if at all
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
FIRST_YEAR, LAST_YEAR = 1990, 2060
AMBIGUOUS, NONEXISTENT = 1, 2


def to_local(us: Times, zone: str) -> Times:
    """UTC instants as naive city times; shape (n,)."""
    return us + _offsets(us, zone, utc=True)[0]


def to_utc(local: Times, zone: str) -> tuple[Times, NDArray[np.int8]]:
    """Naive city times as UTC instants, and a flag each: 0, AMBIGUOUS (the first is taken) or NONEXISTENT (forward)."""
    offsets, flags = _offsets(local, zone, utc=False)
    return local - offsets, flags


def local_days(us: Times, zone: str) -> Times:
    """The city's date of UTC instants, as `date.toordinal`; shape (n,)."""
    return to_local(us, zone) // DAY_US + EPOCH_ORDINAL


def _offsets(us: Times, zone: str, *, utc: bool) -> tuple[Times, NDArray[np.int8]]:
    """Offset of the city from UTC, µs, once for each quarter of an hour that occurs."""
    info = ZoneInfo(zone)
    quarters, back = np.unique(us // QUARTER_US, return_inverse=True)
    offsets = np.empty(len(quarters), dtype=np.int64)
    flags = np.zeros(len(quarters), dtype=np.int8)
    for i, quarter in enumerate(quarters.tolist()):
        moment = EPOCH + timedelta(microseconds=quarter * QUARTER_US)
        if utc:
            offset = moment.replace(tzinfo=UTC).astimezone(info).utcoffset()
        else:
            offset = moment.replace(tzinfo=info).utcoffset()
            second = moment.replace(tzinfo=info, fold=1).utcoffset()
            if offset is not None and second is not None and offset != second:
                flags[i] = AMBIGUOUS if offset > second else NONEXISTENT
        offsets[i] = (offset or timedelta()) // timedelta(microseconds=1)
    return offsets[back], flags[back]


@dataclass(frozen=True)
class Calendar:
    """Working time of a city. `days_off`, `workdays`: dates that differ from Monday to Friday, by name."""

    zone: str
    office_hours: tuple[tuple[int, int], ...]  # minutes of the day
    days_off: dict[date, str]
    workdays: dict[date, str]
    known_years: frozenset[int]  # all others are provisional: Monday to Friday

    @classmethod
    def from_config(cls, config: Config, holidays: Sequence[Holiday] = ()) -> Self:
        """The calendar of a pack: `calendar = "CN"` brings the statutory days, `holidays` override them."""
        days_off: dict[date, str] = {}
        workdays: dict[date, str] = {}
        known: set[int] = set()
        if config.calendar == "CN":
            import chinese_calendar.constants as statutory

            days_off |= dict(statutory.holidays.items())
            workdays |= dict(statutory.workdays.items())
            known = {day.year for day in days_off}
        for entry in holidays:
            (workdays if entry.workday else days_off)[entry.day] = entry.name
            (days_off if entry.workday else workdays).pop(entry.day, None)
            known.add(entry.day.year)
        return cls(config.timezone, config.office_hours, days_off, workdays, frozenset(known))

    def is_workday(self, day: date) -> bool:
        """Whether offices are open on `day`."""
        return day in self.workdays or (day.weekday() < 5 and day not in self.days_off)

    def provisional_years(self, us: Times) -> list[int]:
        """Years among these instants of which nobody knows the holidays yet, while the city keeps a calendar."""
        if not self.known_years or not len(us):
            return []
        years = {date.fromordinal(int(day)).year for day in np.unique(local_days(us, self.zone))}
        return sorted(years - self.known_years)

    @property
    def day_s(self) -> int:
        """Working seconds of a workday."""
        return sum(end - start for start, end in self.office_hours) * 60

    def worked(self, us: Times) -> Times:
        """Working seconds from the calendar's beginning until each instant; shape (n,)."""
        local = to_local(us, self.zone) // SECOND_US
        day = np.clip(local // 86_400 - self._first, 0, len(self._open) - 1)
        return self._before[day] + np.where(self._open[day], self._within(local % 86_400), 0)

    def after(self, worked: Times) -> Times:
        """The first instant (µs, UTC) by which so much working time has passed: the inverse of `worked`."""
        day = np.searchsorted(self._before, worked, side="left") - 1
        day = np.clip(day, 0, len(self._open) - 1)
        second = self._clock(worked - self._before[day])
        local = ((self._first + day) * 86_400 + second) * SECOND_US
        return to_utc(local, self.zone)[0]

    def _within(self, second: Times) -> Times:
        """Working seconds of a workday passed at a second of the day."""
        return sum(
            (np.clip(second - start * 60, 0, (end - start) * 60) for start, end in self.office_hours),
            np.zeros_like(second),
        )

    def _clock(self, worked: Times) -> Times:
        """Second of a workday at which so much of its working time has passed; the inverse of `_within`."""
        found = np.zeros_like(worked)
        passed = 0
        for start, end in self.office_hours:
            here = worked > passed
            found = np.where(here, np.minimum(worked - passed, (end - start) * 60) + start * 60, found)
            passed += (end - start) * 60
        return found

    @cached_property
    def _open(self) -> NDArray[np.bool_]:
        """Whether each day from FIRST_YEAR on is a workday."""
        first, last = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()
        return np.array([self.is_workday(date.fromordinal(day)) for day in range(first, last + 1)], dtype=bool)

    @property
    def _first(self) -> int:
        """The first day of `_open`, days since 1970-01-01."""
        return date(FIRST_YEAR, 1, 1).toordinal() - EPOCH_ORDINAL

    @cached_property
    def _before(self) -> Times:
        """Working seconds before each day."""
        return np.concatenate([[0], np.cumsum(self._open * self.day_s)[:-1]]).astype(np.int64)
