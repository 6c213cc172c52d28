"""Visits of declared points: every point about every three weeks by its fixed inspector, some places too seldom."""

from __future__ import annotations

from datetime import date
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Chance, Reals
from etl.demo.clocks import midnight
from etl.demo.crews import Story
from etl.demo.life import SECOND_US
from etl.demo.noticing import ROUND_SPOTS, round_days
from etl.demo.places import Places
from etl.demo.season import Season
from weathermap.issue.batch import Visits

CYCLE = 21  # days in which each point has one visit planned, on its own day or up to JITTER later
JITTER = 6
SKIPPED, SHORT_SKIPPED, NEGLECT_SKIPPED = 0.03, 0.45, 0.96  # visits that fall out: most places, short town, neglected
NEGLECTED = 0.1  # share of communities, none of them more than SMALL of its town's points
SMALL = 0.12
FULL = 0.3  # visits that go through the whole checklist
OPENS, SPAN = 8.5 * 3600.0, 8.5 * 3600.0  # of the day, seconds
LUNCH = 11.75 * 3600.0, 2.5 * 3600.0  # from when, for how long nobody visits


class Visiting:
    """Draws the visits of any days."""

    def __init__(self, where: Places, chance: Chance, story: Story) -> None:
        self.where, self.chance = where, chance
        spots = where.spots
        rows = np.flatnonzero(spots.point >= 0)
        self.point = spots.point[rows]
        self._town, self._community = spots.town[rows], spots.community[rows]
        pack = where.book.pack
        self._codes = np.array([pack.points[p].code for p in self.point.tolist()], dtype=object)
        self._key = np.array([crc32(code.encode()) for code in self._codes], dtype=np.int64)
        self._skip = np.where(self._town == story.short, SHORT_SKIPPED, SKIPPED)
        self._skip[self._neglected(story)] = NEGLECT_SKIPPED
        inspectors = [person.code for person in pack.people if person.role == "inspector"] or [""]
        self._inspectors = np.array(inspectors, dtype=object)
        self._keepers = np.array([pack.points[p].person for p in self.point.tolist()], dtype=object)

    def visits(self, days: Season, after: float, until: float, origin: date) -> Visits:
        """Visits that end after `after` and no later than `until`. `days` begin a month before them."""
        point, day = self._planned(days)
        kind = np.where(self.chance.uniform("full", self._key[point], day) < FULL, "full", "patrol").astype(object)
        extra = self._on_rounds(days, origin)
        point, day = np.concatenate([point, extra[0]]), np.concatenate([day, extra[1]])
        kind = np.concatenate([kind, np.full(len(extra[0]), "round", dtype=object)])
        start, end = self._times(point, day)
        rows = np.flatnonzero((end > after) & (end <= until))
        rows = rows[np.argsort(start[rows], kind="stable")]
        point, day, kind, start, end = point[rows], day[rows], kind[rows], start[rows], end[rows]
        stamp = [date.fromordinal(d).strftime("%Y%m%d") for d in day.tolist()]
        drawn = self._inspectors[self.chance.whole("inspector", self._community[point], len(self._inspectors))]
        who = np.where(self._keepers[point] == "", drawn, self._keepers[point])
        return Visits(
            key=np.array(
                [f"{s}-{c}-{k[0]}" for s, c, k in zip(stamp, self._codes[point], kind, strict=True)], dtype=object
            ),
            kind=kind,
            point=self._codes[point],
            inspector=np.where(kind == "round", "", who),
            start=(start * SECOND_US).astype(np.int64),
            end=(end * SECOND_US).astype(np.int64),
        )

    def _neglected(self, story: Story) -> NDArray[np.bool_]:
        """A few small communities that hardly anyone visits; one a town at most."""
        total = np.bincount(self._town, minlength=1)
        taken: set[int] = set()
        found = np.zeros(len(self.point), dtype=bool)
        communities = np.unique(self._community)
        luck = self.chance.uniform("neglect", communities)
        for community, drawn in sorted(zip(communities.tolist(), luck.tolist(), strict=True), key=lambda pair: pair[1]):
            here = self._community == community
            town = int(self._town[here][0])
            if drawn < NEGLECTED and town not in taken and town != story.short and here.sum() <= SMALL * total[town]:
                taken.add(town)
                found |= here
        return found

    def _planned(self, days: Season) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(row of the point, day) of every planned visit that takes place, on workdays."""
        first, last = days.days[0].toordinal(), days.days[-1].toordinal()
        cycles = np.arange(first // CYCLE - 1, last // CYCLE + 1)
        point, cycle = (grid.ravel() for grid in np.meshgrid(np.arange(len(self.point)), cycles, indexing="ij"))
        own = self.chance.whole("visit/day", self._key, CYCLE)[point]
        day = cycle * CYCLE + own + self.chance.whole("visit/jitter", self._key[point], JITTER + 1, cycle)
        goes = self.chance.uniform("visit/skip", self._key[point], cycle) >= self._skip[point]
        goes &= (day >= first) & (day <= last)
        point, day = point[goes], day[goes]
        works = np.flatnonzero(days.workday > 0)
        following = np.searchsorted(works, day - first)
        known = following < len(works)
        return point[known], works[following[known]] + first

    def _on_rounds(self, days: Season, origin: date) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The points that citizens' rounds looked at: those where they found something, drawn as noticing does."""
        spots = self.where.spots
        declared = np.flatnonzero(spots.point >= 0)
        ends = np.cumsum(spots.weight[declared])
        points, held = [], []
        for _, day in round_days(days, origin) if len(declared) else []:
            stop = self.chance.uniform("round/stop", day.toordinal(), np.arange(ROUND_SPOTS))
            rows = np.unique(np.minimum(np.searchsorted(ends, stop * ends[-1]), len(ends) - 1))
            points.append(rows)
            held.append(np.full(len(rows), day.toordinal()))
        empty = np.zeros(0, dtype=np.int64)
        return (np.concatenate(points), np.concatenate(held)) if points else (empty, empty)

    def _times(self, point: NDArray[np.int64], day: NDArray[np.int64]) -> tuple[Reals, Reals]:
        """Start and end, seconds: 10 to 40 minutes in the working day."""
        zone = self.where.book.pack.config.timezone
        known, back = np.unique(day, return_inverse=True)
        midnights = np.array([midnight(date.fromordinal(d), zone) for d in known.tolist()], dtype=np.float64)
        clock = OPENS + (SPAN - LUNCH[1]) * self.chance.uniform("visit/hour", self._key[point], day)
        clock = np.where(clock > LUNCH[0], clock + LUNCH[1], clock)
        start = np.floor((midnights[back] if len(known) else np.zeros(0)) + clock)
        return start, start + np.floor(600 + 1800 * self.chance.uniform("visit/length", self._key[point], day))
