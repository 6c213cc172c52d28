"""Loading a city pack as a dated version. Loading the same pack again changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.dialects.postgresql import insert

from weathermap.city.archive import to_archive
from weathermap.city.pack import Pack
from weathermap.city.sound import sound_pack
from weathermap.issue.redate import Redated, redate
from weathermap.issue.relocate import relocate_issues
from weathermap.progress import step
from weathermap.store import tables as t
from weathermap.store.boundaries import add_subjects, boundary_version
from weathermap.store.packs import have_pack_alone
from weathermap.store.registry import City, open_city, register
from weathermap.store.slices import make_slices
from weathermap.tally.carry import carry_over, carry_points, successors
from weathermap.tally.fold import fold_once
from weathermap.tally.post import FOLD_LOCK, log_fold
from weathermap.tally.prefix import DAY_S, Deltas
from weathermap.tally.rebuild import points_counted, rebuild_tallies

LOAD_LOCK = 0x17C17
Settled = tuple[City, Deltas]  # a city, and what its points count


def load_directory(engine: Engine, directory: Path, areas: Mapping[str, Path]) -> str:
    """Check, read and load the pack in `directory`. Raises PackError with the first faults; nothing is stored then."""
    pack = sound_pack(directory, areas)
    with step(f"loading {directory}"), engine.begin() as connection:
        return load_pack(connection, pack)


@dataclass(frozen=True)
class Loaded:
    """What a load did, in words; and what another calendar did to open deadlines, None where it is the same."""

    said: str
    redated: Redated | None = None


def load_pack(connection: Connection, pack: Pack) -> str:
    """As `load`; only the words."""
    return load(connection, pack).said


def load(connection: Connection, pack: Pack) -> Loaded:
    """Load a pack without faults; the caller owns the transaction.

    What is stored is carried over: see `relocate_issues` and `carry_over`. Another calendar dates what is open anew:
    see `redate`. Who holds an issue stays until `reassign`.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOAD_LOCK})
    city_id = _upsert_city(connection, pack)
    have_pack_alone(connection, city_id)
    latest = _latest(connection, city_id)
    if latest is not None and latest.sha256 == pack.sha256:
        return Loaded(f"{pack.config.name}: pack {latest.pack_version} is loaded already, nothing to do.")
    now = datetime.now(UTC)
    before = None if latest is None else _settled(connection, pack.config.code)
    version, new_borders = boundary_version(connection, city_id, pack, latest, now)
    _upsert_tables(connection, city_id, pack)
    number = 1 if latest is None else latest.pack_version + 1
    connection.execute(
        t.pack_version.insert().values(
            city_id=city_id,
            pack_version=number,
            boundary_version=version,
            sha256=pack.sha256,
            config=json.loads(json.dumps({"city": vars(pack.config)}, default=str)),
            archive=to_archive(pack),
            loaded_at=now,
            reassigned_at=now if latest is None else None,
        )
    )
    _load_points(connection, city_id, version, pack)
    make_slices(connection, city_id, version, pack.config.levels)
    city = register(connection, city_id, version, pack)
    moved = 0
    if before is None:
        rebuild_tallies(connection, city)
    else:
        moved = _carry(connection, before, city, now)
    counts = ", ".join(f"{len(table):,} {level}" for level, table in pack.areas.items())
    held = f"{counts}, {len(pack.units)} units, {len(pack.points):,} points"
    elsewhere = f" {moved:,} issues lie in other areas than before." if new_borders and before is not None else ""
    redated = None if before is None or not _other_calendar(before[0].pack, pack) else redate(connection, city.code)
    anew = f" {redated.moved:,} open deadlines end otherwise by its calendar." if redated and redated.moved else ""
    return Loaded(f"{pack.config.name}: pack {number}, boundary version {version}: {held}.{elsewhere}{anew}", redated)


def _other_calendar(before: Pack, after: Pack) -> bool:
    def calendar(pack: Pack) -> object:
        config = pack.config
        return config.calendar, config.timezone, config.office_hours, pack.holidays

    return calendar(before) != calendar(after)


