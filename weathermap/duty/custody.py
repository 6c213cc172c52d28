"""The custody clock: the time that a term ran, shared out among those in whose hands the issue was meanwhile.

The term is one and is never begun anew; the shares say whose time it was. They sum to the whole exactly, as the time
between two instants is a difference of one function of time (`Calendar.work_between`), which telescopes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from weathermap.city.calendar import Calendar

UNIT, CHECK, ARBITER, SUSPENDED, CLOSED = "unit", "check", "arbiter", "suspended", "closed"
HOLDERS = (UNIT, CHECK, ARBITER, SUSPENDED, CLOSED)


class Holding(NamedTuple):
    """From `at` (UTC µs) on it lies with `holder`, one of HOLDERS; `unit` is the unit's code where that is UNIT."""

    at: int
    holder: str
    unit: str = ""


@dataclass(frozen=True)
class Share:
    """A stretch in one hand: from `start` to `end` (UTC µs), `worked` µs of it on the clock."""

    holder: str  # one of HOLDERS
    unit: str  # code, where the holder is a unit
    start: int
    end: int
    worked: int


def custody(calendar: Calendar, holdings: Sequence[Holding], until: int, always: bool = False) -> list[Share]:
    """The stretches from the first hand-over to `until` (UTC µs), or to where it was closed for good, in order.

    `always`: the limit is in clock hours, so every hour counts; else office time does.
    """
    kept = list(holdings)
    while kept and kept[-1].at > until:
        kept.pop()
    if kept and kept[-1].holder == CLOSED:
        until = kept.pop().at
    if not kept:
        return []
    edges = np.array([*(holding.at for holding in kept), until], dtype=np.int64)
    worked = np.diff(edges) if always else calendar.work_between(edges[:-1], edges[1:])
    return [
        Share(holding.holder, holding.unit, start, end, spent)
        for holding, start, end, spent in zip(
            kept, edges[:-1].tolist(), edges[1:].tolist(), worked.tolist(), strict=True
        )
    ]


def summed(shares: Sequence[Share]) -> dict[tuple[str, str], int]:
    """µs on the clock of each (holder, unit), in the order in which they first held it."""
    found: dict[tuple[str, str], int] = {}
    for share in shares:
        key = (share.holder, share.unit)
        found[key] = found.get(key, 0) + share.worked
    return found
