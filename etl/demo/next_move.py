"""The next move of each issue, as a function of its present state alone.

So one rule writes the year, goes on from a store's open issues after a restart, and drives a live demo. The moves come
from the workflow's table; their chances and delays are the demo's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Reals
from etl.demo.clocks import DAY_S
from etl.demo.life import FRESH, HOUR_S, MINUTE_S, MOVE, NEVER, PASSED, SECOND_US, STATE, Lives, World
from etl.demo.noticing import HOTLINE, PATROL, ROUND, SNAPSHOT
from etl.demo.places import Ints
from weathermap.city.calendar import local_days

_REPORTED, _HANDLING, _TO_CHECK, _RECTIFIED, _SUSPENDED = (
    STATE[name] for name in ("reported", "handling", "to_check", "rectified", "suspended")
)
REJECT = {PATROL: 0.004, SNAPSHOT: 0.15, HOTLINE: 0.06, ROUND: 0.0}
VOID, SUSPEND, EXTEND = 0.007, 0.014, 0.03  # shares of the issues handed over
FAIL, REOPEN = 0.04, 0.007
SLOW_CHECK = 0.18  # checks that wait for a second look on the spot, up to three workdays
LATE_DAYS = (0.3, 9.0)  # how late the late ones are, calendar days: from, to
QUICK = 0.08  # that, for limits in clock hours and for red lines
LATE_AGAIN = 0.25  # of those with an extension


def next_moves(lives: Lives, world: World) -> tuple[Ints, Reals, Reals]:
    """(move, when, new deadline or end of suspension) of each issue; NEVER when nothing more happens to it."""
    move, at, until = _moves_from(lives, world, lives.last, np.zeros(len(lives), dtype=bool))
    again = (lives.last <= world.settled) & (at <= world.settled)
    if again.any():
        some = lives.take(again)
        move[again], at[again], until[again] = _moves_from(
            some, world, np.full(len(some), world.settled), np.ones(len(some), dtype=bool)
        )
    return move, np.floor(np.maximum(at, lives.last)), np.floor(until)


def _moves_from(lives: Lives, world: World, entry: Reals, again: NDArray[np.bool_]) -> tuple[Ints, Reals, Reals]:
    move = np.full(len(lives), -1, dtype=np.int64)
    at, until = np.full(len(lives), NEVER), np.full(len(lives), np.nan)
    for state, rule in (
        (_REPORTED, _reported),
        (_HANDLING, _handling),
        (_TO_CHECK, _to_check),
        (_RECTIFIED, _rectified),
        (_SUSPENDED, _suspended),
    ):
        here = np.flatnonzero(lives.state == state)
        if len(here):
            move[here], at[here], until[here] = rule(lives.take(here), world, entry[here], again[here])
    return move, at, until


Rule = tuple[Ints | int, Reals, Reals]


def _reported(lives: Lives, world: World, entry: Reals, _again: NDArray[np.bool_]) -> Rule:
    """Patrols hand over within minutes; what citizens send is read first, and some of it refused."""
    luck = world.chance.uniform("reject", lives.key)
    refused = luck < np.array([REJECT[kind] for kind in sorted(REJECT)])[lives.kind]
    wait = world.chance.uniform("dispatch", lives.key)
    official = (lives.kind == PATROL) | (lives.kind == ROUND)
    quick = world.clocks.wall.after(entry, MINUTE_S * (2 + 16 * wait))
    read = world.clocks.duty.after(entry, MINUTE_S * (8 + 70 * wait))
    at = np.where(official & ~refused, quick, read)
    return np.where(refused, MOVE["reject"], MOVE["dispatch"]), at, np.full(len(lives), np.nan)


def _handling(lives: Lives, world: World, entry: Reals, again: NDArray[np.bool_]) -> Rule:
    chance, key = world.chance, lives.key
    deadline = np.where(np.isnan(lives.deadline), entry + 5 * DAY_S, lives.deadline)
    fate = np.where((lives.seq == FRESH) & (lives.kind != ROUND) & ~again, chance.uniform("fate", key), 1.0)
    roomy = deadline - lives.notified > 0.8 * DAY_S
    void = fate < VOID
    suspend = (fate >= VOID) & (fate < VOID + SUSPEND) & roomy
    extend = (fate >= VOID + SUSPEND) & (fate < VOID + SUSPEND + EXTEND) & roomy
    done = _fed_back(lives, world, entry, deadline, again)
    part = np.where(void, 0.1, 0.4) + 0.4 * chance.uniform("fate/when", key)
    early = _between(lives, world, entry, deadline, part)
    move = np.select([void, suspend, extend], [MOVE["void"], MOVE["suspend"], MOVE["extend"]], MOVE["feed_back"])
    longer = world.clocks.office.after(deadline, _work(lives, world, lives.notified, deadline) + HOUR_S)
    rest = world.clocks.office.after(
        early + DAY_S * (10 + 35 * chance.uniform("rest", key)), HOUR_S * np.ones(len(key))
    )
    until = np.select([suspend, extend], [rest, np.maximum(longer, deadline + DAY_S)], np.nan)
    return move, np.where(move == MOVE["feed_back"], done, early), until


def _fed_back(lives: Lives, world: World, entry: Reals, deadline: Reals, again: NDArray[np.bool_]) -> Reals:
    """When the unit says it is done: inside the limit, or late by days; rework within a day or two."""
    chance, key, turn = world.chance, lives.key, lives.seq
    day = local_days((deadline * SECOND_US).astype(np.int64), world.calendar.timezone)
    brisk = world.red[lives.category] | world.by_wall[lives.category]
    share = world.crews.late(lives.unit, lives.town, day, deadline, world.hard[lives.category] - 1.2 * brisk)
    share = np.where(lives.extended, np.maximum(share, LATE_AGAIN), share)
    late = (chance.uniform("late", key) < share) & (lives.seq <= FRESH + 1) & (lives.kind != ROUND) & ~again
    done = chance.uniform("done", key, turn)
    in_time = _between(lives, world, entry, deadline, 0.4 + 0.58 * done**0.6)
    span = LATE_DAYS[0] + (LATE_DAYS[1] - LATE_DAYS[0]) * chance.uniform("late/by", key) ** 0.8
    span = np.where(brisk, QUICK * span, span) * DAY_S
    clocks = world.clocks
    overdue = clocks.office.after(clocks.wall.after(deadline, span), MINUTE_S * (5 + 90 * done))
    redone = _on_clock(lives, world, entry, HOUR_S * np.where(again, 1 + 14 * done**2, 1 + 5 * done))
    return np.where(late, overdue, np.where(entry >= deadline, redone, in_time))


def _to_check(lives: Lives, world: World, entry: Reals, _again: NDArray[np.bool_]) -> Rule:
    """Mostly checked within 30–120 working minutes, some after a second look; who checks is never who handled."""
    chance, key, turn = world.chance, lives.key, lives.seq
    luck = chance.uniform("check", key, turn)
    slow = (chance.uniform("check/slow", key, turn) < SLOW_CHECK) & (lives.kind != ROUND)
    wait = np.where(slow, HOUR_S * (4 + 20 * luck), MINUTE_S * (30 + 90 * luck))
    fails = chance.uniform("fail", key, turn) < FAIL
    at = world.clocks.office.after(entry, wait)
    return np.where(fails, MOVE["check_fail"], MOVE["check_pass"]), at, np.full(len(key), np.nan)


def _rectified(lives: Lives, world: World, entry: Reals, again: NDArray[np.bool_]) -> Rule:
    """A few come back within days."""
    back = (world.chance.uniform("reopen", lives.key) < REOPEN) & (lives.seq == PASSED) & (lives.kind != ROUND) & ~again
    at = world.clocks.office.after(entry, HOUR_S * (6 + 34 * world.chance.uniform("reopen/when", lives.key)))
    return MOVE["reopen"], np.where(back, at, NEVER), np.full(len(lives), np.nan)


def _suspended(lives: Lives, world: World, entry: Reals, _again: NDArray[np.bool_]) -> Rule:
    at = world.clocks.wall.after(entry, DAY_S * (8 + 35 * world.chance.uniform("rest", lives.key)))
    return MOVE["resume"], world.clocks.office.after(at, np.full(len(lives), HOUR_S)), np.full(len(lives), np.nan)


def _between(lives: Lives, world: World, entry: Reals, deadline: Reals, part: Reals) -> Reals:
    """The instant after which `part` of the working time from entry to deadline is gone."""
    return _on_clock(lives, world, entry, np.maximum(part * _work(lives, world, entry, deadline), MINUTE_S))


def _on_clock(lives: Lives, world: World, entry: Reals, seconds: Reals) -> Reals:
    """`seconds` later on the clock by which each issue is handled: wall, the contractors' or the office's."""
    wall, duty = _whose(lives, world)
    clocks = world.clocks
    found = clocks.office.after(entry, seconds)
    found[duty] = clocks.duty.after(entry[duty], seconds[duty])
    found[wall] = clocks.wall.after(entry[wall], seconds[wall])
    return found


def _work(lives: Lives, world: World, start: Reals, end: Reals) -> Reals:
    """Seconds from start to end on the clock by which each issue is handled."""
    wall, duty = _whose(lives, world)
    found = np.empty(len(lives))
    for here, clock in ((~wall & ~duty, world.clocks.office), (duty, world.clocks.duty), (wall, world.clocks.wall)):
        found[here] = clock.worked(end[here]) - clock.worked(start[here])
    return found


def _whose(lives: Lives, world: World) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    wall = world.by_wall[lives.category]
    duty = np.where(lives.unit >= 0, world.crews.contractor[lives.unit], False) & ~wall
    return wall, duty
