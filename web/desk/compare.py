"""Checks by photo: before and after side by side, many on one page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from weathermap.evidence.pairs import likeness_of
from weathermap.issue.hands import open_moves
from weathermap.people.accounts import Account
from weathermap.store import tables as t
from weathermap.store.sql import query
from web.desk.marks import Mark, scene_mark

AT_ONCE = 12


@dataclass(frozen=True)
class Shown:
    """A photo, and its number on its side."""

    digest: str
    width: int
    height: int
    place: int


@dataclass(frozen=True)
class Pair:
    """An issue to check, and its photos: those that agree best come first of each side, the others in their order."""

    row: Any
    note: str  # of the feedback
    before: Sequence[Shown]
    after: Sequence[Shown]
    scene: Mark | None  # whether both sides show one


def pairs_of(connection: Connection, account: Account, rows: Sequence[Any], lang: str) -> list[Pair]:
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
    ids = [row.issue_id for row in chosen]
    photos: dict[tuple[int, bool], list[Shown]] = {}
    for one in connection.execute(query("photos_compared"), {"ids": ids}):
        side = photos.setdefault((one.issue_id, one.after), [])
        side.append(Shown(one.digest, one.width, one.height, len(side) + 1))
    likeness = likeness_of(connection, ids)

    def pair(row: Any) -> Pair:
        before, after = (photos.get((row.issue_id, side), []) for side in (False, True))
        best, note = likeness.get(row.issue_id), _note(last[row.issue_id])
        if best is None:
            return Pair(row, note, before, after, None)
        scene = scene_mark(best, [one.digest for one in before], [one.digest for one in after], lang)
        return Pair(row, note, _first(before, best.before), _first(after, best.after), scene)

    return [pair(row) for row in chosen]


def _first(photos: Sequence[Shown], digest: str) -> list[Shown]:
    return sorted(photos, key=lambda one: one.digest != digest)


def _note(event: Any) -> str:
    return str(json.loads(event.data).get("note", ""))
