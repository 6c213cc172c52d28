"""After the calendar changed: open deadlines that a rule gave are counted anew, by an appended event on each issue.

What a person or the source named stays, and so does what is closed: it was judged by the calendar of its day. A term is
known to be by rule when limits and calendar that the city has had give exactly it; nothing else need be remembered.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from weathermap.city import config as city_toml
from weathermap.city.archive import archived_file
from weathermap.city.calendar import Calendar
from weathermap.city.config import read_config
from weathermap.city.finding import Findings
from weathermap.city.pack import Config, Limit, Pack
from weathermap.city.schema import TABLES
from weathermap.city.tables import read_table
from weathermap.duty.deadlines import Limits, deadlines
from weathermap.issue.appending import iso
from weathermap.issue.batch import NONE, Batch, Moves, empty_reports
from weathermap.issue.intake import take_in
from weathermap.issue.track import SECOND_US
from weathermap.progress import step
from weathermap.store import tables as t
from weathermap.store.packs import have_pack_alone
from weathermap.store.registry import EPOCH, City, open_city
from weathermap.store.sql import query

EXAMPLES = 8
YEARS_LEARNT = 2  # that a newer calendar library may know and the one before did not
Ints = NDArray[np.int64]
Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Term:
    """An issue's deadline, and what it would be."""

    number: str
    now: datetime
    then: datetime


@dataclass(frozen=True)
class Redated:
    """Open deadlines that end otherwise: how many, from the first to the last of them, and those that move most."""

    looked: int  # terms given by rule
    earlier: int
    later: int
    examples: Sequence[Term] = ()
    first: datetime | None = None  # as they stand
    last: datetime | None = None

    @property
    def moved(self) -> int:
        return self.earlier + self.later


def redate(connection: Connection, code: str | None, dry_run: bool = False) -> Redated:
    """Count the open deadlines of a city anew by its newest pack. Running it again changes nothing.

    With `dry_run` only what it would do. The caller owns the transaction. Raises UnknownName for the city, StoreError
    when an issue changed meanwhile.
    """
    city = open_city(connection, code)
    if not dry_run:
        have_pack_alone(connection, city.city_id)
        city = open_city(connection, city.code)
    rows, would = _counted(connection, city.city_id, city.pack)
    found = told(rows, would)
    if found.moved and not dry_run:
        with step(f"dating {found.moved:,} open issues of {city.pack.config.name} anew"):
            _append(connection, city, rows, would)
    return found


def looked_at(connection: Connection, city: City, pack: Pack) -> Redated:
    """What it would do by `pack`, which may not be loaded."""
    return told(*_counted(connection, city.city_id, pack))


def told(rows: Columns, would: Ints) -> Redated:
    """What moves, of issues with their deadlines `held_us` and those that they would have (NONE: not by rule)."""
    if not len(would):
        return Redated(0, 0, 0)
    shift = np.where(would == NONE, 0, would - rows["held_us"])
    moving = np.flatnonzero(shift)
    most = moving[np.argsort(-np.abs(shift[moving]), kind="stable")][:EXAMPLES].tolist()
    examples = [Term(rows["number"][k], at(rows["held_us"][k]), at(would[k])) for k in most]
    held = rows["held_us"][moving]
    span = (at(held.min()), at(held.max())) if len(moving) else (None, None)
    return Redated(int((would != NONE).sum()), int((shift < 0).sum()), int((shift > 0).sum()), examples, *span)


def at(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=int(us))


