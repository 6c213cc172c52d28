"""Read `city.toml`: every key with its kind, its default and what it means."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from weathermap.city import toml_values as kinds
from weathermap.city.finding import Findings
from weathermap.city.pack import AreaFields, Config
from weathermap.city.toml_values import Wrong

FILE = "city.toml"
_NEEDED = object()


@dataclass(frozen=True)
class Key:
    """One key of `[city]`."""

    name: str
    read: Callable[[Any], Any]
    default: Any
    text: str

    @property
    def needed(self) -> bool:
        return self.default is _NEEDED


KEYS: tuple[Key, ...] = (
    Key("code", kinds.named, _NEEDED, "the city's code: first part of every issue's number"),
    Key("name", kinds.named, _NEEDED, "name in Chinese (or the city's own language)"),
    Key("name_en", kinds.text, "", "name in English"),
    Key("timezone", kinds.timezone, _NEEDED, 'IANA time zone, e.g. "Asia/Shanghai"'),
    Key(
        "crs",
        kinds.crs,
        "EPSG:4326",
        "coordinate system of area files and points.csv; an area file's own `crs` goes first",
    ),
    Key("metric_crs", kinds.metric_crs, _NEEDED, 'projected, in metres, fit for the city, e.g. "EPSG:4549"'),
    Key(
        "levels",
        kinds.chain,
        _NEEDED,
        'the nested chain, coarse to fine; the first is the whole city, e.g. ["city", "town"]',
    ),
    Key("overlays", kinds.levels, (), "levels that divide the city in another way (police districts, say)"),
    Key("schematic", kinds.truth, False, "true: the borders are drawn, not legal; said on every map"),
    Key("schematic_note", kinds.pair, ("", ""), 'what is said then: ["中文", "English"]'),
    Key("review_number", kinds.text, "", "审图号 of the map; empty keeps the public map off"),
    Key("attribution", kinds.text, "", "source line of the borders"),
    Key("coverage", kinds.switch, True, '"on": visits have a source; "off": they have none, unvisited is not judged'),
    Key("period_start", kinds.day, None, "start of the reporting period, a date"),
    Key("calendar", kinds.calendar, "", '"CN": China\'s statutory holidays and make-up days; "": Monday to Friday'),
    Key("office_hours", kinds.hours, ((480, 720), (840, 1080)), 'e.g. [["08:00", "12:00"], ["14:00", "18:00"]]'),
    Key("neighbours", kinds.text, "", "file with the neighbours' land, for drawing"),
    Key(
        "coverage_tolerance_m2",
        kinds.tolerance,
        0.5,
        "overlaps and gaps up to this size (m²) are warnings, larger are faults",
    ),
    Key("unpartitioned", kinds.levels, (), "levels whose overlaps and gaps of any size are warnings"),
    Key(
        "snap_categories",
        kinds.codes,
        (),
        "categories that citizens choose among on /snap, the last one for all else; without them /snap is off",
    ),
    Key("repair", kinds.levels, (), "levels whose invalid rings are repaired as they are read; each is a warning"),
    Key("visit_share", kinds.share, 0.1, "of feedback that photos may prove, the share that is visited all the same"),
    Key("backlog_days", kinds.days, 60, "natural days after which a suspended issue comes back by itself (积存)"),
    Key("citizens_days", kinds.days, 365, "days after the end for which citizens' words and numbers are kept"),
)
TABLES = ("city", "level_names", "area_fields", "weather")
_REMEDY = "See the table of [city] keys in gis_data/README.md."


def read_config(content: bytes, findings: Findings) -> Config | None:
    """The Config of `city.toml`; None when it has a fault."""
    tables = _toml(content, findings)
    if tables is None:
        return None
    for name in tables.keys() - set(TABLES):
        line = line_of(content, f"[{name}")
        findings.fault(
            FILE, line, f"unknown table [{name}].", f"Use only {', '.join(f'[{table}]' for table in TABLES)}."
        )
    values = _city(content, tables.get("city", {}), findings)
    if values is None:
        return None
    _cross(content, values, findings)
    declared = (*values["levels"], *values["overlays"])
    return Config(
        **values,
        level_names=_level_names(content, tables.get("level_names", {}), declared, findings),
        weather=tables.get("weather", {}),
        area_fields=_area_fields(content, tables.get("area_fields", {}), declared, findings),
    )


def line_of(content: bytes, start: str) -> int:
    """First line (from 1) that starts with `start`, blanks aside; 0 when none does."""
    for line, text in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if text.strip().startswith(start):
            return line
    return 0


def _key_line(content: bytes, key: str) -> int:
    return line_of(content, f"{key} =") or line_of(content, f"{key}=") or 1


def _toml(content: bytes, findings: Findings) -> dict[str, Any] | None:
    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.fault(FILE, line, "the file is not UTF-8 (it may be GB18030).", "Save it as UTF-8.")
        return None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else content.count(b"\n") + 1
        findings.fault(FILE, line, f"broken TOML: {error}.", "Mend the line; text stands in quotation marks.")
        return None
    for name, table in tables.items():
        if not isinstance(table, dict):
            findings.fault(FILE, _key_line(content, name), f"{name} stands outside a table.", "Write [city] above it.")
            return None
    return tables


def _city(content: bytes, table: Mapping[str, Any], findings: Findings) -> dict[str, Any] | None:
    known = {key.name for key in KEYS}
    for name in table.keys() - known:
        findings.fault(FILE, _key_line(content, name), f"unknown key {name!r} in [city].", _REMEDY)
    values: dict[str, Any] = {}
    for key in KEYS:
        if key.name not in table:
            if key.needed:
                findings.fault(FILE, 0, f"[city] has no {key.name}.", f"Add {key.name}: {key.text}.")
            else:
                values[key.name] = key.default
            continue
        try:
            values[key.name] = key.read(table[key.name])
        except Wrong as wrong:
            what = f"{key.name} {table[key.name]!r} {wrong}."
            findings.fault(FILE, _key_line(content, key.name), what, f"{key.name}: {key.text}.")
    return values if len(values) == len(KEYS) else None


def _cross(content: bytes, values: Mapping[str, Any], findings: Findings) -> None:
    """What holds between keys."""
    declared = [*values["levels"], *values["overlays"]]
    for name in sorted({level for level in declared if declared.count(level) > 1}):
        findings.fault(FILE, _key_line(content, "levels"), f"level {name!r} is declared twice.", "Keep one of them.")
    for key in ("unpartitioned", "repair"):
        for name in sorted(set(values[key]) - set(declared)):
            what = f"{key} names {name!r}, which is no level."
            findings.fault(FILE, _key_line(content, key), what, f"Levels are {', '.join(declared)}.")
    if values["schematic"] and not all(values["schematic_note"]):
        remedy = 'Add schematic_note = ["中文", "English"].'
        findings.fault(FILE, _key_line(content, "schematic"), "a schematic map must say so.", remedy)


def _level_names(
    content: bytes, table: Mapping[str, Any], declared: tuple[str, ...], findings: Findings
) -> dict[str, tuple[str, str]]:
    names: dict[str, tuple[str, str]] = {}
    for level in dict.fromkeys((*declared, *table)):
        line = _key_line(content, level)
        if level not in declared:
            what = f"[level_names] names {level!r}, which is no level."
            findings.fault(FILE, line, what, f"Levels are {', '.join(declared)}.")
        elif level not in table:
            findings.fault(
                FILE, 0, f"level {level!r} has no name.", f'Add {level} = ["中文", "English"] to [level_names].'
            )
        else:
            try:
                names[level] = kinds.pair(table[level])
            except Wrong as wrong:
                findings.fault(FILE, line, f"level name {level!r} {wrong}.", f'{level} = ["中文", "English"]')
    return names


def _area_fields(
    content: bytes, table: Mapping[str, Any], declared: tuple[str, ...], findings: Findings
) -> dict[str, AreaFields]:
    known = {field.name for field in fields(AreaFields)}
    found: dict[str, AreaFields] = {}
    for level, entry in table.items():
        line = line_of(content, f"[area_fields.{level}]")
        if level not in declared or not isinstance(entry, dict):
            what = f"[area_fields] names {level!r}, which is no level."
            findings.fault(FILE, line, what, f"Levels are {', '.join(declared)}.")
            continue
        wrong = [key for key, value in entry.items() if key not in known or not isinstance(value, str)]
        for key in wrong:
            what = f"[area_fields.{level}] {key!r} is unknown or no text."
            findings.fault(FILE, line, what, f"Use {', '.join(sorted(known))}, each a text.")
        if wrong:
            continue
        try:
            found[level] = AreaFields(**{**entry, "crs": kinds.crs(entry["crs"]) if entry.get("crs") else ""})
        except Wrong as reason:
            findings.fault(FILE, line, f"[area_fields.{level}] crs {entry['crs']!r} {reason}.", 'E.g. "EPSG:4326".')
    return found
