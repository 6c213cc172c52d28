"""The tables of gis_data/README.md, from the schema that the checker uses.

    python -m weathermap.city.manual gis_data/README.md

writes them anew between their marks; a test fails while the file says something else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from weathermap.city.columns import Column, Table
from weathermap.city.config import KEYS, Key
from weathermap.city.pack import AreaFields
from weathermap.city.schema import TABLES
from weathermap.weather.rule import DEFAULT_WEATHER

_BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_AREA_FIELDS = {
    "code": "the area's code, unique in its level; whole numbers may be numbers",
    "name": "its name; without it the code is shown",
    "name_en": "its English name",
    "parent": 'code of the area of the next coarser level that it lies in; `parent = ""`, or no such property: '
    "the coarser level's only area. Overlays have none",
    "crs": "(no property) the coordinate system of this file, whatever the file says itself",
    "code_format": '(no property) how a code is written, as Python formats: `"{:02d}"` turns 3 into 03',
}


def refresh(text: str) -> str:
    """`text` with every generated block written anew. Raises KeyError for a block that nobody makes."""
    blocks = {"keys": _keys(), "area_fields": _fields(), "weather": _weather(), "tables": _tables()}
    return _BLOCK.sub(lambda found: f"{found[1]}{blocks[found[2]]}{found[3]}", text)


def _keys() -> str:
    return _table(("key", "meaning", "without it"), ((f"`{key.name}`", key.text, _default(key)) for key in KEYS))


def _default(key: Key) -> str:
    if key.needed:
        return "**needed**"
    if key.name == "office_hours":
        return '`[["08:00", "12:00"], ["14:00", "18:00"]]`'
    if key.name == "coverage":
        return '`"on"`'
    return f"`{_toml(key.default)}`" if key.default not in (None, "", (), ("", "")) else "–"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str | date) else str(value)


def _fields() -> str:
    defaults = {field.name: field.default for field in fields(AreaFields)}
    rows = ((f"`{name}`", _AREA_FIELDS[name], f"`{default}`" if default else "–") for name, default in defaults.items())
    return _table(("entry", "the property that holds …", "without it"), rows)


def _weather() -> str:
    return _table(("threshold", "usual value"), ((f"`{key}`", f"`{value}`") for key, value in DEFAULT_WEATHER.items()))


def _tables() -> str:
    return "\n".join(_csv(table) for table in TABLES.values())


def _csv(table: Table) -> str:
    needed = " **Needed.**" if table.needed else ""
    header = ",".join(column.name for column in table.columns)
    rows = ((f"`{column.name}`", _meaning(column), "yes" if column.needed else "") for column in table.columns)
    columns = _table(("column", "meaning", "needed"), rows)
    return f"### {table.file}\n\n{table.text}{needed}\n\n```\n{header}\n```\n\n{columns}"


def _meaning(column: Column) -> str:
    kinds = {"number": "number", "flag": "0 or 1", "date": "date, 2026-05-01", "text": ""}
    notes = [kinds[column.kind]] if kinds[column.kind] else []
    notes += ["above zero"] if column.positive else []
    notes += [f"a {TABLES[column.refers].key} of {TABLES[column.refers].file}"] if column.refers else []
    return column.text + (f" ({'; '.join(notes)})" if notes else "")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines) + "\n"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(refresh(path.read_text(encoding="utf-8")), encoding="utf-8")
