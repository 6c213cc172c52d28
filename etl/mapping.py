"""`mapping.toml`: how the columns of a ledger become reports and moves. The format is described in `TABLES` below.

A mapping is read whole and judged before any ledger: an unknown table or entry is an error with the nearest name.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

from etl.read.ledger import Ledger, X
from etl.read.values import ISO
from etl.rules import CategoryRule, CodeRule, ColumnMapping, PositionRule, StatusRule, TimeRule
from etl.times import SERIAL
from weathermap.city.offset import system
from weathermap.errors import CrsError, LedgerError

FIRST_DAY = date(1970, 1, 1)  # the calendar knows none before
STATES = ("open", "closed", "void", "reported")
# table → entry → (wanted type, needed). `published` and `*.codes`, `status.states` hold entries of any name.
TABLES: dict[str, dict[str, tuple[type | tuple[type, ...], bool]]] = {
    "": {"source": (str, True), "key": (str, True), "address": (str, False)},
    "file": {"encoding": (str, False), "delimiter": (str, False), "sheet": (str, False)},
    "category": {"column": (str, True), "codes": (dict, False), "new": (str, False)},
    "position": {
        "lon": (str, True),
        "lat": (str, True),
        "crs": (str, False),
        "default_points": (list, False),
        "real_points": (list, False),
        "default_share": ((int, float), False),
        "sure": (bool, False),
    },
    "times": {
        "formats": (list, True),
        "reported_at": (str, True),
        "closed_at": (str, False),
        "deadline": (str, False),
        "status_at": (str, False),
        "earliest": (date, False),
    },
    "unit": {"column": (str, True), "codes": (dict, False)},
    "status": {"column": (str, True), "states": (dict, True)},
}
PUBLISHED: dict[str, tuple[type | tuple[type, ...], bool]] = {
    "column": (str, True),
    "code_format": (str, False),
    "codes": (dict, False),
}
OPTIONAL = ("file", "unit", "status", "position")


def read_mapping(path: Path) -> ColumnMapping:
    """The mapping in `path`. Raises LedgerError, naming table and entry."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(
            f"The mapping {path} cannot be read: {error}.", "Give a TOML file in UTF-8 with --mapping."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"The mapping {path} is not TOML: {error}.", 'Texts stand in "quotation marks".') from error
    _judge(path, content)
    category, times = content["category"], content["times"]
    _check_formats(path, times["formats"])
    return ColumnMapping(
        file=path,
        source=content["source"],
        key=content["key"],
        address=content.get("address", ""),
        encoding=content.get("file", {}).get("encoding", ""),
        delimiter=content.get("file", {}).get("delimiter", ""),
        sheet=content.get("file", {}).get("sheet", ""),
        category=CategoryRule(category["column"], category.get("codes", {}), category.get("new", "reject")),
        position=_position(path, content.get("position")),
        times=TimeRule(
            formats=tuple(times["formats"]),
            reported_at=times["reported_at"],
            closed_at=times.get("closed_at", ""),
            deadline=times.get("deadline", ""),
            status_at=times.get("status_at", ""),
            earliest=max(times.get("earliest", FIRST_DAY), FIRST_DAY),
        ),
        unit=_codes(content.get("unit")),
        status=_status(path, content.get("status")),
        published={level: rule for level, table in content.get("published", {}).items() if (rule := _codes(table))},
    )


def fitted(rules: ColumnMapping, ledger: Ledger) -> ColumnMapping:
    """The mapping for this file: a geographic file's own system counts unless the mapping says another, and times
    that were real values are read in the form in which they are written here. Raises LedgerError (missing columns)."""
    ledger.need(rules.columns())
    if ledger.typed:
        times = replace(rules.times, formats=(*rules.times.formats, *ISO))
        rules = replace(rules, times=times)
    position = rules.position
    if position is not None and position.lon == X and ledger.crs and not position.crs_said:
        rules = replace(rules, position=replace(position, crs=ledger.crs))
    return rules


