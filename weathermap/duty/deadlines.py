"""Until when: the deadline of an issue, from its category's limit and the moment it was handed to a unit.

Three kinds of limit (GB/T 30428 practice):
- clock_hours 紧急工作时: plain hours, day and night.
- work_hours 工作时: hours inside office time on statutory workdays. Handed over at 17:00 on a Friday with four hours:
  one hour on Friday, three on Monday, so Monday 11:00. What falls due as the office closes is due then, not at its
  next opening.
- workdays 工作日: the same clock time so many statutory workdays later. Handed over outside office time, the clock
  starts as the office next opens: Saturday noon with one workday is Tuesday 08:00, as Monday 08:00 would be.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from weathermap.city.calendar import Calendar
from weathermap.city.clock import NONE, Times
from weathermap.city.pack import LIMIT_KINDS, Limit
from weathermap.duty.routing import matches
from weathermap.duty.specificity import category_specificity
from weathermap.errors import PackError, UnknownName
from weathermap.lookup import looked_up

HOUR_US = 3_600_000_000
_CLOCK, _WORK, _DAYS = (LIMIT_KINDS.index(kind) for kind in ("clock_hours", "work_hours", "workdays"))


class Limits:
    """The limits of a pack, ready for batches. A category takes the longest match; an exact code beats a prefix."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        """Raises PackError for a number of workdays that is not whole."""
        self.limits = tuple(limits)
        for limit in self.limits:
            if limit.kind == "workdays" and not float(limit.amount).is_integer():
                remedy = "Use a whole number, or work_hours for parts of a day."
                raise PackError(f"limit {limit.category!r}: {limit.amount} workdays is not whole.", remedy)
        self.kind = np.array([LIMIT_KINDS.index(limit.kind) for limit in self.limits], dtype=np.int8)
        self.amount = np.array([limit.amount for limit in self.limits], dtype=np.float64)
        self._order = sorted(
            range(len(self.limits)), key=lambda i: category_specificity(self.limits[i].category), reverse=True
        )
        self._found: dict[str, int | None] = {}

    def __len__(self) -> int:
        return len(self.limits)

    def rows(self, categories: NDArray[np.object_]) -> NDArray[np.intp]:
        """Row in `limits` for each category code, shape (n,). Raises UnknownName naming a category without one."""
        return looked_up(categories, self._row)

    def of(self, category: str) -> Limit:
        """The limit of one category. Raises as `rows`."""
        return self.limits[self._row(category)]

    def named(self, category: str) -> Limit | None:
        """As `of`; None where no limit names it: an issue may be of a category that the pack gave up."""
        row = self._named(category)
        return None if row is None else self.limits[row]

    def always(self, category: str) -> bool:
        """Whether every hour of the category's term counts, day and night."""
        limit = self.named(category)
        return limit is not None and limit.kind == "clock_hours"

    def _row(self, code: str) -> int:
        row = self._named(code)
        if row is None:
            raise UnknownName(
                f"category {code!r} has no limit.",
                f'Add a row for it, or one for "*" (all), to limits.csv: {code},5,workdays.',
            )
        return row

    def _named(self, code: str) -> int | None:
        if code not in self._found:
            self._found[code] = next((row for row in self._order if matches(self.limits[row].category, code)), None)
        return self._found[code]


def after_suspension(
    calendar: Calendar, always: NDArray[np.bool_], deadline_us: Times, suspended_us: Times, at_us: Times
) -> Times:
    """Deadlines of issues that go on at `at_us`: the time on the term's clock that was left when they were suspended is
    left again; what had fallen due by then stays. UTC µs, shape (n,).

    `always`: every hour counts, as where the limit is in clock hours; else office time does. Raises ValueError for
    instants outside 1970–2099.
    """
    left = np.maximum(calendar.work_between(suspended_us, deadline_us), 0)
    moved = np.where(always, at_us + deadline_us - suspended_us, calendar.add_work(at_us, left))
    return np.where(deadline_us > suspended_us, moved, deadline_us)


def deadlines(calendar: Calendar, limits: Limits, category_codes: NDArray[np.object_], start_us: Times) -> Times:
    """Deadlines (UTC µs) of issues of these categories handed over at `start_us` (UTC µs); NONE stays NONE; (n,).

    Raises UnknownName for a category without a limit, ValueError for a start outside 1970–2099.
    """
    rows = limits.rows(category_codes)
    start = np.asarray(start_us, dtype=np.int64)
    found = np.full(len(start), NONE, dtype=np.int64)
    kind = np.where(start == NONE, -1, limits.kind[rows])
    amount = limits.amount[rows]
    for which in np.unique(kind[kind >= 0]).tolist():
        here = np.flatnonzero(kind == which)
        hours_us = np.rint(amount[here] * HOUR_US).astype(np.int64)
        if which == _CLOCK:
            found[here] = start[here] + hours_us
        elif which == _WORK:
            found[here] = calendar.add_work(start[here], hours_us)
        else:
            found[here] = calendar.add_workdays(start[here], amount[here].astype(np.int64))
    return found
