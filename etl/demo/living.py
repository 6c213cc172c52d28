"""Letting issues live: move after move, until an instant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Reals
from etl.demo.life import MINUTE_S, MOVE, SECOND_US, STATE, Lives, Steps, World, join_steps
from etl.demo.next_move import next_moves
from etl.demo.places import Ints
from weathermap.duty.deadlines import after_suspension, deadlines
from weathermap.issue.workflow import MOVES, STATES, step

_TARGET = np.full((len(STATES), len(MOVES)), -1, dtype=np.int64)
for _move, _entry in MOVES.items():
    for _state in _entry.sources & STATE.keys():
        _TARGET[STATE[_state], MOVE[_move]] = STATE[step(_state, _move)]


def live(lives: Lives, world: World, until: float) -> Steps:
    """Let `lives` go on (in place) until an instant; what happened, in rounds of one move each."""
    rows = np.arange(len(lives))
    happened = [Steps(*(np.zeros(0, dtype=kind) for kind in (np.int64, np.int64, np.int64, float, float)))]
    while len(rows):
        now = lives.take(rows)
        move, at, deadline = next_moves(now, world)
        goes = at <= until
        rows, now, move, at, deadline = rows[goes], now.take(goes), move[goes], at[goes], deadline[goes]
        if not len(rows):
            break
        deadline = _apply(lives, rows, now, move, at, deadline, world)
        happened.append(Steps(rows, lives.seq[rows].copy(), move, at, deadline))
    return join_steps(happened)


def _apply(
    lives: Lives, rows: NDArray[np.intp], now: Lives, move: Ints, at: Reals, until: Reals, world: World
) -> Reals:
    """Change `lives`; returns what the moves carry as `until`."""
    lives.state[rows] = _TARGET[now.state, move]
    lives.seq[rows] += 1
    lives.last[rows] = at
    dispatched, extended = move == MOVE["dispatch"], move == MOVE["extend"]
    suspended, resumed = move == MOVE["suspend"], move == MOVE["resume"]
    if dispatched.any():
        found = handed_over(now.category[dispatched], at[dispatched], world)
        lives.notified[rows[dispatched]] = at[dispatched]
        lives.deadline[rows[dispatched]] = found
        if world.own_deadlines:
            until[dispatched] = found
    lives.deadline[rows[extended]] = until[extended]
    lives.extended[rows[extended]] = True
    lives.suspended[rows[suspended]] = at[suspended]
    if resumed.any():  # as `plan` has it
        whole = (np.floor(each[resumed]).astype(np.int64) * SECOND_US for each in (now.deadline, now.suspended, at))
        found = after_suspension(world.calendar, world.by_wall[now.category[resumed]], *whole)
        lives.deadline[rows[resumed]] = found // SECOND_US
    return until


def handed_over(category: Ints, at: Reals, world: World) -> Reals:
    """Deadlines of issues handed over at `at`, whole seconds: the city's, or by a live demo's own clocks."""
    start = (at * SECOND_US).astype(np.int64)
    found = deadlines(world.calendar, world.limits, world.codes[category], start) // SECOND_US
    if not world.own_deadlines:
        return found.astype(np.float64)
    real = world.calendar.work_between(start, found * SECOND_US) / SECOND_US
    by_wall = world.by_wall[category]
    own = np.where(by_wall, world.clocks.wall.after(at, found - at), world.clocks.office.after(at, real))
    return np.floor(np.maximum(own, at + MINUTE_S))
