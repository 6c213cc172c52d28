"""What is noticed: the reports of each day, by patrols, citizens' snapshots, the hotline and citizens' rounds."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Chance, Reals
from etl.demo.clauses import Clauses
from etl.demo.clocks import midnight
from etl.demo.figures import Figures
from etl.demo.habits import CLASSES, affinity, habits_of, shares
from etl.demo.places import Ints, Places
from etl.demo.season import Season
from weathermap.city.pack import Pack
from weathermap.errors import PackError

PATROL, SNAPSHOT, HOTLINE, ROUND = range(4)
KINDS = ("patrol", "snapshot", "hotline", "round")
SLOTS = 10_000_000  # of a day: key = yyyymmdd · SLOTS + slot; the source key is `yyyymmdd-slot`
FIRST_SLOT = (0, 50_000, 60_000, 70_000)  # of each kind
RESERVE = 80_000  # slots that only fill a year up to its exact figures
VALID = (0.985, 0.84, 0.92, 1.0)  # share of each kind that becomes a notified issue, about
HOTLINE_SHARE = 0.03
SNAPSHOT_BASE = 0.94  # of the resolved ones; the exact figure is filled up
ROUND_FIRST, ROUND_EVERY = 35, 91  # days after the demo's first day
ROUND_SPOTS = 12  # declared points that one round looks at
# Half-hours from 00:00 in which each kind notices: patrols in office hours, citizens from morning to night.
_PATROL = {
    8: 5,
    8.5: 9,
    9: 11,
    9.5: 10,
    10: 9,
    10.5: 8,
    11: 6,
    11.5: 2,
    14: 4,
    14.5: 8,
    15: 10,
    15.5: 9,
    16: 8,
    16.5: 7,
    17: 4,
}
_PEOPLE = {
    6.5: 1,
    7: 3,
    7.5: 5,
    8: 5,
    9: 4,
    10: 4,
    11: 4,
    12: 5,
    12.5: 5,
    13: 3,
    15: 3,
    16: 3,
    17: 5,
    18: 6,
    19: 7,
    20: 6,
    21: 3,
}
_ROUND = {9: 4, 9.5: 6, 10: 7, 10.5: 6, 11: 3}
_HOURS = (_PATROL, _PEOPLE, _PEOPLE, _ROUND)
_EVENING = (19 * 60.0, 150.0)  # minutes of the day: from, for how long


@dataclass(frozen=True)
class Noticed:
    """Reports as drawn; parallel arrays, shape (n,). `category`, `spot` are rows of the pack and of the spots."""

    key: Ints
    kind: Ints  # PATROL …
    at: Reals  # seconds since 1970Z
    category: Ints
    spot: Ints

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Noticed:
        return Noticed(*(getattr(self, f.name)[rows] for f in fields(self)))


def join(parts: list[Noticed]) -> Noticed:
    """One after the other."""
    return Noticed(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Noticed)))


def source_rows(pack: Pack) -> list[int]:
    """Row of the pack's first source of each of KINDS, −1 without one. Raises PackError without the needed ones."""
    rows = [next((i for i, s in enumerate(pack.sources) if s.kind == kind), -1) for kind in KINDS]
    missing = [KINDS[kind] for kind in (PATROL, SNAPSHOT, ROUND) if rows[kind] < 0]
    if missing or not pack.limits or not pack.units:
        lacks = (
            [f"a source of kind {kind}" for kind in missing]
            + ["limits"] * (not pack.limits)
            + ["units"] * (not pack.units)
        )
        raise PackError(
            f"The pack of {pack.config.name} has no {', no '.join(lacks)}: a demo year cannot be drawn for it.",
            "Add them to its sources.csv, limits.csv and units.csv, or import the city's own ledger.",
        )
    return rows


