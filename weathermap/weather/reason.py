"""Why a colour is what it is, and what would turn it to the next better one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil, floor
from typing import Any

from weathermap.weather.rule import CLOUDY, ORDER, OVERCAST, SUNNY, UNVISITED, Gate, Verdict
from weathermap.weather.words import GATES, WEATHER, Words, gate_sentence, join, limit_words


def explain(verdict: Verdict, thresholds: Mapping[str, Any], role: str) -> dict[str, Any]:
    """The `why` of an area, as the API gives it."""
    deciding = verdict.of(verdict.gate)
    parts = [gate_sentence(deciding)] if deciding else [GATES["none"]]
    if verdict.held:
        parts.append({"zh": "转坏未满两小时，暂按先前", "en": "worse for less than two hours: shown as before"})
    if verdict.small_sample:
        parts.append({"zh": "样本少", "en": "small sample"})
    return {
        "gate": verdict.gate,
        "held": verdict.held,
        "small_sample": verdict.small_sample,
        "gates": [_gate(gate, thresholds) for gate in verdict.gates],
        "sentence": join(parts, "；", "; "),
        "turn": turn(verdict, thresholds, role),
    }


def _gate(gate: Gate, thresholds: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "gate": gate.gate,
        "weather": gate.weather,
        "value": None if gate.value is None else round(gate.value, 4),
        "numbers": dict(gate.numbers),
        "sentence": gate_sentence(gate),
        "limit_text": limit_words(gate, thresholds),
    }


def turn(verdict: Verdict, thresholds: Mapping[str, Any], role: str) -> dict[str, Any] | None:
    """What must be done, gate by gate, for the next better weather; None when it is sunny or there is none."""
    if verdict.weather in (None, SUNNY):
        return None
    if verdict.weather == UNVISITED:
        gate = verdict.of("coverage")
        todo = [_visit_more(gate, thresholds["coverage"][0])] if gate else []
        return {"to": None, "steps": todo, "sentence": join([step["sentence"] for step in todo])}
    target = ORDER[ORDER.index(verdict.weather or CLOUDY) - 1]
    steps = [
        step
        for gate in verdict.gates
        if gate.weather in ORDER and ORDER.index(gate.weather or SUNNY) > ORDER.index(target)
        for step in [_STEPS[gate.gate](gate, target, thresholds, role)]
    ]
    goal = {"zh": f"转{WEATHER[target]['zh']}", "en": f"turns {WEATHER[target]['en']}"}
    todo_words = join([step["sentence"] for step in steps], "、", " and ")
    return {"to": target, "steps": steps, "sentence": join([todo_words, goal], "，", " → ")}


def _step(count: int, what: str, words: Words) -> dict[str, Any]:
    return {"count": count, "what": what, "sentence": words}


def _flow_step(gate: Gate, target: str, thresholds: Mapping[str, Any], _role: str) -> dict[str, Any]:
    """The next k that fall due, all on time: (on time + k) ÷ (due + k) ≥ limit. What leaves the window is not seen."""
    limit = thresholds["flow"][ORDER.index(target)]
    on_time, due = gate.numbers["on_time"], gate.numbers["due"]
    count = max(ceil((limit * due - on_time) / (1 - limit) - 1e-9), 1) if limit < 1 else int(due - on_time)
    return _step(count, "on_time", {"zh": f"接下来 {count} 件全部按期", "en": f"the next {count} all on time"})


def _stock_step(gate: Gate, target: str, thresholds: Mapping[str, Any], _role: str) -> dict[str, Any]:
    allowed = floor(thresholds["stock"][ORDER.index(target)] * gate.numbers["notified"] / gate.numbers["days"] + 1e-9)
    count = int(gate.numbers["overdue"]) - max(allowed, 0)
    return _step(count, "overdue", {"zh": f"再办结 {count} 件逾期", "en": f"clear {count} overdue"})


def _long_step(gate: Gate, target: str, _thresholds: Mapping[str, Any], role: str) -> dict[str, Any]:
    allowed = 0
    if target == OVERCAST:
        allowed = ceil(gate.numbers["rain_from"]) - 1
    elif target == CLOUDY and role != "fine":
        allowed = ceil(gate.numbers["overcast_from"]) - 1
    count = int(gate.numbers["long_overdue"]) - allowed
    return _step(count, "long_overdue", {"zh": f"办结 {count} 件长期逾期", "en": f"clear {count} long overdue"})


def _suspended_step(gate: Gate, _target: str, thresholds: Mapping[str, Any], _role: str) -> dict[str, Any]:
    allowed = floor(thresholds["suspended_share"] * gate.numbers["notified"] + 1e-9)
    count = int(gate.numbers["suspended"]) - allowed
    return _step(
        count, "suspended", {"zh": f"销账 {count} 件挂账或延期", "en": f"resolve {count} suspended or extended"}
    )


def _coverage_step(gate: Gate, _target: str, thresholds: Mapping[str, Any], _role: str) -> dict[str, Any]:
    return _visit_more(gate, thresholds["coverage"][1])


def _visit_more(gate: Gate, share: float) -> dict[str, Any]:
    count = max(ceil(share * gate.numbers["declared"] - 1e-9) - int(gate.numbers["covered"]), 0)
    return _step(count, "uncovered", {"zh": f"再巡查 {count} 个点位", "en": f"visit {count} more points"})


_STEPS: Mapping[str, Callable[[Gate, str, Mapping[str, Any], str], dict[str, Any]]] = {
    "flow": _flow_step,
    "stock": _stock_step,
    "long_overdue": _long_step,
    "suspended": _suspended_step,
    "coverage": _coverage_step,
}
