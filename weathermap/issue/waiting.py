"""What waits now: the desk's queues, by the current rows of the issues under way, page by page, what burns first.

The lists behind the numbers (`weathermap.issue.listing`) answer for any instant and replay what was touched since; a
desk asks for now alone, many times a minute, so its questions stay within one narrow index (`issue_waiting`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from weathermap.errors import UnknownName
from weathermap.issue.workflow import ANSWERS
from weathermap.store.sql import query, source_of

# queue state → by what it burns: its deadline, or how long it has waited
BURNS: Mapping[str, str] = {
    **dict.fromkeys(("handling", "to_check", "overdue", "open", "review", "ordered", "listed"), "deadline"),
    **dict.fromkeys(("to_check_photo", "to_check_visit", "returned", "merged", "split"), "deadline"),
    **dict.fromkeys(("handed_back", "extension", "suspension", "escalated", "to_reopen"), "deadline"),
    "reported": "reported",
    "suspended": "suspended",
}
REQUESTS = {
    "handed_back": "hand_back",
    "extension": "ask_extension",
    "suspension": "ask_suspension",
    "escalated": "escalate",
    "to_reopen": "ask_reopen",
}
ALONE = ("to_check_photo", "to_check_visit", "returned", "merged", "split")  # counted by themselves
Place = tuple[int, int]  # in a queue's order: its key, and the issue's id


@dataclass(frozen=True)
class Waiting:
    """Which of the issues under way, reported ones among them. Ids None: any. `now_us`: µs since 1970Z."""

    city_id: int
    state: str  # one of BURNS
    now_us: int
    area_id: int | None = None
    unit_id: int | None = None
    category_id: int | None = None
    source_id: int | None = None

    def parameters(self) -> dict[str, Any]:
        """Of waiting_part.sql. Raises UnknownName."""
        if self.state not in BURNS:
            raise UnknownName(f"Nothing waits as {self.state!r}.", f"Queues: {', '.join(BURNS)}.")
        request = REQUESTS.get(self.state, "")
        return {**vars(self), "by": BURNS[self.state], "request": request, "answers": list(ANSWERS)}


def page_of(
    connection: Connection, chosen: Waiting, limit: int, after: Place | None = None
) -> tuple[list[Place], int | None]:
    """Places of the rows after a place in the queue; and how many wait in all: None where no row is left."""
    asked = {"limit": limit, "after_key": after and after[0], "after_id": after and after[1]}
    rows = connection.execute(_question("waiting_page"), {**chosen.parameters(), **asked}).all()
    return [(row.key, row.issue_id) for row in rows], rows[0].total if rows else None


def near_of(connection: Connection, chosen: Waiting, place: Place) -> tuple[int | None, int | None]:
    """Ids of the issues just before and just after a place in the queue."""
    rows = connection.execute(_question("waiting_near"), {**chosen.parameters(), "key": place[0], "id": place[1]})
    found: dict[bool, int] = {row.back: row.issue_id for row in rows}
    return found.get(True), found.get(False)


def count_of(connection: Connection, chosen: Waiting) -> int:
    """How many wait."""
    found: int = connection.execute(_question("waiting_count"), chosen.parameters()).scalar_one()
    return found


def counts_of(
    connection: Connection,
    city_id: int,
    now_us: int,
    unit_id: int | None,
    states: Collection[str] = tuple(BURNS),
    area_id: int | None = None,
) -> dict[str, tuple[int, int]]:
    """Of these queue states: how many wait in all (within an area), and how many of them with the unit.

    Most of them in one pass.
    """
    asked = {"city_id": city_id, "now_us": now_us, "unit_id": unit_id, "answers": list(ANSWERS), "area_id": area_id}
    rows = {row.state: row for row in connection.execute(query("waiting_counts"), asked)}
    found = {state: (rows[state].n, rows[state].own) for state in ("reported", "handling", "to_check", "suspended")
             if state in rows}  # fmt: skip
    for state, move in (*REQUESTS.items(), ("ordered", "order"), ("listed", "list_publicly")):
        if move in rows:
            found[state] = rows[move].n, rows[move].own
    under_way = [rows[state] for state in ("handling", "to_check", "suspended") if state in rows]
    found["open"] = sum(row.n for row in under_way), sum(row.own for row in under_way)
    found["overdue"] = sum(row.overdue for row in under_way), sum(row.own_overdue for row in under_way)
    found["review"] = sum(row.review for row in rows.values()), 0
    for state in states:
        if state == "to_check_photo":  # what need not be visited
            visits = count_of(connection, Waiting(city_id, "to_check_visit", now_us, area_id))
            found["to_check_visit"], found[state] = (visits, 0), (found.get("to_check", (0, 0))[0] - visits, 0)
    for state in states:
        if state in ALONE and state not in found:
            found[state] = count_of(connection, Waiting(city_id, state, now_us, area_id)), 0
    return {state: found.get(state, (0, 0)) for state in states}


def rows_of(connection: Connection, ids: Sequence[int]) -> list[Row[Any]]:
    """The issues of these ids, in this order."""
    return list(connection.execute(query("issue_rows"), {"ids": list(ids)})) if ids else []


@cache
def _question(name: str) -> TextClause:
    # read whole, from its index: some ten thousand narrow rows cost less than a plan that goes astray
    spot, part = source_of("waiting_spot"), source_of("waiting_part")
    return text(f"WITH on_the_spot AS ({spot}), part AS MATERIALIZED ({part}) {source_of(name)}")