class Noticing:
    """Draws the reports of any days. A day's reports depend on the seed, the pack and that day alone."""

    def __init__(self, where: Places, chance: Chance, figures: Figures) -> None:
        self.where, self.chance, self.figures = where, chance, figures
        self.pack = where.book.pack
        self.sources = source_rows(self.pack)
        self.habits = habits_of(self.pack)
        self._shares = shares(self.pack, self.habits)
        self._affinity = affinity(self.habits)
        self._clauses = Clauses(self.pack)
        self._asked = np.array([category.kind == "service" for category in self.pack.categories])  # only citizens ask
        hotline = HOTLINE_SHARE if self.sources[HOTLINE] >= 0 else 0.0
        snapshots = SNAPSHOT_BASE * figures.snapshots / VALID[SNAPSHOT]
        lines = figures.notified * hotline / VALID[HOTLINE]
        rest = figures.notified * (1 - hotline) - figures.snapshots - figures.found
        self._a_day = np.array([rest / VALID[PATROL], snapshots, lines]) / 365.0

    def daily(self, days: Season) -> Noticed:
        """The everyday reports of whole days: patrols, snapshots, hotline."""
        ordinal = np.array([day.toordinal() for day in days.days])
        parts = []
        for kind in (PATROL, SNAPSHOT, HOTLINE):
            # citizens see as much on a Sunday as on a Monday, nearly
            volume = days.volume if kind == PATROL else 0.6 + 0.4 * days.volume
            count = np.floor(self._a_day[kind] * volume + self.chance.uniform(f"count/{kind}", ordinal)).astype(
                np.int64
            )
            parts.append(
                self._draw(days, np.repeat(np.arange(len(ordinal)), count), kind, _slots(count, FIRST_SLOT[kind]))
            )
        return join(parts)

    def reserve(self, days: Season, kind: int, n: int) -> Noticed:
        """`n` more reports of a kind, spread evenly over `days`; a smaller n gives the first of a larger one."""
        day = np.arange(n) % len(days.days)
        return self._draw(days, day, kind, RESERVE + np.arange(n) // len(days.days) + 5_000 * kind)

    def rounds(self, days: Season, origin: date) -> Noticed:
        """What citizens' rounds found on `days`; see ROUND_FIRST and ROUND_EVERY."""
        parts = []
        for turn, day in round_days(days, origin):
            share = self.figures.found * (turn % self.figures.rounds + np.array([0, 1])) // self.figures.rounds
            n = int(share[1] - share[0])
            parts.append(self._draw(days, np.full(n, days.days.index(day)), ROUND, FIRST_SLOT[ROUND] + np.arange(n)))
        empty = np.zeros(0, dtype=np.int64)
        return join(parts) if parts else Noticed(empty, empty, np.zeros(0), empty, empty)

    def now(self, days: Season, at: Reals, slot: Ints) -> Noticed:
        """Reports at given instants of the last of `days`: for a live demo."""
        found = self._draw(days, np.full(len(at), len(days.days) - 1), PATROL, slot)
        return Noticed(found.key, found.kind, at, found.category, found.spot)

    def _draw(self, days: Season, day: Ints, kind: int, slot: Ints) -> Noticed:
        stamps = np.array([d.year * 10_000 + d.month * 100 + d.day for d in days.days], dtype=np.int64)
        key = stamps[day] * SLOTS + slot
        spot = self._spots(key, kind, day, days)
        category = self._categories(key, kind, days, day, spot)
        if kind == ROUND:  # held to the point's own checklist
            category = self._clauses.categories(self.chance, key, self.where.spots.point[spot], category)
        return Noticed(
            key, np.full(len(key), kind, dtype=np.int64), self._times(key, days, day, kind, category), category, spot
        )

    def _spots(self, key: Ints, kind: int, day: Ints, days: Season) -> Ints:
        spots = self.where.spots
        luck = self.chance.uniform("spot", key)
        declared = np.flatnonzero(spots.point >= 0)
        if kind != ROUND or not len(declared):
            return spots.pick(luck)
        which = np.floor(luck * ROUND_SPOTS)  # a round looks at few points, and finds several things at each
        stop = self.chance.uniform("round/stop", np.array([d.toordinal() for d in days.days])[day], which)
        ends = np.cumsum(spots.weight[declared])
        return declared[np.minimum(np.searchsorted(ends, stop * ends[-1]), len(ends) - 1)]

    def _categories(self, key: Ints, kind: int, days: Season, day: Ints, spot: Ints) -> Ints:
        """By the category's share, the place and the time of year."""
        storm, festive, summer = (
            np.array([getattr(h, name) for h in self.habits]) for name in ("storm", "festive", "summer")
        )
        mood = storm ** days.storm[:, None] * festive ** days.festive[:, None] * summer ** days.warmth[:, None]
        shares = np.where(self._asked & (kind in (PATROL, ROUND)), 0.0, self._shares)
        weight = shares * mood[:, None, :] * self._affinity[None, :, :]
        ends = np.cumsum(weight, axis=2)
        ends /= ends[:, :, -1:]
        luck = self.chance.uniform("category", key)
        flat = ends.reshape(len(days.days) * len(CLASSES), -1)
        row = day * len(CLASSES) + self.where.spots.place[spot]
        # one search over all rows at once: row r holds the values from r to r + 1
        found = np.searchsorted((flat + np.arange(len(flat))[:, None]).ravel(), row + luck, side="left")
        return np.clip(found - row * flat.shape[1], 0, flat.shape[1] - 1)

    def _times(self, key: Ints, days: Season, day: Ints, kind: int, category: Ints) -> Reals:
        zone = self.pack.config.timezone
        midnights = np.array([midnight(d, zone) for d in days.days])
        slots = _HOURS[kind]
        ends = np.cumsum(list(slots.values()))
        luck = self.chance.uniform("hour", key) * ends[-1]
        start = np.array(list(slots))[np.minimum(np.searchsorted(ends, luck), len(ends) - 1)] * 60.0
        minute = start + 30.0 * self.chance.uniform("minute", key)
        if kind in (PATROL, HOTLINE):
            late = np.array([habit.evening for habit in self.habits])[category] > self.chance.uniform("evening", key)
            minute = np.where(late, _EVENING[0] + _EVENING[1] * self.chance.uniform("minute", key, 1), minute)
        return np.floor(midnights[day] + minute * 60.0)


def round_days(days: Season, origin: date) -> list[tuple[int, date]]:
    """(number of the round, its day) for each citizens' round within `days`: a workday on or after its date."""
    found = []
    span = (days.days[-1] - origin).days
    for turn in range(max(0, (span - ROUND_FIRST) // ROUND_EVERY + 1)):
        day = origin + timedelta(days=ROUND_FIRST + ROUND_EVERY * turn)
        while day in days.days and not days.workday[days.days.index(day)]:
            day += timedelta(days=1)
        if day in days.days:
            found.append((turn, day))
    return found


def _slots(count: Ints, first: int) -> Ints:
    """first, first + 1, … for each day anew."""
    total = int(count.sum())
    return first + np.arange(total) - np.repeat(np.cumsum(count) - count, count)
