"""A city as the store knows it: the pack with its book, and the ids of everything in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from weathermap.city.archive import from_archive
from weathermap.city.chain import ancestors
from weathermap.city.clock import NONE
from weathermap.city.pack import Pack
from weathermap.issue.book import Book
from weathermap.store import tables as t
from weathermap.store.catalog import find_city
from weathermap.store.slices import Slices, read_slices
from weathermap.tally.prefix import DAY_S, HOUR_S, TEN_DAYS_S

Ints = NDArray[np.int64]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class City:
    """Ids are aligned with the rows of the pack's tables."""

    city_id: int
    code: str
    version: int  # boundary version in use
    pack: Pack
    area_ids: dict[str, Ints]  # level → id of each area
    unit_ids: Ints
    person_ids: Ints
    category_ids: Ints
    source_ids: Ints
    point_ids: Ints
    slices: Slices
    index_folder: Path | None  # where indexes are kept between processes
    pack_version: int = 0  # as it was opened; 0: not from the store
    since: int = NONE  # µs: its borders took the place of others then; what happened before and comes now is late

    @cached_property
    def book(self) -> Book:
        """Indexes for deciding; built on first use."""
        return Book.from_pack(self.pack, self.index_folder)

    @cached_property
    def people(self) -> dict[int, str]:
        """The code of each person."""
        return {int(key): person.code for key, person in zip(self.person_ids, self.pack.people, strict=True)}

    @cached_property
    def chains(self) -> Ints:
        """Area ids from the city down for each finest area; shape (n finest, n levels)."""
        levels = self.pack.config.levels
        rows = ancestors(self.pack)
        return np.column_stack([self.area_ids[level][rows[:, k]] for k, level in enumerate(levels)])

    @property
    def top_id(self) -> int:
        """Area id of the city itself."""
        return int(self.area_ids[self.pack.config.levels[0]][0])

    def places(self, area: NDArray[np.int32], overlays: dict[str, NDArray[np.int32]]) -> list[list[int]]:
        """All area ids that hold each issue: its chain, or the city alone when unlocated, then the overlays."""
        chains = self.chains[np.maximum(area, 0)].tolist()
        found = [chain if row >= 0 else [self.top_id] for chain, row in zip(chains, area.tolist(), strict=True)]
        for level, rows in overlays.items():
            ids = self.area_ids[level]
            for i in np.flatnonzero(rows >= 0).tolist():
                found[i] = [*found[i], int(ids[rows[i]])]
        return found

    def subjects(self, places: list[int], unit_id: int, category_id: int, source_id: int) -> list[int]:
        """Everything that an issue counts for: its areas, its unit (0: none), and their slices."""
        return self.counted([*places, unit_id] if unit_id else places, category_id, source_id)

    def counted(self, holders: list[int], category_id: int, source_id: int) -> list[int]:
        """Areas or units, and their slices."""
        return [*holders, *self.slices.of(holders, category_id, source_id)]

    @property
    def all_subjects(self) -> Ints:
        """Everything that an issue of the pack could count for, ascending."""
        ids = [*self.area_ids.values(), self.unit_ids]
        for known in (self.slices.by_category, self.slices.by_source):
            ids.append(np.fromiter(known.values(), dtype=np.int64, count=len(known)))
        return np.unique(np.concatenate(ids))


def bucket_s(pack: Pack, level: str) -> int:
    """Bucket length of a level's new tallies: hours for the city and its towns, days, ten days for cells: the fewer
    issues an area has, the longer, so that a row is seldom for one of them alone."""
    levels = pack.config.levels
    if level in levels[:2] or (len(levels) < 3 and level in pack.config.overlays):
        return HOUR_S
    return TEN_DAYS_S if level in levels[3:] else DAY_S


def open_city(connection: Connection, code: str | None = None) -> City:
    """The city with its latest pack. Raises UnknownName."""
    row = find_city(connection, code)
    latest = connection.execute(
        select(t.pack_version)
        .where(t.pack_version.c.city_id == row.city_id)
        .order_by(t.pack_version.c.pack_version.desc())
        .limit(1)
    ).one()
    found = register(connection, row.city_id, latest.boundary_version, from_archive(latest.archive))
    b = t.boundary_version.c
    valid = connection.execute(
        select(b.valid_from).where(b.city_id == row.city_id, b.version == latest.boundary_version)
    ).scalar_one()
    since = NONE if latest.boundary_version == 1 else int((valid - EPOCH) / timedelta(microseconds=1))
    return replace(found, pack_version=latest.pack_version, since=since)


def register(connection: Connection, city_id: int, version: int, pack: Pack) -> City:
    """The pack with its ids from the store."""

    def ids(table: object, key: str, codes: list[str]) -> Ints:
        columns = table.c  # type: ignore[attr-defined]
        rows = connection.execute(select(columns.code, columns[key]).where(columns.city_id == city_id))
        found: dict[str, int] = {row[0]: row[1] for row in rows}
        return np.array([found[code] for code in codes], dtype=np.int64)

    areas: dict[str, dict[str, int]] = {}
    chosen = select(t.area.c.level, t.area.c.code, t.area.c.area_id).where(
        t.area.c.city_id == city_id, t.area.c.version == version
    )
    for level, code, area_id in connection.execute(chosen):
        areas.setdefault(level, {})[code] = area_id
    return City(
        city_id=city_id,
        code=pack.config.code,
        version=version,
        pack=pack,
        area_ids={
            level: np.array([areas[level][code] for code in table.codes], dtype=np.int64)
            for level, table in pack.areas.items()
        },
        unit_ids=ids(t.unit, "unit_id", [entry.code for entry in pack.units]),
        person_ids=ids(t.person, "person_id", [entry.code for entry in pack.people]),
        category_ids=ids(t.category, "category_id", [entry.code for entry in pack.categories]),
        source_ids=ids(t.source, "source_id", [entry.code for entry in pack.sources]),
        point_ids=ids(t.point, "point_id", [entry.code for entry in pack.points]),
        slices=read_slices(connection, city_id),
        index_folder=connection.get_execution_options().get("index_folder"),
    )
