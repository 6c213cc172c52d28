"""Ranking units by their on-time rate, each among its own kind. Outcomes of units are ranked, never people.

Equal rates share a place and the next place counts them all (competition ranking: 1 2 2 4). Who had fewer due than
the sample is named beside the ranking without a place; who had none is only counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from weathermap.store.catalog import Catalog, Place
from weathermap.tally.measures import M
from weathermap.tally.read import read_sums


@dataclass(frozen=True)
class Outcome:
    """What a unit made of what fell due in a month."""

    due: int
    on_time: int

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.on_time, self.due) if self.due > 0 else None

    def as_row(self) -> dict[str, Any]:
        return {"due": self.due, "on_time": self.on_time, "rate": None if self.rate is None else float(self.rate)}


def ranking(connection: Connection, catalog: Catalog, at: datetime) -> dict[str, Any]:
    """This month up to `at`, and the whole month before, kind by kind in the order in which the pack names them."""
    this, last = month_start(at, catalog.timezone), month_start(at, catalog.timezone, back=1)
    sample = int(catalog.thresholds["sample"])
    ids = [unit.id for unit in catalog.units]
    seconds = [int(last.timestamp()) - 1, int(this.timestamp()) - 1, int(at.timestamp())]
    sums = read_sums(connection, catalog.city_id, ids, seconds)
    grown = sums[:, 1:] - sums[:, :-1]
    made = [[Outcome(int(month[M["due"]]), int(month[M["on_time"]])) for month in of_unit] for of_unit in grown]
    found = [(unit, months[1], months[0]) for unit, months in zip(catalog.units, made, strict=True)]
    kinds = list(dict.fromkeys(unit.kind for unit in catalog.units))
    return {
        "from": this,
        "last_from": last,
        "last_to": this - timedelta(seconds=1),
        "sample": sample,
        "kinds": [_kind(kind, [entry for entry in found if entry[0].kind == kind], sample) for kind in kinds],
    }


def month_start(at: datetime, timezone: str, back: int = 0) -> datetime:
    """00:00 of the first of the city-local month of `at`, or of `back` months before."""
    local = at.astimezone(ZoneInfo(timezone))
    months = local.year * 12 + local.month - 1 - back
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=ZoneInfo(timezone))


def places_of(rates: Sequence[Fraction]) -> list[int]:
    """Competition ranking: one more than the number of better ones."""
    return [1 + sum(other > rate for other in rates) for rate in rates]


def _kind(kind: str, found: list[tuple[Place, Outcome, Outcome]], sample: int) -> dict[str, Any]:
    judged = [(unit, now, before) for unit, now, before in found if now.due >= sample]
    places = places_of([now.rate or Fraction(0) for _, now, _ in judged])
    ranked = sorted(zip(places, judged, strict=True), key=lambda entry: (entry[0], entry[1][0].code))
    small = [(unit, now, before) for unit, now, before in found if 0 < now.due < sample]
    return {
        "kind": kind,
        "ranked": [{"place": place, **_row(*entry, sample)} for place, entry in ranked],
        "small": [_row(*entry, sample) for entry in small],
        "without_due": sum(now.due <= 0 for _, now, _ in found),
    }


def _row(unit: Place, now: Outcome, before: Outcome, sample: int) -> dict[str, Any]:
    """`last`: None where last month gave too few to judge."""
    named = {"unit": unit.code, "name": unit.name, "name_en": unit.name_en, "area": unit.area or None}
    return {**named, **now.as_row(), "last": before.as_row() if before.due >= sample else None}
