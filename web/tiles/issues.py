"""Issues as vector tiles: points from POINTS_FROM on, below it how many lie in each cell of a grid.

Two namespaces, of which neither varies by person: `staff` shows issues (id, category, mark, area), `public` never more
than counts. What an issue is about is told where it is opened, by number or id. An address holds the tiles' version,
so they are kept for ever; the version moves on when the data or the clock changed a mark, at most every MOVES_ON_S.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from weathermap.issue.spots import RECTIFIED, RUNS, read_spots
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from web.context import Context
from web.tiles import mvt
from web.tiles.spots import Spots, spots

MOVES_ON_S = 30.0
POINTS_FROM = 13
MAX_ZOOM = 16
MARKS = ("open", "today", "ordered", "overdue", "red", "listed", "rectified")  # a later one tells more
OPEN, TODAY, ORDERED, OVERDUE, RED, LISTED, DONE = range(len(MARKS))
KEYS = ("category", "mark", "area")
KEPT_BYTES = 32 * 2**20
MICRO = 1_000_000


@dataclass
class Edition:
    """One version of one set of issues, with the tiles made of it."""

    version: int
    spots: Spots
    stands_on: tuple[int, int]  # last fold, pack version
    until: float  # when the clock changes the next mark, seconds since 1970Z
    made: float  # monotonic
    kept: dict[tuple[int, int, int, bool], bytes] = field(default_factory=dict)
    size: int = 0

    def tile(self, z: int, x: int, y: int, points: bool) -> bytes:
        """A tile; with `points` false counts at any zoom."""
        key = (z, x, y, points)
        found = self.kept.get(key)
        if found is None:
            found = self.spots.tile(z, x, y) if points else self.spots.counts(z, x, y)
            if self.size + len(found) <= KEPT_BYTES:
                self.kept[key] = found
                self.size += len(found)
        return found


class IssueTiles:
    """The editions that a web process holds; each is made again in well under a second for a city of 41,516."""

    def __init__(self, held: Context) -> None:
        self._context = held
        self._editions: dict[tuple[str, bool], Edition] = {}
        self._lock = threading.Lock()

    def edition(self, code: str, rectified: bool, version: int | None = None) -> Edition:
        """What there is, if it is of `version`; else, or without one, the newest. Raises UnknownName."""
        key = (code, rectified)
        held = self._editions.get(key)
        if held is not None and version is not None and version <= held.version:
            return held
        if held is not None and time.monotonic() - held.made < MOVES_ON_S and version is None:
            return held
        if not self._lock.acquire(blocking=held is None):
            return self._editions[key]  # another request makes the next one
        try:
            held = self._editions.get(key)
            if held is None or time.monotonic() - held.made >= MOVES_ON_S:
                self._editions[key] = self._next(key, held)
            return self._editions[key]
        finally:
            self._lock.release()

    def _next(self, key: tuple[str, bool], held: Edition | None) -> Edition:
        code, rectified = key
        with self._context.connect() as connection:
            catalog = self._context.catalog(connection, code)
            fold = connection.execute(
                select(func.max(t.fold_log.c.fold_id)).where(t.fold_log.c.city_id == catalog.city_id)
            ).scalar_one()
            stands_on = (fold or 0, catalog.pack_version)
            if held is not None and held.stands_on == stands_on and time.time() < held.until:
                held.made = time.monotonic()
                return held
            return make_edition(connection, catalog, rectified, stands_on)


def make_edition(
    connection: Connection, catalog: Catalog, rectified: bool, stands_on: tuple[int, int], now: float | None = None
) -> Edition:
    """The tiles' columns of a city as they stand now; `version` is the second they were read in."""
    at = int(time.time() if now is None else now)
    depth = sum(catalog.role(level) is not None for level in catalog.levels)
    rows = read_spots(connection, catalog.city_id, depth, rectified)
    midnight, tomorrow = _day(at, catalog.timezone)
    marks, late = _marks(rows, at, midnight, tomorrow)
    times = np.concatenate([rows["deadline"], rows["red"]])[np.tile(rows["runs"] == RUNS, 2)]
    coming = times[times >= (at + 1) * MICRO]
    until = min(tomorrow, int(coming.min()) // MICRO if len(coming) else tomorrow)
    records, tail = _records(connection, catalog, rows, marks)
    counted = np.column_stack([marks != DONE, late, marks == DONE]).astype(np.int32)
    made = spots("issues", rows["lon"], rows["lat"], records, tail, counted)
    return Edition(at, made, stands_on, until, time.monotonic())


def _day(at: int, zone: str) -> tuple[int, int]:
    """Start of the city's day and of the next one, seconds since 1970Z."""
    here = datetime.fromtimestamp(at, ZoneInfo(zone)).replace(hour=0, minute=0, second=0)
    return int(here.timestamp()), int((here + timedelta(days=1)).timestamp())


def _marks(
    rows: NDArray[np.void], at: int, midnight: int, tomorrow: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The mark of each issue at a second, and whether it is overdue: as the lists judge it (issues_asof.sql)."""
    deadline, past = rows["deadline"], (at + 1) * MICRO
    runs = (rows["runs"] == RUNS) & (deadline > 0)
    late = runs & (deadline < past)
    found = np.full(len(rows), OPEN, dtype=np.uint8)
    found[(deadline >= midnight * MICRO) & (deadline < tomorrow * MICRO)] = TODAY
    found[rows["asked"] > 0] = ORDERED
    found[late] = OVERDUE
    found[late & (rows["red"] > 0) & (rows["red"] < past)] = RED
    found[rows["asked"] > 1] = LISTED
    found[rows["runs"] == RECTIFIED] = DONE
    return found, late


def _records(
    connection: Connection, catalog: Catalog, rows: NDArray[np.void], marks: NDArray[np.uint8]
) -> tuple[mvt.Bytes, bytes]:
    """Each issue as a feature; keys and values for all."""
    c = t.category.c
    named = connection.execute(select(c.category_id, c.code).where(c.city_id == catalog.city_id))
    codes = {row.category_id: row.code for row in named}
    categories, category = np.unique(rows["category_id"], return_inverse=True)
    areas, area = np.unique(rows["area_id"], return_inverse=True)
    values: list[str | int] = [*MARKS, *(codes[int(k)] for k in categories), *(int(k) for k in areas)]
    width = mvt.width_of(len(values))

    def key(number: int) -> mvt.Bytes:
        return np.full((len(rows), 1), number, dtype=np.uint8)

    tags = np.hstack(
        [
            key(0), mvt.padded(category + len(MARKS), width),
            key(1), marks[:, None],
            key(2), mvt.padded(area + len(MARKS) + len(categories), width),
        ]
    )  # fmt: skip
    return mvt.point_records(tags, rows["issue_id"]), mvt.foot(KEYS, values)
