"""What a mapping says, as data: which columns, and how their values are understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class CategoryRule:
    """A value's category: by `codes`, else a category's code or name, else `new`: 'add' | 'reject' | a code."""

    column: str
    codes: Mapping[str, str]
    new: str


@dataclass(frozen=True)
class PositionRule:
    """`lon`, `lat` are x and y columns of `crs`. Points are (x, y) in the same system."""

    lon: str
    lat: str
    crs: str
    default_points: tuple[tuple[float, float], ...]  # where the source puts what it could not locate
    real_points: tuple[tuple[float, float], ...]  # busy, and yet true
    default_share: float  # a spot that holds this share of all rows is taken for a default point
    crs_said: bool = True  # by the mapping; else the file's own system counts, if it has one
    sure: bool = False  # the system is right, even if another one fits better


@dataclass(frozen=True)
class TimeRule:
    """Time columns ('' = none) and their formats, tried in order; times without a zone are the city's."""

    formats: tuple[str, ...]
    reported_at: str
    closed_at: str
    deadline: str
    status_at: str  # when the status was last set: the instant of a voiding or reopening without a closing time
    earliest: date


@dataclass(frozen=True)
class CodeRule:
    """A column whose values are codes or names, after `codes` and `code_format` ('{:02d}' turns 3 into 03)."""

    column: str
    codes: Mapping[str, str]
    code_format: str = ""


@dataclass(frozen=True)
class StatusRule:
    """Which values mean 'open', 'closed', 'void' or 'reported' (filed, not yet handed to a unit)."""

    column: str
    states: Mapping[str, str]


@dataclass(frozen=True)
class ColumnMapping:
    """A whole mapping."""

    file: Path
    source: str  # code of the pack's source
    key: str
    address: str
    encoding: str
    delimiter: str
    sheet: str  # of a workbook, or layer of a geographic file; '' = found
    category: CategoryRule
    position: PositionRule | None
    times: TimeRule
    unit: CodeRule | None
    status: StatusRule | None
    published: Mapping[str, CodeRule]  # level or overlay → the area that the source itself names

    def columns(self) -> list[str]:
        """Every ledger column that it names."""
        times, position = self.times, self.position
        named = [self.key, self.category.column, times.reported_at, times.closed_at, times.deadline, times.status_at]
        named += [position.lon, position.lat] if position else []
        named += [rule.column for rule in (self.unit, self.status, *self.published.values()) if rule]
        return [name for name in (*named, self.address) if name]
