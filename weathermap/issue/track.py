"""One issue on its way through a plan: its present state, and the instants that its row shows."""

from __future__ import annotations

from dataclasses import dataclass, field

from weathermap.issue.batch import NONE
from weathermap.tally.measures import Flow

Key = tuple[str, str]  # source, source_key
SECOND_US = 1_000_000
LATE_US = 60 * SECOND_US  # what is recorded within a minute counts as known when it happened


@dataclass
class Track:
    """One issue on its way through a plan: its present state, and what the plan appends to it."""

    issue_id: int
    key: Key
    category: str
    unit: str  # code of the unit that holds or would get it, ''
    subjects: list[int]  # places and, once dispatched, the unit and the slices of all these
    unit_id: int  # 0: none
    state: str
    seq: int
    hash: bytes
    last_us: int
    flow: Flow
    deadline_us: int = NONE
    notified_us: int = NONE
    fed_back_us: int = NONE
    rectified_us: int = NONE
    suspended_us: int = NONE
    places: list[int] = field(default_factory=list)
    category_id: int = 0
    source_id: int = 0
    given_us: int = NONE  # deadline that the source named, of an issue not handed over yet
    person_id: int = 0  # who answers for it; 0: nobody yet
    start_seq: int = 0  # before this plan


def is_late(at: int, recorded: int, since: int = NONE) -> bool:
    """Whether what happened at `at` was not yet known then; µs. Recorded NONE: known at its own instant.

    `since`: other borders held before; what they counted stays, so that whatever comes after is late for them.
    """
    return at < since or (recorded != NONE and at < recorded - LATE_US)


def remember(track: Track, move: str, at: int, until: int) -> None:
    """The instants that the issue's row shows, exact to the microsecond."""
    if move == "dispatch":
        track.notified_us, track.deadline_us = at, until
    elif move in ("extend", "redate") and until != NONE:
        track.deadline_us = until
    elif move == "feed_back":
        track.fed_back_us = at
    elif move == "check_pass":
        track.rectified_us = at
    elif move in ("check_fail", "reopen"):
        track.fed_back_us = track.rectified_us = NONE
    elif move == "suspend":
        track.suspended_us = at
    elif move == "resume":
        track.suspended_us = NONE
        if track.flow.deadline is not None:
            track.deadline_us = track.flow.deadline * SECOND_US