def _counted(connection: Connection, city_id: int, pack: Pack) -> tuple[Columns, Ints]:
    """The open issues that nobody dated by hand, and the deadline of each by `pack`'s calendar; NONE: not by rule."""
    rows = connection.execute(query("redate_issues"), {"city_id": city_id}).all()
    if not rows:
        return {}, np.array([], dtype=np.int64)
    names = [str(name) for name in rows[0]._mapping]
    found = dict(zip(names, (np.array(column) for column in zip(*rows, strict=True)), strict=True))
    codes, start, term = found["category"].astype(object), found["notified_us"], found["term_us"] // SECOND_US
    then = Calendar.from_config(pack.config, pack.holidays)
    would, left = np.full(len(rows), NONE, dtype=np.int64), np.arange(len(rows))
    for limits, calendar in _rules(connection, city_id, pack):
        if not len(left):
            break
        given = due(calendar, limits, codes[left], start[left])
        by_rule = left[given // SECOND_US == term[left]]
        shift = due(then, limits, codes[by_rule], start[by_rule]) // SECOND_US - term[by_rule]
        would[by_rule] = found["held_us"][by_rule] + shift * SECOND_US
        left = left[given // SECOND_US != term[left]]
    return found, would


def due(calendar: Calendar, limits: Limits, codes: NDArray[np.object_], start: Ints) -> Ints:
    """Deadlines by limits that may lack some categories: these have none."""
    kept = np.isin(codes, [code for code in set(codes.tolist()) if limits.named(code) is not None])
    found = np.full(len(codes), NONE, dtype=np.int64)
    if kept.any():
        found[kept] = deadlines(calendar, limits, codes[kept], start[kept])
    return found


def _rules(connection: Connection, city_id: int, pack: Pack) -> Iterator[tuple[Limits, Calendar]]:
    """Limits and calendars that the city has had, the newest first, each limits with the calendars since.

    Also as the calendar was before its library knew the newest years.
    """
    calendars: list[Calendar] = []
    seen: set[Any] = set()
    for config, limits, holidays in _packs(connection, city_id, pack):
        key = config.calendar, config.timezone, config.office_hours, holidays
        if key not in seen:
            seen.add(key)
            newest = Calendar.from_config(config, holidays)
            calendars.append(newest)
            known = min(newest.provisional_years - set(range(1970, 2004)), default=0) - 1
            if config.calendar and known > 0:
                calendars += [Calendar.from_config(config, holidays, known - k) for k in range(1, YEARS_LEARNT + 1)]
        if limits and (limits, len(calendars)) not in seen:
            seen.add((limits, len(calendars)))
            ready = Limits(limits)
            yield from ((ready, calendar) for calendar in reversed(calendars))


def _packs(connection: Connection, city_id: int, pack: Pack) -> Iterator[tuple[Config, tuple[Limit, ...], Any]]:
    """What decides about terms in `pack` and in each pack that was loaded, the newest first."""
    yield pack.config, tuple(pack.limits), tuple(pack.holidays)
    p = t.pack_version.c
    numbers = connection.execute(select(p.pack_version).where(p.city_id == city_id).order_by(p.pack_version.desc()))
    for number in list(numbers.scalars()):
        chosen = select(p.archive).where(p.city_id == city_id, p.pack_version == number)
        content = bytes(connection.execute(chosen).scalar_one())
        config = read_config(archived_file(content, city_toml.FILE) or b"", Findings(strict=True))
        assert config is not None  # it was loaded
        tables = (archived_file(content, TABLES[name].file) for name in ("limits", "holidays"))
        limits, holidays = (
            read_table(TABLES[name], table, Findings(strict=True)).rows if table else ()
            for name, table in zip(("limits", "holidays"), tables, strict=True)
        )
        yield config, tuple(limits), tuple(holidays)


def _append(connection: Connection, city: City, rows: Columns, would: Ints) -> None:
    """One event on each issue whose deadline is another, taken in like any other move."""
    moving = np.flatnonzero((would != NONE) & (would != rows["held_us"]))
    held, then = rows["held_us"][moving], would[moving]
    terms = rows["term_us"][moving] + (then - held)
    facts = [
        {"from": iso(old), **({} if new == term else {"term": iso(term)})}
        for old, new, term in zip(held.tolist(), then.tolist(), terms.tolist(), strict=True)
    ]
    n, now = len(moving), time.time_ns() // 1_000

    def texts(values: Sequence[object]) -> NDArray[np.object_]:
        return np.array([*values, None], dtype=object)[:-1]  # never mistaken for an array of something else

    moves = Moves(
        source=texts(rows["source"][moving].tolist()),
        source_key=texts(rows["source_key"][moving].tolist()),
        move=texts(["redate"] * n),
        at=np.full(n, now, dtype=np.int64),
        actor=texts([""] * n),
        until=then,
        note=texts([""] * n),
        facts=texts(facts),
    )
    take_in(connection, city, Batch(empty_reports(), moves), now)
