"""Going on from a store: new reports at the usual pace, and the open issues' next moves by the year's own rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from etl.demo.figures import ARTICLE, Figures
from etl.demo.life import Lives, Steps
from etl.demo.living import live
from etl.demo.noticing import Noticed
from etl.demo.places import Ints
from etl.demo.world import Demo, local
from etl.demo.writing import begin, place, write_moves, write_reports
from etl.moves import join_moves
from weathermap.issue.batch import Batch
from weathermap.issue.book import Book

REOPEN_DAYS = 16  # a rectified issue may come back within so many days: 40 office hours across any holiday


@dataclass(frozen=True)
class Stored:
    """Issues of the demo that may still move, as a store has them. `source`: row of each one's source in the pack."""

    lives: Lives
    source: Ints


def top_up(
    book: Book, seed: int, stored: Stored, origin: date, after: float, until: float, figures: Figures = ARTICLE
) -> Batch:
    """What happened after `after` (the demo's last instant) and up to `until`, seconds since 1970Z.

    `origin` is the demo's first day. Never touches what happened before; the figures of the year are left behind.
    """
    zone = book.pack.config.timezone
    first, last = local(after, zone).date(), local(until, zone).date()
    demo = Demo.of(book, seed, origin, first, last, figures).settled(after)
    return go_on(demo, stored, demo.noticed(after, until), after, until)


def go_on(demo: Demo, stored: Stored, noticed: Noticed, after: float, until: float) -> Batch:
    """The batch of `noticed` reports and of all moves and visits up to `until`."""
    placed = place(noticed, demo.where, demo.chance, demo.noticing.sources)
    fresh = begin(noticed, placed)
    pairs = zip(vars(stored.lives).values(), vars(fresh).values(), strict=True)
    lives = Lives(*(np.concatenate(pair) for pair in pairs))
    source = np.concatenate([stored.source, placed.source])
    begun = lives.state.copy()
    steps = _never_before(live(lives, demo.world, until), after)
    return Batch(
        write_reports(noticed, placed, demo.where, demo.chance),
        join_moves(
            write_moves(steps, lives, source, demo.where, demo.chance),
            demo.asking.asked(lives, steps, source, begun, after, until),
        ),
        demo.visiting.visits(demo.days, after, until, demo.origin),
    )


def _never_before(steps: Steps, after: float) -> Steps:
    """What had been put off happens now, not in the past."""
    return Steps(steps.row, steps.seq, steps.move, np.maximum(steps.at, after), steps.until)
