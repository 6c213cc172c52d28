"""The weather rule: flow, stock and age of issues, and coverage, each a gate; the worst gate wins.

The default thresholds are those of the domain's proposal; a pack's `[weather]` table overrides any of them.
All numbers come from tallies; nothing here reads the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weathermap.tally.measures import M

SUNNY, CLOUDY, OVERCAST, RAIN, UNVISITED = "sunny", "cloudy", "overcast", "rain", "unvisited"
ORDER = (SUNNY, CLOUDY, OVERCAST, RAIN)  # from good to bad
DAY_S = 86_400
WINDOWS = (7, 14, 28)  # days: of the flow, widened while the sample is small
HOLD_S = 2 * 3600  # worsening shows after two hours
LOOKBACKS = (0, *(days * DAY_S for days in WINDOWS))  # seconds before the instant at which sums are needed

DEFAULT_WEATHER: Mapping[str, Any] = {
    "flow": [0.90, 0.80, 0.70],  # on time ÷ fell due: sunny, cloudy, overcast from
    "stock": [0.5, 1.0, 2.0],  # overdue ÷ mean daily notified: sunny, cloudy, overcast up to
    "sample": 20,  # fewer due than this is a small sample
    "long_count": [3, 6],  # long overdue: overcast, rain from max(this, share of 28 days' intake)
    "long_share": [0.02, 0.05],
    "suspended_share": 0.05,  # suspended or extended above this share of 28 days' intake: at best cloudy
    "coverage": [0.5, 0.8],  # below the first: no weather; below the second: at best cloudy
}

Sums = Sequence[Sequence[int]]  # one row for each of LOOKBACKS, one column a measure


@dataclass(frozen=True)
class Gate:
    """One gate's verdict. `value` is None where it has nothing to judge; `weather` is then None too."""

    gate: str  # flow | stock | long_overdue | suspended | coverage
    weather: str | None
    value: float | None
    numbers: Mapping[str, int | float]


@dataclass(frozen=True)
class Verdict:
    """The weather and how it came about. `gate`: the worst gate; `held`: the better weather of 2 h ago still shows."""

    weather: str | None
    gate: str
    held: bool
    small_sample: bool
    gates: tuple[Gate, ...]

    def of(self, gate: str) -> Gate | None:
        """The verdict of one gate, None where the rule skipped it."""
        return next((entry for entry in self.gates if entry.gate == gate), None)


def worst(weathers: Sequence[str]) -> str:
    """The worst of some weathers; sunny of none."""
    return max(weathers, key=ORDER.index, default=SUNNY)


def judge(now: Sums, before: Sums, thresholds: Mapping[str, Any], role: str, coverage: bool) -> Verdict:
    """The weather shown at an instant: the better of raw(t) and raw(t − 2 h), so improvement shows at once.

    `now`, `before`: sums at t and t − 2 h for each of LOOKBACKS. `role`: 'city' (long-overdue issues are only a
    badge), 'fine' (a community: one long-overdue issue is overcast) or 'town' (and units). `coverage`: whether
    visits have a source.
    """
    verdict = _raw(now, thresholds, role, coverage)
    if verdict.weather in (None, UNVISITED, SUNNY):  # nothing is better
        return verdict
    earlier = _raw(before, thresholds, role, coverage)
    if earlier.weather in ORDER and ORDER.index(earlier.weather) < ORDER.index(verdict.weather or SUNNY):
        return Verdict(earlier.weather, verdict.gate, True, verdict.small_sample, verdict.gates)
    return verdict


def _raw(sums: Sums, thresholds: Mapping[str, Any], role: str, coverage: bool) -> Verdict:
    flow = _flow(sums, thresholds)
    gates = [flow, _stock(sums, thresholds)]
    if role != "city":
        gates.append(_long_overdue(sums, thresholds, role))
    gates.append(_suspended(sums, thresholds))
    if coverage:
        gates.append(_coverage(sums, thresholds))
    small = flow.weather is None
    if gates[-1].gate == "coverage" and gates[-1].weather == UNVISITED:
        return Verdict(UNVISITED, "coverage", False, small, tuple(gates))
    judged = [gate for gate in gates if gate.weather is not None]
    weather = worst([gate.weather for gate in judged if gate.weather])
    deciding = next((gate.gate for gate in judged if gate.weather == weather), "none")
    return Verdict(weather, "none" if weather == SUNNY else deciding, False, small, tuple(gates))


