"""What people in charge ask for: reminders near a deadline, and leaders' orders on their field inspections.

Asked on top of lives already lived: no draw of theirs depends on it, so the figures stay as they are. A reminder goes
out where nothing was fed back by then. An inspection goes to a town where much waits and orders what stands there; its
terms are chosen so that most orders are done in time, and those of the last one tell every story at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Chance, Reals
from etl.demo.clocks import DAY_S
from etl.demo.instructions import BEFORE_DUE, OVERDUE, instruction
from etl.demo.life import HOUR_S, MOVE, SECOND_US, STATE, Lives, Steps
from etl.demo.noticing import HOTLINE, PATROL
from etl.demo.places import Ints
from etl.demo.writing import source_keys
from weathermap.issue.batch import NONE, Moves, empty_moves
from weathermap.issue.book import Book

EVERY, FIRST = 20, 21  # days from one field inspection to the next; the first, after the demo's first day
TERMS = (1, 2, 3, 5, 7, 10)  # workdays that an order leaves
LATE = 0.16  # of the orders are given less time than they take
LISTED = 6  # every so many inspections one problem is listed publicly
REMIND_BEFORE, REMIND_AFTER = 2.0, 3.0  # hours before and after a deadline
REMINDED = (0.12, 0.5)  # of those that could be, before and after
STEER_DAYS = 12.0
ORDER_SHARE = 1 / 150  # of a live demo's reports
Ask = tuple[int, str, float, float, str, str]  # row, move, at, until (NaN: none), actor, note


@dataclass(frozen=True)
class Course:
    """When each issue was fed back (first, and that which passed) and settled; inf: not yet.

    `able`: something may be asked of it.
    """

    first_fed: Reals
    fed: Reals
    settled: Reals
    able: NDArray[np.bool_]


def course(lives: Lives, steps: Steps, before: Ints) -> Course:
    """The course of lives over `steps`; `before`: their states at the beginning."""
    settling = np.isin(steps.move, (MOVE["check_pass"], MOVE["void"]))
    settled = _extreme(np.minimum, len(lives), steps.row[settling], steps.at[settling])
    feeding = steps.move == MOVE["feed_back"]
    row, at = steps.row[feeding], steps.at[feeding]
    first = _extreme(np.minimum, len(lives), row, at)
    held = at <= settled[row]
    last = -_extreme(np.minimum, len(lives), row[held], -at[held])
    plain = np.isin(before, (STATE["reported"], STATE["handling"])) & np.isfinite(lives.notified)
    able = plain & np.isin(lives.kind, (PATROL, HOTLINE)) & np.isnan(lives.suspended) & (lives.town >= 0)
    return Course(first, np.where(np.isfinite(settled), last, np.inf), settled, able)


def _extreme(pick: np.ufunc, n: int, row: Ints, at: Reals) -> Reals:
    found = np.full(n, np.inf)
    pick.at(found, row, at)
    return found


class Asking:
    """Asks for the issues of one demo. `a_day`: issues notified a day; `pace`: how much faster than life it runs."""

    def __init__(self, book: Book, chance: Chance, origin: date, a_day: float, pace: float = 1.0) -> None:
        self.book, self.chance, self.origin, self.a_day, self.pace = book, chance, origin, a_day, pace
        self.zone = ZoneInfo(book.pack.config.timezone)
        self.names = [category.name for category in book.pack.categories]
        self.leaders = [person.code for person in book.pack.people if person.role == "commander"] or [""]

    def asked(self, lives: Lives, steps: Steps, source: Ints, before: Ints, after: float, until: float) -> Moves:
        """All that was asked for after one instant and up to another; `source`: row of each life's source."""
        way = course(lives, steps, before)
        found = self._reminders(lives, way, after, until)
        found += self._orders(lives, way, after, until) if self.pace == 1 else self._now(lives, way, after, until)
        return self._moves(sorted(found, key=lambda ask: ask[2]), lives, source)

    # -- reminders -------------------------------------------------------------------
    def _reminders(self, lives: Lives, way: Course, after: float, until: float) -> list[Ask]:
        hour, found = HOUR_S / self.pace, []
        calm = way.able & ~lives.extended & (lives.deadline - lives.notified > 4 * hour)
        for shift, share, note in (
            (-REMIND_BEFORE, REMINDED[0], BEFORE_DUE),
            (REMIND_AFTER, REMINDED[1], OVERDUE),
        ):
            at = np.floor(lives.deadline + shift * hour)
            goes = calm & (at > after) & (at <= until) & (way.first_fed > at) & (way.settled > at)
            lucky = self.chance.uniform(f"urge/{note}", lives.key) < share
            found += [(row, "urge", float(at[row]), np.nan, "", note) for row in np.flatnonzero(goes & lucky).tolist()]
        return found

    # -- orders ----------------------------------------------------------------------
    def inspections(self, after: float, until: float) -> list[tuple[int, float]]:
        """(number, instant) of each field inspection: a workday morning on or before its day."""
        found = []
        last = (datetime.fromtimestamp(until, self.zone).date() - self.origin).days
        for k in range(max(0, (last - FIRST) // EVERY + 1)):
            day = self.origin + timedelta(days=FIRST + EVERY * k)
            while not self.book.calendar.is_workday(day):
                day -= timedelta(days=1)
            minute = 9 * 60 + 20 + 100 * float(self.chance.uniform("inspection", k))
            at = datetime.combine(day, time(), self.zone).timestamp() + minute // 1 * 60
            if after < at <= until:
                found.append((k, at))
        return found

    def _orders(self, lives: Lives, way: Course, after: float, until: float) -> list[Ask]:
        found: list[Ask] = []
        visits = self.inspections(after, until)
        taken = np.zeros(len(lives), dtype=bool)
        for k, at in visits:
            could = way.able & ~taken & (lives.notified < at - 2 * HOUR_S) & (way.first_fed > at + HOUR_S)
            could &= way.settled > at + 2 * HOUR_S
            if not could.any():
                continue
            here = could & (lives.town == self._town(lives, could, at, k))
            leader = self.leaders[int(self.chance.uniform("leader", k) < 0.4) % len(self.leaders)]
            luck = self.chance.uniform("order", lives.key, k)
            final = k == visits[-1][0] and until - at < STEER_DAYS * DAY_S
            rows = self._telling(lives, could, luck) if final else _first(here, luck, 2 + k % 2)
            for i, row in enumerate(rows):
                taken[row] = True
                listed = k % LISTED == LISTED - 1 and i == 0
                when = at + 60.0 * (11 * i)
                term = self._steered(when, until, i) if final else self._term(way.fed[row], when, float(luck[row]))
                note = instruction(self.names[int(lives.category[row])])
                found.append((row, "list_publicly" if listed else "order", when, term, leader, note))
        return found

    def _town(self, lives: Lives, could: NDArray[np.bool_], at: float, k: int) -> int:
        """Where much waits, and much of it too long; not always the same."""
        late = could & (lives.deadline < at)
        n = int(lives.town.max()) + 1
        waits = np.bincount(lives.town[could], minlength=n) + 6.0 * np.bincount(lives.town[late], minlength=n)
        return int(np.argmax(waits * (0.3 + self.chance.uniform("inspected", np.arange(n), k))))

    def _telling(self, lives: Lives, could: NDArray[np.bool_], luck: Reals) -> list[int]:
        """The last inspection's: one still overdue, one at work, one fed back and not yet checked."""
        handling, waiting = lives.state == STATE["handling"], lives.state == STATE["to_check"]
        late = could & handling
        worst = np.where(late, lives.deadline, np.inf)
        found = [int(np.argmin(worst))] if late.any() else []
        for group in (could & handling, could & waiting):
            group = group & ~np.isin(np.arange(len(lives)), found)
            found += _first(group, luck, 1)
        return found

    def _steered(self, at: float, until: float, i: int) -> float:
        """The first is overdue at the end, the others have a day or two left."""
        if i == 0:
            return next((t for n in (3, 2, 1) if (t := self._evening(at, n)) < until - DAY_S / 2), self._evening(at, 0))
        terms = [self._evening(at, n) for n in range(1, 15)]
        return next((term for term in terms if term > until + (1 + i % 2) * DAY_S), terms[-1])

    def _term(self, fed: float, at: float, luck: float) -> float:
        """An evening some workdays on: after the feedback for most, before it for some."""
        terms = [self._evening(at, n) for n in TERMS]
        enough = [term for term in terms if term >= fed]
        short = [term for term in terms if term < fed]
        if (luck * 97 % 1 < LATE and short) or not enough:
            return short[-1]
        return enough[min(int(luck * 31 % 1 * 2), len(enough) - 1)]

    def _evening(self, at: float, workdays: int) -> float:
        """The end of office hours so many workdays after an instant."""
        day, calendar = datetime.fromtimestamp(at, self.zone).date(), self.book.calendar
        while workdays:
            day += timedelta(days=1)
            workdays -= calendar.is_workday(day)
        return datetime.combine(day, time(), self.zone).timestamp() + float(calendar.closes[-1] / SECOND_US)

    def _now(self, lives: Lives, way: Course, after: float, until: float) -> list[Ask]:
        """A live demo: now and then one order for an issue at work, with a term that shrinks with its pace."""
        step = int(until)
        rate = ORDER_SHARE * self.a_day / DAY_S * self.pace * (until - after)
        could = way.able & (lives.state == STATE["handling"]) & (lives.notified < until)
        if float(self.chance.uniform("live/order", step)) >= rate or not could.any():
            return []
        row = _first(could, self.chance.uniform("live/order/which", lives.key, step), 1)[0]
        term = float(np.floor(until + 2 * DAY_S / self.pace))
        note = instruction(self.names[int(lives.category[row])])
        return [(row, "order", float(until), term, self.leaders[0], note)]

    # -- columns -----------------------------------------------------------------------
    def _moves(self, asks: list[Ask], lives: Lives, source: Ints) -> Moves:
        if not asks:
            return empty_moves()
        row, move, at, until, actor, note = (list(column) for column in zip(*asks, strict=True))
        codes = [entry.code for entry in self.book.pack.sources]
        return Moves(
            source=np.array([codes[k] for k in source[row].tolist()], dtype=object),
            source_key=source_keys(lives.key[row]),
            move=np.array(move, dtype=object),
            at=(np.array(at) * SECOND_US).astype(np.int64),
            actor=np.array(actor, dtype=object),
            until=np.array([NONE if u != u else int(u) * SECOND_US for u in until], dtype=np.int64),
            note=np.array(note, dtype=object),
        )


def _first(could: NDArray[np.bool_], luck: Reals, n: int) -> list[int]:
    rows = np.flatnonzero(could)
    return rows[np.argsort(luck[rows], kind="stable")][:n].tolist()
