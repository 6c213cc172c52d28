"""Slices: issues of one category, or of one source, of a city, a town or a unit, as subjects of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from weathermap.store import tables as t
from weathermap.store.sql import query

SLICED = 2  # so many levels of the chain, from the city down, are counted by category and source; finer ones are not


@dataclass(frozen=True)
class Slices:
    """(holder, category) and (holder, source) → subject; holders are area and unit ids."""

    by_category: Mapping[tuple[int, int], int]
    by_source: Mapping[tuple[int, int], int]

    def of(self, holders: Iterable[int], category_id: int, source_id: int) -> list[int]:
        """The slices that an issue counts in; holders that are not sliced have none."""
        found: list[int] = []
        for holder in holders:
            for slices, which in ((self.by_category, category_id), (self.by_source, source_id)):
                subject = slices.get((holder, which))
                if subject is not None:
                    found.append(subject)
        return found


def make_slices(connection: Connection, city_id: int, version: int, levels: Sequence[str]) -> int:
    """The slices that a city lacks: its sliced areas of one boundary version and its units, by all categories and
    sources it ever had. Returns how many are new."""
    asked = {"city_id": city_id, "version": version, "levels": list(levels[:SLICED])}
    return connection.execute(query("slices_make"), asked).rowcount


def read_slices(connection: Connection, city_id: int) -> Slices:
    """All slices of a city."""
    s = t.tally_slice.c
    rows = connection.execute(
        select(s.subject_id, s.holder_id, s.category_id, s.source_id).where(s.city_id == city_id)
    ).all()
    return Slices(
        {(holder, category): subject for subject, holder, category, _ in rows if category is not None},
        {(holder, source): subject for subject, holder, _, source in rows if source is not None},
    )
