"""Checks by photo: before and after side by side, many on one page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from weathermap.issue.hands import open_moves
from weathermap.people.accounts import Account
from weathermap.store import tables as t
from weathermap.store.sql import query

AT_ONCE = 12


@dataclass(frozen=True)
class Pair:
    """An issue to check, and its photos: (digest, width, height) each."""

    row: Any
    note: str  # of the feedback
    before: Sequence[tuple[str, int, int]]
    after: Sequence[tuple[str, int, int]]


def pairs_of(connection: Connection, account: Account, rows: Sequence[Any]) -> list[Pair]:
    """Those of `rows` that this account may check, the first AT_ONCE."""
    e = t.issue_event.c
    fed = select(e.issue_id, e.actor, e.data).where(
        e.move == "feed_back", e.issue_id.in_([row.issue_id for row in rows])
    )
    last = {one.issue_id: one for one in connection.execute(fed.order_by(e.seq))}

    def may(row: Any) -> bool:
        moves = open_moves(account, row.state, row.unit_id, last[row.issue_id].actor)
        return any(move.name == "check_pass" for move in moves)

    chosen = [row for row in rows if row.issue_id in last and may(row)][:AT_ONCE]
    photos: dict[tuple[int, bool], list[tuple[str, int, int]]] = {}
    for one in connection.execute(query("photos_compared"), {"ids": [row.issue_id for row in chosen]}):
        photos.setdefault((one.issue_id, one.after), []).append((one.digest, one.width, one.height))
    return [
        Pair(
            row, _note(last[row.issue_id]), photos.get((row.issue_id, False), ()), photos.get((row.issue_id, True), ())
        )
        for row in chosen
    ]


def _note(event: Any) -> str:
    return str(json.loads(event.data).get("note", ""))
