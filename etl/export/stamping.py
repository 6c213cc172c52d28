"""What a report is called and what stands under it: its title, its file's name, its stamp."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from etl.export.columns import TEXTS, state_column
from etl.export.question import Question
from weathermap.errors import UnknownName
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from weathermap.weather.board import Asked
from weathermap.weather.filtered import Narrowed

EPOCH = 1970  # a first version holds from then on, which nobody need read


def level_name(catalog: Catalog, level: str, lang: str) -> str:
    """What people call a level."""
    names = catalog.config["level_names"] | {"unit": ("责任单位", "Responsible unit")}
    zh, en = names.get(level, (level, level))
    return str(zh if lang == "zh" else en)


def title_of(catalog: Catalog, asked: Asked, totals: dict[str, Any], lang: str) -> str:
    """The title of a grid report."""
    name, level = TEXTS["name"](totals, lang), level_name(catalog, asked.level, lang)
    by = asked.by == "responsibility" and asked.level != "unit"
    if lang == "zh":
        return f"{name}文明天气网格报表 · {level}{' · 按责任' if by else ''}"
    return f"{name}: Civilization Weather grid report · {level}{' · by responsibility' if by else ''}"


def stem_of(catalog: Catalog, question: Question, totals: dict[str, Any], lang: str) -> str:
    """Of the file's name: 某市_网格报表_镇（街道）_2026-11-23_0942."""
    asked = question.asked
    level = level_name(catalog, asked.level, lang)
    by = {"zh": "按责任", "en": "by-unit"}[lang] if asked.by == "responsibility" else ""
    kind = {"zh": "网格报表", "en": "grid-report"}[lang]
    state = state_column(question.narrowed.state).head(lang) if question.narrowed.state else ""
    some = {"zh": "筛选", "en": "filtered"}[lang] if question.narrowed and not state else ""
    at = asked.at.astimezone(ZoneInfo(catalog.timezone)).strftime("%Y-%m-%d_%H%M")
    parts = [TEXTS["name"](totals, lang), kind, level, by, state, some, at]
    return "_".join(part for part in parts if part).replace("/", "-").replace(" ", "-")


def stamp_of(
    connection: Connection, catalog: Catalog, question: Question, found: dict[str, Any], lang: str
) -> list[tuple[str, str]]:
    """(name, words): the instant, the window, what the numbers mean, the filter, the borders, the state of the data."""
    zone, asked = ZoneInfo(catalog.timezone), question.asked
    en = lang != "zh"

    def local(at: datetime | None) -> str:
        if at is None:
            return "从最早记录起" if lang == "zh" else "from the first record"
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    since = dict(catalog.versions)[found["version"]].astimezone(zone)
    first = since.year <= EPOCH
    valid_zh = f"第 {found['version']} 版" + ("" if first else f"，{since:%Y-%m-%d} 起")
    valid_en = f"version {found['version']}" + ("" if first else f", valid from {since:%Y-%m-%d}")
    config, demo = catalog.config, catalog.demo or {}
    review, note = config["review_number"], config["schematic_note"] if config["schematic"] else None
    before = question.before() if question.compare else None
    lines = [
        ("数据时刻", "As of", f"{local(asked.at)}（{catalog.timezone}）", f"{local(asked.at)} ({catalog.timezone})"),
        (
            "统计区间",
            "Window",
            f"{local(found['since'])} 至 {local(asked.at)}",
            f"{local(found['since'])} to {local(asked.at)}",
        ),
        ("口径", "Meaning", *(_LISTED if question.narrowed else _TALLIED)),
        *([("筛选", "Filter", *narrowed_words(connection, catalog, question.narrowed))] if question.narrowed else []),
        *(
            [
                (
                    "上期",
                    "Before",
                    f"{local(before.since)} 至 {local(before.at)}",
                    f"{local(before.since)} to {local(before.at)}",
                )
            ]
            if before
            else []
        ),
        ("界线版本", "Boundaries", valid_zh, valid_en),
        *(
            [("数据状态", "Data", f"演示数据（{demo['from'][:10]} 起），非实际情况", "demo data, not real events")]
            if demo
            else []
        ),
        *([("示意", "Schematic", note[0], note[1])] if note and any(note) else []),
        ("审图号", "Map review no.", review or "无，不得公开发布", review or "none: not for publication"),
        *([("来源", "Source", config["attribution"], config["attribution"])] if config["attribution"] else []),
    ]
    return [(line[en], line[2 + en]) for line in lines]


_TALLIED = (
    "通报、已整改、到期、按期、逾期整改为区间内净数；未整改、逾期、长期逾期、挂账、延期、点位为数据时刻的存量。"
    "整改率 = 已整改 ÷ 通报；按期率 = 按期 ÷ 到期。",
    "Notified, rectified, due, on time and late are net flows in the window; open, overdue, long overdue, "
    "suspended, extended and points stand as of the instant. Rectification rate = rectified ÷ notified; "
    "on-time rate = on time ÷ due.",
)
_LISTED = (
    "按筛选条件逐件计数，与问题清单的件数一致：通报、已整改、到期、按期、逾期整改为区间内发生且至今有效的问题；其余为数据时刻的存量。"
    "整改率 = 已整改 ÷ 通报；按期率 = 按期 ÷ 到期。",
    "Counted issue by issue under the filter, as the list of issues does: notified, rectified, due, on time and late "
    "are issues of the window that still count; all else stands as of the instant. Rectification rate = "
    "rectified ÷ notified; on-time rate = on time ÷ due.",
)


def narrowed_words(connection: Connection, catalog: Catalog, narrowed: Narrowed) -> tuple[str, str]:
    """The filter in Chinese and English. Raises UnknownName for a code that the city has not."""
    pairs = []
    for code, table, zh, en in (
        (narrowed.category, t.category, "类别", "category"),
        (narrowed.special, t.special, "专项", "special work"),
        (narrowed.source, t.source, "来源", "source"),
    ):
        if code:
            row = connection.execute(
                select(table.c.name, table.c.name_en).where(table.c.city_id == catalog.city_id, table.c.code == code)
            ).first()
            if row is None:
                raise UnknownName(f"{catalog.name} has no {en} {code!r}.", "See the lists on /reports.")
            pairs.append((f"{zh}：{row.name}", f"{en}: {row.name_en or row.name}"))
    if narrowed.unit:
        unit = catalog.place(catalog.versions[-1][0], "unit", narrowed.unit)
        pairs.append((f"责任单位：{unit.name}", f"unit: {unit.name_en or unit.name}"))
    if narrowed.state:
        column = state_column(narrowed.state)
        pairs.append((f"状态：{column.zh}", f"state: {column.en}"))
    return "；".join(zh for zh, _ in pairs), "; ".join(en for _, en in pairs)
