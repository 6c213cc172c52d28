"""What the map server knows of a city without its geometry: names, levels, thresholds, ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, select

from weathermap.errors import NotPublished, UnknownName
from weathermap.store import tables as t
from weathermap.weather.rule import DEFAULT_WEATHER


@dataclass(frozen=True)
class Place:
    """An area or a unit, as a subject of tallies."""

    id: int
    level: str  # a level's name, or 'unit'
    code: str
    name: str
    name_en: str
    parent: str  # code, '' when none
    kind: str = ""  # of a unit
    area: str = ""  # code of the area that a unit governs
    path: tuple[int, ...] = ()


@dataclass(frozen=True)
class Catalog:
    """A city, its levels and all places of each boundary version."""

    city_id: int
    code: str
    name: str
    name_en: str
    timezone: str
    period_start: datetime | None
    demo: Mapping[str, Any] | None
    live_since: datetime | None  # from then on a wall showed it
    pack_version: int
    config: Mapping[str, Any]
    versions: tuple[tuple[int, datetime], ...]  # (boundary version, valid from), oldest first
    areas: Mapping[tuple[int, str], tuple[Place, ...]]  # (version, level) → places sorted by code
    units: tuple[Place, ...]
    packs: tuple[tuple[int, datetime, Mapping[str, Any]], ...]  # (version, loaded at, city.toml), oldest first
    _earlier: dict[int, Catalog] = field(default_factory=dict, compare=False, repr=False)

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(self.config["levels"])

    @property
    def overlays(self) -> tuple[str, ...]:
        return tuple(self.config["overlays"])

    @property
    def coverage(self) -> bool:
        return bool(self.config["coverage"])

    @cached_property
    def thresholds(self) -> Mapping[str, Any]:
        """The pack's thresholds over the default ones."""
        return {**DEFAULT_WEATHER, **self.config["weather"]}

    @cached_property
    def by_code(self) -> Mapping[tuple[int, str, str], Place]:
        """(version, level, code) → place."""
        return {(version, level, p.code): p for (version, level), places in self.areas.items() for p in places}

    @cached_property
    def by_id(self) -> Mapping[int, Place]:
        """Area id → area, of every boundary version."""
        return {place.id: place for places in self.areas.values() for place in places}

    def version_at(self, at: datetime) -> int:
        """The boundary version valid at an instant."""
        return max((v for v, since in self.versions if since <= at), default=self.versions[0][0])

    def earlier_borders(self, version: int) -> tuple[int, str, str] | None:
        """(version, coarsest, finest level) of a boundary version before the newest; None for the newest."""
        return None if version == self.versions[-1][0] else (version, self.levels[0], self.levels[-1])

    def shown_at(self, at: datetime) -> bool:
        """Whether a wall showed the city at an instant; before, all counts as known at its own times."""
        return self.live_since is not None and int(self.live_since.timestamp()) <= at.timestamp()

    def pack_at(self, at: datetime) -> int:
        """The pack in force at an instant; the first holds for all the past."""
        return max((n for n, since, _ in self.packs if since <= at), default=self.packs[0][0])

    def under(self, pack: int) -> Catalog:
        """The catalog with the rules of an earlier pack: its thresholds, its coverage."""
        if pack == self.pack_version:
            return self
        if pack not in self._earlier:
            config = next(config for n, _, config in self.packs if n == pack)
            self._earlier[pack] = replace(self, pack_version=pack, config=config)
        return self._earlier[pack]

    def role(self, level: str) -> str | None:
        """How the weather rule treats a level: city, town, fine; None where only counts are shown (cells)."""
        if level in self.overlays or level == "unit":
            return "town"
        depth = self.levels.index(level)
        return ("city", "town", "fine")[depth] if depth < 3 else None

    def place(self, version: int, level: str, code: str) -> Place:
        """One place. Raises UnknownName."""
        if level == "unit":
            found = next((unit for unit in self.units if unit.code == code), None)
        else:
            self.check_level(level)
            found = self.by_code.get((version, level, code))
        if found is None:
            raise UnknownName(
                f"{self.name} has no {level} with code {code!r}.", "See /api/v1/areas for the codes of a level."
            )
        return found

    def check_level(self, level: str) -> None:
        """Raises UnknownName for a level that the pack does not declare."""
        known = (*self.levels, *self.overlays)
        if level not in known:
            raise UnknownName(f"{self.name} has no level {level!r}.", f"Levels: {', '.join(known)}.")

    @property
    def reviewed(self) -> bool:
        """Whether the map has a review number (审图号): without one nothing of it is public."""
        return bool(self.config["review_number"].strip())

    def check_published(self) -> None:
        """Raises NotPublished while the map has no review number."""
        if not self.reviewed:
            raise NotPublished(
                f"{self.name}的地图没有审图号，未向公众开放 / no review number: the map of this city is not public.",
                "Have the map reviewed, write its number as review_number in the pack's city.toml, load the pack.",
            )


