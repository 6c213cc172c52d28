"""After borders or duties changed: open issues go to whom they name now, by an appended event, all in one transaction.

Past windows keep who held what then. Open stock moves at the instant of the event; `due` stays with who holds an issue
at its deadline, and no deadline is set anew. What has been fed back stays with who fed it back until the check.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, select, text

from weathermap.city.clock import local_days
from weathermap.duty.routing import NOBODY, Routes
from weathermap.errors import StoreError
from weathermap.issue.decide import people_of
from weathermap.issue.plan import TO_JSON
from weathermap.issue.track import SECOND_US
from weathermap.progress import step
from weathermap.store import copy
from weathermap.store import tables as t
from weathermap.store.packs import have_pack_alone
from weathermap.store.registry import City, open_city
from weathermap.store.sql import query
from weathermap.tally.post import log_fold

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Moves:
    """What re-routing does, or would do."""

    city: City
    level: str  # of the areas in `rows`
    rows: Sequence[Row[Any]]  # reassign_moves.sql
    moved: int  # open issues that go to another unit
    unanswered: int  # open issues that no duty names anybody for: they stay where they are


def reassign(connection: Connection, code: str | None, level: str | None = None, dry_run: bool = False) -> Moves:
    """Re-route the open issues of a city by its newest pack. Running it again changes nothing.

    With `dry_run` only what it would do; nothing is written. The caller owns the transaction. Raises UnknownName for
    the city or level, StoreError when an issue changed meanwhile.
    """
    city = open_city(connection, code)
    if not dry_run:
        have_pack_alone(connection, city.city_id)
        city = open_city(connection, city.code)
    shown = _level(city, level)
    with step(f"routing the open issues of {city.pack.config.name}"):
        moved, unanswered = _find(connection, city)
    rows = _where_to(connection, city, shown)
    if not dry_run:
        with step(f"handing over {moved:,} issues"):
            _apply(connection, city, moved)
    connection.execute(text("DROP TABLE moving"))
    return Moves(city, shown, rows, moved, unanswered)


def trial(connection: Connection, city: City, day: date) -> tuple[int, int, Sequence[Row[Any]]]:
    """(issues that would go to another unit, that no duty names anybody for, the duties that would do it).

    By the duties of `day`; nothing is written. `city` may hold a pack that is not loaded.
    """
    moved, unanswered = _find(connection, city, day)
    rules = connection.execute(query("reassign_rules")).all()
    connection.execute(text("DROP TABLE moving"))
    return moved, unanswered, rules


def _level(city: City, level: str | None) -> str:
    """The level asked for; else the finest of those that people speak of."""
    levels = city.pack.config.levels
    if level is not None and level not in levels:
        from weathermap.errors import UnknownName

        raise UnknownName(f"{city.pack.config.name} has no level {level!r}.", f"Levels: {', '.join(levels)}.")
    return level or levels[min(2, len(levels) - 1)]


def _find(connection: Connection, city: City, day: date | None = None) -> tuple[int, int]:
    """Fill the temporary table `moving` with the issues that go to another unit."""
    connection.execute(
        text(
            "CREATE TEMP TABLE moving (issue_id bigint PRIMARY KEY, seq int, at timestamptz, old_unit int,"
            " new_unit int, person_id int, data text) ON COMMIT DROP"
        )
    )
    rows = connection.execute(query("reassign_issues"), {"city_id": city.city_id}).all()
    if not rows:
        return 0, 0
    names = [str(name) for name in rows[0]._mapping]
    columns = dict(zip(names, (np.array(column) for column in zip(*rows, strict=True)), strict=True))
    routes = _routes(connection, city, columns, day)
    unit_ids = np.append(city.unit_ids, 0)
    kept = np.isin(columns["unit_id"], city.unit_ids) & columns["given"]
    goes = np.flatnonzero((routes.unit != NOBODY) & ~kept & (unit_ids[routes.unit] != columns["unit_id"]))
    if len(goes):
        _stage(connection, city, {name: column[goes] for name, column in columns.items()}, _take(routes, goes))
        connection.execute(text("ANALYZE moving"))
    return len(goes), int((routes.unit == NOBODY).sum())


def _routes(connection: Connection, city: City, columns: Mapping[str, NDArray[Any]], day: date | None) -> Routes:
    """By the duties of today: one whose time is over has handed on what was open."""
    finest = city.area_ids[city.pack.config.levels[-1]]
    order = np.argsort(finest)
    place = np.minimum(np.searchsorted(finest[order], columns["area_id"]), len(finest) - 1)
    area = np.where(finest[order[place]] == columns["area_id"], order[place], -1).astype(np.int32)
    today = local_days(np.array([time.time_ns() // 1_000]), city.pack.config.timezone)
    today = today if day is None else np.array([day.toordinal()])
    return city.book.router.route(
        _codes(connection, t.category, "category_id", city.city_id, columns["category_id"]),
        area,
        columns["point_kind"].astype(object),
        _codes(connection, t.source, "source_id", city.city_id, columns["source_id"]),
        np.repeat(today, len(area)),
    )


def _codes(connection: Connection, table: Any, key: str, city_id: int, ids: Ints) -> NDArray[np.object_]:
    """The code of each id; '' for 0. Also of what the pack no longer names."""
    rows = connection.execute(select(table.c[key], table.c.code).where(table.c.city_id == city_id))
    codes = {0: "", **{row[0]: row[1] for row in rows}}
    return np.array([codes[i] for i in ids.tolist()], dtype=object)


def _take(routes: Routes, chosen: NDArray[np.intp]) -> Routes:
    return Routes(routes.duty[chosen], routes.unit[chosen])


def _stage(connection: Connection, city: City, columns: Mapping[str, NDArray[Any]], routes: Routes) -> None:
    now = time.time_ns() // 1_000_000 * 1_000
    before = _codes(connection, t.unit, "unit_id", city.city_id, columns["unit_id"]).tolist()
    texts: dict[tuple[bool, str, int, int], str] = {}
    data = []
    for case in zip(columns["held"].tolist(), before, routes.duty.tolist(), routes.unit.tolist(), strict=True):
        if case not in texts:
            held, old, duty, unit = case
            # before an issue is handed over it is nobody's: the event says whose it will be
            texts[case] = TO_JSON(
                {
                    "unit" if held else "route": city.pack.units[unit].code,
                    "from": old or None,
                    "duty": city.pack.duties[duty].code,
                }
            )
        data.append(texts[case])
    copy.copy_columns(
        connection,
        "moving",
        {
            "issue_id": copy.numbers(columns["issue_id"]),
            "seq": copy.numbers(columns["seq"]),
            # in a second of its own, so that every instant has one holder
            "at": copy.instants(np.maximum(now, (columns["last_us"] // SECOND_US + 1) * SECOND_US)),
            "old_unit": copy.optional(columns["unit_id"], 0),
            "new_unit": copy.numbers(city.unit_ids[routes.unit]),
            "person_id": copy.optional(np.append(city.person_ids, 0)[people_of(city.book, routes)], 0),
            "data": copy.texts(data),
        },
    )


def _where_to(connection: Connection, city: City, level: str) -> Sequence[Row[Any]]:
    p = t.pack_version.c
    settled = connection.execute(
        select(p.boundary_version)
        .where(p.city_id == city.city_id, p.reassigned_at.is_not(None))
        .order_by(p.pack_version.desc())
        .limit(1)
    ).scalar_one_or_none()
    asked = {
        "city_id": city.city_id,
        "settled": settled or 1,
        "version": city.version,
        "level": level,
        "finest": city.pack.config.levels[-1],
    }
    return connection.execute(query("reassign_moves"), asked).all()


def _apply(connection: Connection, city: City, moved: int) -> None:
    if moved:
        connection.execute(query("reassign_tally"), {"city_id": city.city_id})
        if connection.execute(query("reassign_apply")).rowcount != moved:
            raise StoreError("An issue was changed by someone else meanwhile.", "Nothing was stored; try again.")
        log_fold(connection, city.city_id, [])
    p = t.pack_version
    mine = p.c.city_id == city.city_id, p.c.pack_version == city.pack_version
    connection.execute(p.update().where(*mine).values(reassigned_at=text("clock_timestamp()")))
