"""The form of one row of a pack's table, from the schema that the checker uses."""

from __future__ import annotations

from dataclasses import dataclass

from weathermap.city.pack import Pack
from weathermap.city.rows import Row
from weathermap.city.schema import TABLES, Column
from web.desk.admin_words import HINTS, column_name


@dataclass(frozen=True)
class Field:
    """One column: `kind` is text | number | flag | date | choice; `choices` are (value, words)."""

    name: str
    label: str
    hint: str
    kind: str
    value: str
    needed: bool
    fixed: bool  # the key of a row that is stored: what is stored names it
    choices: tuple[tuple[str, str], ...] = ()
    ideas: tuple[tuple[str, str], ...] = ()  # offered beside free text


def fields_of(pack: Pack, table: str, values: Row, lang: str, stored: bool) -> list[Field]:
    """The fields of a row, in the order of its columns."""
    schema = TABLES[table]
    found = []
    for column in schema.columns:
        choices = _choices(pack, column, lang)
        kind = "choice" if choices and not _many(choices) else column.kind
        found.append(
            Field(
                name=column.name,
                label=column_name(column.name, lang),
                hint=column.text if lang == "en" else HINTS.get((table, column.name), ""),
                kind=kind,
                value=values.get(column.name, ""),
                needed=column.needed and column.kind != "flag",
                fixed=stored and column.name == schema.key,
                choices=choices if kind == "choice" else (),
                ideas=_ideas(pack, table, column.name, lang) or (choices if kind != "choice" else ()),
            )
        )
    return found


def _many(choices: tuple[tuple[str, str], ...]) -> bool:
    return len(choices) > 60


def _choices(pack: Pack, column: Column, lang: str) -> tuple[tuple[str, str], ...]:
    if column.values:
        return tuple((value, value) for value in column.values)
    if not column.refers:
        return ()
    key = TABLES[column.refers].key
    rows = getattr(pack, column.refers)
    return tuple((getattr(row, key), f"{getattr(row, key)} {_name(row, lang)}") for row in rows)


def _ideas(pack: Pack, table: str, column: str, lang: str) -> tuple[tuple[str, str], ...]:
    if (table, column) == ("duties", "unit"):
        governed = tuple((f"@{level}", pack.config.level_names[level][lang == "en"]) for level in pack.config.levels)
        return governed + tuple((unit.code, _name(unit, lang)) for unit in pack.units)
    if column == "category":
        return tuple((category.code, _name(category, lang)) for category in pack.categories)
    if column == "area":
        coarse = pack.config.levels[1:3]
        dated = table == "duties"
        return tuple(
            (f"{level}:{code}" if dated else str(code), str(name))
            for level in coarse
            for code, name in zip(pack.areas[level].codes, pack.areas[level].names, strict=True)
        )
    return ()


def _name(row: object, lang: str) -> str:
    english = getattr(row, "name_en", "") if lang == "en" else ""
    return str(english or getattr(row, "name", ""))
