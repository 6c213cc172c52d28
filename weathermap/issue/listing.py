"""The list behind every number: the issues that a measure counts, at any instant, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from weathermap.errors import UnknownName
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
    "to_check",
    "reported",
    "rejected",
    "void",
    "unlocated",
    "review",
)
URGENT = ("open", "overdue", "long_overdue", "red_overdue", "to_check")  # listed by deadline, the most urgent first


@dataclass(frozen=True)
class Filter:
    """Which issues. `since`: start of the window, None = from the beginning; ids and codes None = any."""

    city_id: int
    state: str | None
    at: datetime
    since: datetime | None = None
    area_id: int | None = None
    unit_id: int | None = None
    category: str | None = None
    special: str | None = None
    source: str | None = None

    def parameters(self) -> dict[str, Any]:
        """The parameters of issues_asof.sql and issues_where.sql."""
        if self.state is not None and self.state not in STATES:
            raise UnknownName(f"state={self.state!r} is not known.", f"States: {', '.join(STATES)}.")
        return {
            "city_id": self.city_id,
            "state": self.state or "",
            "at_us": int(self.at.timestamp()) * 1_000_000,
            "from_us": int(self.since.timestamp()) * 1_000_000 if self.since else -(2**53),
            "area_id": self.area_id,
            "unit_id": self.unit_id,
            "category": self.category,
            "special": self.special,
            "source": self.source,
        }


def count_issues(connection: Connection, chosen: Filter) -> int:
    """How many issues the filter finds: equals the number it stands behind."""
    statement = f"{source_of('issues_asof')} SELECT count(*) {source_of('issues_where')}"
    found: int = connection.execute(text(statement), chosen.parameters()).scalar_one()
    return found


def list_issues(
    connection: Connection, chosen: Filter, limit: int, after: tuple[int, int] | None
) -> list[Row[tuple[Any, ...]]]:
    """One page: urgent states by deadline, all else newest first. `after`: `key_of` of the last row before."""
    urgent = chosen.state in URGENT
    order = "COALESCE(CAST(extract(epoch FROM s.deadline) * 1000000 AS bigint), 9000000000000000), i.issue_id"
    key = (
        f"({order})"
        if urgent
        else "(CAST(extract(epoch FROM COALESCE(s.notified_at, i.reported_at)) * -1000000 AS bigint), -i.issue_id)"
    )
    statement = (
        f"{source_of('issues_asof')} {source_of('issues_page')} {source_of('issues_where')}"
        f" AND (CAST(:after_key AS bigint) IS NULL OR {key} > (:after_key, :after_id))"
        f" ORDER BY {key} LIMIT :limit"
    )
    values = {**chosen.parameters(), "limit": limit, "after_key": after and after[0], "after_id": after and after[1]}
    return list(connection.execute(text(statement), values).all())


def key_of(row: Mapping[str, Any], state: str | None) -> tuple[int, int]:
    """The key under which `list_issues` goes on after `row`."""
    if state in URGENT:
        return (_us(row["deadline"]) if row["deadline"] else 9_000_000_000_000_000, row["issue_id"])
    return (-_us(row["notified_at"] or row["reported_at"]), -row["issue_id"])


def _us(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond
