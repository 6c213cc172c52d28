"""Clocks that run only while somebody works: from instants to worked seconds and back, for whole arrays.

Instants are seconds since 1970-01-01T00:00Z as floats. A clock is a row of stretches, each with a rate: 1 while its
office is open; a higher one when a live demo runs faster than life.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Reals

DAY_S = 86_400.0
DUTY_HOURS = ((7 * 60, 20 * 60),)  # the duty desk and the cleaning contractors: every day


@dataclass(frozen=True)
class Clock:
    """Stretches of work: parallel arrays of start, length (seconds) and rate, in order, without overlap."""

    start: Reals
    length: Reals
    rate: Reals

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ends", np.cumsum(self.length * self.rate))

    def worked(self, at: Reals) -> Reals:
        """Seconds worked from the clock's beginning until `at`."""
        row = np.maximum(np.searchsorted(self.start, at, side="right") - 1, 0)
        inside = np.clip(at - self.start[row], 0.0, self.length[row])
        return self._before(row) + inside * self.rate[row]

    def instant(self, worked: Reals) -> Reals:
        """The first instant at which so much has been worked."""
        ends: Reals = self._ends  # type: ignore[attr-defined]
        row = np.minimum(np.searchsorted(ends, worked, side="left"), len(ends) - 1)
        return self.start[row] + np.maximum(worked - self._before(row), 0.0) / self.rate[row]

    def after(self, at: Reals, seconds: Reals) -> Reals:
        """The instant when `seconds` more have been worked; never before `at`."""
        return np.maximum(self.instant(self.worked(at) + seconds), at)

    def faster_from(self, at: float, rate: float) -> Self:
        """The same clock until `at`; from then on it never rests and runs at `rate`."""
        kept = self.start < at
        length = np.minimum(self.length[kept], at - self.start[kept])
        ever = 400 * DAY_S
        return type(self)(np.append(self.start[kept], at), np.append(length, ever), np.append(self.rate[kept], rate))

    def _before(self, row: NDArray[np.intp]) -> Reals:
        ends: Reals = self._ends  # type: ignore[attr-defined]
        return np.concatenate([[0.0], ends])[row]


@dataclass(frozen=True)
class Clocks:
    """The three clocks of a city."""

    office: Clock
    duty: Clock
    wall: Clock

    @classmethod
    def of(
        cls,
        timezone: str,
        days: Sequence[date],
        is_workday: Callable[[date], bool],
        office_hours: Sequence[tuple[int, int]],
    ) -> Self:
        """Clocks over consecutive `days`; `office_hours` are minutes of the day."""
        midnights = np.array([midnight(day, timezone) for day in days])
        working = np.array([is_workday(day) for day in days], dtype=bool)
        wall = Clock(midnights[:1], np.array([midnights[-1] + DAY_S - midnights[0]]), np.ones(1))
        return cls(_clock(midnights[working], office_hours), _clock(midnights, DUTY_HOURS), wall)

    def faster_from(self, at: float, pace: float) -> Clocks:
        """From `at` on each clock runs all the time, `pace` times as fast as it does on the average."""

        def share(clock: Clock) -> float:
            return float(clock.length.sum() / (clock.start[-1] + clock.length[-1] - clock.start[0]))

        clocks = (self.office, self.duty, self.wall)
        return Clocks(*(clock.faster_from(at, pace * share(clock)) for clock in clocks))


def midnight(day: date, timezone: str) -> float:
    """When `day` begins in the city, seconds since 1970Z."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).timestamp()


def _clock(midnights: Reals, hours: Sequence[tuple[int, int]]) -> Clock:
    start = (midnights[:, None] + np.array([opens * 60.0 for opens, _ in hours])).ravel()
    length = np.tile(np.array([(closes - opens) * 60.0 for opens, closes in hours]), len(midnights))
    return Clock(start, length, np.ones(len(start)))
