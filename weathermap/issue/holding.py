"""In whose hands an issue was, from its first hand-over on: read off its events by the table of moves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from weathermap.duty.custody import ARBITER, CHECK, CLOSED, SUSPENDED, UNIT, Holding, Share, custody
from weathermap.issue.workflow import ANSWERS, NEW, step
from weathermap.store.registry import City

_OF_STATE = {"handling": UNIT, "to_check": CHECK, "suspended": SUSPENDED}


class Event(NamedTuple):
    """An event, for this question: µs, its move, and the unit that it hands the issue to ('' none)."""

    at: int
    move: str
    unit: str = ""


def holdings(events: Iterable[Event]) -> list[Holding]:
    """Who held an issue since its first dispatch, in order; neighbours differ. Empty before it was handed over.

    Who asked to hand it back waits for the arbiter's answer, and what was fed back waits for the check: that time is
    none of the units', though the deadline does not stop for the arbiter.
    """
    found: list[Holding] = []
    state, unit, asked = NEW, "", False
    for event in events:
        state = step(state, event.move)
        unit = event.unit or unit
        asked = event.move == "hand_back" or (asked and event.move not in ANSWERS)
        holder = _OF_STATE.get(state, CLOSED)
        if holder == UNIT and asked:
            holder = ARBITER
        if not found and holder == CLOSED:
            continue  # not handed over yet
        now = Holding(event.at, holder, unit if holder == UNIT else "")
        if not found or found[-1][1:] != now[1:]:
            found.append(now)
    return found


def stopped(held: Iterable[Holding], until: int) -> list[tuple[int, int]]:
    """Stretches (from, to; UTC µs) up to `until` in which the term stood still: approved suspensions."""
    found: list[tuple[int, int]] = []
    since: int | None = None
    for holding in held:
        if since is not None:
            found.append((since, min(holding.at, until)))
        since = holding.at if holding.holder == SUSPENDED and holding.at < until else None
    return [*found, (since, until)] if since is not None else found


def holdings_of(rows: Sequence[Any]) -> list[Holding]:
    """The same from rows of issue_event (at, move, data), in order."""
    told = (json.loads(row.data).get("unit") if row.move in ("dispatch", "reassign") else "" for row in rows)
    return holdings(Event(micros(row.at), row.move, unit or "") for row, unit in zip(rows, told, strict=True))


def custody_of(city: City, category: str, rows: Sequence[Any], now: datetime) -> list[Share]:
    """Whose time it was up to `now`, of an issue of this category with these rows of issue_event, in order."""
    return custody(city.book.calendar, holdings_of(rows), micros(now), city.book.limits.always(category))


def micros(at: datetime) -> int:
    """µs since 1970Z, exact."""
    return int(at.replace(microsecond=0).timestamp()) * 1_000_000 + at.microsecond
