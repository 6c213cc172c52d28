"""Boundary versions: the areas of a pack, stored once for each change of its borders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, select, text
from sqlalchemy.dialects.postgresql import insert

from weathermap.city.labels import place_labels
from weathermap.city.pack import Pack
from weathermap.city.size import geodesic_m2
from weathermap.store import copy
from weathermap.store import tables as t
from weathermap.store.registry import bucket_s


def boundary_version(
    connection: Connection, city_id: int, pack: Pack, before: Row[Any] | None, now: datetime
) -> tuple[int, bool]:
    """The version of the pack's borders, and whether it is new, valid from `now`. Equal borders are one version."""
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
            valid_from=datetime(1970, 1, 1, tzinfo=UTC) if before is None else now,
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
    add_subjects(connection, city_id, ids, _bucket_s(connection, city_id, version, pack, level))
    return dict(zip(areas.codes.tolist(), zip(ids, paths, strict=True), strict=True))


def _bucket_s(connection: Connection, city_id: int, version: int, pack: Pack, level: str) -> int:
    """Bucket length of a level's tallies: that of its areas before, so that they can be carried over."""
    a, s = t.area.c, t.tally_subject.c
    joined = select(s.bucket_s).join_from(t.tally_subject, t.area, s.subject_id == a.area_id)
    before = joined.where(a.city_id == city_id, a.version == version - 1, a.level == level).limit(1)
    found: int | None = connection.execute(before).scalar_one_or_none()
    return bucket_s(pack, level) if found is None else found


def _reserve(connection: Connection, sequence: str, n: int) -> list[int]:
    chosen = text(f"SELECT nextval('{sequence}') FROM generate_series(1, :n)")
    return list(connection.execute(chosen, {"n": n}).scalars())


def _ewkb(geoms: NDArray[np.object_]) -> copy.Plain:
    parts, owner = shapely.get_parts(geoms, return_index=True)
    multi = shapely.set_srid(shapely.multipolygons(parts, indices=owner), 4326)
    return copy.Plain(shapely.to_wkb(multi, hex=True, include_srid=True))


def add_subjects(connection: Connection, city_id: int, ids: Iterable[int], size: int) -> None:
    """Areas or units that are counted, in buckets of `size` seconds; those known already stay as they are."""
    rows = [{"subject_id": i, "city_id": city_id, "bucket_s": size} for i in ids]
    if rows:
        connection.execute(insert(t.tally_subject).on_conflict_do_nothing(), rows)
