"""Issues on their way and what happens to them, as columns; and the world that decides it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Chance, Reals
from etl.demo.clocks import Clocks
from etl.demo.crews import Crews
from etl.demo.places import Ints
from weathermap.city.calendar import Calendar
from weathermap.duty.deadlines import Limits
from weathermap.issue.workflow import MOVES, STATES

MINUTE_S, HOUR_S = 60.0, 3_600.0
SECOND_US = 1_000_000
NEVER = np.inf
STATE = {name: i for i, name in enumerate(STATES)}
MOVE = {name: i for i, name in enumerate(MOVES)}
NAMES = tuple(MOVES)
FRESH, FED, PASSED = 2, 3, 4  # events so far: handed over; fed back at the first try; passed at the first try


@dataclass
class Lives:
    """Issues on their way; parallel arrays, shape (n,). Instants in seconds since 1970Z, NaN where none."""

    key: Ints
    kind: Ints  # of noticing.KINDS
    unit: Ints
    town: Ints
    category: Ints
    state: Ints  # of STATE
    seq: Ints  # events so far
    last: Reals  # the latest event
    notified: Reals
    deadline: Reals
    suspended: Reals
    extended: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Lives:
        return Lives(*(getattr(self, f.name)[rows] for f in fields(self)))


@dataclass
class Steps:
    """Moves as they happen; parallel arrays. `row` points into the lives, `seq` counts an issue's events from 1."""

    row: Ints
    seq: Ints
    move: Ints  # of MOVE
    at: Reals
    until: Reals  # NaN where none

    def __len__(self) -> int:
        return len(self.row)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Steps:
        return Steps(*(getattr(self, f.name)[rows] for f in fields(self)))


def join_steps(parts: list[Steps]) -> Steps:
    """One after the other."""
    return Steps(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Steps)))


@dataclass(frozen=True)
class World:
    """What lives depend on. `settled`: when a year was closed; its issues take up their life
    again there.

    `own_deadlines`: a demo that runs faster than life names its deadlines itself, by its own clocks.
    """

    chance: Chance
    clocks: Clocks
    crews: Crews
    calendar: Calendar
    limits: Limits
    codes: NDArray[np.object_]  # of the pack's categories
    hard: Reals  # of each category, logits
    red: NDArray[np.bool_]
    settled: float = -NEVER
    own_deadlines: bool = False
    by_wall: NDArray[np.bool_] = field(init=False)  # categories limited in clock hours

    def __post_init__(self) -> None:
        limits = self.limits.rows(self.codes)
        by_wall = np.array([limit.kind == "clock_hours" for limit in self.limits.limits], dtype=bool)
        object.__setattr__(self, "by_wall", by_wall[limits])
