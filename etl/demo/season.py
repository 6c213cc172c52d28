"""The year's shape: how much is noticed on which day, and what kind of time it is (storms, festive weeks, summer)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np

from etl.demo.chance import Chance, Reals
from weathermap.city.calendar import Calendar

WORKDAY, SATURDAY, SUNDAY, HOLIDAY = 1.0, 0.42, 0.34, 0.2
# How much the patrols find, by month from January: quiet around the festival, busy towards the year's reviews.
MONTHS = np.array([1.05, 0.82, 0.98, 1.02, 1.04, 1.0, 1.02, 1.04, 1.1, 1.04, 1.02, 0.96])
STORMS_A_YEAR = 3
STORM_SEASON = (7, 10)  # months, first and one past the last
AFTERMATH = 6  # days during which a storm's traces are still found


@dataclass(frozen=True)
class Season:
    """Consecutive days and their kind; parallel arrays, shape (n days,)."""

    days: tuple[date, ...]
    volume: Reals  # issues noticed relative to an average day of that calendar year
    storm: Reals  # 0…1
    festive: Reals  # 0…1
    warmth: Reals  # −1 in January … 1 in July
    workday: Reals  # 1 or 0

    def between(self, first: date, last: date) -> Season:
        """The days from `first` to `last`, both of them within these."""
        span = slice(self.days.index(first), self.days.index(last) + 1)
        return Season(*(getattr(self, f.name)[span] for f in fields(self)))


def season(chance: Chance, calendar: Calendar, first: date, last: date) -> Season:
    """The days from `first` to `last`. Each day's values depend on the seed and its own calendar year alone."""
    years = [_year(chance, calendar, year) for year in range(first.year, last.year + 1)]
    days = [day for part in years for day in part.days]
    start, stop = days.index(first), days.index(last) + 1
    columns = {
        name: np.concatenate([getattr(part, name) for part in years])[start:stop]
        for name in ("volume", "storm", "festive", "warmth", "workday")
    }
    return Season(tuple(days[start:stop]), **columns)


def _year(chance: Chance, calendar: Calendar, year: int) -> Season:
    days = [date(year, 1, 1) + timedelta(days=i) for i in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    ordinal = np.array([day.toordinal() for day in days])
    weekday = (ordinal + 6) % 7  # Monday 0
    works = np.array([calendar.is_workday(day) for day in days])
    storm = _storms(chance, year, days)
    festive = _festive(works, days)
    volume = np.where(weekday == 5, SATURDAY, np.where(weekday == 6, SUNDAY, HOLIDAY))
    volume = np.where(works, WORKDAY, np.minimum(volume, np.where(weekday < 5, HOLIDAY, volume)))
    volume = volume * MONTHS[[day.month - 1 for day in days]] * (1 + 0.35 * storm) * (1 + 0.15 * festive)
    volume *= 0.85 + 0.3 * chance.uniform("day", ordinal)
    warmth = -np.cos(2 * np.pi * (np.arange(len(days)) - 14) / len(days))
    return Season(tuple(days), volume / volume.mean(), storm, festive, warmth, works.astype(float))


def _storms(chance: Chance, year: int, days: list[date]) -> Reals:
    """A few storms a year in the typhoon months, each with an aftermath that fades."""
    season_days = [i for i, day in enumerate(days) if STORM_SEASON[0] <= day.month < STORM_SEASON[1]]
    storm = np.zeros(len(days))
    share = len(season_days) // STORMS_A_YEAR
    for k in range(STORMS_A_YEAR):
        start = season_days[k * share] + int(chance.whole("storm", year, share - 4, k))
        length = 3 + int(chance.whole("storm/length", year, 3, k))
        storm[start : start + length] = 1.0
        fade = np.linspace(1, 0, AFTERMATH + 2)[1:-1]
        tail = slice(start + length, start + length + AFTERMATH)
        storm[tail] = np.maximum(storm[tail], fade)
    return storm


def _festive(works: np.ndarray[tuple[int], np.dtype[np.bool_]], days: list[date]) -> Reals:
    """Rises through the four weeks before the Spring Festival: the longest rest in January and February."""
    festive = np.zeros(len(days))
    first, longest, run = -1, 4, 0
    for i, day in enumerate(days[:59]):
        run = 0 if works[i] else run + 1
        if run > longest and day >= date(day.year, 1, 18):
            first, longest = i - run + 1, run
    if first >= 0:
        rise = np.linspace(0.2, 1, 28)[-min(28, first) :] if first else np.zeros(0)
        festive[first - len(rise) : first] = rise
    return festive
