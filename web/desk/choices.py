"""What the desk's filters and search offer: categories, sources and points by name; read once a pack version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from weathermap.issue.searching import MOST, SHORTEST, Word
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog


@dataclass(frozen=True)
class Choice:
    """Something by name."""

    id: int
    code: str
    name: str
    name_en: str
    retired: bool = False
    red_line: bool = False

    def named(self, lang: str) -> str:
        return self.name_en if lang == "en" and self.name_en else self.name


@dataclass(frozen=True)
class Choices:
    """By id, in the order in which they are offered."""

    categories: Mapping[int, Choice]
    sources: Mapping[int, Choice]
    points: Mapping[int, Choice]
    areas: Mapping[int, Choice]  # of the levels between the city and its finest
    units: Mapping[int, Choice]
    places: Mapping[int, Choice]  # of every level

    def id_of(self, kind: str, code: str) -> int:
        """Of a category or source; −1 for a code that there is none of, so that nothing is found."""
        held: Mapping[int, Choice] = getattr(self, kind)
        return next((choice.id for choice in held.values() if choice.code == code), -1)

    def words(self, text: str) -> list[Word]:
        """The words of a search, with what each names; none where not one is long enough to look for."""
        words = text.lower().split()[:MOST]
        if all(len(word) < SHORTEST for word in words):
            return []
        return [
            Word(word, *(_named(held, word) for held in (self.units, self.points, self.categories, self.areas)))
            for word in words
        ]


def _named(held: Mapping[int, Choice], word: str) -> tuple[int, ...]:
    return tuple(
        c.id for c in held.values() if word in c.name.lower() or word in c.name_en.lower() or word == c.code.lower()
    )


def read_choices(connection: Connection, catalog: Catalog) -> Choices:
    """Of the newest pack."""

    def rows(table: Any, key: str, order: str) -> Iterable[Choice]:
        c = table.c
        extra = (c.red_line,) if "red_line" in c else ()
        asked = select(c[key].label("id"), c.code, c.name, c.name_en, c.retired, *extra)
        for row in connection.execute(asked.where(c.city_id == catalog.city_id).order_by(c[order])):
            yield Choice(*row)

    def held(choices: Iterable[Choice]) -> dict[int, Choice]:
        return {choice.id: choice for choice in choices}

    def places(levels: Iterable[str]) -> dict[int, Choice]:
        version = catalog.versions[-1][0]
        return held(Choice(p.id, p.code, p.name, p.name_en) for each in levels for p in catalog.areas[version, each])

    return Choices(
        held(rows(t.category, "category_id", "code")),
        held(rows(t.source, "source_id", "source_id")),
        held(rows(t.point, "point_id", "code")),
        places([*(catalog.levels[1:-1] or catalog.levels[1:]), *catalog.overlays]),
        held(Choice(u.id, u.code, u.name, u.name_en) for u in catalog.units),
        places(catalog.levels),
    )