def _flow(sums: Sums, thresholds: Mapping[str, Any]) -> Gate:
    """On time ÷ fell due in the last 7 days; 14, then 28 while fewer than the sample fell due; else no verdict."""
    due = on_time = days = 0
    for k, days in enumerate(WINDOWS, start=1):
        due = sums[0][M["due"]] - sums[k][M["due"]]
        on_time = sums[0][M["on_time"]] - sums[k][M["on_time"]]
        if due >= thresholds["sample"]:
            share = on_time / due
            numbers = {"on_time": on_time, "due": due, "days": days}
            return Gate("flow", _at_least(share, thresholds["flow"]), share, numbers)
    return Gate("flow", None, None, {"on_time": on_time, "due": due, "days": days})


def _stock(sums: Sums, thresholds: Mapping[str, Any]) -> Gate:
    """Overdue now ÷ mean daily notified of the last 28 days, in days of intake."""
    overdue = overdue_of(sums[0])
    intake = sums[0][M["notified"]] - sums[3][M["notified"]]
    numbers = {"overdue": overdue, "notified": intake, "days": WINDOWS[-1]}
    if overdue <= 0:
        return Gate("stock", SUNNY, 0.0, numbers)
    if intake <= 0:
        return Gate("stock", RAIN, None, numbers)
    value = overdue * WINDOWS[-1] / intake
    return Gate("stock", _at_most(value, thresholds["stock"]), value, numbers)


def _long_overdue(sums: Sums, thresholds: Mapping[str, Any], role: str) -> Gate:
    """One makes a town at best cloudy and a community overcast; more by count and share of 28 days' intake."""
    count = sums[0][M["long_overdue"]]
    intake = sums[0][M["notified"]] - sums[3][M["notified"]]
    limits = [
        max(n, share * intake) for n, share in zip(thresholds["long_count"], thresholds["long_share"], strict=True)
    ]
    numbers = {"long_overdue": count, "overcast_from": limits[0], "rain_from": limits[1]}
    if count <= 0:
        weather = SUNNY
    elif count >= limits[1]:
        weather = RAIN
    elif count >= limits[0] or role == "fine":
        weather = OVERCAST
    else:
        weather = CLOUDY
    return Gate("long_overdue", weather, float(count), numbers)


def _suspended(sums: Sums, thresholds: Mapping[str, Any]) -> Gate:
    """Approved suspensions and extensions stay out of the stock; too many of them are at best cloudy."""
    count = sums[0][M["suspended"]] + sums[0][M["extended"]]
    intake = sums[0][M["notified"]] - sums[3][M["notified"]]
    weather = CLOUDY if count > thresholds["suspended_share"] * max(intake, 0) and count > 0 else SUNNY
    return Gate("suspended", weather, float(count), {"suspended": count, "notified": intake, "days": WINDOWS[-1]})


def _coverage(sums: Sums, thresholds: Mapping[str, Any]) -> Gate:
    """Declared points visited in the last 30 days; unvisited is never sunny. No declared point: nothing to judge."""
    declared, covered = sums[0][M["declared"]], sums[0][M["covered"]]
    numbers = {"declared": declared, "covered": covered, "days": 30}
    if declared <= 0:
        return Gate("coverage", None, None, numbers)
    share = covered / declared
    none, part = thresholds["coverage"]
    return Gate("coverage", UNVISITED if share < none else CLOUDY if share < part else SUNNY, share, numbers)


def overdue_of(sums: Sequence[int]) -> int:
    """Overdue at an instant: fell due, and no valid feedback yet."""
    return sums[M["due"]] - sums[M["on_time"]] - sums[M["late"]]


def _at_least(value: float, limits: Sequence[float]) -> str:
    return next((weather for weather, limit in zip(ORDER, limits, strict=False) if value >= limit), RAIN)


def _at_most(value: float, limits: Sequence[float]) -> str:
    return next((weather for weather, limit in zip(ORDER, limits, strict=False) if value <= limit), RAIN)
