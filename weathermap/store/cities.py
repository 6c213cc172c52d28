"""Loading a city pack as a dated version. Loading the same pack again changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row, select, text
from sqlalchemy.dialects.postgresql import insert

from weathermap.city.archive import to_archive
from weathermap.city.labels import place_labels
from weathermap.city.pack import Pack
from weathermap.city.size import geodesic_m2
from weathermap.city.sound import sound_pack
from weathermap.progress import step
from weathermap.store import copy
from weathermap.store import tables as t
from weathermap.store.registry import bucket_s, register
from weathermap.store.slices import make_slices
from weathermap.tally.prefix import HOUR_S

LOAD_LOCK = 0x17C17


def load_directory(engine: Engine, directory: Path, areas: Mapping[str, Path]) -> str:
    """Check, read and load the pack in `directory`. Raises PackError with the first faults; nothing is stored then."""
    pack = sound_pack(directory, areas)
    with step(f"loading {directory}"), engine.begin() as connection:
        return load_pack(connection, pack)


def load_pack(connection: Connection, pack: Pack) -> str:
    """Load a pack without faults; the caller owns the transaction. Returns what was done, in words."""
    from weathermap.tally.rebuild import rebuild_tallies

    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOAD_LOCK})
    city_id = _upsert_city(connection, pack)
    before = _latest(connection, city_id)
    if before is not None and before.sha256 == pack.sha256:
        return f"{pack.config.name}: pack {before.pack_version} is loaded already, nothing to do."
    version, new_borders = _boundary_version(connection, city_id, pack, before)
    _upsert_tables(connection, city_id, pack)
    number = 1 if before is None else before.pack_version + 1
    connection.execute(
        t.pack_version.insert().values(
            city_id=city_id,
            pack_version=number,
            boundary_version=version,
            sha256=pack.sha256,
            config=json.loads(json.dumps({"city": vars(pack.config)}, default=str)),
            archive=to_archive(pack),
            loaded_at=datetime.now(UTC),
        )
    )
    _load_points(connection, city_id, version, pack)
    make_slices(connection, city_id, version, pack.config.levels)
    if before is not None and new_borders:
        from weathermap.issue.relocate import relocate_issues

        relocate_issues(connection, register(connection, city_id, version, pack))
    rebuild_tallies(connection, register(connection, city_id, version, pack))
    counts = ", ".join(f"{len(table):,} {level}" for level, table in pack.areas.items())
    held = f"{counts}, {len(pack.units)} units, {len(pack.points):,} points"
    return f"{pack.config.name}: pack {number}, boundary version {version}: {held}."


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


def _boundary_version(connection: Connection, city_id: int, pack: Pack, before: Row[Any] | None) -> tuple[int, bool]:
    """The version of the pack's borders, and whether it is new. Equal borders are one version."""
    versions = t.boundary_version
    same = connection.execute(
        select(versions.c.version).where(
            versions.c.city_id == city_id,
            versions.c.sha256 == pack.boundary_sha256,
            versions.c.version == (before.boundary_version if before is not None else None),
        )
    ).scalar_one_or_none()
    if same is not None:
        return int(same), False
    version = 1 if before is None else int(before.boundary_version) + 1
    connection.execute(
        versions.insert().values(
            city_id=city_id,
            version=version,
            sha256=pack.boundary_sha256,
            # the first borders hold for all the past as well
            valid_from=datetime(1970, 1, 1, tzinfo=UTC) if before is None else datetime.now(UTC),
        )
    )
    parents: dict[str, tuple[int, list[int]]] = {}
    for level in pack.config.levels:
        parents = _insert_areas(connection, city_id, version, pack, level, parents)
    for level in pack.config.overlays:
        _insert_areas(connection, city_id, version, pack, level, {})
    return version, True


def _insert_areas(
    connection: Connection,
    city_id: int,
    version: int,
    pack: Pack,
    level: str,
    parents: Mapping[str, tuple[int, list[int]]],
) -> dict[str, tuple[int, list[int]]]:
    """COPY one level; returns code → (area id, path) for its children."""
    areas = pack.areas[level]
    ids = _reserve(connection, "subject_id_seq", len(areas))
    above = [parents.get(code) for code in areas.parents]
    paths = [[*(parent[1] if parent else []), area_id] for parent, area_id in zip(above, ids, strict=True)]
    labels = place_labels(areas.geoms, pack.config.metric_crs)
    copy.copy_columns(
        connection,
        "area",
        {
            "area_id": copy.numbers(ids),
            "city_id": copy.numbers([city_id] * len(ids)),
            "version": copy.numbers([version] * len(ids)),
            "level": copy.texts([level] * len(ids)),
            "code": copy.texts(areas.codes),
            "name": copy.texts(areas.names),
            "name_en": copy.texts(areas.names_en),
            "parent_id": copy.optional([parent[0] if parent else -1 for parent in above], -1),
            "path": copy.arrays(paths),
            "geom": _ewkb(areas.geoms),
            "label": copy.points(labels.lon, labels.lat),
            "label_width_m": copy.numbers(labels.width_m),
            "label_height_m": copy.numbers(labels.height_m),
            "area_m2": copy.numbers(geodesic_m2(areas.geoms)),
        },
    )
    _subjects(connection, city_id, ids, bucket_s(pack, level))
    return dict(zip(areas.codes.tolist(), zip(ids, paths, strict=True), strict=True))


def _reserve(connection: Connection, sequence: str, n: int) -> list[int]:
    chosen = text(f"SELECT nextval('{sequence}') FROM generate_series(1, :n)")
    return list(connection.execute(chosen, {"n": n}).scalars())


def _ewkb(geoms: NDArray[np.object_]) -> copy.Plain:
    parts, owner = shapely.get_parts(geoms, return_index=True)
    multi = shapely.set_srid(shapely.multipolygons(parts, indices=owner), 4326)
    return copy.Plain(shapely.to_wkb(multi, hex=True, include_srid=True))


def _subjects(connection: Connection, city_id: int, ids: Iterable[int], size: int) -> None:
    rows = [{"subject_id": i, "city_id": city_id, "bucket_s": size} for i in ids]
    if rows:
        connection.execute(insert(t.tally_subject).on_conflict_do_nothing(), rows)


def _upsert_tables(connection: Connection, city_id: int, pack: Pack) -> None:
    """Units, people, categories and sources by code; what the pack no longer names is retired, never deleted."""
    _upsert(connection, t.unit, city_id, [vars(unit) for unit in pack.units])
    rows = connection.execute(select(t.unit.c.code, t.unit.c.unit_id).where(t.unit.c.city_id == city_id))
    units: dict[str, int] = {row.code: row.unit_id for row in rows}
    _subjects(connection, city_id, [units[unit.code] for unit in pack.units], HOUR_S)
    people = [{**vars(person), "unit_id": units.get(person.unit)} for person in pack.people]
    for person in people:
        del person["unit"]
    _upsert(connection, t.person, city_id, people)
    _upsert(connection, t.category, city_id, [vars(category) for category in pack.categories])
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
        }
        for point, row, where in zip(pack.points, area.tolist(), places, strict=True)
    ]
    _upsert(connection, t.point, city_id, rows)
