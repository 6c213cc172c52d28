"""The list behind every number: the issues that a measure counts, at any instant, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from weathermap.errors import UnknownName
from weathermap.issue.moved import MOVED
from weathermap.store.sql import source_of

STATES = (
    "notified",
    "rectified",
    "open",
    "due",
    "on_time",
    "late",
    "overdue",
    "long_overdue",
    "red_overdue",
    "suspended",
    "extended",
    "ordered",
    "listed",
    "to_check",
    "to_check_photo",
    "to_check_visit",
    "returned",
    "reported",
    "handling",
    "handed_back",
    "extension",
    "suspension",
    "escalated",
    "to_reopen",
    "rejected",
    "void",
    "merged",
    "split",
    "unlocated",
    "review",
    "ahead",
    *MOVED,
)
URGENT = (
    "open",
    "handling",
    "handed_back",
    "extension",
    "suspension",
    "escalated",
    "overdue",
    "long_overdue",
    "red_overdue",
    "ordered",
    "listed",
    "to_check",
    "to_check_photo",
    "to_check_visit",
    "returned",
    "ahead",
    *MOVED,
)  # listed by deadline, the most urgent first


@dataclass(frozen=True)
class Filter:
    """Which issues. `since`: start of the window, None = from the beginning; ids and codes None = any.

    `looked`: only what was recorded by `at`. `borders`: (version, coarsest, finest level) where `area_id` belongs to
    an earlier boundary version.
    """

    city_id: int
    state: str | None
    at: datetime
    since: datetime | None = None
    area_id: int | None = None
    unit_id: int | None = None
    point: str | None = None
    category: str | None = None
    special: str | None = None
    source: str | None = None
    looked: bool = False
    borders: tuple[int, str, str] | None = None
    until: datetime | None = None  # of what lies ahead: the last deadline

    def parameters(self) -> dict[str, Any]:
        """The parameters of issues_asof.sql."""
        if self.state is not None and self.state not in STATES:
            raise UnknownName(f"state={self.state!r} is not known.", f"States: {', '.join(STATES)}.")
        return {
            "city_id": self.city_id,
            "until_us": int((self.until or self.at).timestamp()) * 1_000_000,
            "state": self.state or "",
            "urgent": self.state in URGENT,
            "at_us": int(self.at.timestamp()) * 1_000_000,
            "from_us": int(self.since.timestamp()) * 1_000_000 if self.since else -(2**53),
            "area_id": self.area_id,
            "unit_id": self.unit_id,
            "point": self.point,
            "category": self.category,
            "special": self.special,
            "source": self.source,
            "looked": self.looked,
            "version": self.borders and self.borders[0],
            "coarsest": self.borders and self.borders[1],
            "finest": self.borders and self.borders[2],
        }


def count_issues(connection: Connection, chosen: Filter) -> int:
    """How many issues the filter finds: equals the number it stands behind."""
    found: int = connection.execute(_question(chosen.state in MOVED, None), chosen.parameters()).scalar_one()
    return found


def list_issues(
    connection: Connection, chosen: Filter, limit: int, after: tuple[int, int] | None
) -> list[Row[tuple[Any, ...]]]:
    """One page: urgent states by deadline, all else newest first. `after`: (key, tie) of the last row before."""
    asked = {"limit": limit, "after_key": after and after[0], "after_id": after and after[1]}
    statement = _question(chosen.state in MOVED, source_of("issues_first"))
    return list(connection.execute(statement, {**chosen.parameters(), **asked}).all())


def chosen_issues(first: str = "") -> str:
    """The beginning of a statement over `chosen`: the issues that a filter finds; `first`: only these of each part."""
    part = source_of("issues_part")
    parts = (f"({part.replace('PART', name)} {first})" for name in ("unchanged", "replayed"))
    return f"{source_of('issues_asof')}, chosen AS ({' UNION ALL '.join(parts)})"


@cache
def _question(moved: bool, first: str | None) -> TextClause:
    """The statement that counts or, with `first`, lists a page."""
    chosen = source_of("issues_moved") if moved else chosen_issues(first or "")
    if first is None:
        return text(f"{chosen} {source_of('issues_count')}")
    page = f"page AS MATERIALIZED (SELECT * FROM chosen AS s WHERE true {first})"
    return text(f"{chosen}, {page} {source_of('issues_page')}")
