"""A change of one row of a city's tables, made into the pack that would hold it: nothing else knows how to change one.

A duty is changed from a day on: the old one ends the day before, so that the past is routed as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from weathermap.amend.history import Changed
from weathermap.city.check import examined_tables
from weathermap.city.finding import Fault
from weathermap.city.pack import Pack
from weathermap.city.rows import Row, rows_of, with_row
from weathermap.city.schema import TABLES
from weathermap.errors import Refused, UnknownName

# What an administrator may change on the pages, and nothing else of a pack.
AMENDED = ("units", "people", "duties", "holidays", "categories", "limits", "standards")
DATED = "duties"
LONGEST = 500  # characters of a value


@dataclass(frozen=True)
class Amendment:
    """A row wanted. `key` '' adds one, `values` None takes it out. `since`: a duty's first day; None: mended."""

    table: str
    key: str
    values: Row | None
    since: date | None = None


@dataclass(frozen=True)
class Draft:
    """What it would make: the pack (None with faults), its new faults, and each row that changes."""

    pack: Pack | None
    faults: list[Fault]
    changed: list[Changed]


def draft(pack: Pack, wanted: Amendment, today: date) -> Draft:
    """Raises UnknownName, Refused for what is no change at all."""
    if wanted.table not in AMENDED:
        raise UnknownName(f"The table {wanted.table!r} is not changed here.", f"Tables: {', '.join(AMENDED)}.")
    known = {row[TABLES[wanted.table].key]: row for row in rows_of(pack.files, wanted.table)}
    steps = _steps(wanted, known)
    files, changed = dict(pack.files), []
    for key, values in steps:
        files = with_row(files, wanted.table, key, values)
        changed.append(Changed(wanted.table, key, known.get(key), values, wanted.since or today))
    findings, found = examined_tables(pack, files)
    return Draft(None if findings.faults else found.pack, findings.faults, changed)


def _steps(wanted: Amendment, known: dict[str, Row]) -> list[tuple[str, Row | None]]:
    """The rows to put in, in order."""
    schema = TABLES[wanted.table]
    old = known.get(wanted.key)
    if wanted.key and old is None:
        raise UnknownName(
            f"{schema.file} has no row {wanted.key!r}.",
            "Somebody may have taken it out: load the list.",
            f"没有 {wanted.key} 这一行，可能已被删去。请重新打开列表。",
        )
    if wanted.values is None:
        return [(wanted.key, _ended(old, wanted.since))]
    values = {column.name: wanted.values.get(column.name, "").strip() for column in schema.columns}
    for name, value in values.items():
        if len(value) > LONGEST or not value.isprintable():
            raise Refused(
                f"{name} is no line of up to {LONGEST} characters.",
                "Shorten it; one line, no tabs.",
                f"「{name}」须写成一行，最多 {LONGEST} 个字。",
            )
    if values == old:
        raise Refused("Nothing was changed.", "Change a value, then look again.", "没有改动。请改一个值再看影响。")
    key = values[schema.key]
    if key != wanted.key and key in known:
        raise Refused(
            f"There is a row {key!r} already.",
            "Choose another, or change that one.",
            f"已有 {key} 这一行。请换一个编码，或去修改那一行。",
        )
    if old is None:
        dated = {"valid_from": wanted.since.isoformat()} if wanted.table == DATED and wanted.since else {}
        return [(key, values | dated)]
    if key != wanted.key:
        raise Refused(
            f"{schema.key} stays {wanted.key!r}: what is stored names it.",
            "Add a new row, and end this one.",
            f"「{schema.key}」不能改：已存的数据按 {wanted.key} 引用它。请新增一行，再停用这一行。",
        )
    started = date.fromisoformat(old["valid_from"]) if old.get("valid_from") else date.min
    if wanted.table != DATED or wanted.since is None or started >= wanted.since:
        return [(key, values)]
    later = f"{key.partition('@')[0]}@{wanted.since:%Y%m%d}"
    return [(key, _ended(old, wanted.since)), (later, values | {"code": later, "valid_from": wanted.since.isoformat()})]


def _ended(old: Row | None, since: date | None) -> Row | None:
    """A duty that holds to the day before; anything else, or one that has not begun, is gone."""
    if old is None or since is None or "valid_to" not in old or (old["valid_from"] or "0") >= since.isoformat():
        return None
    return old | {"valid_to": (since - timedelta(days=1)).isoformat()}
