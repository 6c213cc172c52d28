"""Decide once, on entry: where a report lies, who answers for it and until when. Pure, in memory, for whole batches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from weathermap.city.clock import local_days
from weathermap.duty.deadlines import deadlines
from weathermap.duty.routing import NOBODY, Routes
from weathermap.issue.batch import NONE, Reports, Text, Times
from weathermap.issue.book import Book
from weathermap.locate.index import NOWHERE
from weathermap.lookup import looked_up

LOCATED = "located"


@dataclass(frozen=True)
class Decisions:
    """The receipts of a batch: parallel arrays, shape (n,). Rows point into the book's pack; −1 means none."""

    lon: NDArray[np.float64]  # the position used: the report's, else its point's; degrees, EPSG:4326
    lat: NDArray[np.float64]
    position: Text  # located | missing | default | swapped | outside
    area: NDArray[np.int32]  # of the finest level
    overlays: dict[str, NDArray[np.int32]]
    border_m: NDArray[np.float64]
    runner_up: NDArray[np.int32]
    runner_up_m: NDArray[np.float64]
    unit: NDArray[np.int32]
    duty: NDArray[np.int32]
    rule: Text  # duty | given (the source named the unit) | none
    person: NDArray[np.int32]
    runner_up_unit: NDArray[np.int32]
    deadline: Times
    error_m: NDArray[np.float64]
    review: NDArray[np.bool_]  # the position's error could change the responsible unit
    written: Text | None = None  # as in Reports


def decide(reports: Reports, book: Book, notified_at: Times) -> Decisions:
    """Locate, route and date `reports`; `notified_at`: when each is handed to a unit, NONE = as reported.

    Raises UnknownName for a category without a limit while the pack has limits at all.
    """
    if not len(reports):
        return _nothing(tuple(book.overlays))
    pack = book.pack
    point = looked_up(reports.point, lambda code: book.points.get(code, -1)).astype(np.int32)
    kind = np.array([*(point.kind for point in pack.points), ""], dtype=object)[point]
    lon, lat = _positions(reports, book, point)
    area = book.locator.locate(lon, lat)
    near = book.locator.nearness(lon, lat, area, book.router.groups)
    start = np.where(notified_at == NONE, reports.reported_at, notified_at)
    day = local_days(start, pack.config.timezone)
    routes, rule = _route(reports, book, area, kind, day)
    contested = near.runner_up != NOWHERE
    other = np.full(len(reports), NOBODY, dtype=np.int32)
    if contested.any():
        rows = reports.take(contested)
        other[contested] = _route(rows, book, near.runner_up[contested], kind[contested], day[contested])[0].unit
    errors = np.array([source.error_m for source in pack.sources], dtype=np.float64)
    setting = errors[looked_up(reports.source, book.sources.__getitem__)]
    error_m = np.where(np.isnan(reports.error_m), setting, reports.error_m)
    return Decisions(
        lon=lon,
        lat=lat,
        position=_position_words(reports, lon, area),
        area=area,
        overlays={level: locator.locate(lon, lat) for level, locator in book.overlays.items()},
        border_m=near.border_m,
        runner_up=near.runner_up,
        runner_up_m=near.runner_up_m,
        unit=routes.unit,
        duty=routes.duty,
        rule=rule,
        person=people_of(book, routes),
        runner_up_unit=other,
        deadline=_deadlines(reports, book, start),
        error_m=error_m,
        review=contested & (error_m >= near.runner_up_m) & (other != routes.unit),
        written=reports.written,
    )


@cache
def _nothing(overlays: tuple[str, ...]) -> Decisions:
    """For a batch of moves alone."""
    real, row, text = np.array([], np.float64), np.array([], np.int32), np.array([], object)
    yes = np.array([], bool)
    return Decisions(
        lon=real,
        lat=real,
        position=text,
        area=row,
        overlays=dict.fromkeys(overlays, row),
        border_m=real,
        runner_up=row,
        runner_up_m=real,
        unit=row,
        duty=row,
        rule=text,
        person=row,
        runner_up_unit=row,
        deadline=np.array([], np.int64),
        error_m=real,
        review=yes,
    )


def _positions(
    reports: Reports, book: Book, point: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The report's own position, else that of the declared point it names; NaN where it cannot be used."""
    lon, lat = reports.lon.copy(), reports.lat.copy()
    unusable = looked_up(reports.flag, lambda flag: flag in ("missing", "default", "swapped")).astype(bool)
    lon[unusable], lat[unusable] = np.nan, np.nan
    for i in np.flatnonzero((point >= 0) & ~(np.isfinite(lon) & np.isfinite(lat))).tolist():
        lon[i], lat[i] = book.pack.points[point[i]].lon, book.pack.points[point[i]].lat
    return lon, lat


def _position_words(reports: Reports, lon: NDArray[np.float64], area: NDArray[np.int32]) -> Text:
    words = np.full(len(reports), LOCATED, dtype=object)
    words[area == NOWHERE] = "outside"
    words[np.isnan(lon)] = "missing"
    for flag in ("default", "swapped"):
        words[(reports.flag == flag) & np.isnan(lon)] = flag
    return words


def _route(
    reports: Reports, book: Book, area: NDArray[np.int32], kind: Text, day: NDArray[np.int64]
) -> tuple[Routes, Text]:
    routes = book.router.route(reports.category, area, kind, reports.source, day)
    given = looked_up(reports.unit, lambda code: book.units.get(code, NOBODY)).astype(np.int32)
    unit = np.where(given != NOBODY, given, routes.unit)
    duty = np.where(given != NOBODY, NOBODY, routes.duty)
    rule = np.where(given != NOBODY, "given", np.where(unit != NOBODY, "duty", "none")).astype(object)
    return Routes(duty.astype(np.int32), unit.astype(np.int32)), rule


def people_of(book: Book, routes: Routes) -> NDArray[np.int32]:
    """The duty's person, else the unit's head."""
    named = np.array([book.people.get(duty.person, NOBODY) for duty in book.pack.duties] + [NOBODY], dtype=np.int32)
    heads = np.append(book.heads, NOBODY)
    own = named[routes.duty]
    return np.where(own != NOBODY, own, heads[routes.unit]).astype(np.int32)


def _deadlines(reports: Reports, book: Book, start: Times) -> Times:
    own = reports.deadline
    if not book.pack.limits:
        return own
    found = own.copy()
    missing = own == NONE
    found[missing] = deadlines(book.calendar, book.limits, reports.category[missing], start[missing])
    return found
