"""A plan, and appending to it: one event, its place in the chain, what it posts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from weathermap.errors import IllegalMove
from weathermap.issue.batch import NONE, Reports
from weathermap.issue.decide import Decisions
from weathermap.issue.ledger import seal
from weathermap.issue.track import SECOND_US, Track, is_late, remember
from weathermap.issue.workflow import is_reminder, step
from weathermap.tally.measures import Delta

TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once: half of each event's cost


@dataclass
class Plan:
    """The rows to write. `new` are the tracks of `reports`, in their order; `touched` were stored before."""

    reports: Reports
    decisions: Decisions
    new: list[Track]
    touched: list[Track]
    events: list[tuple[int, int, int, str, int, str, bytes]]  # issue, seq, µs, move, actor, data, hash
    deltas: list[Delta]
    holders: list[int]  # row in `subjects` of each delta
    subjects: list[list[int]]
    recorded: int = NONE
    since: int = NONE  # of the city's borders
    late_events: list[int] = field(default_factory=list)  # rows of `events` that came later than they happened
    late_deltas: list[int] = field(default_factory=list)  # rows of `deltas` that change what was counted before

    @property
    def late_s(self) -> int:
        """When what is late becomes known: seconds since 1970Z; not before the city's borders hold."""
        return max(self.recorded // SECOND_US, -(-self.since // SECOND_US))


def append(result: Plan, track: Track, move: str, at: int, actor: int, data: dict[str, object], until: int) -> None:
    """One event: the state after it, its place in the chain, what it posts."""
    try:
        track.state = step(track.state, move)
    except IllegalMove as error:
        raise IllegalMove(
            f"Issue {track.key[1]!r} of source {track.key[0]!r} at {iso(at)}: {error.what}", error.remedy
        ) from error
    track.seq += 1
    text = TO_JSON(data)
    track.hash = seal(track.hash, track.issue_id, track.seq, at, move, actor, text)
    if not is_reminder(move, actor):
        track.last_us = at  # what happened before a reminder and comes after it keeps its own instant
    result.events.append((track.issue_id, track.seq, at, move, actor, text, track.hash))
    before = len(track.flow.deltas)
    track.flow.apply(move, at // SECOND_US, None if until == NONE else until // SECOND_US)
    remember(track, move, at, until)
    if is_late(at, result.recorded, result.since):
        result.late_events.append(len(result.events) - 1)
    post(result, track.flow.deltas[before:], track.subjects, at)


def post(result: Plan, posted: list[Delta], subjects: list[int], at: int) -> None:
    """Deltas of a move at `at` (µs) that count for these subjects."""
    if not posted:
        return
    if is_late(at, result.recorded, result.since):
        rows = enumerate(posted, start=len(result.deltas))
        result.late_deltas += [row for row, (second, _, _) in rows if second < result.late_s]
    result.deltas += posted
    if not result.subjects or result.subjects[-1] is not subjects:
        result.subjects.append(subjects)
    result.holders += [len(result.subjects) - 1] * len(posted)


def iso(us: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).isoformat().replace("+00:00", "Z")
