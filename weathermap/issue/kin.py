"""What an issue has to do with others: duplicates merged into it, its parts, what may be the same.

A merged issue counts where it was merged into, and has its fate; one that was split counts as its parts, and is done
when they are all done. Both are questions over the events, so that a part reopened
or a survivor voided is told at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from weathermap.issue.workflow import OPEN
from weathermap.store.sql import execute_often, query

NEAR_M = 50.0  # within which two of a category may be one


def survivor_of(connection: Connection, issue_id: int) -> Row[Any] | None:
    """The issue (issue_id, number, state) that it was merged into in the end; None for one that was not merged."""
    return connection.execute(query("issue_survivor"), {"issue_id": issue_id}).first()


def kin_of(connection: Connection, issue_id: int) -> dict[str, list[Row[Any]]]:
    """Rows of issue_kin.sql: `duplicate` (merged into it), `part` (it was split into), `whole` (it is a part of)."""
    found: dict[str, list[Row[Any]]] = {"duplicate": [], "part": [], "whole": []}
    for row in execute_often(connection, "issue_kin", {"issue_id": issue_id}):
        found[row.kin].append(row)
    return found


def done_parts(parts: Sequence[Row[Any]]) -> int:
    """How many of the parts wait for nothing any more; a part that was split itself waits for its own."""
    return sum(part.state not in OPEN and part.state not in ("reported", "split") for part in parts)


def near_duplicates(connection: Connection, issue_id: int) -> list[Row[Any]]:
    """Issues under way that may be the same problem, the nearest first: rows of issue_duplicates.sql."""
    return list(connection.execute(query("issue_duplicates"), {"issue_id": issue_id, "metres": NEAR_M}))
