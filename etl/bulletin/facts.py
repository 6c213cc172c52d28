"""What a bulletin says, read once at one instant and kept: every form of it is made from these facts alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from etl.bulletin.kinds import Kind
from etl.export.columns import COUNTS as HEADS
from etl.export.columns import RATES, SKY, TEXTS
from etl.export.definitions import MEANT
from etl.export.numbers import rate_shown
from weathermap.issue.listing import Filter, list_issues
from weathermap.issue.roots import roots_of
from weathermap.issue.workflow import STATES
from weathermap.judge.ranking import places_of
from weathermap.store.catalog import Catalog
from weathermap.tally.breakdown import breakdown
from weathermap.visit.mock import mock_scores
from weathermap.weather.board import Asked, board
from weathermap.weather.changes import changes
from weathermap.weather.words import WEATHER

COUNTS = ("notified", "rectified", "open", "overdue", "due", "on_time", "late", "long_overdue")
UNIT_KINDS = {
    "town": ("镇（街道）", "Towns"),
    "bureau": ("市直单位", "Bureaus"),
    "resident": ("驻地单位", "Resident units"),
    "contractor": ("承包单位", "Contractors"),
}
FIRST = 3  # places on the red and on the black list
WORST = 20  # issues named in the text
MOST = 2_000  # open issues in the annex of a month
RATED = ("rectification_rate", "on_time_rate", "weather")
DEFINED = ("notified", "rectified", "open", "overdue", "due", "on_time", *RATED)
Facts = dict[str, Any]


def gather(
    connection: Connection, catalog: Catalog, kind: Kind, since: datetime, at: datetime, lang: str = "zh"
) -> Facts:
    """The facts of a bulletin over a window; JSON may hold them."""
    zone = ZoneInfo(catalog.timezone)
    level = catalog.levels[1] if len(catalog.levels) > 1 else catalog.levels[0]
    asked = Asked(level, None, "place", at, since)
    towns = board(connection, catalog, asked)
    units = board(connection, catalog, Asked("unit", None, "responsibility", at, since))["areas"]
    busy = [row for row in units if row["notified"] or row["due"] or row["open"]]
    whole = board(connection, catalog, replace(asked, since=None))
    return {
        "lang": lang,
        "kind": kind.code,
        "kind_name": kind.zh if lang == "zh" else kind.en,
        "city": catalog.name if lang == "zh" else catalog.name_en,
        "at": f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "from": f"{since.astimezone(zone):%Y-%m-%d %H:%M}",
        "to": f"{at.astimezone(zone):%Y-%m-%d %H:%M}",
        "at_us": int(at.timestamp()) * 1_000_000,
        "demo": "演示数据，非实际情况" if catalog.demo and lang == "zh" else "demo data" if catalog.demo else "",
        "review": catalog.config["review_number"] or "",
        "schematic": _schematic(catalog, lang),
        "headline": towns["totals"]["sentence"][lang],
        "version": towns["version"],
        "level": level,
        "totals": _row(towns["totals"], lang),
        "year": _row(whole["totals"], lang),
        "towns": [_row(row, lang) for row in towns["areas"]],
        "units": [_row(row, lang) for row in busy],
        "lists": _lists(catalog, busy, lang),
        "changes": _changes(connection, catalog, level, since, at, lang),
        "worst": _issues(connection, catalog, Filter(catalog.city_id, "overdue", at), WORST, zone, lang),
        "specials": _specials(connection, catalog, since, at, lang) if "specials" in kind.annexes else [],
        "communities": _communities(connection, catalog, since, at, lang) if "communities" in kind.annexes else [],
        "open": _issues(connection, catalog, Filter(catalog.city_id, "open", at), MOST, zone, lang)
        if "open" in kind.annexes
        else [],
        "mock": _mock(connection, catalog, since, at, lang)
        if "mock" in kind.annexes
        else {"rows": [], "standards": []},
        "annexes": list(kind.annexes),
        "definitions": [_meant(key, lang) for key in DEFINED],
        "root": _root(connection, catalog, lang),
    }


def named_units(facts: Mapping[str, Any]) -> list[str]:
    """Codes of the units that a bulletin names for what they did not do: on the black list, or with overdue issues."""
    black = {row["unit"] for group in facts["lists"] for row in group["black"]}
    return sorted(black | {row["code"] for row in facts["units"] if row["overdue"]})


def _row(row: Mapping[str, Any], lang: str) -> Facts:
    weather = row["weather"]
    return {
        "code": row["code"],
        "name": TEXTS["name"](row, lang),
        **{key: row[key] for key in COUNTS},
        "rectification_rate": rate_shown(row["rectification_rate"]),
        "on_time_rate": rate_shown(row["on_time_rate"]),
        "share": row["on_time_rate"],
        "weather": weather,
        "weather_word": WEATHER[weather][lang] if weather else "–",
        "why": row["why"]["sentence"][lang] if row["why"] else "",
        "kind": row.get("kind", ""),
    }


def _lists(catalog: Catalog, units: list[Any], lang: str) -> list[Facts]:
    """Red and black list, each kind of unit among its own, by the on-time rate of what fell due; ties share a place."""
    found = []
    for kind in dict.fromkeys(unit.kind for unit in catalog.units):
        judged = [row for row in units if row.get("kind") == kind and row["due"] > 0]
        places = places_of([row["on_time_rate"] for row in judged])
        ranked = sorted(zip(places, judged, strict=True), key=lambda entry: (entry[0], entry[1]["code"]))
        last = sorted({place for place, row in ranked if row["on_time_rate"] < 1})[-FIRST:]

        def line(place: int, row: Any) -> Facts:
            rate = rate_shown(row["on_time_rate"])
            counts = {key: row[key] for key in ("due", "on_time", "overdue")}
            return {"place": place, "unit": row["code"], "name": TEXTS["name"](row, lang), "rate": rate, **counts}

        red = [line(place, row) for place, row in ranked if place <= FIRST and place not in last]
        black = [line(place, row) for place, row in ranked if place in last and len(ranked) > FIRST]
        if ranked:
            everyone = [line(place, row) for place, row in ranked]
            found.append(
                {"kind": UNIT_KINDS.get(kind, (kind, kind))[lang != "zh"], "red": red, "black": black, "all": everyone}
            )
    return found


def _changes(
    connection: Connection, catalog: Catalog, level: str, since: datetime, at: datetime, lang: str
) -> list[Facts]:
    named = "name" if lang == "zh" else "name_en"
    return [
        {
            "name": change[named] or change["name"],
            "before": WEATHER[change["from"]][lang],
            "after": WEATHER[change["to"]][lang],
            "better": change["better"],
        }
        for change in changes(connection, catalog, level, None, "place", at, since)
    ]


def _issues(
    connection: Connection, catalog: Catalog, chosen: Filter, most: int, zone: ZoneInfo, lang: str
) -> list[Facts]:
    looked = replace(chosen, looked=catalog.shown_at(chosen.at))
    end = "_name" if lang == "zh" else "_name_en"
    found = []
    for entry in list_issues(connection, looked, most, None):
        row = entry._mapping
        found.append(
            {
                "number": row["number"],
                "category": row[f"category{end}"] or row["category_name"],
                "unit": row[f"unit{end}"] or row["unit_name"] or "–",
                "area": row[f"area{end}"] or row["area_name"] or "–",
                "address": row["address"] or "",
                "state": STATES[row["state"]][lang != "zh"],
                "deadline": f"{row['deadline'].astimezone(zone):%Y-%m-%d %H:%M}" if row["deadline"] else "–",
                "overdue": bool(row["overdue"]),
            }
        )
    return found


def _specials(connection: Connection, catalog: Catalog, since: datetime, at: datetime, lang: str) -> list[Facts]:
    whole = catalog.areas[catalog.versions[-1][0], catalog.levels[0]][0]
    window = (int(since.timestamp()) - 1, int(at.timestamp()))
    parts = breakdown(connection, catalog.city_id, whole.id, "special", window)
    keys = ("notified", "rectified", "due", "on_time", "open", "overdue")
    return [{"name": TEXTS["name"](part, lang), **{key: part[key] for key in keys}} for part in parts]


def _communities(connection: Connection, catalog: Catalog, since: datetime, at: datetime, lang: str) -> list[Facts]:
    """Each town with its parts."""
    if len(catalog.levels) < 3:
        return []
    version = catalog.version_at(at)
    found = []
    for town in catalog.areas[version, catalog.levels[1]]:
        inner = board(connection, catalog, Asked(catalog.levels[2], town.code, "place", at, since))
        rows = [_row(row, lang) for row in inner["areas"]]
        found.append({"name": TEXTS["name"](inner["totals"], lang), "code": town.code, "rows": rows})
    return found


def _mock(connection: Connection, catalog: Catalog, since: datetime, at: datetime, lang: str) -> Facts:
    """What was observed at points in the window: passes ÷ applicable, by town and by standard."""
    found = mock_scores(connection, catalog.city_id, since, at)
    level = catalog.levels[min(1, len(catalog.levels) - 1)]
    towns = {place.id: place for place in catalog.areas[catalog.versions[-1][0], level]}
    rows = []
    for place_id, place in towns.items():
        passed, applicable = found.areas.get(place_id, (0, 0))
        name = place.name if lang == "zh" else place.name_en or place.name
        rate = rate_shown(passed / applicable) if applicable else "–"
        rows.append({"name": name, "passed": passed, "applicable": applicable, "rate": rate})
    standards = [
        {"code": code, "passed": passed, "applicable": of, "rate": rate_shown(passed / of)}
        for code, (passed, of) in sorted(found.standards.items())
    ]
    return {"rows": rows, "standards": standards}


def _meant(key: str, lang: str) -> list[str]:
    column = next(column for column in (*HEADS, *RATES, *SKY) if column.key == key)
    return [column.head(lang), MEANT[key][lang != "zh"]]


def _schematic(catalog: Catalog, lang: str) -> str:
    """What must be said of borders that are drawn."""
    note = catalog.config["schematic_note"] if catalog.config["schematic"] else None
    return str(note[lang != "zh"]) if note else ""


def _root(connection: Connection, catalog: Catalog, lang: str) -> str:
    """The newest day root of the event chain, by which all this can be held against the store."""
    found = roots_of(connection, catalog.code, newest=True)
    if not found:
        return ""
    root = found[0]
    number = f"第 {root.root_no} 号日根" if lang == "zh" else f"#{root.root_no}"
    return f"{root.day} {number} {root.hash.hex()}"
