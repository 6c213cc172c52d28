"""The grid report: counts, rates and weather of each area of a level, what lies in none of them, and the whole.

Every number is the board's, which `GET /api/v1/weather` answers with, or, narrowed, counts what `GET /api/v1/issues`
lists; nothing is counted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from etl.export.columns import TEXTS, Column, columns_of
from etl.export.layers import Layers
from etl.export.question import Question
from etl.export.stamping import stamp_of, stem_of, title_of
from weathermap.store.catalog import Catalog
from weathermap.weather.board import share

LANGUAGES = ("zh", "en")


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
    at: datetime  # the instant, in the city's time
    layers: Layers | None = None  # what a map file holds beside the areas

    @property
    def foot(self) -> list[dict[str, Any]]:
        """The lines under the areas: the rest, then the whole."""
        return [*([self.rest] if self.rest else ()), self.totals]


def make_report(connection: Connection, catalog: Catalog, question: Question, lang: str) -> Report:
    """The report on a question. Raises UnknownName for a level, parent, kind or filter that does not exist."""
    asked = question.asked
    before = question.before() if question.compare else None
    found = question.answer(connection, catalog, asked)
    if before is not None:
        _compare(found, question.answer(connection, catalog, before))
    columns = columns_of(catalog, question)
    parents = {place.code: place for level in catalog.levels for place in catalog.areas[found["version"], level]}
    rows = [_row(columns, area, parents, lang) for area in found["areas"]]
    totals = _row(columns, found["totals"], parents, lang) | {
        "code": "",
        "parent": "",
        "name": f"{'合计' if lang == 'zh' else 'Total'} · {TEXTS['name'](found['totals'], lang)}",
    }
    whole = not asked.parent and asked.by == "place"
    return Report(
        title=title_of(catalog, asked, found["totals"], lang),
        lang=lang,
        columns=columns,
        rows=rows,
        rest=_rest(columns, found, whole, lang),
        totals=totals,
        stamp=stamp_of(connection, catalog, question, found, lang),
        file_stem=stem_of(catalog, question, found["totals"], lang),
        weathers=[area["weather"] for area in found["areas"]],
        geometry=(found["version"], asked.level),
        demo=catalog.demo is not None,
        headline=found["totals"]["sentence"][lang],
        at=asked.at.astimezone(ZoneInfo(catalog.timezone)),
    )


def _compare(found: dict[str, Any], earlier: dict[str, Any]) -> None:
    """Write the numbers of the period before, and what changed, into the rows; None where an area did not exist."""
    held = {area["code"]: area for area in earlier["areas"]}
    pairs = [(area, held.get(area["code"])) for area in found["areas"]] + [(found["totals"], earlier["totals"])]
    for row, old in pairs:
        for key, value in [*row.items()]:
            if isinstance(value, int | float) or key in ("rectification_rate", "on_time_rate"):
                was = None if old is None else old.get(key)
                row[f"{key}_before"] = was
                row[f"{key}_change"] = None if was is None or value is None else value - was


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
    counts: dict[str, Any] = {
        column.key: _beyond(found, column.key) for column in columns if column.kind in ("count", "change")
    }
    if not whole and not any(counts.values()):
        return None
    alone = whole and counts.get("notified", 0) == found["totals"].get("unlocated")
    name = ("未定位", "Unlocated") if alone else ("其余（不属所列各行）", "Elsewhere (in none of these rows)")
    rates = {}
    for end in ("", "_before"):
        rates |= {
            f"{key}{end}": share(counts.get(f"{part}{end}") or 0, counts.get(f"{of}{end}") or 0)
            for key, part, of in (("rectification_rate", "rectified", "notified"), ("on_time_rate", "on_time", "due"))
        }
    rates["on_time_rate_before"] = None  # what fell due before is no column
    texts = {column.key: "" for column in columns if column.kind == "text"}
    points = {column.key: None for column in columns if column.kind == "points"}
    held = {column.key for column in columns}
    return texts | points | counts | {k: v for k, v in rates.items() if k in held} | {"name": name[lang != "zh"]}


def _beyond(found: dict[str, Any], key: str) -> int:
    return int((found["totals"][key] or 0) - sum(area[key] or 0 for area in found["areas"]))
