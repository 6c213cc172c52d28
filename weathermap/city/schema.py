"""The columns of a pack's tables: the one place that says what they mean. Reader, checker and README all use it."""

from __future__ import annotations

from weathermap.city.columns import CODE, NAME, NAME_EN, Column, Table, may
from weathermap.city.ladder import LADDER
from weathermap.city.pack import (
    CATEGORY_KINDS,
    CHECKS,
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

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "units",
            Unit,
            "Who answers: town governments, bureaus, resident bodies, contractors (责任单位).",
            (
                CODE,
                NAME,
                NAME_EN,
                Column(
                    "kind",
                    "town 镇（街道）, bureau 市直单位, resident 驻地单位, contractor 承包单位; ranked each by itself",
                    values=UNIT_KINDS,
                ),
                may("area", "code of the area that this unit governs; what `@LEVEL` in duties.csv finds"),
                may("parent", "unit above it", refers="units"),
            ),
            "code",
        ),
        Table(
            "people",
            Person,
            "Who holds a post in a unit. A unit's head answers where a duty names nobody.",
            (
                CODE,
                NAME,
                Column("unit", "the unit", refers="units"),
                Column("role", "the post; at most one head a unit", values=ROLES),
                may("title", "title as it is written on papers"),
                may("patrol", "the daily group that an inspector walks with (督查组), by its name"),
            ),
            "code",
        ),
        Table(
            "categories",
            Category,
            "Kinds of problem (部件 components, 事件 events, services).",
            (
                CODE,
                NAME,
                NAME_EN,
                Column("kind", "component 部件, event 事件, service", values=CATEGORY_KINDS),
                may("special", "the special work that it belongs to", refers="specials"),
                may(
                    "red_line",
                    "1: overdue by 24 h brings thunder (blocked fire exit, missing manhole cover)",
                    kind="flag",
                ),
                may(
                    "check_by",
                    "how feedback is checked (核查): photo 照片, the default, of which a share is visited all "
                    "the same; visit 现场, always",
                    values=CHECKS,
                ),
                may("standard", "when it counts as rectified (结案标准), unless a duty names a checklist item"),
                may("standard_en", "the same in English"),
            ),
            "code",
            needed=True,
        ),
        Table(
            "specials",
            Special,
            "Special rectification works (专项整治).",
            (CODE, NAME, NAME_EN, may("unit", "the leading unit", refers="units")),
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
                CODE,
                may("category", "a category's code, or a prefix ending in `*`"),
                may("area", "`LEVEL:CODE`, e.g. town:350581001; a level of the chain"),
                may("point_kind", "kind of the declared point that the report names", refers="point_kinds"),
                may("source", "source of the report", refers="sources"),
                Column("unit", "a unit's code, or `@LEVEL`: the unit that governs the issue's area of that level"),
                may("person", "a person of that unit; empty: its head", refers="people"),
                may("task", "what is to be done"),
                may("standard", "the checklist item that it is judged by", refers="standards"),
                may("responsibility", "the kind of responsibility (主体责任, 监管责任 …)"),
                may("clause", "document, clause and edition that the duty rests on"),
                may("valid_from", "first day, included", kind="date"),
                may("valid_to", "last day, included", kind="date"),
            ),
            "code",
        ),
        Table(
            "standards",
            Standard,
            "Checklist items: what is looked at when a point of this kind is visited (测评标准).",
            (
                CODE,
                Column("point_kind", "kind of point", refers="point_kinds"),
                NAME,
                NAME_EN,
                may("clause", "document, clause and edition"),
                may("edition", "edition of the standards; every observation keeps the one that it was made by"),
                may("category", "category of the issue that its fail makes (不达标即上报)", refers="categories"),
            ),
            "code",
        ),
        Table("point_kinds", PointKind, "Kinds of declared points (点位类型).", (CODE, NAME, NAME_EN), "code"),
        Table(
            "points",
            Point,
            "Declared inspection points (点位).",
            (
                CODE,
                Column("kind", "kind of point", refers="point_kinds"),
                NAME,
                NAME_EN,
                Column("lon", "longitude, or x in the pack's `crs`", kind="number"),
                Column("lat", "latitude, or y in the pack's `crs`", kind="number"),
                may("unit", "the unit that keeps it", refers="units"),
                may("address", "where it is, in words"),
                may("declared_on", "day of declaration; empty: from the start", kind="date"),
                may("person", "the inspector who keeps visiting it (定人)", refers="people"),
            ),
            "code",
        ),
        Table(
            "sources",
            Source,
            "Where reports come from (来源).",
            (
                CODE,
                NAME,
                NAME_EN,
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
                may("name", "what day it is"),
            ),
            "day",
        ),
        LADDER,
    )
}
