"""Close a year at its end: exactly so many open, each town with the overdue stock that its story asks for.

Lives run by chance alone come near the figures; here a few hundred of the last weeks' issues are held back (their
feedback has not come yet) or hurried (it came before the end), so that the figures are met and every event stays legal.
Citizens' snapshots and rounds are left alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Reals
from etl.demo.clocks import DAY_S
from etl.demo.crews import CLOUDY, OVERCAST, RAIN, SUNNY
from etl.demo.editing import HANDLING, RECTIFIED, SUSPENDED, TO_CHECK, Editing
from etl.demo.figures import Figures
from etl.demo.life import FED, FRESH, PASSED, STATE, Lives, Steps, World
from etl.demo.noticing import HOTLINE, PATROL
from etl.demo.places import Ints
from weathermap.errors import PackError

OPEN = (HANDLING, TO_CHECK, SUSPENDED)
MEAN_DAYS, FLOW_DAYS = 28, 7
# Overdue stock in days of intake, from … to, for RAIN, OVERCAST, CLOUDY, SUNNY: inside the default rule's limits.
STOCK = np.array([[2.3, 2.9], [1.2, 1.7], [0.56, 0.9], [0.12, 0.42]])
ON_TIME = np.array([0.0, 0.72, 0.83, 0.925])  # of what fell due in the last 7 days, at least
LONG = np.array([3, 2, 0, 0])  # long overdue: more would turn the overcast town into rain
LONG_AGE = (10.5, 24.0)  # days past the deadline
AGE_DAYS = 9.4  # the others are overdue by less
OLD_DAYS = 10.0  # from here on an overdue issue counts as one of the old ones
SOON_DAYS, SOON_SHARE = 1.1, 0.25  # of what falls due within a day, so much is still at work: the next day is no cliff


class Close:
    """The lives of a year at its end, and the moves that led there. Edits both."""

    def __init__(self, lives: Lives, steps: Steps, world: World, figures: Figures, end: float) -> None:
        self.lives, self.world, self.figures, self.end = lives, world, figures, end
        self.edit = Editing(lives, steps, world, end)
        self.story = world.crews.story
        self.ours = np.isin(lives.kind, (PATROL, HOTLINE)) & (lives.town >= 0)
        self.red = world.red[lives.category]

    def close(self) -> Steps:
        """Meet the figures; returns the moves and leaves `lives` as they then stand."""
        for part in (self._overdue, self._red, self._in_time, self._soon, self._open):
            part()
            self.edit.apply()
        return self.edit.steps

    # -- what is ----------------------------------------------------------------
    def overdue(self) -> NDArray[np.bool_]:
        """Past the deadline without feedback that stands."""
        return (self.lives.state == HANDLING) & (self.lives.deadline <= self.end)

    def age(self) -> Reals:
        """Days past the deadline; negative before it, NaN without one."""
        return (self.end - self.lives.deadline) / DAY_S

    def targets(self) -> Ints:
        """Overdue issues of each town: its story's stock, scaled between from and to so that all meet the figure."""
        lives, weather = self.lives, self.story.weather
        counted = (lives.notified > self.end - MEAN_DAYS * DAY_S) & (lives.town >= 0) & (lives.state != STATE["void"])
        daily = np.bincount(lives.town[counted], minlength=len(weather)) / MEAN_DAYS
        low, high = (STOCK[weather, k] * daily for k in (0, 1))
        share = np.clip((self.figures.overdue - low.sum()) / max(float((high - low).sum()), 1e-9), 0, 1)
        wanted = np.rint(low + share * (high - low)).astype(np.int64)
        return np.where(daily > 0, np.maximum(wanted, LONG[weather]), 0)

    def _plain(self) -> NDArray[np.bool_]:
        """Fed back and passed at the first try: its feedback may as well not have come yet."""
        return self.ours & (self.lives.state == RECTIFIED) & (self.lives.seq == PASSED) & ~self.edit.changed()

    def _drawn(self, could: NDArray[np.bool_], n: int) -> NDArray[np.intp]:
        """`n` of those that could, by luck."""
        rows = np.flatnonzero(could)
        return rows[np.argsort(self.edit.luck[rows])][: max(n, 0)]

    # -- what is asked ------------------------------------------------------------
    def _overdue(self) -> None:
        """Each town's overdue: a few old ones where its story has them, the rest younger than AGE_DAYS."""
        lives, age, overdue = self.lives, self.age(), self.overdue()
        short = lives.deadline - lives.notified < AGE_DAYS * DAY_S  # long overdue needs longer for longer limits
        for town, target in enumerate(self.targets().tolist()):
            here, keep = lives.town == town, int(LONG[self.story.weather[town]])
            old = np.flatnonzero(here & overdue & (age > OLD_DAYS))
            self.edit.hurry(old[self.ours[old]][keep:])
            could = here & self._plain() & ~self.red & (age > LONG_AGE[0]) & (age < LONG_AGE[1]) & short
            self.edit.hold(self._drawn(could, keep - len(old)))
            young = here & overdue & (age <= OLD_DAYS)
            missing = target - keep - int(young.sum())
            if missing < 0:
                self.edit.hurry(self._drawn(young & self.ours, -missing))
            else:
                self._wait(here, missing)

    def _wait(self, here: NDArray[np.bool_], n: int) -> None:
        """`n` more are overdue in a town: no more of them from the last week than its share on time allows."""
        lives, age = self.lives, self.age()
        weather = int(self.story.weather[lives.town[here][0]]) if here.any() else CLOUDY
        week = here & (age >= 0) & (age < FLOW_DAYS)
        could = here & self._plain() & ~self.red & (age > 0.1) & (age < AGE_DAYS)
        spare = int((1 - ON_TIME[weather]) * week.sum() - (week & self.overdue()).sum()) - 1
        young = self._drawn(could & week, min(n, max(spare, 0)))
        # not only old ones where the week would allow more: ages between a day and AGE_DAYS
        older = self._drawn(could & ~week, max(n - len(young), n // 4))
        self.edit.hold(np.concatenate([older, young[: max(n - len(older), 0)]]))

    def _red(self) -> None:
        """Exactly one issue across its red line for more than a day, in the overcast town if it has one."""
        age = self.age()
        self.edit.hurry(np.flatnonzero(self.overdue() & self.red & self.ours & (age > 0.6)))
        could = self._plain() & self.red & (age > 1.1) & (age < AGE_DAYS)
        for weather in (OVERCAST, CLOUDY, RAIN, SUNNY):
            rows = self._drawn(could & np.isin(self.lives.town, self.story.towns(weather)), 1)
            if len(rows):
                self.edit.hold(rows)
                return

    def _in_time(self) -> None:
        """Feedback of the last week that came late came in time after all, where a town's story asks for it."""
        lives, age = self.lives, self.age()
        fell = (age >= 0) & (age < FLOW_DAYS) & np.isin(lives.state, (HANDLING, TO_CHECK, RECTIFIED))
        fed = (lives.state != HANDLING) & (self.edit.fed <= lives.deadline)
        simple = np.isnan(lives.suspended) & ~lives.extended & (lives.seq >= FED)
        late = fell & ~fed & self.ours & simple & np.isin(lives.state, (TO_CHECK, RECTIFIED))
        for town, weather in enumerate(self.story.weather.tolist()):
            here = lives.town == town
            missing = int(np.ceil(ON_TIME[weather] * (fell & here).sum() - (fell & fed & here).sum()))
            self.edit.in_time(self._drawn(late & here, missing))

    def _soon(self) -> None:
        """Most of what falls due within a day has been fed back already."""
        soon = (self.lives.state == HANDLING) & self.ours & (self.age() < 0) & (self.age() > -SOON_DAYS)
        self.edit.hurry(np.flatnonzero(soon & (self.edit.luck > SOON_SHARE)))

    def _open(self) -> None:
        """So many are open as the figures say: hurry what has least time left, or hold back what has most."""
        lives = self.lives
        excess = int(np.isin(lives.state, OPEN).sum()) - self.figures.open
        if excess > 0:
            rows = np.flatnonzero((lives.state == HANDLING) & (lives.deadline > self.end) & self.ours)
            waiting = np.flatnonzero((lives.state == TO_CHECK) & self.ours)
            rows = np.concatenate([waiting[np.argsort(lives.last[waiting])], rows[np.argsort(lives.deadline[rows])]])
            excess -= self._pass(rows, excess)
        if excess < 0:
            excess += self._hold(self._plain() & (self.age() < -SOON_DAYS), lives.deadline, -excess, FRESH)
        if excess < 0:  # too few have time left: the checks made last have not been made yet
            excess += self._hold(self._plain(), self.edit.passed, -excess, FED)
        if excess:
            raise PackError(
                f"The demo year cannot be closed with {self.figures.open} open issues: {excess:+d} too many.",
                "Choose another --seed or --end.",
            )

    def _pass(self, rows: NDArray[np.intp], n: int) -> int:
        """Pass the first `n` of `rows` that there is time for; returns how many."""
        trial = Editing(self.lives, self.edit.steps, self.world, self.end)
        rows = rows[trial.hurry(rows)][:n]
        self.edit.hurry(rows)
        return len(rows)

    def _hold(self, could: NDArray[np.bool_], latest: Reals, n: int, seq: int) -> int:
        """Hold back the `n` that are latest by an instant; returns how many."""
        rows = np.flatnonzero(could)
        rows = rows[np.argsort(-latest[rows], kind="stable")][:n]
        self.edit.hold(rows, seq)
        return len(rows)
