"""Everything that a demo of one city draws from, put together: places, clocks, crews, noticing, visiting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np

from etl.demo.asking import Asking
from etl.demo.chance import Chance
from etl.demo.clocks import Clocks
from etl.demo.crews import Crews
from etl.demo.figures import ARTICLE, Figures
from etl.demo.life import World
from etl.demo.noticing import Noticed, Noticing, join
from etl.demo.places import Places, places
from etl.demo.season import Season, season
from etl.demo.visiting import Visiting
from weathermap.issue.book import Book

BEFORE, AFTER = 45, 150  # days that are known before and after those drawn


@dataclass(frozen=True)
class Demo:
    """One city's demo over some days, `first` to `last`, city time."""

    book: Book
    figures: Figures
    origin: date  # the demo's first day: citizens' rounds are counted from it
    chance: Chance
    where: Places
    days: Season  # BEFORE days before `first` to `last`
    noticing: Noticing
    visiting: Visiting
    asking: Asking
    world: World

    @classmethod
    def of(cls, book: Book, seed: int, origin: date, first: date, last: date, figures: Figures = ARTICLE) -> Self:
        """Raises PackError when the pack lacks what a demo needs."""
        pack, chance = book.pack, Chance(seed)
        where = places(book, chance)
        noticing = Noticing(where, chance, figures)
        known = season(chance, book.calendar, first - timedelta(days=BEFORE), last + timedelta(days=AFTER))
        crews = Crews(where, chance, known)
        world = World(
            chance=chance,
            clocks=Clocks.of(pack.config.timezone, known.days, book.calendar.is_workday, pack.config.office_hours),
            crews=crews,
            calendar=book.calendar,
            limits=book.limits,
            codes=np.array([category.code for category in pack.categories], dtype=object),
            hard=np.array([habit.hard for habit in noticing.habits]),
            red=np.array([category.red_line for category in pack.categories], dtype=bool),
        )
        days = known.between(known.days[0], last)
        visiting, asking = Visiting(where, chance, crews.story), Asking(book, chance, origin, figures.notified / 365)
        return cls(book, figures, origin, chance, where, days, noticing, visiting, asking, world)

    def noticed(self, after: float, until: float) -> Noticed:
        """All reports after one instant and up to another, in order of time."""
        drawn = join([self.noticing.daily(self.days), self.noticing.rounds(self.days, self.origin)])
        drawn = drawn.take((drawn.at > after) & (drawn.at <= until))
        return drawn.take(np.argsort(drawn.at, kind="stable"))

    def settled(self, at: float) -> Self:
        """The same demo, taking up the issues of a year that was closed at `at`."""
        return replace(self, world=replace(self.world, settled=at))

    def faster(self, at: float, pace: float) -> Self:
        """The same demo, from `at` on `pace` times as fast as life."""
        clocks = self.world.clocks.faster_from(at, pace)
        asking = Asking(self.book, self.chance, self.origin, self.figures.notified / 365, pace)
        return replace(self, asking=asking, world=replace(self.world, clocks=clocks, own_deadlines=True))


def local(at: float, timezone: str) -> datetime:
    """An instant in city time."""
    return datetime.fromtimestamp(at, ZoneInfo(timezone))
