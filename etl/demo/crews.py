"""Who is quick and who is slow: units, towns and weeks, and the story that the towns tell at the end of the year."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Chance, Reals
from etl.demo.places import Ints, Places
from etl.demo.season import Season

WEEK_S = 7 * 86_400.0
BASE = -3.0  # logit of being late for an ordinary unit in an ordinary week: about 5 %
UNIT_SPREAD, WEEK_SPREAD = 0.35, 0.7
MEMORY = 0.75  # how much of a week's trouble is left in the next
WEEKS_BACK = 8
STORM, FESTIVE = 2.4, 0.5
RAIN, OVERCAST, CLOUDY, SUNNY = range(4)
TEMPER = np.array([0.75, 0.4, 0.0, -0.35])  # logits of the towns of each story


@dataclass(frozen=True)
class Story:
    """Which town ends the year in which weather (rows of TEMPER), and which one is visited too little; −1 none."""

    weather: Ints  # of each town
    short: int

    def towns(self, weather: int) -> list[int]:
        return np.flatnonzero(self.weather == weather).tolist()


def story(where: Places, chance: Chance) -> Story:
    """One town in rain and one overcast, both from the smaller half; a third sunny; the others cloudy."""
    size = np.bincount(where.spots.town, where.spots.weight, minlength=len(where.book.pack.areas[where.town_level]))
    n = len(size)
    weather = np.full(n, CLOUDY, dtype=np.int64)
    luck = chance.uniform("story", np.arange(n))
    small = [town for town in np.argsort(size)[: (n + 1) // 2].tolist() if size[town] > 0]
    drawn = sorted(small, key=lambda town: float(luck[town]))
    if n >= 2:
        weather[drawn[:1]] = RAIN
    if n >= 3:
        weather[drawn[1:2]] = OVERCAST
    rest = sorted(np.flatnonzero(weather == CLOUDY).tolist(), key=lambda town: -float(luck[town]))
    weather[rest[: max(1, n // 3)]] = SUNNY
    cloudy = np.flatnonzero(weather == CLOUDY).tolist()
    return Story(weather, max(cloudy, key=lambda town: float(luck[town])) if cloudy else -1)


class Crews:
    """The logit of lateness for any unit, town and instant."""

    def __init__(self, where: Places, chance: Chance, days: Season) -> None:
        self.chance = chance
        self.story = story(where, chance)
        units = where.book.pack.units
        codes = np.array([crc32(unit.code.encode()) for unit in units], dtype=np.int64)
        self.contractor = np.array([unit.kind == "contractor" for unit in units], dtype=bool)
        self._unit = UNIT_SPREAD * chance.normal("unit", codes) - 0.2 * self.contractor
        self._first = days.days[0].toordinal()
        self._trouble = STORM * days.storm + FESTIVE * days.festive

    def late(self, unit: NDArray[np.int64], town: Ints, day: Ints, at: Reals, hard: Reals) -> Reals:
        """Probability that an issue of `unit` in `town` due at `at` (date ordinal `day`) is late; `hard`: logits."""
        known = np.clip(day - self._first, 0, len(self._trouble) - 1)
        own = np.where(unit >= 0, self._unit[unit], 0.0)
        temper = np.where(town >= 0, TEMPER[self.story.weather[town]], 0.0)
        logit = BASE + own + temper + hard + self._trouble[known] + self._week(town, at)
        return 1.0 / (1.0 + np.exp(-logit))

    def _week(self, town: Ints, at: Reals) -> Reals:
        """A town's good and bad weeks: noise that fades by MEMORY a week."""
        week = (at // WEEK_S).astype(np.int64)
        if not len(week):
            return np.zeros(0)
        first, last, towns = int(week.min()), int(week.max()), int(town.max()) + 2
        grid = (np.arange(first - WEEKS_BACK, last + 1)[None, :] * 1_000 + np.arange(-1, towns)[:, None]).astype(
            np.int64
        )
        noise = self.chance.normal("week", grid)
        fade = MEMORY ** np.arange(WEEKS_BACK + 1)
        fade /= np.sqrt((fade**2).sum())
        level = np.array([np.convolve(row, fade, mode="valid") for row in noise])
        return WEEK_SPREAD * level[town + 1, week - first]
