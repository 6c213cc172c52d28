"""How a term runs: every stretch of days that counted or did not, and why. Itemises what `deadlines` decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from weathermap.city.calendar import Calendar
from weathermap.city.clock import DAY_US, EPOCH_DAY, to_local

LONGEST = 400  # days that are itemised


@dataclass(frozen=True)
class Stretch:
    """Days in a row that are alike. `worked`: µs of office time counted in them; `free`: none of them is a workday."""

    first: date
    last: date
    spans: tuple[tuple[int, int], ...]  # office spans that counted, µs of the day; of the first day where all are alike
    worked: int
    free: bool
    provisional: bool  # its year's statutory days are not known yet


def trace(calendar: Calendar, start_us: int, end_us: int) -> list[Stretch]:
    """The office time from one instant (UTC µs) to another, day by day; alike days in a row as one.

    The sum of `worked` is `Calendar.work_between(start, end)` exactly. Raises ValueError for more than 400 days.
    """
    start, end = to_local(np.array([start_us, max(start_us, end_us)]), calendar.timezone).tolist()
    days = (end // DAY_US) - (start // DAY_US) + 1
    if days > LONGEST:
        raise ValueError(f"the term runs over {days} days")
    found: list[Stretch] = []
    for day in range(start // DAY_US, end // DAY_US + 1):
        stretch = _day(calendar, day, start - day * DAY_US, end - day * DAY_US)
        if (
            found
            and found[-1].spans == stretch.spans
            and (found[-1].free, found[-1].provisional)
            == (
                stretch.free,
                stretch.provisional,
            )
        ):
            last = found.pop()
            stretch = Stretch(
                last.first, stretch.last, last.spans, last.worked + stretch.worked, last.free, last.provisional
            )
        found.append(stretch)
    return found


def _day(calendar: Calendar, day: int, from_us: int, to_us: int) -> Stretch:
    free = not bool(calendar.workday[day])
    spans: list[tuple[int, int]] = []
    for opens, closes in zip(calendar.opens.tolist(), calendar.closes.tolist(), strict=True):
        low, high = max(opens, from_us), min(closes, to_us)
        if high > low and not free:
            spans.append((low, high))
    when = date.fromordinal(day + EPOCH_DAY)
    worked = sum(high - low for low, high in spans)
    return Stretch(when, when, tuple(spans), worked, free, when.year in calendar.provisional_years)


def worked(calendar: Calendar, start_us: int, end_us: int) -> int:
    """Office time between two instants (UTC µs), µs."""
    return int(calendar.work_between(np.array([start_us]), np.array([end_us]))[0])
