"""Words of the form for what somebody told the office."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

WORDS: dict[str, tuple[Any, Any]] = {
    "title": ("登记来电来访", "Write down a report"),
    "intro": ("一边听一边填：在哪里、什么事、谁说的。", "Fill it in as you listen: where, what, who."),
    "where": ("在哪里", "Where"),
    "search": ("点位、社区或地址", "Point, community or address"),
    "search_hint": ("输入几个字，选中后地图移到那里", "A few letters; the map goes where you choose"),
    "map": ("位置：方向键移动，加减号缩放", "Place: arrow keys move, plus and minus zoom"),
    "nearer": ("放大", "Nearer"),
    "farther": ("缩小", "Farther"),
    "address": ("地址（照来电人说的写）", "Address, as it was told"),
    "by_code": ("按点位编码或经纬度", "By the point's code or coordinates"),
    "point": ("点位编码", "Code of a point"),
    "lon": ("经度", "Longitude"),
    "lat": ("纬度", "Latitude"),
    "no_spot": (
        "还没有选位置。只有地址也可以登记，由派遣员再定位。",
        "No place yet. An address alone will do: the dispatcher places it.",
    ),
    "outside": ("这里不在本市范围内", "This lies outside the city"),
    "clear": ("清除位置", "Take the place away"),
    "near": ("附近已有的问题", "Known around here"),
    "near_text": (
        "先看是不是同一件。是，就并入；不是，再另行登记。",
        "Is it one of these? Then add to it; else it is a new one.",
    ),
    "near_line": (
        lambda when, state, m: f"{when} 上报 · {state} · {m} 米",
        lambda when, state, m: f"reported {when} · {state} · {m} m",
    ),
    "states": (
        {"reported": "待派遣", "handling": "处理中", "to_check": "待核查", "suspended": "挂账"},
        {"reported": "to dispatch", "handling": "being handled", "to_check": "being checked", "suspended": "suspended"},
    ),
    "same": ("是这一件", "It is this one"),
    "new": ("都不是，另行登记", "None of these: a new one"),
    "asked_first": (
        "还没有登记：附近有已知的问题，请先看一看再点登记。",
        "Not stored yet: something is known around there. Look, then send again.",
    ),
    "what": ("什么事", "What"),
    "source": ("来源", "Source"),
    "category": ("类别", "Category"),
    "choose": ("请选择", "Choose"),
    "words": ("情况", "Words"),
    "words_hint": (
        "只写事情，不写姓名、电话。最多 500 字。",
        "What is wrong; no names, no numbers. At most 500 characters.",
    ),
    "photos": ("照片", "Photos"),
    "photos_hint": ("最多 6 张，可不传。", "Up to 6, or none."),
    "kept": ("已收到的照片", "Photos that came"),
    "who": ("谁说的", "Who told it"),
    "who_text": (
        "加密另存，承办单位看不到；需要回访时由派遣员说明理由后查看。",
        "Sealed apart; units never see it. A dispatcher calls back, with a reason that is kept.",
    ),
    "phone": ("电话", "Telephone"),
    "name": ("称呼", "Name"),
    "optional": ("可不填", "optional"),
    "send": ("登记", "Store it"),
    "join": ("并入这一件", "Add to this one"),
    "refused": ("没有登记：", "Not stored:"),
    "stays": ("写下的都还在。", "What you wrote is still here."),
    "stored": ("已登记", "Stored as"),
    "joined": ("已并入", "Added to"),
    "open": ("打开，立案派遣", "Open it"),
}


def call_words(lang: str) -> SimpleNamespace:
    """All words of a language: zh or en."""
    at = 1 if lang == "en" else 0
    return SimpleNamespace(**{name: pair[at] for name, pair in WORDS.items()})