def find_city(connection: Connection, code: str | None) -> Row[Any]:
    """The city's row; without a code the only one. Raises UnknownName with the codes there are."""
    rows = connection.execute(select(t.city).order_by(t.city.c.city_id)).all()
    if code is None and len(rows) == 1:
        return rows[0]
    for row in rows:
        if row.code == code:
            return row
    known = ", ".join(f"{row.code} ({row.name})" for row in rows) or "none: run `weathermap city load DIR`"
    what = "The store holds no city." if not rows else f"City {code!r} is not in the store." if code else "Which city?"
    raise UnknownName(what, f"Cities in the store: {known}.")


def load_catalog(connection: Connection, code: str | None) -> Catalog:
    """The catalog of a city (the only one when `code` is None). Raises UnknownName."""
    row = find_city(connection, code)
    versions = t.boundary_version
    packs = connection.execute(
        select(t.pack_version.c.pack_version, t.pack_version.c.loaded_at, t.pack_version.c.config)
        .where(t.pack_version.c.city_id == row.city_id)
        .order_by(t.pack_version.c.pack_version)
    ).all()
    known = connection.execute(
        select(versions.c.version, versions.c.valid_from)
        .where(versions.c.city_id == row.city_id)
        .order_by(versions.c.version)
    )
    return Catalog(
        city_id=row.city_id,
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        timezone=row.timezone,
        period_start=row.period_start,
        demo=row.demo,
        live_since=row.live_since,
        pack_version=packs[-1].pack_version,
        config=packs[-1].config["city"],
        versions=tuple((version, since) for version, since in known),
        areas=_areas(connection, row.city_id),
        units=_units(connection, row.city_id),
        packs=tuple((pack.pack_version, pack.loaded_at, pack.config["city"]) for pack in packs),
    )


def _areas(connection: Connection, city_id: int) -> dict[tuple[int, str], tuple[Place, ...]]:
    a = t.area.c
    rows = connection.execute(
        select(a.area_id, a.version, a.level, a.code, a.name, a.name_en, a.path, a.parent_id)
        .where(a.city_id == city_id)
        .order_by(a.version, a.level, a.code)
    ).all()
    codes = {row.area_id: row.code for row in rows}
    found: dict[tuple[int, str], list[Place]] = {}
    for r in rows:
        place = Place(r.area_id, r.level, r.code, r.name, r.name_en, codes.get(r.parent_id, ""), path=tuple(r.path))
        found.setdefault((r.version, r.level), []).append(place)
    return {key: tuple(places) for key, places in found.items()}


def _units(connection: Connection, city_id: int) -> tuple[Place, ...]:
    rows = connection.execute(
        select(t.unit).where(t.unit.c.city_id == city_id, ~t.unit.c.retired).order_by(t.unit.c.code)
    )
    return tuple(Place(r.unit_id, "unit", r.code, r.name, r.name_en, r.parent, r.kind, r.area) for r in rows)


def pack_state(connection: Connection) -> tuple[tuple[int, int, str, datetime | None], ...]:
    """Changes whenever any catalog does: (city, pack version, demo, live since) of all cities."""
    v, c = t.pack_version.c, t.city.c
    rows = connection.execute(
        select(v.city_id, v.pack_version, c.demo, c.live_since)
        .join(t.city, c.city_id == v.city_id)
        .order_by(v.city_id, v.pack_version)
    )
    return tuple((city_id, version, str(demo), live) for city_id, version, demo, live in rows)
