"""What comes in: a batch of reports and of moves, as parallel columns. One report is a batch of one.

Times are microseconds since 1970-01-01T00:00Z (int64), NONE where there is none. Positions are WGS84 degrees
(EPSG:4326), NaN where there is none. Texts are Python strings in object arrays, '' where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

NONE = np.iinfo(np.int64).min
Text = NDArray[np.object_]
Times = NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """Parallel columns of equal length."""

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in vars(self).items() if column is not None}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns differ in length: {lengths}")

    def __len__(self) -> int:
        return len(next(iter(vars(self).values())))

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Self:
        """The rows of `index`, in its order."""
        return type(self)(**{name: column if column is None else column[index] for name, column in vars(self).items()})


@dataclass(frozen=True)
class Reports(Columns):
    """New problems. (source, source_key) is unique in a city."""

    source: Text  # code of the pack's sources
    source_key: Text
    category: Text  # code
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    reported_at: Times
    address: Text
    point: Text  # code of a declared point, or ''
    unit: Text  # code of a unit that the source names itself, or '': duties decide
    deadline: Times  # that the source names itself, or NONE: limits decide
    error_m: NDArray[np.float64]  # metres, NaN: the source's setting
    flag: Text  # '' or why the position cannot be used: 'missing' | 'default' | 'swapped'
    closed_early: NDArray[np.bool_]  # the source closed it before it was reported: kept out of statistics of duration
    written: Text | None = None  # coordinates and system as the source has them, '' where it has these; None: all do
    by: Text | None = None  # code of the person on duty who reports it, ''; None: none is known
    beside: Text | None = None  # what its first event keeps beside all this, as dicts for JSON; None: nothing


@dataclass(frozen=True)
class Moves(Columns):
    """What happened to problems, by (source, source_key): moves of `weathermap.issue.workflow`, in any order."""

    source: Text
    source_key: Text
    move: Text
    at: Times
    actor: Text  # person's code, or ''
    until: Times  # new deadline of an extension, end of a suspension; else NONE
    note: Text  # a short plain reason; never personal text
    unit: Text | None = None  # code of the unit that a dispatch or reassign names itself, ''; None: none does
    photos: Text | None = None  # digests of the photos that came with it, hex, divided by blanks; None: none has any
    facts: Text | None = None  # what else the event says: a dict each, or None; None: nothing


@dataclass(frozen=True)
class Visits(Columns):
    """Visits of points by inspectors or rounds. `key` is unique in a city."""

    key: Text
    kind: Text  # 'patrol' | 'full' | 'round' | 'check'
    point: Text
    inspector: Text  # person's code, or ''
    start: Times
    end: Times


@dataclass(frozen=True)
class Batch:
    """One intake: everything in it is planned together and written in one transaction."""

    reports: Reports
    moves: Moves
    visits: Visits | None = None


@cache
def empty_reports() -> Reports:
    """No reports: for a batch of moves alone."""
    text, real, whole = np.array([], dtype=object), np.array([], dtype=np.float64), np.array([], dtype=np.int64)
    return Reports(text, text, text, real, real, whole, text, text, text, whole, real, text, np.array([], dtype=bool))


def empty_moves() -> Moves:
    """No moves: for a batch of reports alone."""
    text, whole = np.array([], dtype=object), np.array([], dtype=np.int64)
    return Moves(text, text, text, whole, text, whole, text)
