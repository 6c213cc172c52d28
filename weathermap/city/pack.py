"""A city as data: the dataclasses of a city pack. Read by `weathermap.city.reading`, judged by `weathermap.city.check`.

Every coordinate is WGS84 longitude and latitude in degrees (EPSG:4326) once read, whatever the pack's files use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from weathermap.city.ladder import LadderStep

UnitKind = Literal["town", "bureau", "resident", "contractor"]
LimitKind = Literal["clock_hours", "work_hours", "workdays"]
UNIT_KINDS: tuple[UnitKind, ...] = ("town", "bureau", "resident", "contractor")
LIMIT_KINDS: tuple[LimitKind, ...] = ("clock_hours", "work_hours", "workdays")
ROLES = ("head", "deputy", "handler", "inspector", "supervisor", "commander")
CATEGORY_KINDS = ("component", "event", "service")
CHECKS = ("photo", "visit")
SOURCE_KINDS = ("patrol", "snapshot", "round", "hotline", "ledger")


@dataclass(frozen=True)
class Areas:
    """All areas of one level, sorted by code; the arrays are parallel, shape (n,)."""

    level: str
    codes: NDArray[np.object_]
    names: NDArray[np.object_]
    names_en: NDArray[np.object_]  # '' where none
    parents: NDArray[np.object_]  # code of the area of the next coarser level; '' at the top and for overlays
    geoms: NDArray[np.object_]  # shapely Polygon or MultiPolygon, degrees, EPSG:4326
    file: Path
    lines: NDArray[np.int64]  # line in `file` where the feature starts, from 1

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Unit:
    code: str
    name: str
    name_en: str
    kind: UnitKind
    area: str  # code of the area that this unit governs ('' when none): a town's government has its town
    parent: str


@dataclass(frozen=True)
class Person:
    code: str
    name: str
    unit: str
    role: str  # head | deputy | handler | inspector | supervisor | commander
    title: str
    patrol: str = ""  # the daily group that an inspector walks with, '' when none


@dataclass(frozen=True)
class Category:
    code: str
    name: str
    name_en: str
    kind: Literal["component", "event", "service"]
    special: str  # code of the special work it belongs to, '' when none
    red_line: bool  # overdue 24 h brings thunder
    check_by: str = ""  # how feedback is checked: '' or photo | visit
    standard: str = ""  # when a problem of this kind counts as rectified (结案标准)
    standard_en: str = ""


@dataclass(frozen=True)
class Special:
    """A special rectification work (专项整治)."""

    code: str
    name: str
    name_en: str
    unit: str  # the leading unit


@dataclass(frozen=True)
class Limit:
    """How long a unit has for a category. `category` is a code, or a prefix ending in `*`; the longest match wins."""

    category: str
    amount: float
    kind: LimitKind


@dataclass(frozen=True)
class Duty:
    """Who answers for what. Empty patterns match everything; the most specific duty wins, a tie is a fault.

    `unit` is a unit's code, or `@LEVEL`: the unit that governs the area of that level in which the issue lies.
    """

    code: str
    category: str  # code, or prefix ending in `*`, or ''
    area: str  # `LEVEL:CODE`, or ''
    point_kind: str
    source: str
    unit: str
    person: str  # code, or '' = the unit's head
    task: str
    standard: str  # code of a standard, or ''
    responsibility: str
    clause: str  # the document and clause that the duty rests on
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class Standard:
    """One item of a checklist: what is looked at when a point of this kind is visited."""

    code: str
    point_kind: str
    name: str
    name_en: str
    clause: str
    edition: str = ""  # of the standards that it stands in
    category: str = ""  # of the issue that a fail makes, '' when none is proposed


@dataclass(frozen=True)
class PointKind:
    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Point:
    """A declared inspection point (点位)."""

    code: str
    kind: str
    name: str
    name_en: str
    lon: float
    lat: float
    unit: str
    address: str
    declared_on: date | None
    person: str = ""  # the inspector who keeps visiting it, '' when none is fixed


@dataclass(frozen=True)
class Source:
    """Where reports come from. `error_m`: position error assumed when a report brings none, metres."""

    code: str
    name: str
    name_en: str
    kind: Literal["patrol", "snapshot", "round", "hotline", "ledger"]
    error_m: float


@dataclass(frozen=True)
class AreaFields:
    """Which property of an area file says what: `[area_fields.LEVEL]`. A feature without it may use our own name."""

    code: str = "code"
    name: str = "name"
    name_en: str = "name_en"
    parent: str = "parent"  # '' = the one area of the next coarser level
    code_format: str = ""  # e.g. '{:02d}' turns 3 into 03
    crs: str = ""  # of this file, whatever it says itself; '' = its own `crs` member, else the city's


@dataclass(frozen=True)
class Config:
    """What `city.toml` says. `weather` holds the thresholds of DEFAULT_WEATHER, overridden by the pack."""

    code: str
    name: str
    name_en: str
    timezone: str  # IANA
    crs: str  # of the area files and points.csv, e.g. EPSG:4326
    metric_crs: str  # projected, metres: distances and the unit grid, e.g. EPSG:4549
    levels: tuple[str, ...]  # the nested chain, coarse to fine; the first has one area, the city itself
    overlays: tuple[str, ...]
    level_names: Mapping[str, tuple[str, str]]  # level → (Chinese, English)
    schematic: bool  # borders are drawn, not legal: said on every map
    schematic_note: tuple[str, str]
    review_number: str  # 审图号; '' keeps the public map off
    attribution: str
    coverage: bool  # whether visits have a source
    period_start: date | None  # start of the reporting period
    calendar: str  # 'CN' = chinesecalendar, '' = Monday to Friday
    office_hours: tuple[tuple[int, int], ...]  # minutes of the day, e.g. ((480, 720), (840, 1080))
    weather: Mapping[str, Any]
    neighbours: str  # file of neighbours' land for drawing, '' when none
    area_fields: Mapping[str, AreaFields] = field(default_factory=dict)  # level → where its file says what
    coverage_tolerance_m2: float = 0.5  # overlaps and gaps up to this size pass as warnings
    unpartitioned: tuple[str, ...] = ()  # levels whose overlaps and gaps of any size pass as warnings
    snap_categories: tuple[str, ...] = ()  # citizens choose among them, the last is for all else; (): /snap is off
    repair: tuple[str, ...] = ()  # levels whose invalid rings are repaired as they are read, each with a warning
    visit_share: float = 0.1  # of the feedback that photos may prove, how much is visited all the same
    backlog_days: int = 60  # natural days after which a suspended issue comes back by itself
    citizens_days: int = 365  # natural days after the end for which citizens' words and numbers are kept


@dataclass(frozen=True)
class Holiday:
    day: date
    workday: bool  # True: a make-up workday; False: a day off
    name: str


@dataclass(frozen=True)
class Pack:
    """A whole city pack. `levels` and `overlays` of `config` are the keys of `areas`."""

    directory: Path
    config: Config
    areas: Mapping[str, Areas]
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    categories: tuple[Category, ...]
    specials: tuple[Special, ...]
    limits: tuple[Limit, ...]
    duties: tuple[Duty, ...]
    standards: tuple[Standard, ...]
    point_kinds: tuple[PointKind, ...]
    points: tuple[Point, ...]
    sources: tuple[Source, ...]
    holidays: tuple[Holiday, ...]
    ladder: tuple[LadderStep, ...]
    sha256: str  # of everything above, file by file: equal packs are one version
    boundary_sha256: str  # of the area files alone
    files: Mapping[str, bytes] = field(repr=False, default_factory=dict)  # name in the pack → content, as read

    @property
    def finest(self) -> Areas:
        """The finest level of the chain: the only one in which points are located."""
        return self.areas[self.config.levels[-1]]
