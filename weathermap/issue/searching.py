"""Searching issues by words: of the address, or of the unit, point, category or area that a word names; by source key.

Every word must be found. What is under way is looked through whole, by what burns first; of what is closed first the
newest, which answers for common words, then all by their indexes (pairs of characters, units, points, categories).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Text, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from weathermap.issue.waiting import Waiting
from weathermap.store import tables as t

SHORTEST, MOST = 2, 5  # characters of one word at least; words
UNDER_WAY = ("reported", "handling", "to_check", "suspended")
CLOSED = ("rectified", "void", "rejected", "merged", "split")
# closed issues that are looked through before the indexes are asked; more where all words name what many issues have
NEWEST, NEWEST_NAMED = 4_000, 8_000


@dataclass(frozen=True)
class Word:
    """A word in small letters, and the ids of what it names."""

    text: str
    units: tuple[int, ...] = ()
    points: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    areas: tuple[int, ...] = ()

    @property
    def names(self) -> bool:
        """Whether it names anything."""
        return bool(self.units or self.points or self.categories or self.areas)


@dataclass(frozen=True)
class Found:
    """Ids of issues in order, and how many there are; `more`: of the closed ones only so many were looked for."""

    open: list[int] = field(default_factory=list)
    open_total: int = 0
    closed: list[int] = field(default_factory=list)
    more: bool = False


def find_key(connection: Connection, city_id: int, key: str) -> str | None:
    """The number of the issue that a source names so; None where none or several do."""
    i, k = t.issue.c, t.issue_key.c
    sources = select(t.source.c.source_id).where(t.source.c.city_id == city_id)
    asked = select(i.number).join_from(t.issue_key, t.issue, i.issue_id == k.issue_id)
    rows = connection.execute(asked.where(k.city_id == city_id, k.source_id.in_(sources), k.source_key == key)).all()
    return str(rows[0].number) if len(rows) == 1 else None


def find_words(connection: Connection, chosen: Waiting, words: Sequence[Word], limit: int) -> Found:
    """Issues that hold every word, among those that the filters of `chosen` leave (its queue is not asked for)."""
    i = t.issue.c
    asked = select(i.issue_id, func.count().over().label("n")).where(i.state.in_(UNDER_WAY), *_wanted(i, chosen, words))
    rows = connection.execute(asked.order_by(i.deadline, i.issue_id).limit(limit)).all()
    closed = _closed(connection, chosen, words, limit + 1)
    return Found([row.issue_id for row in rows], rows[0].n if rows else 0, closed[:limit], len(closed) > limit)


def _closed(connection: Connection, chosen: Waiting, words: Sequence[Word], limit: int) -> list[int]:
    i = t.issue.c
    newest = func.coalesce(i.notified_at, i.reported_at)
    used = (i.city_id, i.address, i.unit_id, i.point_id, i.category_id, i.source_id, i.places)
    recent = select(i.issue_id, *used).where(i.city_id == chosen.city_id, i.state.in_(CLOSED))
    recent = recent.order_by(newest.desc(), i.issue_id.desc()).limit(
        NEWEST_NAMED if all(word.names for word in words) else NEWEST
    )
    near = recent.subquery("near")
    found = list(
        connection.execute(select(near.c.issue_id).where(*_wanted(near.c, chosen, words, False)).limit(limit)).scalars()
    )
    if len(found) == limit:
        return found
    whole = select(i.issue_id, newest.label("newest")).where(i.state.in_(CLOSED), *_wanted(i, chosen, words))
    hit = whole.cte("hit").prefix_with("MATERIALIZED")
    asked = select(hit.c.issue_id).order_by(hit.c.newest.desc(), hit.c.issue_id.desc()).limit(limit)
    return list(connection.execute(asked).scalars())


def _wanted(i: Any, chosen: Waiting, words: Iterable[Word], indexed: bool = True) -> list[ColumnElement[bool]]:
    """Conditions on the columns of issues; `indexed`: such that an index of pairs finds the rows."""
    narrowed = [(i.unit_id, chosen.unit_id), (i.category_id, chosen.category_id), (i.source_id, chosen.source_id)]
    found: list[ColumnElement[bool]] = [i.city_id == chosen.city_id]
    found += [column == value for column, value in narrowed if value is not None]
    if chosen.area_id is not None:
        found.append(i.places.op("@>", is_comparison=True)(cast([chosen.area_id], ARRAY(Integer))))
    return found + [_holds(i, word, indexed) for word in words]


def _holds(i: Any, word: Word, indexed: bool) -> ColumnElement[bool]:
    """What is quick to look at stands first: making pairs of an address costs more than all else."""
    named = [(i.unit_id, word.units), (i.point_id, word.points), (i.category_id, word.categories)]
    found: list[ColumnElement[bool]] = [column.in_(ids) for column, ids in named if ids]
    if word.areas:
        found.append(i.places.op("&&", is_comparison=True)(cast(list(word.areas), ARRAY(Integer))))
    said = func.strpos(func.lower(i.address), word.text) > 0
    if indexed and len(word.text) >= SHORTEST:
        pairs = cast([word.text[at : at + 2] for at in range(len(word.text) - 1)], ARRAY(Text))
        held = func.pairs(i.address, type_=Text).collate("C").op("@>", is_comparison=True)(pairs)  # as the index has it
        said = and_(said, held)
    return or_(*found, said)
