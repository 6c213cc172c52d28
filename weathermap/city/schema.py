"""The columns of a pack's tables: the one place that says what they mean. Reader, checker and README all use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from weathermap.city.pack import (
    CATEGORY_KINDS,
    LIMIT_KINDS,
    ROLES,
    SOURCE_KINDS,
    UNIT_KINDS,
    Category,
    Duty,
    Holiday,
    Limit,
    Person,
    Point,
    PointKind,
    Source,
    Special,
    Standard,
    Unit,
)

ColumnKind = Literal["text", "number", "flag", "date"]


@dataclass(frozen=True)
class Column:
    """One column of a CSV file. `refers`: the table whose key it must hold, if it holds anything."""

    name: str
    text: str
    needed: bool = True  # must be there and not be empty
    kind: ColumnKind = "text"
    values: tuple[str, ...] = ()
    refers: str = ""
    positive: bool = False


@dataclass(frozen=True)
class Table:
    """One CSV file. `row` is the dataclass of weathermap.city.pack whose fields the columns are, in order."""

    name: str
    row: type[Any]
    text: str
    columns: tuple[Column, ...]
    key: str  # the column whose values are unique
    needed: bool = False

    @property
    def file(self) -> str:
        return f"{self.name}.csv"


def _may(name: str, text: str, **more: Any) -> Column:
    return Column(name, text, needed=False, **more)


_CODE = Column("code", "code, unique in the file")
_NAME = Column("name", "name in Chinese (or the city's own language)")
_NAME_EN = _may("name_en", "name in English")

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "units",
            Unit,
            "Who answers: town governments, bureaus, resident bodies, contractors (责任单位).",
            (
                _CODE,
                _NAME,
                _NAME_EN,
                Column(
                    "kind",
                    "town 镇（街道）, bureau 市直单位, resident 驻地单位, contractor 承包单位; ranked each by itself",
                    values=UNIT_KINDS,
                ),
                _may("area", "code of the area that this unit governs; what `@LEVEL` in duties.csv finds"),
                _may("parent", "unit above it", refers="units"),
            ),
            "code",
        ),
        Table(
            "people",
            Person,
            "Who holds a post in a unit. A unit's head answers where a duty names nobody.",
            (
                _CODE,
                _NAME,
                Column("unit", "the unit", refers="units"),
                Column("role", "the post; at most one head a unit", values=ROLES),
                _may("title", "title as it is written on papers"),
            ),
            "code",
        ),
        Table(
            "categories",
            Category,
            "Kinds of problem (部件 components, 事件 events, services).",
            (
                _CODE,
                _NAME,
                _NAME_EN,
                Column("kind", "component 部件, event 事件, service", values=CATEGORY_KINDS),
                _may("special", "the special work that it belongs to", refers="specials"),
                _may(
                    "red_line",
                    "1: overdue by 24 h brings thunder (blocked fire exit, missing manhole cover)",
                    kind="flag",
                ),
            ),
            "code",
            needed=True,
        ),
        Table(
            "specials",
            Special,
            "Special rectification works (专项整治).",
            (_CODE, _NAME, _NAME_EN, _may("unit", "the leading unit", refers="units")),
            "code",
        ),
        Table(
            "limits",
            Limit,
            "How long a unit has. With this file every category needs a match; without it sources bring deadlines.",
            (
                Column(
                    "category", "a category's code, or a prefix ending in `*` (`*` alone: all); the longest match wins"
                ),
                Column("amount", "how many; whole for workdays", kind="number", positive=True),
                Column(
                    "kind",
                    "clock_hours 紧急工作时 (plain hours), work_hours 工作时 (hours inside office time), "
                    "workdays 工作日 (same clock time so many statutory workdays later)",
                    values=LIMIT_KINDS,
                ),
            ),
            "category",
        ),
        Table(
            "duties",
            Duty,
            "Who answers for what (责任清单). Empty patterns match everything. Of duties that match, the finer "
            "area wins; then the category (exact, then the longer prefix), point kind, source. A tie is a fault.",
            (
                _CODE,
                _may("category", "a category's code, or a prefix ending in `*`"),
                _may("area", "`LEVEL:CODE`, e.g. town:350581001; a level of the chain"),
                _may("point_kind", "kind of the declared point that the report names", refers="point_kinds"),
                _may("source", "source of the report", refers="sources"),
                Column("unit", "a unit's code, or `@LEVEL`: the unit that governs the issue's area of that level"),
                _may("person", "a person of that unit; empty: its head", refers="people"),
                _may("task", "what is to be done"),
                _may("standard", "the checklist item that it is judged by", refers="standards"),
                _may("responsibility", "the kind of responsibility (主体责任, 监管责任 …)"),
                _may("clause", "document, clause and edition that the duty rests on"),
                _may("valid_from", "first day, included", kind="date"),
                _may("valid_to", "last day, included", kind="date"),
            ),
            "code",
        ),
        Table(
            "standards",
            Standard,
            "Checklist items: what is looked at when a point of this kind is visited (测评标准).",
            (
                _CODE,
                Column("point_kind", "kind of point", refers="point_kinds"),
                _NAME,
                _NAME_EN,
                _may("clause", "document, clause and edition"),
            ),
            "code",
        ),
        Table("point_kinds", PointKind, "Kinds of declared points (点位类型).", (_CODE, _NAME, _NAME_EN), "code"),
        Table(
            "points",
            Point,
            "Declared inspection points (点位).",
            (
                _CODE,
                Column("kind", "kind of point", refers="point_kinds"),
                _NAME,
                _NAME_EN,
                Column("lon", "longitude, or x in the pack's `crs`", kind="number"),
                Column("lat", "latitude, or y in the pack's `crs`", kind="number"),
                _may("unit", "the unit that keeps it", refers="units"),
                _may("address", "where it is, in words"),
                _may("declared_on", "day of declaration; empty: from the start", kind="date"),
            ),
            "code",
        ),
        Table(
            "sources",
            Source,
            "Where reports come from (来源).",
            (
                _CODE,
                _NAME,
                _NAME_EN,
                Column(
                    "kind", "patrol 巡查, snapshot 随手拍, round 巡访, hotline 热线, ledger 台账", values=SOURCE_KINDS
                ),
                Column("error_m", "position error assumed when a report brings none, metres", kind="number"),
            ),
            "code",
            needed=True,
        ),
        Table(
            "holidays",
            Holiday,
            "Days off and make-up days that override the calendar (节假日与调休). A year that the calendar library "
            "does not know counts as known once this file gives its 1 January and 1 October as days off.",
            (
                Column("day", "the day", kind="date"),
                Column("workday", "0: a day off; 1: a make-up workday", kind="flag"),
                _may("name", "what day it is"),
            ),
            "day",
        ),
    )
}
