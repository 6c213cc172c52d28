"""The board narrowed to a category, a special work, a source, a unit or a state: every number counts its list.

Tallies know no such cross: here each number is how many issues `GET /api/v1/issues` lists with the same filter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, text

from weathermap.errors import UnknownName
from weathermap.issue.listing import STATES, Filter, chosen_issues
from weathermap.issue.moved import MOVED
from weathermap.store.catalog import Catalog, Place
from weathermap.store.sql import source_of
from weathermap.weather.board import Asked, parent_of, period_start, place_head, share, subjects, version_of

COUNTED = (
    "notified",
    "rectified",
    "open",
    "overdue",
    "due",
    "on_time",
    "late",
    "long_overdue",
    "red_overdue",
    "suspended",
    "extended",
    "ordered",
    "listed",
)
CHOSEN = tuple(state for state in STATES if state not in MOVED and state != "ahead")  # what a report may count


@dataclass(frozen=True)
class Narrowed:
    """What a report is narrowed to; None = any. `unit`: a unit's code. `state`: count these issues alone."""

    category: str | None = None
    special: str | None = None
    source: str | None = None
    unit: str | None = None
    state: str | None = None

    def __bool__(self) -> bool:
        return any((self.category, self.special, self.source, self.unit, self.state))


def filtered_board(connection: Connection, catalog: Catalog, asked: Asked, narrowed: Narrowed) -> dict[str, Any]:
    """As `board` answers, without weather. Raises UnknownName; also for a day that was seen in earlier borders."""
    version = version_of(catalog, asked.at, asked.known)
    if catalog.earlier_borders(version):
        raise UnknownName(
            "That instant lies in earlier borders, by which lists are not counted area by area.",
            "Ask with as=known (today's borders), or without the filter.",
        )
    if narrowed.state and narrowed.state not in CHOSEN:
        raise UnknownName(f"state={narrowed.state!r} is no state of a report.", f"States: {', '.join(CHOSEN)}.")
    places = subjects(catalog, version, asked)
    whole = parent_of(catalog, version, asked)
    since = asked.since or period_start(catalog)
    chosen = Filter(
        city_id=catalog.city_id,
        state=None,
        at=asked.at,
        since=since,
        unit_id=catalog.place(version, "unit", narrowed.unit).id if narrowed.unit else None,
        category=narrowed.category,
        special=narrowed.special,
        source=narrowed.source,
        looked=not asked.known and catalog.shown_at(asked.at),
    )
    states = (narrowed.state,) if narrowed.state else COUNTED
    counts = {state: _counts(connection, replace(chosen, state=state)) for state in states}
    areas = [_row(place, code, counts) for place, code in places]
    totals = _row(whole, whole.code, counts)
    if whole.level == catalog.levels[0]:
        totals |= _numbers({state: found["all", 0] for state, found in counts.items()})
    return {"version": version, "since": since, "totals": totals | {"sentence": {"zh": "", "en": ""}}, "areas": areas}


def _counts(connection: Connection, chosen: Filter) -> Mapping[tuple[str, int], int]:
    statement = text(f"{chosen_issues()} {source_of('issues_by_place')}")
    rows = connection.execute(statement, chosen.parameters())
    return defaultdict(int, {(row.kind, row.id): row.n for row in rows})


def _row(place: Place, code: str, counts: Mapping[str, Mapping[tuple[str, int], int]]) -> dict[str, Any]:
    kind = "unit" if place.level == "unit" else "area"
    row: dict[str, Any] = {
        **place_head(place, code),
        "weather": None,
        "why": None,
        "badges": [],
    }
    if kind == "unit":
        row |= {"unit": place.code, "kind": place.kind}
    return row | _numbers({state: found[kind, place.id] for state, found in counts.items()})


def _numbers(counts: Mapping[str, int]) -> dict[str, Any]:
    if "notified" not in counts or "due" not in counts:
        return dict(counts)
    return {
        **counts,
        "rectification_rate": share(counts["rectified"], counts["notified"]),
        "on_time_rate": share(counts["on_time"], counts["due"]),
    }
