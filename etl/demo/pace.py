"""A live demo: the city's life, some times faster, at the present instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from etl.demo.figures import ARTICLE, Figures
from etl.demo.noticing import Noticed
from etl.demo.topup import REOPEN_DAYS, Stored, go_on
from etl.demo.world import Demo, local
from weathermap.issue.batch import Batch
from weathermap.issue.book import Book

LIVE_SLOT = 1_000_000  # the slots of a live day: this and the centisecond of the day
SLOTS_A_S = 100
DAY_S = 86_400.0
LONGEST_DAYS = 60  # after so long the days are looked up anew
VALID_SHARE = 0.985  # of the reports that become notified issues


class Live:
    """Time runs `pace` times as fast as life from `start` on, and never rests: nights and weekends are shared out.

    New reports come at the year's mean rate times `pace`. Limits shrink alike, so that some issues are late here too.
    """

    def __init__(
        self, book: Book, seed: int, origin: date, start: float, pace: float, figures: Figures = ARTICLE
    ) -> None:
        self._zone = book.pack.config.timezone
        first = local(start, self._zone).date()
        demo = Demo.of(book, seed, origin, first, first + timedelta(days=LONGEST_DAYS), figures)
        self._demo = demo.settled(start).faster(start, pace)
        self._rate = figures.notified / VALID_SHARE / (365 * DAY_S) * pace
        self.start, self.pace = start, pace

    @property
    def reopen_days(self) -> float:
        """How far back a rectified issue may still come back."""
        return REOPEN_DAYS / self.pace + 0.1

    def over(self, now: float) -> bool:
        """Whether it is time to begin a new Live."""
        return now > self.start + LONGEST_DAYS * DAY_S

    def step(self, stored: Stored, after: float, now: float) -> Batch:
        """What happened after `after` and up to `now`; both seconds since 1970Z."""
        today = local(now, self._zone).date()
        demo = replace(self._demo, days=self._demo.days.between(self._demo.days.days[0], today))
        return go_on(demo, stored, self._noticed(demo, after, now), after, now)

    def _noticed(self, demo: Demo, after: float, now: float) -> Noticed:
        midnight = local(now, self._zone).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        since = max(after, midnight)  # a key carries its day; the last step before midnight is a little shorter
        first = int((since - midnight) * SLOTS_A_S)
        luck = float(demo.chance.uniform("live", np.int64(first), int(midnight)))
        n = min(int(self._rate * (now - since) + luck), int((now - since) * SLOTS_A_S))
        slot = LIVE_SLOT + first + np.arange(n)
        at = since + (now - since) * demo.chance.uniform("live/at", slot, int(midnight))
        return demo.noticing.now(demo.days, np.sort(np.floor(at)), slot)
