"""Another category for an issue that was not handed over yet: who would get it, and its term, are decided anew.

Nothing has been counted for it by then, so no tally changes; the receipt given on entry stays, an event says the rest.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from weathermap.city.clock import local_days
from weathermap.errors import UnknownName
from weathermap.issue.appending import Plan, append
from weathermap.issue.batch import NONE, Moves
from weathermap.issue.given import Wish
from weathermap.issue.handing import actor_of
from weathermap.issue.held import Hands
from weathermap.issue.track import Track
from weathermap.store import tables as t
from weathermap.store.registry import City


def routed_anew(connection: Connection, city: City, granted: Sequence[tuple[Wish, Hands]]) -> dict[str, dict[str, Any]]:
    """What the event of each wish says, by number: category, the one before, and the unit that duties name now ('')."""
    wishes = {row.issue_id: wish for wish, row in granted if wish.move == "recategorise"}
    if not wishes:
        return {}
    i, p = t.issue.c, t.point.c
    asked = select(i.issue_id, i.number, i.area_id, i.receipt["rule"].astext.label("rule"), p.kind)
    asked = asked.outerjoin_from(t.issue, t.point, p.point_id == i.point_id).where(i.issue_id.in_(wishes))
    rows = {row.issue_id: row for row in connection.execute(asked)}
    finest = {int(key): at for at, key in enumerate(city.area_ids[city.pack.config.levels[-1]])}
    found: dict[str, dict[str, Any]] = {}
    for wish, held in granted:
        if held.issue_id not in wishes or wish.move != "recategorise":
            continue
        row = rows[held.issue_id]
        unit, duty = held.unit or "", ""
        if row.rule != "given":  # whom the source named stays
            now = np.array([time.time_ns() // 1_000], dtype=np.int64)
            routes = city.book.router.route(
                _one(wish.category),
                np.array([finest.get(row.area_id or 0, -1)], dtype=np.int32),
                _one(row.kind or ""),
                _one(held.source),
                local_days(now, city.pack.config.timezone),
            )
            at = int(routes.unit[0])
            unit = city.pack.units[at].code if at >= 0 else ""
            duty = city.pack.duties[int(routes.duty[0])].code if routes.duty[0] >= 0 else ""
        told = {"category": wish.category, "was": held.category, "route": unit, "from": held.unit}
        found[wish.number] = {**told, "duty": duty} if duty else told
    return found


def recategorise(result: Plan, track: Track, city: City, moves: Moves, row: int, at: int) -> None:
    """The issue is of the category that the move's facts name. Raises UnknownName where they name none of the pack."""
    facts = (moves.facts[row] if moves.facts is not None else None) or {}
    code = str(facts.get("category", ""))
    if code not in city.book.categories or "route" not in facts:
        raise UnknownName(f"A change of category names {code!r}.", "It is made at the desk, not imported.")
    data = {**facts, **({"note": moves.note[row]} if moves.note[row] else {})}
    append(result, track, "recategorise", at, actor_of(moves, row, city), data, NONE)
    at_row = city.book.categories[code]
    track.category, track.category_id = code, int(city.category_ids[at_row])
    track.flow.red_line = city.pack.categories[at_row].red_line
    track.unit = str(facts["route"])


def _one(value: str) -> np.ndarray[Any, Any]:
    return np.array([value, None], dtype=object)[:1]
