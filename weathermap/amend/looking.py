"""What an amendment would do to what is open, without doing it: who would answer, by which duty and why; what would be
due when. Nothing is locked and nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from weathermap.city.calendar import Calendar
from weathermap.city.pack import Duty, Pack
from weathermap.duty.deadlines import Limits
from weathermap.duty.specificity import decided_by
from weathermap.issue.batch import NONE
from weathermap.issue.reassign import trial
from weathermap.issue.redate import Redated, due, told
from weathermap.issue.track import SECOND_US
from weathermap.store import tables as t
from weathermap.store.registry import EPOCH, City

ROUTES = frozenset({"duties", "units"})  # tables that decide who answers
TERMS = frozenset({"limits"})  # … and until when, of what is handed over from now on
CALENDAR = frozenset({"holidays"})  # … and until when, of what is open too
US = timedelta(microseconds=1)


@dataclass(frozen=True)
class Shift:
    """Open issues that would go from one unit to another by one duty, and why that duty wins over the next."""

    row: Row[Any]  # reassign_rules.sql
    duty: Duty
    next: Duty | None  # the duty that would answer without it
    by: str  # what makes it the more specific: area | category | point_kind | source; '' without a next


@dataclass(frozen=True)
class Rerouted:
    """Where open issues would go."""

    moved: int
    unanswered: int  # that no duty names anybody for
    shifts: Sequence[Shift]


def rerouted(connection: Connection, city: City, pack: Pack, day: date) -> Rerouted:
    """By the duties of `pack` on `day`, of issues that wait in a unit or for one."""
    would = _with(city, pack)
    moved, unanswered, rules = trial(connection, would, day)
    shifts = [_shift(connection, would, row, day) for row in rules]
    return Rerouted(moved, unanswered, shifts)


def _with(city: City, pack: Pack) -> City:
    """The city with another pack; units and people that it does not know get ids of their own below zero."""

    def ids(known: Sequence[Any], held: Any, wanted: Sequence[Any]) -> Any:
        found = {entry.code: int(i) for entry, i in zip(known, held, strict=True)}
        return np.array([found.get(entry.code, -k - 1) for k, entry in enumerate(wanted)], dtype=np.int64)

    return replace(
        city,
        pack=pack,
        unit_ids=ids(city.pack.units, city.unit_ids, pack.units),
        person_ids=ids(city.pack.people, city.person_ids, pack.people),
    )


def _shift(connection: Connection, city: City, row: Row[Any], day: date) -> Shift:
    i, c, s, p = t.issue.c, t.category.c, t.source.c, t.point.c
    asked = select(c.code.label("category"), s.code.label("source"), p.kind, i.area_id).select_from(
        t.issue.join(t.category, c.category_id == i.category_id)
        .join(t.source, s.source_id == i.source_id)
        .outerjoin(t.point, p.point_id == i.point_id)
    )
    issue = connection.execute(asked.where(i.issue_id == row.example_id)).one()
    finest = city.area_ids[city.pack.config.levels[-1]]
    places = np.flatnonzero(finest == (issue.area_id or 0))
    area = int(places[0]) if len(places) else -1
    matching = city.book.router.contest(issue.category, area, issue.kind or "", issue.source, day.toordinal())
    duty = next(each for each in matching if each.code == row.duty)
    after = next((each for each in matching[matching.index(duty) + 1 :]), None)
    return Shift(row, duty, after, decided_by(duty, after, city.pack.config.levels) if after else "")


def relimited(connection: Connection, before: Pack, after: Pack) -> Redated:
    """Of issues that are being handled and whose deadline is the one that calendar and limits gave them: what it would
    be by other limits. Their deadlines stay as they are."""
    i, c = t.issue.c, t.category.c
    asked = select(i.number, i.notified_at, i.deadline, c.code).join(t.category, c.category_id == i.category_id)
    asked = asked.where(
        i.city_id == select(t.city.c.city_id).where(t.city.c.code == before.config.code).scalar_subquery()
    )
    rows = connection.execute(
        asked.where(i.state == "handling", i.deadline.is_not(None), i.notified_at.is_not(None))
    ).all()
    if not rows or not before.limits or not after.limits:
        return Redated(0, 0, 0)
    codes = np.array([row.code for row in rows], dtype=object)
    start = np.array([int((row.notified_at - EPOCH) / US) for row in rows], dtype=np.int64)
    held = np.array([int((row.deadline - EPOCH) / US) for row in rows], dtype=np.int64)
    calendars = (Calendar.from_config(pack.config, pack.holidays) for pack in (before, after))
    given, would = (
        due(calendar, Limits(pack.limits), codes, start)
        for pack, calendar in zip((before, after), calendars, strict=True)
    )
    ruled = (given // SECOND_US == held // SECOND_US) & (would != NONE)
    number = np.array([row.number for row in rows], dtype=object)
    return told({"number": number, "held_us": held}, np.where(ruled, held + would - given, NONE))
