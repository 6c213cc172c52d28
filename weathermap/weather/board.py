"""The weather of many places at an instant, from tallies: what the wall, the lists and the reports all show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.errors import UnknownName
from weathermap.issue.orders import supervised
from weathermap.store.catalog import Catalog, Place
from weathermap.tally.late import late_sums
from weathermap.tally.measures import M
from weathermap.tally.read import read_sums
from weathermap.weather.headline import headline
from weathermap.weather.reason import explain
from weathermap.weather.rule import HOLD_S, LOOKBACKS, judge, overdue_of

SHOWN = ("notified", "rectified", "due", "on_time", "late", "failed", "reopened", "visits")  # flows in the window
STOCKS = ("long_overdue", "red_overdue", "suspended", "extended", "declared", "covered")  # as they stand at `at`
Sums = NDArray[np.int64]
RowOf = Callable[[Catalog, Place, Sums, str, Mapping[int, tuple[int, int]]], dict[str, Any]]


@dataclass(frozen=True)
class Asked:
    """A question to the board. `since`: start of the window, None = the city's reporting period.

    `known`: the numbers, borders and thresholds of today; else what was known then, judged as it was then.
    """

    level: str
    parent: str | None
    by: str  # place | responsibility
    at: datetime
    since: datetime | None
    known: bool = False


def board(connection: Connection, catalog: Catalog, asked: Asked, row: RowOf | None = None) -> dict[str, Any]:
    """Totals and areas as `GET /api/v1/weather` gives them. Raises UnknownName.

    `row`: makes each place's row in the stead of `area_row`, for who asks again and again.
    """
    row = row or area_row
    version = version_of(catalog, asked.at, asked.known)
    if not asked.known:
        catalog = catalog.under(catalog.pack_at(asked.at))
    places = subjects(catalog, version, asked)
    whole = parent_of(catalog, version, asked)
    since = asked.since or period_start(catalog)
    with_weather = catalog.role(asked.level) is not None or asked.by == "responsibility"
    seconds = instants(asked.at, since, with_weather)
    extra = unlocated_parts(catalog, version, asked)
    ids = [whole.id, *(place.id for place, _ in places), *(place.id for place in extra)]
    sums = sums_at(connection, catalog, ids, seconds, asked.known)
    if not with_weather:  # counts only for the places; the whole still wears its weather
        whole_sums = sums_at(connection, catalog, [whole.id], instants(asked.at, since, True), asked.known)[0]
    else:
        whole_sums = sums[0]
    asked_for = _asked_for(connection, catalog, asked.at, version, asked.known)
    areas = [row(catalog, place, sums[i], code, asked_for) for i, (place, code) in enumerate(places, start=1)]
    totals = dict(row(catalog, whole, whole_sums, whole.code, asked_for))
    if extra:
        totals["unlocated"] = totals["notified"] - sum(
            int(flow(part, M["notified"])) for part in sums[1 + len(places) :]
        )
    totals["sentence"] = headline(totals, areas, catalog.levels[0] == whole.level)
    return {"version": version, "since": since, "totals": totals, "areas": areas}


def version_of(catalog: Catalog, at: datetime, known: bool) -> int:
    """The boundary version that an instant is shown in: that of the day or, as known today, the newest."""
    return catalog.versions[-1][0] if known else catalog.version_at(at)


def sums_at(connection: Connection, catalog: Catalog, ids: Sequence[int], seconds: list[int], known: bool) -> Sums:
    """Sums of distinct subjects at `seconds`, the first of which is the instant of the view."""
    sums = read_sums(connection, catalog.city_id, ids, seconds)
    if known:
        return sums
    late = late_sums(connection, catalog.city_id, catalog.live_since, ids, seconds[:1], np.array([seconds]))
    return sums if late is None else sums - late[:, 0]


def board_row(
    connection: Connection, catalog: Catalog, place: Place, by: str, at: datetime, known: bool = False
) -> dict[str, Any]:
    """One place alone. By responsibility an area shows the numbers of the unit that governs it. Raises UnknownName."""
    subject = governing_unit(catalog, place) if by == "responsibility" and place.level != "unit" else place
    with_weather = catalog.role(subject.level) is not None
    if not known:
        catalog = catalog.under(catalog.pack_at(at))
    sums = sums_at(connection, catalog, [subject.id], instants(at, period_start(catalog), with_weather), known)
    asked_for = _asked_for(connection, catalog, at, version_of(catalog, at, known), known)
    return area_row(catalog, subject, sums[0], place.code, asked_for)


def governing_unit(catalog: Catalog, place: Place) -> Place:
    """The unit that governs an area. Raises UnknownName."""
    found = next((unit for unit in catalog.units if unit.area == place.code), None)
    if found is None:
        raise UnknownName(f"No unit governs {place.name}.", "Ask with by=place.")
    return found


def _asked_for(
    connection: Connection, catalog: Catalog, at: datetime, version: int, known: bool
) -> dict[int, tuple[int, int]]:
    looked = not known and catalog.shown_at(at)
    return supervised(connection, catalog.city_id, at, looked, catalog.earlier_borders(version))


def subjects(catalog: Catalog, version: int, asked: Asked) -> list[tuple[Place, str]]:
    """The places asked for, each with the code under which it is shown."""
    if asked.by not in ("place", "responsibility"):
        raise UnknownName(f"by={asked.by!r} is not known.", "Use by=place or by=responsibility.")
    if asked.by == "responsibility" and asked.level == "unit":
        return [(unit, unit.code) for unit in catalog.units]
    catalog.check_level(asked.level)
    areas = catalog.areas.get((version, asked.level), ())
    if asked.parent:
        whole = parent_of(catalog, version, asked)
        areas = tuple(area for area in areas if whole.id in area.path)
    if asked.by == "place":
        return [(area, area.code) for area in areas]
    governing = {unit.area: unit for unit in catalog.units if unit.area}
    return [(governing[area.code], area.code) for area in areas if area.code in governing]


def parent_of(catalog: Catalog, version: int, asked: Asked) -> Place:
    """The place whose numbers are the totals: the parent asked for, else the city."""
    if not asked.parent:
        return catalog.areas[version, catalog.levels[0]][0]
    coarser = catalog.levels[: catalog.levels.index(asked.level)] if asked.level in catalog.levels else catalog.levels
    for level in reversed(coarser):
        found = catalog.by_code.get((version, level, asked.parent))
        if found is not None:
            return found
    raise UnknownName(
        f"{catalog.name} has no area {asked.parent!r} above level {asked.level!r}.", "See /api/v1/areas for the codes."
    )


def period_start(catalog: Catalog) -> datetime | None:
    """Start of the reporting period: the pack's, else the demo's first day, else the beginning of all."""
    if catalog.demo:
        return datetime.fromisoformat(catalog.demo["from"])
    return catalog.period_start


def place_head(place: Place, code: str) -> dict[str, Any]:
    """What a row says of its place before it counts."""
    return {
        "id": place.id,
        "code": code,
        "name": place.name,
        "name_en": place.name_en,
        "level": place.level,
        "parent": place.parent or None,
    }


def area_row(
    catalog: Catalog, place: Place, sums: Sums, code: str, asked_for: Mapping[int, tuple[int, int]]
) -> dict[str, Any]:
    """One place as the API gives it; `sums`: shape (instants, measures), the window's start last.

    `asked_for`: open issues under order and publicly listed, by subject; see `supervised`.
    """
    now = sums[0]
    ordered, listed = asked_for.get(place.id, (0, 0))
    counts = {name: int(flow(sums, M[name])) for name in SHOWN} | {name: int(now[M[name]]) for name in STOCKS}
    row: dict[str, Any] = {
        **place_head(place, code),
        **counts,
        "open": int(now[M["notified"]] - now[M["rectified"]]),
        "overdue": int(overdue_of(now.tolist())),
        "ordered": ordered,
        "listed": listed,
        "rectification_rate": share(counts["rectified"], counts["notified"]),
        "on_time_rate": share(counts["on_time"], counts["due"]),
        "weather": None,
        "why": None,
        "badges": [],
    }
    if place.level == "unit":
        row |= {"unit": place.code, "kind": place.kind}
    role = catalog.role(place.level)
    if role is not None and len(sums) > 2:
        row |= weather_of(catalog, sums, role, place.level != "unit")
        if listed and "thunder" not in row["badges"]:  # a public listing makes thunder, worn as a badge
            row["badges"].insert(0, "thunder")
    elif row["long_overdue"]:
        row["badges"] = ["long_overdue"]
    return row


def weather_of(catalog: Catalog, sums: Sums, role: str, covers: bool) -> dict[str, Any]:
    """Weather, why and badges from the sums at LOOKBACKS, then the same two hours before."""
    k = len(LOOKBACKS)
    listed = sums.tolist()
    verdict = judge(listed[:k], listed[k : 2 * k], catalog.thresholds, role, catalog.coverage and covers)
    now = listed[0]
    coverage = verdict.of("coverage")
    nothing = now[M["notified"]] == 0 and (coverage is None or coverage.weather is None)
    badges = [
        name
        for name, shown in (
            ("thunder", now[M["red_overdue"]] > 0),
            ("long_overdue", now[M["long_overdue"]] > 0),
            ("small_sample", verdict.small_sample and not nothing),
            ("unvisited_part", coverage is not None and coverage.weather == "cloudy"),
        )
        if shown
    ]
    if nothing:
        return {"weather": None, "why": None, "badges": badges}
    return {"weather": verdict.weather, "why": explain(verdict, catalog.thresholds, role), "badges": badges}


def flow(sums: Sums, measure: int) -> int:
    """What a measure grew by in the window: sums at `at` minus sums just before its start (the last row)."""
    return int(sums[0, measure] - sums[-1, measure])


def share(part: int, whole: int) -> float | None:
    """part ÷ whole, None for nothing."""
    return None if whole <= 0 else part / whole


def instants(at: datetime, since: datetime | None, with_weather: bool) -> list[int]:
    """The seconds whose sums are needed: now first, the end of the second before the window last."""
    now = int(at.timestamp())
    start = int(since.timestamp()) - 1 if since else -(2**40)
    if not with_weather:
        return [now, start]
    return [now - hold - back for hold in (0, HOLD_S) for back in LOOKBACKS] + [start]


def unlocated_parts(catalog: Catalog, version: int, asked: Asked) -> Sequence[Place]:
    """The parts of the whole city, when the whole city is asked for: what they lack is unlocated."""
    if asked.parent or asked.by != "place" or len(catalog.levels) < 2:
        return ()
    return catalog.areas.get((version, catalog.levels[1]), ())
