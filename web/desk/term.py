"""How an issue's one term ran, day by day, and whose time it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from weathermap.duty.custody import summed
from weathermap.duty.trace import Stretch, counted, trace
from weathermap.issue.holding import custody_of, holdings_of, micros, stopped
from weathermap.store.registry import City


@dataclass(frozen=True)
class Held:
    """A stretch of custody as it is drawn."""

    holder: str
    name: str
    worked: int  # µs on the clock
    percent: float  # of the whole


@dataclass(frozen=True)
class Term:
    """The term so far. Times in µs on its clock: office time, or every hour where the limit is in clock hours."""

    stretches: list[Stretch]  # empty where it has none, or too many to tell
    used: int
    allowed: int
    held: list[Held]  # in order
    sums: list[Held]  # of each holder, in the order in which they first held it
    whole: int  # Σ held = Σ sums, exactly
    redated: list[tuple[datetime, datetime, datetime]]  # when another calendar moved it, from which deadline to which


def term_of(
    city: City, issue: Any, category: str, events: Sequence[Any], now: datetime, name: Callable[[str, str], str]
) -> Term:
    """From the hand-over to the feedback, or to now. `name`: words for a holder and a unit's code."""
    shares, always = custody_of(city, category, events, now), city.book.limits.always(category)
    whole = sum(share.worked for share in shares)

    def drawn(holder: str, unit: str, worked: int) -> Held:
        return Held(holder, name(holder, unit), worked, 100 * worked / whole if whole else 0.0)

    held = [drawn(share.holder, share.unit, share.worked) for share in shares]
    sums = [drawn(holder, unit, worked) for (holder, unit), worked in summed(shares).items()]
    if issue.notified_at is None or issue.deadline is None:
        return Term([], 0, 0, held, sums, whole, [])
    calendar, start = city.book.calendar, micros(issue.notified_at)
    end, due = micros(issue.fed_back_at or now), micros(issue.deadline)
    gaps = stopped(holdings_of(events), max(end, due))
    before = [(low, min(high, end)) for low, high in gaps if low < end]
    try:
        stretches = trace(calendar, start, end, before, always)
    except ValueError:  # longer than a page can tell
        stretches = []
    used = counted(calendar, start, end, before, always)
    passed = [(low, min(high, due)) for low, high in gaps if low < due]
    allowed = counted(calendar, start, due, passed, always)
    return Term(stretches, used, allowed, held, sums, whole, [_redated(e) for e in events if e.move == "redate"])


def _redated(event: Any) -> tuple[datetime, datetime, datetime]:
    data = json.loads(event.data)
    return event.at, datetime.fromisoformat(data["from"]), datetime.fromisoformat(data["deadline"])
