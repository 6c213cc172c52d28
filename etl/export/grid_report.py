"""The grid report: counts, rates and weather of each area of a level, what lies in none of them, and the whole.

Every number is the board's, which `GET /api/v1/weather` answers with; nothing is counted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from etl.export.columns import COUNTS, POINTS, TEXTS, Column, columns_of
from weathermap.store.catalog import Catalog
from weathermap.weather.board import Asked, board, share

LANGUAGES = ("zh", "en")
EPOCH = 1970  # a first version holds from then on, which nobody need read


@dataclass(frozen=True)
class Report:
    """`rows`: one an area, by column key. `rest`: what no row holds; None where the rows are the whole. `totals` = rows
    + rest in every count. `stamp`: (name, words) of the instant, the window and the state of the data."""

    title: str
    lang: str
    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    rest: dict[str, Any] | None
    totals: dict[str, Any]
    stamp: list[tuple[str, str]]
    file_stem: str
    weathers: list[str | None]  # of the rows, as the API names them
    geometry: tuple[int, str]  # boundary version and level of the rows' shapes
    demo: bool
    headline: str

    @property
    def foot(self) -> list[dict[str, Any]]:
        """The lines under the areas: the rest, then the whole."""
        return [*([self.rest] if self.rest else ()), self.totals]


def make_report(connection: Connection, catalog: Catalog, asked: Asked, lang: str) -> Report:
    """The report on a board question. Raises UnknownName for a level, parent or kind that does not exist."""
    found = board(connection, catalog, asked)
    columns = columns_of(catalog, asked)
    parents = {place.code: place for level in catalog.levels for place in catalog.areas[found["version"], level]}
    rows = [_row(columns, area, parents, lang) for area in found["areas"]]
    totals = _row(columns, found["totals"], parents, lang) | {
        "code": "",
        "parent": "",
        "name": f"{'合计' if lang == 'zh' else 'Total'} · {TEXTS['name'](found['totals'], lang)}",
    }
    whole = not asked.parent and asked.by == "place"
    return Report(
        title=_title(catalog, asked, found["totals"], lang),
        lang=lang,
        columns=columns,
        rows=rows,
        rest=_rest(columns, found, whole, lang),
        totals=totals,
        stamp=_stamp(catalog, asked, found, lang),
        file_stem=_stem(catalog, asked, found["totals"], lang),
        weathers=[area["weather"] for area in found["areas"]],
        geometry=(found["version"], asked.level),
        demo=catalog.demo is not None,
        headline=found["totals"]["sentence"][lang],
    )


def _row(columns: tuple[Column, ...], area: dict[str, Any], parents: dict[str, Any], lang: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in columns:
        if column.key == "parent":
            above = parents.get(area["parent"] or "")
            row["parent"] = "" if above is None else above.name if lang == "zh" else above.name_en or above.name
        else:
            row[column.key] = TEXTS[column.key](area, lang) if column.kind == "text" else area[column.key]
    return row


def _rest(columns: tuple[Column, ...], found: dict[str, Any], whole: bool, lang: str) -> dict[str, Any] | None:
    """Total less parts: what has no usable position, and what lies in no row."""
    counts = {
        column.key: found["totals"][column.key] - sum(area[column.key] for area in found["areas"])
        for column in (*COUNTS, *POINTS)
    }
    if not whole and not any(counts.values()):
        return None
    alone = whole and counts["notified"] == found["totals"].get("unlocated")
    name = ("未定位", "Unlocated") if alone else ("其余（不属所列各行）", "Elsewhere (in none of these rows)")
    rates = {
        "rectification_rate": share(counts["rectified"], counts["notified"]),
        "on_time_rate": share(counts["on_time"], counts["due"]),
    }
    texts = {column.key: "" for column in columns if column.kind == "text"}
    return texts | counts | rates | {"name": name[lang != "zh"]}


def level_name(catalog: Catalog, level: str, lang: str) -> str:
    """What people call a level."""
    names = catalog.config["level_names"] | {"unit": ("责任单位", "Responsible unit")}
    zh, en = names.get(level, (level, level))
    return str(zh if lang == "zh" else en)


def _title(catalog: Catalog, asked: Asked, totals: dict[str, Any], lang: str) -> str:
    name, level = TEXTS["name"](totals, lang), level_name(catalog, asked.level, lang)
    by = asked.by == "responsibility" and asked.level != "unit"
    if lang == "zh":
        return f"{name}文明天气网格报表 · {level}{' · 按责任' if by else ''}"
    return f"{name}: Civilization Weather grid report · {level}{' · by responsibility' if by else ''}"


def _stem(catalog: Catalog, asked: Asked, totals: dict[str, Any], lang: str) -> str:
    """Of the file's name: 某市_网格报表_镇（街道）_2026-11-23_0942."""
    level = level_name(catalog, asked.level, lang)
    by = {"zh": "按责任", "en": "by-unit"}[lang] if asked.by == "responsibility" else ""
    kind = {"zh": "网格报表", "en": "grid-report"}[lang]
    at = asked.at.astimezone(ZoneInfo(catalog.timezone)).strftime("%Y-%m-%d_%H%M")
    parts = [TEXTS["name"](totals, lang), kind, level, by, at]
    return "_".join(part for part in parts if part).replace("/", "-").replace(" ", "-")


def _stamp(catalog: Catalog, asked: Asked, found: dict[str, Any], lang: str) -> list[tuple[str, str]]:
    zone = ZoneInfo(catalog.timezone)
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
    lines = [
        ("数据时刻", "As of", f"{local(asked.at)}（{catalog.timezone}）", f"{local(asked.at)} ({catalog.timezone})"),
        (
            "统计区间",
            "Window",
            f"{local(found['since'])} 至 {local(asked.at)}",
            f"{local(found['since'])} to {local(asked.at)}",
        ),
        (
            "口径",
            "Meaning",
            "通报、已整改、到期、按期、逾期整改为区间内净数；未整改、逾期、长期逾期、挂账、延期、点位为数据时刻的存量。"
            "整改率 = 已整改 ÷ 通报；按期率 = 按期 ÷ 到期。",
            "Notified, rectified, due, on time and late are net flows in the window; open, overdue, long overdue, "
            "suspended, extended and points stand as of the instant. Rectification rate = rectified ÷ notified; "
            "on-time rate = on time ÷ due.",
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
