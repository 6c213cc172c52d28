"""The demo year: one year of reports, lives and visits up to its end, with exact figures. Pure: no store, no clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from etl.demo.chance import Reals
from etl.demo.figures import ARTICLE, Figures
from etl.demo.life import STATE, Lives, Steps, join_steps
from etl.demo.living import live
from etl.demo.noticing import PATROL, SNAPSHOT, Noticed, join
from etl.demo.settle import Close
from etl.demo.world import Demo, local
from etl.demo.writing import Placed, begin, join_placed, place, write_moves, write_reports
from etl.moves import join_moves
from weathermap.errors import PackError
from weathermap.issue.batch import Batch
from weathermap.issue.book import Book

FILL_DAYS = {PATROL: 28, SNAPSHOT: 120}  # the first days of the year, which take what is lacking, or give
RECTIFIED = STATE["rectified"]


@dataclass(frozen=True)
class Year:
    """A demo year: its batch, its first instant and its end, seconds since 1970Z."""

    batch: Batch
    first: float
    end: float


@dataclass
class _Drawn:
    """Reports with their lives; `steps.row` points into them."""

    noticed: Noticed
    placed: Placed
    lives: Lives
    steps: Steps


def demo_year(book: Book, seed: int, end: float, figures: Figures = ARTICLE) -> Year:
    """The year up to `end` (seconds since 1970Z) as a batch; equal arguments give an equal batch.

    A day's reports depend on the seed and that day alone, save those of the first FILL_DAYS days, which take what is
    lacking to the exact figures; the moves of the last weeks depend on `end`, at which the year is closed.
    Raises PackError when the pack lacks what a demo needs.
    """
    first, days = _span(end, book.pack.config.timezone)
    demo = Demo.of(book, seed, days[0], days[0], days[1], figures)
    drawn = _run(demo, demo.noticed(first - 1, end), end)
    drawn.steps = Close(drawn.lives, drawn.steps, demo.world, figures, end).close()
    drawn = _fill(demo, drawn, first, end)
    order = np.argsort(drawn.noticed.at, kind="stable")
    reports = write_reports(drawn.noticed.take(order), drawn.placed.take(order), demo.where, demo.chance)
    moves = write_moves(drawn.steps, drawn.lives, drawn.placed.source, demo.where, demo.chance)
    begun = np.full(len(drawn.lives), STATE["reported"])
    asked = demo.asking.asked(drawn.lives, drawn.steps, drawn.placed.source, begun, first, end)
    visits = demo.visiting.visits(demo.days, first - FIRST_VISITS_S, end, demo.origin)
    return Year(Batch(reports, join_moves(moves, asked), visits), first, end)


FIRST_VISITS_S = 30 * 86_400.0  # visits before the first day: the year begins with its points covered


def _span(end: float, timezone: str) -> tuple[float, tuple[date, date]]:
    """The instant one year before `end`, and the days of both."""
    there = local(end, timezone)
    leap = (there.month, there.day) == (2, 29)
    back = there.replace(tzinfo=None, year=there.year - 1, day=28 if leap else there.day)
    first = datetime.combine(back.date(), back.time(), ZoneInfo(timezone))
    return first.timestamp(), (first.date(), there.date())


def _run(demo: Demo, noticed: Noticed, end: float) -> _Drawn:
    placed = place(noticed, demo.where, demo.chance, demo.noticing.sources)
    lives = begin(noticed, placed)
    return _Drawn(noticed, placed, lives, live(lives, demo.world, end))


def _fill(demo: Demo, drawn: _Drawn, first: float, end: float) -> _Drawn:
    """Bring snapshots, then everything, to the exact figures by rectified issues of the first weeks."""
    figures = demo.figures
    for kind, wanted in ((SNAPSHOT, figures.snapshots), (PATROL, figures.notified)):
        rectified = drawn.lives.state == RECTIFIED
        if kind == SNAPSHOT:
            missing = wanted - int((rectified & (drawn.lives.kind == SNAPSHOT)).sum())
        else:
            missing = wanted - int(rectified.sum()) - figures.open
        if missing > 0:
            drawn = _add(demo, drawn, kind, missing, end)
        elif missing < 0:
            early = rectified & (drawn.lives.kind == kind) & (drawn.noticed.at < first + FILL_DAYS[kind] * 86_400)
            drawn = _drop(drawn, early, -missing, demo.chance.uniform("drop", drawn.lives.key))
    return drawn


def _add(demo: Demo, drawn: _Drawn, kind: int, n: int, end: float) -> _Drawn:
    """`n` more issues of a kind, reported on the year's first days and rectified long since."""
    days = demo.days.between(demo.origin + timedelta(days=1), demo.origin + timedelta(days=FILL_DAYS[kind]))
    more = _run(demo, demo.noticing.reserve(days, kind, n + n // 2 + 20), end)
    rows = np.flatnonzero(more.lives.state == RECTIFIED)[:n]
    if len(rows) < n:
        raise PackError(f"The demo year lacks {n - len(rows)} issues.", "Choose another --seed.")
    more = _keep(more, rows)
    shifted = replace(more.steps, row=more.steps.row + len(drawn.noticed))
    lives = Lives(
        *(np.concatenate(pair) for pair in zip(vars(drawn.lives).values(), vars(more.lives).values(), strict=True))
    )
    return _Drawn(
        join([drawn.noticed, more.noticed]),
        join_placed([drawn.placed, more.placed]),
        lives,
        join_steps([drawn.steps, shifted]),
    )


def _drop(drawn: _Drawn, able: np.ndarray[tuple[int], np.dtype[np.bool_]], n: int, luck: Reals) -> _Drawn:
    """Leave out `n` of those that may be left out."""
    rows = np.flatnonzero(able)
    if len(rows) < n:
        raise PackError(f"The demo year has {n - len(rows)} issues too many.", "Choose another --seed.")
    out = rows[np.argsort(luck[rows])][:n]
    return _keep(drawn, np.setdiff1d(np.arange(len(drawn.noticed)), out))


def _keep(drawn: _Drawn, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> _Drawn:
    """The reports of `rows`, with their lives and moves."""
    renumbered = np.full(len(drawn.noticed), -1, dtype=np.int64)
    renumbered[rows] = np.arange(len(rows))
    steps = drawn.steps.take(renumbered[drawn.steps.row] >= 0)
    steps = replace(steps, row=renumbered[steps.row])
    return _Drawn(drawn.noticed.take(rows), drawn.placed.take(rows), drawn.lives.take(rows), steps)
