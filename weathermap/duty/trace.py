"""How a term runs: every stretch of days that counted or did not, and why. Itemises what `deadlines` decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from weathermap.city.calendar import Calendar
from weathermap.city.clock import DAY_US, EPOCH_DAY, to_local

LONGEST = 400  # days that are itemised
Span = tuple[int, int]  # from, to; µs


@dataclass(frozen=True)
class Stretch:
    """Days in a row that are alike. `worked`: µs of them that count; `free`: none of them is a workday."""

    first: date
    last: date
    spans: tuple[Span, ...]  # what counted, µs of the day; of the first day where all are alike
    worked: int
    free: bool
    stopped: bool  # a suspension took time that would have counted
    provisional: bool  # its year's statutory days are not known yet


def trace(
    calendar: Calendar, start_us: int, end_us: int, stopped: Sequence[Span] = (), always: bool = False
) -> list[Stretch]:
    """The time that counts from one instant (UTC µs) to another, day by day; alike days in a row as one.

    `stopped`: suspensions (UTC µs), which do not count. `always`: the limit is in clock hours, so every hour counts;
    else office time does, and without suspensions the sum of `worked` is `Calendar.work_between(start, end)` exactly.
    Raises ValueError for more than 400 days.
    """
    start, end = _local(calendar, (start_us, max(start_us, end_us)))
    days = (end // DAY_US) - (start // DAY_US) + 1
    if days > LONGEST:
        raise ValueError(f"the term runs over {days} days")
    gaps = [_local(calendar, gap) for gap in stopped]
    found: list[Stretch] = []
    for day in range(start // DAY_US, end // DAY_US + 1):
        stretch = _day(calendar, day, (start, end), gaps, always)
        if found and _alike(found[-1], stretch):
            last = found.pop()
            stretch = replace(last, last=stretch.last, worked=last.worked + stretch.worked)
        found.append(stretch)
    return found


def _local(calendar: Calendar, span: Span) -> Span:
    first, last = to_local(np.array(span, dtype=np.int64), calendar.timezone).tolist()
    return first, last


def _alike(one: Stretch, other: Stretch) -> bool:
    return (one.spans, one.free, one.stopped, one.provisional) == (
        other.spans,
        other.free,
        other.stopped,
        other.provisional,
    )


def _day(calendar: Calendar, day: int, term: Span, gaps: Iterable[Span], always: bool) -> Stretch:
    free = not always and not bool(calendar.workday[day])
    office = list(zip(calendar.opens.tolist(), calendar.closes.tolist(), strict=True))
    begin = day * DAY_US
    open_: list[Span] = [(0, DAY_US)] if always else [] if free else office
    spans = [(max(low, term[0] - begin), min(high, term[1] - begin)) for low, high in open_]
    spans = [(low, high) for low, high in spans if high > low]
    counted = spans
    for low, high in gaps:
        counted = [part for span in counted for part in _without(span, (low - begin, high - begin))]
    when = date.fromordinal(day + EPOCH_DAY)
    worked = sum(high - low for low, high in counted)
    provisional = not always and when.year in calendar.provisional_years
    return Stretch(when, when, tuple(counted), worked, free, counted != spans, provisional)


def _without(span: Span, gap: Span) -> list[Span]:
    """What is left of a span outside a gap."""
    parts = ((span[0], min(span[1], gap[0])), (max(span[0], gap[1]), span[1]))
    return [(low, high) for low, high in parts if high > low]


def counted(calendar: Calendar, start_us: int, end_us: int, stopped: Sequence[Span] = (), always: bool = False) -> int:
    """µs that count between two instants (UTC µs): the sum of what `trace` itemises, however long it is."""
    spans = np.array([(start_us, max(start_us, end_us)), *stopped], dtype=np.int64)
    local = to_local(spans.ravel(), calendar.timezone).reshape(spans.shape)
    spent = local[:, 1] - local[:, 0] if always else calendar.work_between(spans[:, 0], spans[:, 1])
    return int(spent[0] - spent[1:].sum())
