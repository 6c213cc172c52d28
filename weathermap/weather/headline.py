"""The bulletin's sentence, made from the numbers by rule: the whole, then the worst and where, then what is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from weathermap.weather.rule import ORDER, OVERCAST, RAIN, UNVISITED
from weathermap.weather.words import WEATHER, Words

THUNDER: Mapping[str, Words] = {
    "red_overdue": {"zh": "有红线问题逾期", "en": "red-line issue overdue"},
    "listed": {"zh": "有问题挂牌督办", "en": "issue publicly listed"},
}
NAMED = 3  # so many places are named, the rest counted
Row = Mapping[str, Any]


def headline(totals: Row, areas: Sequence[Row], whole_city: bool) -> Words:
    """Two lines at most, in Chinese and English."""
    if totals["weather"] is None:
        return {"zh": "暂无数据。", "en": "No data yet."}
    weather = WEATHER[totals["weather"]]
    zh = [("全市" if whole_city else totals["name"]) + weather["zh"]]
    en = [weather["en"].capitalize() if whole_city else f"{totals['name_en'] or totals['name']}: {weather['en']}"]
    for state, word in ((RAIN, ("有雨", "rain in")), (OVERCAST, ("阴", "overcast in"))):
        places = worst_first([area for area in areas if area["weather"] == state])
        if places and len(areas) > 1:
            zh.append(_list(places, "zh") + word[0])
            en.append(f"{word[1]} {_list(places, 'en')}")
    unvisited = [area for area in areas if area["weather"] == UNVISITED]
    if unvisited:
        zh.append(_list(unvisited, "zh") + "未巡查")
        en.append(f"{_list(unvisited, 'en')} not visited")
    judged = [area for area in areas if area["weather"] is not None]  # cells have none: nothing is said of them
    if len(zh) == 1 and len(judged) > 1 and totals["weather"] in ORDER[:2]:
        zh.append("各处无雨")
        en.append("no rain anywhere")
    thunder: dict[tuple[str, ...], list[str]] = {}  # places → what thunders there
    for kind in THUNDER:
        found = [area for area in areas if "thunder" in area["badges"] and area[kind]]
        if found:
            thunder.setdefault(tuple(area["code"] for area in found), []).append(kind)
    for codes, kinds in thunder.items():
        there = [area for area in areas if area["code"] in codes]
        zh.append(_list(there, "zh") + "、".join(THUNDER[kind]["zh"] for kind in kinds))
        en.append(f"{' and '.join(THUNDER[kind]['en'] for kind in kinds)} in {_list(there, 'en')}")
    chinese = zh[0] + "。" + "，".join(zh[1:]) + ("。" if zh[1:] else "")
    return {"zh": chinese, "en": f"{en[0]}. {_sentence(en[1:])}".strip()}


def worst_first(areas: Sequence[Row]) -> list[Row]:
    """By weather, then overdue, then open, then code: the same order everywhere."""
    return sorted(
        areas,
        key=lambda a: (
            -(ORDER.index(a["weather"]) if a["weather"] in ORDER else -1),
            -a["overdue"],
            -a["open"],
            a["code"],
        ),
    )


def _list(areas: Sequence[Row], lang: str) -> str:
    names = [(area["name"] if lang == "zh" else area["name_en"] or area["name"]) for area in areas[:NAMED]]
    more = len(areas) - len(names)
    if lang == "zh":
        return "、".join(names) + (f"等 {len(areas)} 处" if more else "")
    return ", ".join(names) + (f" and {more} more" if more else "")


def _sentence(parts: Sequence[str]) -> str:
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""
