"""The custody clock sums to the whole for any legal life; checks and rulings are none of the units' time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from weathermap.city.calendar import Calendar
from weathermap.city.reading import read_pack
from weathermap.duty.custody import ARBITER, CHECK, HOLDERS, SUSPENDED, UNIT, custody, summed
from weathermap.duty.trace import counted
from weathermap.issue.holding import Event, holdings, stopped
from weathermap.issue.workflow import MOVES, NEW, OPEN, step

PACK = read_pack(Path(__file__).parents[1] / "packs" / "toy")
CALENDAR = Calendar.from_config(PACK.config, PACK.holidays)
UNITS = [unit.code for unit in PACK.units]
HOUR = 3_600_000_000
START = 1_770_000_000_000_000  # 2026-02-02


@st.composite
def lives(draw: st.DrawFn) -> list[Event]:
    """Any legal life: moves of the table in any order that it allows, at instants that never go back."""
    state, at, found = NEW, START + draw(st.integers(0, 200 * 24 * HOUR)), []
    for _ in range(draw(st.integers(1, 25))):
        legal = sorted(move.name for move in MOVES.values() if state in move.sources)
        if not legal:
            break
        move = draw(st.sampled_from(legal))
        unit = draw(st.sampled_from(UNITS)) if move in ("dispatch", "reassign") else ""
        found.append(Event(at, move, unit))
        state = step(state, move)
        at += draw(st.sampled_from([0, 1, HOUR // 7, 5 * HOUR, 30 * HOUR, 9 * 24 * HOUR + 1]))
    return found


def work(start: int, end: int) -> int:
    return int(CALENDAR.work_between(np.array([start]), np.array([end]))[0])


@settings(deadline=None, max_examples=300)
@given(lives(), st.integers(0, 20 * 24 * HOUR), st.booleans())
def test_it_sums_to_the_whole(life: list[Event], more: int, always: bool) -> None:
    until = life[-1].at + more
    shares = custody(CALENDAR, holdings(life), until, always)
    dispatched = next((event.at for event in life if event.move == "dispatch"), None)
    if dispatched is None:
        assert shares == []
        return
    state, states = NEW, []
    for event in life:
        state = step(state, event.move)
        states.append((event.at, state))
    closing = next((at for at, s in reversed(states) if s in OPEN), dispatched)
    last = (
        until
        if state in OPEN
        else next(at for (at, s), (_, before) in zip(states[::-1], states[-2::-1], strict=False) if before in OPEN)
    )
    assert closing <= last
    whole = last - dispatched if always else work(dispatched, last)
    assert sum(share.worked for share in shares) == sum(summed(shares).values()) == whole
    assert all(a.end == b.start for a, b in pairwise(shares))
    assert {share.holder for share in shares} <= set(HOLDERS)
    # counted again event by event
    unit, asked, mine = "", False, dict.fromkeys(UNITS, 0)
    for event, (at, now), end in zip(life, states, [*(at for at, _ in states[1:]), until], strict=True):
        unit, asked = (
            event.unit or unit,
            event.move == "hand_back"
            or (
                asked
                and event.move
                not in (
                    "refuse",
                    "reassign",
                    "extend",
                    "suspend",
                    "order",
                    "list_publicly",
                    "feed_back",
                    "reopen",
                    "void",
                )
            ),
        )
        if now == "handling" and not asked and unit:
            mine[unit] += end - at if always else work(at, end)
    assert {u: n for u, n in mine.items() if n} == {u: n for (h, u), n in summed(shares).items() if h == UNIT and n}


def test_who_held_it() -> None:
    """Friday 16:00 to the next Friday: a hand-back, a ruling, a rework, a suspension."""
    friday = 1_795_161_600_000_000  # 2026-11-20 16:00 in Shanghai
    day = 24 * HOUR
    life = [
        Event(friday - HOUR, "report"),
        Event(friday, "dispatch", "T001"),
        Event(friday + HOUR, "hand_back"),
        Event(friday + 3 * day, "reassign", "B01"),  # Monday 16:00
        Event(friday + 4 * day, "feed_back"),  # Tuesday
        Event(friday + 5 * day, "check_fail"),  # Wednesday
        Event(friday + 5 * day + HOUR, "suspend"),
        Event(friday + 6 * day, "resume"),  # Thursday
        Event(friday + 7 * day, "feed_back"),  # Friday
        Event(friday + 7 * day + HOUR, "check_pass"),
    ]
    held = holdings(life)
    sums = {key: us / HOUR for key, us in summed(custody(CALENDAR, held, friday + 30 * day)).items()}
    assert sums == {
        (UNIT, "T001"): 1, (ARBITER, ""): 1 + 6, (UNIT, "B01"): 8 + 1 + 8, (CHECK, ""): 8 + 1, (SUSPENDED, ""): 7,
    }  # fmt: skip
    gaps = stopped(held, friday + 30 * day)
    assert gaps == [(friday + 5 * day + HOUR, friday + 6 * day)]
    assert counted(CALENDAR, friday, friday + 7 * day, gaps) == (40 - 7) * HOUR
