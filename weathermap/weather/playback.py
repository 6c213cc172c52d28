"""Days replayed: the weather and the numbers of many places at many instants, as columns, for one map to wear in turn.

Every frame equals `board` at its instant, as it looked or as it is known today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.errors import TooMuch
from weathermap.store.catalog import Catalog, Place
from weathermap.tally.late import late_sums
from weathermap.tally.measures import M
from weathermap.tally.series import read_series
from weathermap.weather.board import Asked, instants, parent_of, period_start, subjects, unlocated_parts, version_of
from weathermap.weather.headline import headline
from weathermap.weather.listed import listed_at
from weathermap.weather.rule import LOOKBACKS
from weathermap.weather.skies import CODES, NONE, skies

MOST_STEPS = 750
MOST_FRAMES = 120_000  # areas × steps with weather
MOST_COUNTS = 600_000  # areas × steps of counts alone
LETTERS = "scoru"  # of CODES; '-': no weather
FLOWS = ("notified", "rectified", "due", "on_time")
STOCKS = ("long_overdue", "red_overdue", "suspended", "extended")
Sums = NDArray[np.int64]  # (places, steps, instants, measures)


@dataclass(frozen=True)
class Film:
    """What is replayed; as `Asked`, at several instants in ascending order."""

    level: str
    parent: str | None
    by: str
    steps: tuple[datetime, ...]
    since: datetime | None
    known: bool = False

    def asked(self, at: datetime) -> Asked:
        """The question to the board at one step."""
        return Asked(self.level, self.parent, self.by, at, self.since, self.known)


def playback(connection: Connection, catalog: Catalog, film: Film) -> dict[str, Any]:
    """The frames in parts: a part ends where the borders or the rules change. Raises UnknownName, TooMuch."""
    if len(film.steps) > MOST_STEPS:
        raise TooMuch(
            f"{len(film.steps):,} steps are more than the {MOST_STEPS} that are replayed at once.",
            "Ask for fewer days, or step=day instead of step=hour.",
        )

    def rules(at: datetime) -> tuple[int, int]:
        pack = catalog.pack_version if film.known else catalog.pack_at(at)
        return version_of(catalog, at, film.known), pack

    return {
        "parts": [
            _part(connection, catalog.under(pack), version, film, tuple(steps))
            for (version, pack), steps in groupby(film.steps, rules)
        ]
    }


def _part(
    connection: Connection, catalog: Catalog, version: int, film: Film, steps: tuple[datetime, ...]
) -> dict[str, Any]:
    asked = film.asked(steps[0])
    places = subjects(catalog, version, asked)
    whole = parent_of(catalog, version, asked)
    weather = catalog.role(film.level) is not None or film.by == "responsibility"
    _check_size(len(places), len(film.steps), weather)
    ids = [place.id for place, _ in places]
    others = [whole.id, *(place.id for place in unlocated_parts(catalog, version, asked))]
    if weather:
        sums = _sums(connection, catalog, [*others, *ids], film, steps, True)
        around, areas = sums[: len(others)], sums[len(others) :]
    else:
        around = _sums(connection, catalog, others, film, steps, True)
        areas = _sums(connection, catalog, ids, film, steps, False)
    listed = listed_at(connection, catalog, version, steps, film.known)
    found: dict[str, Any] = {
        "boundary_version": version,
        "pack_version": catalog.pack_version,
        "steps": len(steps),
        "totals": _columns(catalog, [(whole, whole.code)], around[:1], listed, True, "all"),
        "areas": _columns(catalog, places, areas, listed, weather, "some"),
    }
    totals = found["totals"]
    if len(others) > 1:
        parts = _flow(around[1:], M["notified"]).sum(axis=0)
        totals["unlocated"] = [(np.array(totals["notified"][0]) - parts).tolist()]
    totals["sentence"] = _sentences(catalog, whole, places, found)
    return found


def _check_size(places: int, steps: int, weather: bool) -> None:
    most = MOST_FRAMES if weather else MOST_COUNTS
    if places * steps > most:
        raise TooMuch(
            f"{places:,} areas × {steps:,} steps are more than the {most:,} that are replayed at once.",
            f"Ask for at most {max(most // places, 1):,} steps, or for the areas inside one parent=.",
        )


def _sums(
    connection: Connection, catalog: Catalog, ids: list[int], film: Film, steps: tuple[datetime, ...], weather: bool
) -> Sums:
    """Sums of each place at each step, at the instants that the board needs (counts alone: at the step), as they were
    known at the step unless as known today is asked."""
    since = film.since or period_start(catalog)
    wanted = np.array([instants(at, since, weather)[: None if weather else 1] for at in steps], dtype=np.int64)
    seconds, place = np.unique(wanted, return_inverse=True)
    distinct, rank = np.unique(np.array(ids, dtype=np.int64), return_inverse=True)
    sums = read_series(connection, catalog.city_id, distinct.tolist(), seconds.tolist())
    found = sums[:, place.reshape(wanted.shape)]
    if not film.known:
        views = [int(at.timestamp()) for at in steps]
        late = late_sums(connection, catalog.city_id, catalog.live_since, distinct.tolist(), views, wanted)
        if late is not None:
            found = found - late
    chosen: Sums = found[rank] if len(rank) else found
    return chosen


def _flow(sums: Sums, measure: int) -> Sums:
    """What a measure grew by in the window, shape (places, steps)."""
    return np.asarray(sums[:, :, 0, measure] - sums[:, :, -1, measure])


def _columns(
    catalog: Catalog,
    places: list[tuple[Place, str]],
    sums: Sums,
    listed: dict[int, NDArray[np.bool_]],
    weather: bool,
    which: str,
) -> dict[str, Any]:
    """One list a column, one entry a place; of a number one value a step, of the weather one letter a step."""
    now = sums[:, :, 0]
    numbers = {
        "open": now[..., M["notified"]] - now[..., M["rectified"]],
        "overdue": now[..., M["due"]] - now[..., M["on_time"]] - now[..., M["late"]],
    }
    if weather:
        numbers |= {name: _flow(sums, M[name]) for name in FLOWS}
        numbers |= {name: now[..., M[name]] for name in (STOCKS if which == "all" else STOCKS[:1])}
    shown = list(range(len(places)))
    if not weather:  # most cells have nothing open in all the time: left out
        shown = np.flatnonzero((numbers["open"] != 0).any(axis=1) | (numbers["overdue"] != 0).any(axis=1)).tolist()
    kept = [places[i] for i in shown]
    found: dict[str, Any] = {
        "id": [place.id for place, _ in kept],
        "code": [code for _, code in kept],
        **({"unit": [place.code for place, _ in kept]} if kept and kept[0][0].level == "unit" else {}),
        **{name: values[shown].tolist() for name, values in numbers.items()},
    }
    if weather and len(places):
        role = catalog.role(places[0][0].level) or "town"
        k = len(LOOKBACKS)
        covered = catalog.coverage and places[0][0].level != "unit"
        sky = skies(sums[:, :, :k], sums[:, :, k : 2 * k], catalog.thresholds, role, covered)
        letters = np.array([*LETTERS, "-"])
        found["weather"] = ["".join(row) for row in letters[np.where(sky == NONE, len(CODES), sky)]]
        thunder = (now[..., M["red_overdue"]] > 0).astype(int)
        for i, (place, _) in enumerate(places):
            if place.id in listed:
                thunder[i] += 2 * listed[place.id]
        found["thunder"] = ["".join(row) for row in np.array([*"0123"])[thunder]]
    return found


def _sentences(
    catalog: Catalog, whole: Place, places: list[tuple[Place, str]], part: dict[str, Any]
) -> dict[str, list[str]]:
    """The headline of every step, in both languages. `thunder` is 0 none, 1 red line overdue, 2 listed, 3 both."""
    totals, areas = part["totals"], part["areas"]
    sky = dict(zip(LETTERS, CODES, strict=True))
    rows = list(enumerate(places)) if "weather" in areas else []
    found: dict[str, list[str]] = {"zh": [], "en": []}
    for step in range(part["steps"]):
        told = [
            {
                "name": place.name,
                "name_en": place.name_en,
                "code": code,
                "weather": sky.get(areas["weather"][i][step]),
                "open": areas["open"][i][step],
                "overdue": areas["overdue"][i][step],
                "badges": ["thunder"] if areas["thunder"][i][step] != "0" else [],
                "red_overdue": areas["thunder"][i][step] in "13",
                "listed": areas["thunder"][i][step] in "23",
            }
            for i, (place, code) in rows
        ]
        if not rows:
            told = [{"code": code, "weather": None, "badges": []} for _, code in places[:2]]
        own = {"name": whole.name, "name_en": whole.name_en, "weather": sky.get(totals["weather"][0][step])}
        sentence = headline(own, told, catalog.levels[0] == whole.level)
        for lang in found:
            found[lang].append(sentence[lang])
    return found
