"""Notices as rows, written in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from weathermap.city.ladder import LadderStep
from weathermap.issue.appending import Plan
from weathermap.notice.kinds import OF_BULLETIN, OF_ORDER, kind_of, proposal_kind
from weathermap.store import copy
from weathermap.store.notice_tables import notice


def notices_of(city_id: int, planned: Plan) -> dict[str, copy.Column] | None:
    """The columns of `notice` for a plan's events; None when nobody need be told."""
    tracks = {track.issue_id: track for track in (*planned.new, *planned.touched)}
    told = []
    for issue_id, seq, at, move, actor, _, _ in planned.events:
        track = tracks[issue_id]
        kind = kind_of(move, actor, at, track.deadline_us)
        if kind:
            told.append((kind, at, issue_id, seq, track.unit_id, actor))
    if not told:
        return None
    kinds, instants, issues, seqs, units, actors = zip(*told, strict=True)
    return {
        "city_id": copy.numbers([city_id] * len(told)),
        "kind": copy.texts(kinds),
        "at": copy.instants(instants),
        "issue_id": copy.numbers(issues),
        "seq": copy.numbers(seqs),
        "unit_id": copy.optional(units, 0),
        "actor": copy.numbers(actors),
    }


def tell_of_proposals(
    connection: Connection, city_id: int, at: datetime, rows: Sequence[tuple[int, int, int | None, LadderStep]]
) -> None:
    """Tell the deciders of (issue id, its last event, its unit, step of the ladder)."""
    if rows:
        connection.execute(
            notice.insert(),
            [
                {"city_id": city_id, "kind": proposal_kind(step.decider), "at": at, "issue_id": i, "seq": seq}
                | {"unit_id": unit, "actor": 0, "step": step.code, "spread": False}
                for i, seq, unit, step in rows
            ],
        )


def tell_of_order(
    connection: Connection, city_id: int, at: datetime, order_id: int, seq: int, move: str, unit_id: int, actor: int
) -> None:
    """Tell of a move on an order on a unit."""
    row = {"city_id": city_id, "kind": OF_ORDER[move], "at": at, "order_id": order_id, "seq": seq, "unit_id": unit_id}
    connection.execute(notice.insert().values(**row, actor=actor, step="", spread=False))


def tell_of_bulletin(
    connection: Connection,
    city_id: int,
    at: datetime,
    bulletin_id: int,
    step: str,
    units: Sequence[int | None],
    actor: int,
) -> None:
    """Tell these units, or with None the office, of a step in the life of a bulletin."""
    row = {"city_id": city_id, "kind": OF_BULLETIN[step], "at": at, "seq": 0, "bulletin_id": bulletin_id}
    row |= {"actor": actor, "step": "", "spread": False}
    if units:
        connection.execute(notice.insert(), [row | {"unit_id": unit} for unit in units])
