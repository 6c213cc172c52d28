"""A synthetic city of any size: areas, a year of issues, their tallies. For benchmarks only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from weathermap.store import copy
from weathermap.tally.measures import MEASURES, M
from weathermap.tally.prefix import DAY_S, HOUR_S, Deltas, rows_of

END = 1_790_000_000  # the synthetic year ends here, seconds since 1970Z
YEAR_S = 365 * DAY_S
TOWNS, COMMUNITIES, CELLS = 9, 130, 2_000  # cells of one town: a wall asks for one town's at a time
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Year:
    """A year of issues, parallel arrays (n,), seconds since 1970Z; −1 where it did not happen."""

    community: Ints
    notified: Ints
    deadline: Ints
    feedback: Ints
    rectified: Ints

    @property
    def town(self) -> Ints:
        return self.community % TOWNS


def make_year(n: int, seed: int = 1) -> Year:
    """`n` issues: weekly rhythm, 90 % on time, 1.3 % open at the end."""
    chance = np.random.default_rng(seed)
    notified = END - YEAR_S + (chance.random(n) * YEAR_S).astype(np.int64)
    limit = chance.integers(2 * HOUR_S, 7 * DAY_S, n)
    in_time = chance.random(n) < 0.9
    taken = np.where(in_time, chance.random(n) * limit, limit + chance.exponential(2 * DAY_S, n)).astype(np.int64)
    feedback = np.where(notified + taken < END, notified + taken, -1)
    rectified = np.where((feedback > 0) & (feedback + 2 * HOUR_S < END), feedback + 2 * HOUR_S, -1)
    return Year(chance.integers(0, COMMUNITIES, n), notified, notified + limit, feedback, rectified)


def base_deltas(year: Year, held_by: Ints, bucket: int) -> tuple[Deltas, Ints]:
    """The flows of the issues for one level: `held_by` is the subject of each issue."""
    fed = year.feedback > 0
    in_time = fed & (year.feedback <= year.deadline)
    late = fed & ~in_time
    parts = (
        ("notified", np.ones(len(fed), dtype=bool), year.notified),
        ("due", year.deadline < END, year.deadline),
        ("on_time", in_time & (year.deadline < END), year.deadline),
        ("late", late, year.feedback),
        ("rectified", year.rectified > 0, year.rectified),
    )
    subject = np.concatenate([held_by[chosen] for _, chosen, _ in parts])
    at = np.concatenate([instant[chosen] for _, chosen, instant in parts])
    measure = np.concatenate([np.full(chosen.sum(), M[name]) for name, chosen, _ in parts])
    return Deltas(subject, at, measure, np.ones(len(subject), dtype=np.int64)), np.full(len(subject), bucket)


def store_city(connection: Connection) -> dict[str, Ints]:
    """One city with its levels as strips of land, unfilled. Returns the area ids of each level."""
    config = {
        "levels": ["city", "town", "community", "cell"], "overlays": [], "coverage": False, "weather": {},
        "level_names": {}, "schematic": True, "schematic_note": ["", ""], "review_number": "", "attribution": "",
        "neighbours": "",
    }  # fmt: skip
    connection.execute(
        text("INSERT INTO city (code, name, name_en, timezone) VALUES ('bench', '测', 'Bench', 'Asia/Shanghai')")
    )
    city_id = connection.execute(text("SELECT city_id FROM city")).scalar_one()
    connection.execute(text("INSERT INTO boundary_version VALUES (:c, 1, '1970-01-01Z', '')"), {"c": city_id})
    connection.execute(
        text("INSERT INTO pack_version VALUES (:c, 1, 1, '', :config, '', now())"),
        {"c": city_id, "config": json.dumps({"city": config})},
    )
    ids: dict[str, Ints] = {}
    first = 1
    for level, n, size in (
        ("city", 1, HOUR_S),
        ("town", TOWNS, HOUR_S),
        ("community", COMMUNITIES, DAY_S),
        ("cell", CELLS, DAY_S),
    ):
        ids[level] = np.arange(first, first + n)
        first += n
        parents = {"city": [None], "town": [1] * n, "community": [2 + i % TOWNS for i in range(n)]}.get(level) or [
            int(ids["community"][0]) + (i % (COMMUNITIES // TOWNS)) * TOWNS for i in range(n)
        ]
        paths = {int(i): [int(i)] for i in ids[level]}
        for i, parent in zip(ids[level].tolist(), parents, strict=True):
            above = [] if parent is None else _path(connection, parent)
            paths[i] = [*above, i]
        copy.copy_columns(
            connection,
            "area",
            {
                "area_id": copy.numbers(ids[level]),
                "city_id": copy.numbers([city_id] * n),
                "version": copy.numbers([1] * n),
                "level": copy.texts([level] * n),
                "code": copy.texts([f"{level}{i:05d}" for i in range(n)]),
                "name": copy.texts([f"{level}{i}" for i in range(n)]),
                "name_en": copy.texts([f"{level}{i}" for i in range(n)]),
                "parent_id": copy.texts([None if p is None else str(p) for p in parents]),
                "path": copy.arrays([paths[i] for i in ids[level].tolist()]),
                "geom": ["SRID=4326;MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"] * n,
                "label": ["SRID=4326;POINT(0 0)"] * n,
                "label_width_m": copy.numbers([1] * n),
                "label_height_m": copy.numbers([1] * n),
                "area_m2": copy.numbers([1] * n),
            },
        )
        subjects = [{"s": int(i), "c": city_id, "b": size} for i in ids[level]]
        connection.execute(text("INSERT INTO tally_subject VALUES (:s, :c, :b)"), subjects)
    return ids


def _path(connection: Connection, area_id: int) -> list[int]:
    return list(connection.execute(text("SELECT path FROM area WHERE area_id = :a"), {"a": area_id}).scalar_one())


def store_tallies(connection: Connection, year: Year, ids: dict[str, Ints]) -> int:
    """The prefix rows of all levels. Returns their number."""
    everything = np.arange(len(year.town))
    one_town = np.flatnonzero(year.town == 0)
    rows = 0
    for held_by, size, chosen in (
        (np.full(len(everything), ids["city"][0]), HOUR_S, everything),
        (ids["town"][year.town], HOUR_S, everything),
        (ids["community"][year.community], DAY_S, everything),
        (ids["cell"][everything % CELLS], DAY_S, one_town),
    ):
        part = Year(*(getattr(year, f)[chosen] for f in Year.__dataclass_fields__))
        deltas, size_of = base_deltas(part, held_by[chosen], size)
        rows += _store_level(connection, deltas, size_of)
    return rows


def _store_level(connection: Connection, deltas: Deltas, bucket_s: Ints) -> int:
    """The prefix rows of one level, a month at a time: of ten million issues all at once would not fit in memory."""
    carried = np.zeros((int(deltas.subject.max()) + 1, len(MEASURES)), dtype=np.int64)
    month = deltas.at // (30 * DAY_S)
    rows = 0
    for each in range(int(month.min()), int(month.max()) + 1):
        chosen = month == each
        if not chosen.any():
            continue
        found = rows_of(deltas.where(chosen), bucket_s[chosen])
        sums = found.sums + carried[found.subject]
        last = np.append(found.subject[1:] != found.subject[:-1], True)
        carried[found.subject[last]] = sums[last]
        rows += copy.copy_columns(
            connection,
            "tally_prefix",
            {
                "subject_id": copy.numbers(found.subject),
                "bucket": copy.numbers(found.bucket),
                **{name: copy.numbers(sums[:, i]) for i, name in enumerate(MEASURES)},
                "detail": copy.Plain(rf"\\x{detail.hex()}" for detail in found.detail),
            },
        )
    return rows


def store_issues(connection: Connection, base: duckdb.DuckDBPyConnection) -> None:
    """The rows that DuckDB holds as a table as lean as a plain GROUP BY could wish: no text, no geometry."""
    connection.execute(
        text(
            "CREATE UNLOGGED TABLE plain (town smallint, notified_at timestamptz, deadline timestamptz,"
            " fed_back_at timestamptz, rectified_at timestamptz)"
        )
    )
    with TemporaryDirectory() as folder:
        file = Path(folder, "plain.csv")
        base.execute(f"COPY plain TO '{file}' (HEADER false)")
        with file.open() as lines:
            connection.connection.cursor().copy_expert("COPY plain FROM STDIN (FORMAT csv)", lines)
