"""The weather rule over arrays, for thousands of places and instants at once: equals `weathermap.weather.rule.judge`.

`judge` explains one place; this only decides. A test holds both against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weathermap.tally.measures import M
from weathermap.weather.rule import ORDER, UNVISITED, WINDOWS

CODES = (*ORDER, UNVISITED)  # a sky is its row here, NONE where there is no weather
SUNNY, CLOUDY, OVERCAST, RAIN, HATCHED = range(5)
NONE = -1
Ints = NDArray[np.int64]
Skies = NDArray[np.int8]


def skies(now: Ints, before: Ints, thresholds: Mapping[str, Any], role: str, coverage: bool) -> Skies:
    """The weather shown, shape (...). `now`, `before`: sums at t and t − 2 h for LOOKBACKS, (..., 4, measures)."""
    sky = _raw(now, thresholds, role, coverage)
    earlier = _raw(before, thresholds, role, coverage)
    held = (sky != HATCHED) & (earlier != HATCHED) & (earlier < sky)
    shown = np.where(held, earlier, sky)
    nothing = now[..., 0, M["notified"]] == 0
    if coverage:
        nothing &= now[..., 0, M["declared"]] <= 0
    return np.where(nothing, NONE, shown).astype(np.int8)


def _raw(sums: Ints, thresholds: Mapping[str, Any], role: str, coverage: bool) -> Skies:
    now = sums[..., 0, :]
    intake = now[..., M["notified"]] - sums[..., 3, M["notified"]]
    sky = np.maximum(_flow(sums, thresholds), _stock(now, intake, thresholds))
    if role != "city":
        sky = np.maximum(sky, _long_overdue(now, intake, thresholds, role))
    apart = now[..., M["suspended"]] + now[..., M["extended"]]
    many = (apart > thresholds["suspended_share"] * np.maximum(intake, 0)) & (apart > 0)
    sky = np.maximum(sky, np.where(many, CLOUDY, SUNNY))
    return _covered(now, sky, thresholds) if coverage else sky.astype(np.int8)


def _flow(sums: Ints, thresholds: Mapping[str, Any]) -> Ints:
    sky = np.full(sums.shape[:-2], SUNNY)
    judged = np.zeros(sums.shape[:-2], dtype=bool)
    for k in range(1, len(WINDOWS) + 1):
        grown = sums[..., 0, :] - sums[..., k, :]
        due = grown[..., M["due"]]
        enough = ~judged & (due >= thresholds["sample"])
        with np.errstate(divide="ignore", invalid="ignore"):
            value = grown[..., M["on_time"]] / due
        sky = np.where(enough, _first(value, thresholds["flow"], above=True), sky)
        judged |= enough
    return sky


def _stock(now: Ints, intake: Ints, thresholds: Mapping[str, Any]) -> Ints:
    overdue = now[..., M["due"]] - now[..., M["on_time"]] - now[..., M["late"]]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = overdue * WINDOWS[-1] / intake
    judged = np.where(intake <= 0, RAIN, _first(value, thresholds["stock"], above=False))
    return np.where(overdue <= 0, SUNNY, judged)


def _long_overdue(now: Ints, intake: Ints, thresholds: Mapping[str, Any], role: str) -> Ints:
    count = now[..., M["long_overdue"]]
    overcast, rain = (
        np.maximum(n, share * intake)
        for n, share in zip(thresholds["long_count"], thresholds["long_share"], strict=True)
    )
    some = np.where((count >= overcast) | (role == "fine"), OVERCAST, CLOUDY)
    return np.where(count <= 0, SUNNY, np.where(count >= rain, RAIN, some))


def _covered(now: Ints, sky: Ints, thresholds: Mapping[str, Any]) -> Skies:
    declared, covered = now[..., M["declared"]], now[..., M["covered"]]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = covered / declared
    none, part = thresholds["coverage"]
    known = declared > 0
    shown = np.where(known & (share < part), np.maximum(sky, CLOUDY), sky)
    return np.where(known & (share < none), HATCHED, shown).astype(np.int8)


def _first(value: NDArray[np.float64], limits: Sequence[float], above: bool) -> Ints:
    """The first weather whose limit the value keeps, else rain."""
    found = np.full(value.shape, RAIN)
    for sky, limit in reversed(list(zip(range(len(ORDER)), limits, strict=False))):
        found = np.where(value >= limit if above else value <= limit, sky, found)
    return found