def _judge(path: Path, content: dict[str, Any]) -> None:
    tables = {name: table for name, table in content.items() if isinstance(table, dict)}
    _entries(path, "", {name: value for name, value in content.items() if name not in tables}, TABLES[""])
    for name in tables:
        if name not in (*TABLES, "published"):
            _fail(path, f"there is no table [{name}]", _near(name, [*TABLES, "published"]))
    for name, entries in TABLES.items():
        if name and (name in tables or name not in OPTIONAL):
            _entries(path, name, tables.get(name, {}), entries)
    for level, table in tables.get("published", {}).items():
        _entries(path, f"published.{level}", table if isinstance(table, dict) else {}, PUBLISHED)


def _entries(path: Path, table: str, found: dict[str, Any], wanted: dict[str, tuple[Any, bool]]) -> None:
    place = f"[{table}] " if table else ""
    for name in found.keys() - wanted.keys():
        _fail(path, f"{place}{name} means nothing", _near(name, list(wanted)))
    for name, (kind, needed) in wanted.items():
        if needed and found.get(name) in (None, "", [], {}):
            _fail(
                path,
                f"{place}{name} is missing",
                f"Add it: gis_data/README.md describes {place or 'the top of '}the mapping.",
            )
        if name in found and (not isinstance(found[name], kind) or isinstance(found[name], bool) != (kind is bool)):
            _fail(path, f"{place}{name} = {found[name]!r} is of the wrong kind", f"Wanted: {_words(kind)}.")


def _position(path: Path, table: dict[str, Any] | None) -> PositionRule | None:
    if table is None:
        return None
    crs = table.get("crs", "EPSG:4326")
    try:
        system(crs)
    except CrsError:
        remedy = 'Write its EPSG code, e.g. "EPSG:4326" or "EPSG:4549", or "GCJ-02" or "BD-09".'
        _fail(path, f"[position] crs = {crs!r} is no coordinate system", remedy)
    points = {name: _points(path, name, table.get(name, [])) for name in ("default_points", "real_points")}
    share = float(table.get("default_share", 0.01))
    if not 0 < share <= 1:
        _fail(path, f"[position] default_share = {share} is no share", "Write a number above 0 and up to 1, e.g. 0.01.")
    return PositionRule(
        lon=table["lon"],
        lat=table["lat"],
        crs=crs,
        **points,
        default_share=share,
        crs_said="crs" in table,
        sure=table.get("sure", False),
    )


def _points(path: Path, name: str, points: list[Any]) -> tuple[tuple[float, float], ...]:
    try:
        return tuple((float(x), float(y)) for x, y in points)
    except (TypeError, ValueError):
        _fail(path, f"[position] {name} = {points!r} is no list of points", "Write [[lon, lat], [lon, lat]].")


def _check_formats(path: Path, formats: list[Any]) -> None:
    moment = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    for form in formats:
        if form == SERIAL:
            continue
        try:
            day = datetime.strptime(moment.strftime(form), form).date()
        except (TypeError, ValueError):
            day = None
        if day != moment.date():
            _fail(
                path,
                f"[times] formats: {form!r} gives no whole date",
                f'Write e.g. "%Y-%m-%d %H:%M" (strptime), or "{SERIAL}".',
            )


def _codes(table: dict[str, Any] | None) -> CodeRule | None:
    return CodeRule(table["column"], table.get("codes", {}), table.get("code_format", "")) if table else None


def _status(path: Path, table: dict[str, Any] | None) -> StatusRule | None:
    if table is None:
        return None
    for value, state in table["states"].items():
        if state not in STATES:
            _fail(path, f"[status.states] {value!r} = {state!r} is no state", f"States: {', '.join(STATES)}.")
    return StatusRule(table["column"], table["states"])


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, [k for k in known if k], n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(k for k in known if k)}."


def _words(kind: Any) -> str:
    words = {str: "a text", dict: "a table", list: "a list", date: "a date such as 2014-01-01", bool: "true or false"}
    return words.get(kind, "a number")


def _fail(path: Path, what: str, remedy: str) -> NoReturn:
    raise LedgerError(f"{path}: {what}.", remedy)
