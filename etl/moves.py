"""Statements of a ledger → reports and moves: of issues that are new, and of stored ones that went on since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from etl.statements import Statements
from etl.times import written
from weathermap.issue.batch import NONE, Moves, Reports, Text, Times, empty_moves
from weathermap.issue.lives import Lives
from weathermap.issue.plan import Track

SECOND_US = 1_000_000
Step = tuple[str, str, int, str]  # key, move, µs, note


def new_reports(rows: Statements, source: str) -> Reports:
    """One report a row."""
    n = len(rows)
    return Reports(
        source=np.full(n, source, dtype=object),
        source_key=rows.key,
        category=rows.category,
        lon=rows.lon,
        lat=rows.lat,
        reported_at=rows.reported_at,
        address=rows.address,
        point=np.full(n, "", dtype=object),
        unit=rows.unit,
        deadline=rows.deadline,
        error_m=np.full(n, np.nan),
        flag=rows.flag,
        closed_early=(rows.closed_at != NONE) & (rows.closed_at < rows.reported_at),
        written=rows.written,
    )


def new_lives(rows: Statements) -> Lives:
    """What became of new issues: handed to a unit as reported, then fed back and passed, or voided, as they ended.

    None ends before it began; an earlier end is told in the note.
    """
    ended = np.isin(rows.state, ("closed", "void"))
    early = np.flatnonzero(ended & (rows.closed_at != NONE) & (rows.closed_at < rows.reported_at))
    note = np.where(rows.state == "void", "duplicate, transferred or withdrawn", "").astype(object)
    note[early] = [f"the source says {written(end)}" for end in rows.closed_at[early].tolist()]
    end = np.where(ended, np.maximum(rows.reported_at, rows.closed_at), NONE)
    return Lives(shape=rows.state, end=end, note=rows.note, end_note=note)


def agrees(rows: Statements, state: Text, rectified_us: Times) -> NDArray[np.bool_]:
    """Rows that add nothing to stored issues, and leave nothing to remark; `state` and `rectified_us` are stored."""
    again = rows.closed_at // SECOND_US > rectified_us // SECOND_US
    return np.asarray(
        ((rows.state == "open") & np.isin(state, ("handling", "to_check", "suspended")))
        | ((rows.state == "closed") & (state == "rectified") & ~again)
        | ((rows.state == "void") & np.isin(state, ("void", "rejected")))
        | ((rows.state == "reported") & np.isin(state, ("reported", "handling", "to_check", "suspended"))),
        dtype=bool,
    )


def later_moves(rows: Statements, stored: Mapping[str, Track], source: str) -> tuple[Moves, set[str], Counter[str]]:
    """What a newer export adds to stored issues: moves, the keys that move, and remarks on what cannot follow."""
    steps: list[Step] = []
    moving: set[str] = set()
    remarks: Counter[str] = Counter()
    columns = (rows.key, rows.state, rows.reported_at, rows.closed_at, rows.status_at)
    for key, state, start, end, status in zip(*(column.tolist() for column in columns), strict=True):
        track = stored[key]
        if why := _stuck(track, state, max(end, status)):
            remarks[why] += 1
            continue
        added = [(move, max(at, track.last_us)) for move, at in _catching_up(track, state, max(start, end), status)]
        if added:
            moving.add(key)
            steps += [(key, move, at, "a newer export says so") for move, at in added]
    return to_moves(steps, source), moving, remarks


def _stuck(track: Track, state: str, since: int) -> str:
    """Why a stored issue cannot follow the ledger, '' when it can (or need not)."""
    if track.state in ("void", "rejected") and state != "void":
        return f"stored issues are {track.state} and stay so, though the ledger says {state}"
    if track.state == "rectified" and state != "closed" and since < track.rectified_us:
        return f"stored issues were rectified later than the ledger's word {state!r}: an older export? Left as they are"
    return ""


def _catching_up(track: Track, state: str, end: int, status: int) -> Iterable[tuple[str, int]]:
    """(move, µs) from an issue's stored state to the one that the ledger states; nothing where both agree."""
    now = track.state
    if now in ("void", "rejected") or state == "reported":
        return
    again = now == "rectified" and (state != "closed" or end // SECOND_US > track.rectified_us // SECOND_US)
    if again:
        yield "reopen", status if state == "open" else end
    if now == "reported":
        yield "dispatch", track.last_us
    if now == "suspended" and state == "closed":
        yield "resume", end
    if state == "void":
        yield "void", end
    elif state == "closed" and (again or now != "rectified"):
        if now != "to_check":
            yield "feed_back", end
        yield "check_pass", end


def to_moves(steps: list[Step], source: str) -> Moves:
    """Steps as columns."""
    if not steps:
        return empty_moves()
    keys, moves, at, notes = (list(column) for column in zip(*steps, strict=True))
    n = len(steps)
    return Moves(
        source=np.full(n, source, dtype=object),
        source_key=np.array(keys, dtype=object),
        move=np.array(moves, dtype=object),
        at=np.array(at, dtype=np.int64),
        actor=np.full(n, "", dtype=object),
        until=np.full(n, NONE, dtype=np.int64),
        note=np.array(notes, dtype=object),
    )


def join_moves(first: Moves, second: Moves) -> Moves:
    """Both, one after the other."""
    names = [name for name, column in vars(first).items() if column is not None]
    return Moves(**{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names})
