"""The sentence that citizens read: the whole, and how many areas wear which weather. Nobody is named or ranked."""

from __future__ import annotations

from collections.abc import Sequence

from weathermap.weather.rule import ORDER, UNVISITED
from weathermap.weather.words import WEATHER, Words


def citizens_sentence(whole: str | None, areas: Sequence[str | None], level: Words) -> Words:
    """`whole`: weather of the city; `areas`: of its areas; `level`: what these are called."""
    if whole is None:
        return {"zh": "暂无数据。", "en": "No data yet."}
    counts = [(WEATHER[name], areas.count(name)) for name in (*ORDER, UNVISITED) if name in areas]
    zh = "、".join(f"{words['zh']} {count} 个" for words, count in counts)
    en = ", ".join(f"{count} {words['en']}" for words, count in counts)
    first = {"zh": f"全市{WEATHER[whole]['zh']}。", "en": f"{WEATHER[whole]['en'].capitalize()} in the city."}
    if not counts:
        return first
    return {
        "zh": f"{first['zh']}{len(areas)} 个{level['zh']}中，{zh}。",
        "en": f"{first['en']} Of {len(areas)} areas ({level['en'].lower()}): {en}.",
    }