def _settled(connection: Connection, code: str) -> Settled:
    """The city before the change, with everything counted that has come."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": FOLD_LOCK})
    while fold_once(connection):
        pass
    city = open_city(connection, code)
    return city, points_counted(connection, city)


def _carry(connection: Connection, before: Settled, city: City, now: datetime) -> int:
    """Carry issues and tallies over to the changed pack. Returns how many issues lie elsewhere."""
    old, points = before
    moved, successor = 0, successors(old, city) if old.version != city.version else {}
    if old.version != city.version:
        moved = relocate_issues(connection, city, successor)
    red_lines = [{c.code: c.red_line for c in each.pack.categories} for each in (old, city)]
    if any(red != red_lines[1].get(code, red) for code, red in red_lines[0].items()):
        rebuild_tallies(connection, city)  # what is thunder is not what it was
    else:
        if old.version != city.version:
            carry_over(connection, old, city, successor)
        change = points, points_counted(connection, city)
        carry_points(connection, old, city, change, int(now.timestamp()))
    if old.version != city.version:
        connection.execute(text("DROP TABLE lying"))
    log_fold(connection, city.city_id, [])
    return moved


def _upsert_city(connection: Connection, pack: Pack) -> int:
    config = pack.config
    start = config.period_start
    values = {
        "code": config.code,
        "name": config.name,
        "name_en": config.name_en,
        "timezone": config.timezone,
        "period_start": start and datetime.combine(start, time(), ZoneInfo(config.timezone)),
    }
    statement = insert(t.city).values(values)
    found: int = connection.execute(
        statement.on_conflict_do_update(index_elements=["code"], set_=values).returning(t.city.c.city_id)
    ).scalar_one()
    return found


def _latest(connection: Connection, city_id: int) -> Any:
    versions = t.pack_version
    chosen = select(versions.c.pack_version, versions.c.boundary_version, versions.c.sha256)
    return connection.execute(
        chosen.where(versions.c.city_id == city_id).order_by(versions.c.pack_version.desc()).limit(1)
    ).one_or_none()


def _upsert_tables(connection: Connection, city_id: int, pack: Pack) -> None:
    """Units, people, categories and sources by code; what the pack no longer names is retired, never deleted."""
    _upsert(connection, t.unit, city_id, [vars(unit) for unit in pack.units])
    rows = connection.execute(select(t.unit.c.code, t.unit.c.unit_id).where(t.unit.c.city_id == city_id))
    units: dict[str, int] = {row.code: row.unit_id for row in rows}
    add_subjects(connection, city_id, [units[unit.code] for unit in pack.units], DAY_S)
    people = [{**vars(person), "unit_id": units.get(person.unit)} for person in pack.people]
    for person in people:
        del person["unit"]
    _upsert(connection, t.person, city_id, people)
    kept = {column.name for column in t.category.c}  # the standards are read from the archived pack
    categories = [{k: v for k, v in vars(category).items() if k in kept} for category in pack.categories]
    _upsert(connection, t.category, city_id, categories)
    _upsert(connection, t.source, city_id, [vars(source) for source in pack.sources])
    _upsert(
        connection, t.special, city_id, [{k: vars(s)[k] for k in ("code", "name", "name_en")} for s in pack.specials]
    )


def _upsert(connection: Connection, table: object, city_id: int, rows: list[dict[str, object]]) -> None:
    connection.execute(table.update().where(table.c.city_id == city_id).values(retired=True))  # type: ignore[attr-defined]
    if not rows:
        return
    statement = insert(table)  # type: ignore[arg-type]
    names = [name for name in rows[0] if name != "code"] + ["retired"]
    statement = statement.on_conflict_do_update(
        index_elements=["city_id", "code"], set_={name: statement.excluded[name] for name in names}
    )
    connection.execute(statement, [{**row, "city_id": city_id, "retired": False} for row in rows])


def _load_points(connection: Connection, city_id: int, version: int, pack: Pack) -> None:
    """Declared points, each in the areas that hold it now."""
    lon = np.array([point.lon for point in pack.points], dtype=np.float64)
    lat = np.array([point.lat for point in pack.points], dtype=np.float64)
    bare = register(connection, city_id, version, Pack(**{**vars(pack), "points": ()}))
    area = bare.book.locator.locate(lon, lat)
    overlays = {level: locator.locate(lon, lat) for level, locator in bare.book.overlays.items()}
    places = bare.places(area, overlays)
    finest = bare.area_ids[pack.config.levels[-1]]
    units = {unit.code: int(i) for unit, i in zip(pack.units, bare.unit_ids, strict=True)}
    people = {person.code: int(i) for person, i in zip(pack.people, bare.person_ids, strict=True)}
    rows: list[dict[str, object]] = [
        {
            "code": point.code,
            "kind": point.kind,
            "name": point.name,
            "name_en": point.name_en,
            "unit_id": units.get(point.unit),
            "area_id": int(finest[row]) if row >= 0 else None,
            "places": where,
            "geom": f"SRID=4326;POINT({point.lon!r} {point.lat!r})",
            "address": point.address,
            "declared_on": point.declared_on,
            "person_id": people.get(point.person),
        }
        for point, row, where in zip(pack.points, area.tolist(), places, strict=True)
    ]
    _upsert(connection, t.point, city_id, rows)
