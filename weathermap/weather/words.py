"""The words for weather, gates and what would turn them, in Chinese and English. One place for all screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from weathermap.weather.rule import CLOUDY, OVERCAST, RAIN, SUNNY, UNVISITED, Gate

Words = dict[str, str]

WEATHER: Mapping[str, Words] = {
    SUNNY: {"zh": "晴", "en": "sunny"},
    CLOUDY: {"zh": "多云", "en": "cloudy"},
    OVERCAST: {"zh": "阴", "en": "overcast"},
    RAIN: {"zh": "雨", "en": "rain"},
    UNVISITED: {"zh": "未巡查", "en": "not visited"},
}
GATES: Mapping[str, Words] = {
    "flow": {"zh": "按期率", "en": "on-time rate"},
    "stock": {"zh": "逾期存量", "en": "overdue stock"},
    "long_overdue": {"zh": "长期逾期", "en": "long overdue"},
    "suspended": {"zh": "挂账与延期", "en": "suspended or extended"},
    "coverage": {"zh": "巡查覆盖", "en": "coverage"},
    "none": {"zh": "各项正常", "en": "all gates clear"},
}


def percent(share: float, places: int = 1) -> str:
    """0.8321 → '83.2%'. A share below one is never rounded up to 100%."""
    shown = f"{share * 100:.{places}f}%"
    return shown if share >= 1 or not shown.startswith("100") else f"{100 - 10**-places:.{places}f}%"


def gate_sentence(gate: Gate) -> Words:
    """What a gate saw, with its numbers."""
    n = gate.numbers
    if gate.gate == "flow":
        if gate.value is None:
            return {
                "zh": f"近 {n['days']} 天仅 {n['due']} 件到期，样本少，不看按期率",
                "en": f"only {n['due']} fell due in {n['days']} days: too few to judge",
            }
        return {
            "zh": f"近 {n['days']} 天按期率 {percent(gate.value)}（按期 {n['on_time']} ÷ 到期 {n['due']}）",
            "en": f"{percent(gate.value)} on time in {n['days']} days ({n['on_time']} of {n['due']} due)",
        }
    if gate.gate == "stock":
        if gate.value is None:
            return {
                "zh": f"逾期 {n['overdue']} 件，近 {n['days']} 天无新通报",
                "en": f"{n['overdue']} overdue, nothing notified in {n['days']} days",
            }
        return {
            "zh": f"逾期 {n['overdue']} 件，合 {gate.value:.2f} 天的通报量",
            "en": f"{n['overdue']} overdue, {gate.value:.2f} days of intake",
        }
    if gate.gate == "long_overdue":
        return {"zh": f"长期逾期 {n['long_overdue']} 件", "en": f"{n['long_overdue']} long overdue"}
    if gate.gate == "suspended":
        return {"zh": f"挂账与延期 {n['suspended']} 件", "en": f"{n['suspended']} suspended or extended"}
    if gate.value is None:
        return {"zh": "没有申报点位", "en": "no declared points"}
    return {
        "zh": f"近 30 天巡查点位 {n['covered']} / {n['declared']}（{percent(gate.value)}）",
        "en": f"{n['covered']} of {n['declared']} points visited in 30 days ({percent(gate.value)})",
    }


def limit_words(gate: Gate, thresholds: Mapping[str, Any]) -> Words:
    """The limits of a gate, good to bad."""
    if gate.gate == "long_overdue":
        some, many = (_up(gate.numbers[name]) for name in ("overcast_from", "rain_from"))
        return {
            "zh": f"晴 0 件，阴 {some} 件起，雨 {many} 件起",
            "en": f"sunny 0, overcast from {some}, rain from {many}",
        }
    limits = thresholds["suspended_share" if gate.gate == "suspended" else gate.gate]
    return _fixed_limits(gate.gate, (limits,) if isinstance(limits, float | int) else tuple(limits))


@cache
def _fixed_limits(gate: str, limits: tuple[float, ...]) -> Words:
    """The same for all places of a city."""
    if gate == "flow":
        a, b, c = (percent(limit, 0) for limit in limits)
        return {"zh": f"晴 ≥ {a}，多云 ≥ {b}，阴 ≥ {c}", "en": f"sunny ≥ {a}, cloudy ≥ {b}, overcast ≥ {c}"}
    if gate == "stock":
        a, b, c = (f"{limit:g}" for limit in limits)
        return {"zh": f"晴 ≤ {a} 天，多云 ≤ {b}，阴 ≤ {c}", "en": f"sunny ≤ {a} days, cloudy ≤ {b}, overcast ≤ {c}"}
    if gate == "suspended":
        most = percent(limits[0], 0)
        return {"zh": f"超过 28 天通报量的 {most} 至多多云", "en": f"above {most} of 28 days' intake: at best cloudy"}
    a, b = (percent(limit, 0) for limit in limits)
    return {
        "zh": f"低于 {a} 无天气，低于 {b} 至多多云",
        "en": f"below {a} no weather, below {b} at best cloudy",
    }


def join(parts: Sequence[Words], zh: str = "，", en: str = ", ") -> Words:
    """Several phrases as one."""
    return {"zh": zh.join(p["zh"] for p in parts), "en": en.join(p["en"] for p in parts)}


def _up(value: float) -> int:
    return int(-(-value // 1))
