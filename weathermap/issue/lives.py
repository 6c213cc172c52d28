"""What a ledger tells of new issues: a report each, and in which of a few shapes it went on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from weathermap.issue.batch import NONE, Columns, Moves, Reports, Text, Times, empty_moves

# shape → the moves after the report: the first as it is reported, with `note`; the rest at the end, with `end_note`
SHAPES: Mapping[str, tuple[str, ...]] = {
    "reported": (),
    "open": ("dispatch",),
    "closed": ("dispatch", "feed_back", "check_pass"),
    "void": ("dispatch", "void"),
}


@dataclass(frozen=True)
class Lives(Columns):
    """Parallel to the reports. `end`: when it ended, never before its report; NONE for a shape without an end."""

    shape: Text  # of SHAPES
    end: Times
    note: Text  # of the dispatch
    end_note: Text


def moves_of(reports: Reports, lives: Lives) -> Moves:
    """The moves of these lives one by one: issue after issue, each in order."""
    steps = [SHAPES[shape] for shape in lives.shape.tolist()]
    row = np.repeat(np.arange(len(lives)), [len(moves) for moves in steps])
    if not len(row):
        return empty_moves()
    place = np.arange(len(row)) - np.searchsorted(row, row, side="left")
    note = np.where(place == 0, lives.note[row], np.where(place == 1, lives.end_note[row], ""))
    return Moves(
        source=reports.source[row],
        source_key=reports.source_key[row],
        move=np.array([move for moves in steps for move in moves], dtype=object),
        at=np.where(place == 0, reports.reported_at[row], lives.end[row]),
        actor=np.full(len(row), "", dtype=object),
        until=np.full(len(row), NONE, dtype=np.int64),
        note=note.astype(object),
    )
