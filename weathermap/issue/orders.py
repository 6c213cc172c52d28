"""What people in charge asked for, and what came of it: a question over events, at any instant, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from weathermap.errors import UnknownName
from weathermap.issue.workflow import ASKED, MOVES
from weathermap.store.sql import ask_often, source_of

KINDS = {"order": ("order", "list_publicly"), "list_publicly": ("list_publicly",), "urge": ("urge",)}
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "overdue": ("超期未办结", "Overdue"),
    "open": ("限期内办理", "Within term"),
    "to_check": ("待核查", "Awaiting check"),
    "in_term": ("限期内办结", "Done in term"),
    "late": ("超期办结", "Done late"),
    "void": ("作废", "Void"),
}
RUNNING = ("overdue", "open", "to_check")
GROUPS = {"current": RUNNING, "done": ("in_term", "late")}
OUTCOME_NAMES = (*OUTCOMES, *GROUPS)
After = tuple[int, int, int]  # key, issue id, sequence number of the last row of the page before
assert all(move in ASKED and move in MOVES for kind in KINDS.values() for move in kind)


@dataclass(frozen=True)
class OrderFilter:
    """Which orders. Given in the window from `since` (None = the beginning) to `at`; judged as it stood at `at`."""

    city_id: int
    at: datetime
    state: str | None = None  # of OUTCOME_NAMES, None: all
    kind: str = "order"  # of KINDS
    since: datetime | None = None
    area_id: int | None = None
    unit_id: int | None = None

    def parameters(self) -> dict[str, Any]:
        """The parameters of orders_asof.sql. Raises UnknownName."""
        if self.state is not None and self.state not in OUTCOME_NAMES:
            raise UnknownName(f"state={self.state!r} is not known.", f"States of orders: {', '.join(OUTCOME_NAMES)}.")
        if self.kind not in KINDS:
            raise UnknownName(f"kind={self.kind!r} is not known.", f"Kinds: {', '.join(KINDS)}.")
        outcomes = GROUPS.get(self.state or "", (self.state,) if self.state else tuple(OUTCOMES))
        return {
            "city_id": self.city_id,
            "kinds": list(KINDS[self.kind]),
            "outcomes": list(outcomes),
            "urgent": set(outcomes) <= set(RUNNING),
            "at_us": int(self.at.timestamp()) * 1_000_000,
            "from_us": int(self.since.timestamp()) * 1_000_000 if self.since else -(2**53),
            "area_id": self.area_id,
            "unit_id": self.unit_id,
        }


def count_orders(connection: Connection, chosen: OrderFilter) -> dict[str, int]:
    """How many of each outcome; every outcome that was asked for is named."""
    parameters = chosen.parameters()
    found = {row.outcome: row.n for row in connection.execute(_question("orders_count"), parameters)}
    return {outcome: found.get(outcome, 0) for outcome in OUTCOMES if outcome in parameters["outcomes"]}


def list_orders(
    connection: Connection, chosen: OrderFilter, limit: int, after: After | None, levels: Sequence[str] = ()
) -> list[Row[tuple[Any, ...]]]:
    """One page: those that still run by term, the most urgent first; all else newest first.

    `levels`: those whose areas people speak of; each order names the finest of them as its place.
    """
    key, issue, seq = after or (None, None, None)
    page = {"levels": list(levels), "limit": limit, "after_key": key, "after_issue": issue, "after_seq": seq}
    return list(connection.execute(_question("orders_page"), {**chosen.parameters(), **page}).all())


def supervised(
    connection: Connection,
    city_id: int,
    at: datetime,
    looked: bool = False,
    borders: tuple[int, str, str] | None = None,
) -> dict[int, tuple[int, int]]:
    """(under order, publicly listed): open issues of each area and unit that has any, at an instant.

    `looked`: only what was recorded by then. `borders`: (version, coarsest, finest level) of an earlier boundary
    version, in whose places they are counted; None: in those of now.
    """
    version, coarsest, finest = borders or (None, None, None)
    asked: dict[str, Any] = {"city_id": city_id, "at_us": int(at.timestamp()) * 1_000_000, "looked": looked}
    asked |= {"version": version, "coarsest": coarsest, "finest": finest}
    return {subject: (ordered, listed) for subject, ordered, listed in ask_often(connection, "orders_open", asked)}


def _question(tail: str) -> TextClause:
    return text(f"{source_of('orders_asof')} {source_of(tail)}")
