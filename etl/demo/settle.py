"""Close a year at its end: exactly so many open, each town with the overdue stock that its story asks for.

Lives run by chance alone come near the figures; here a few hundred of the last weeks' issues are held back (their
feedback has not come yet) or hurried (it came before the end), so that the figures are met and every event stays legal.
Only patrols' issues are touched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Reals
from etl.demo.clocks import DAY_S
from etl.demo.crews import CLOUDY, OVERCAST, RAIN, SUNNY
from etl.demo.figures import Figures
from etl.demo.life import MINUTE_S, MOVE, STATE, Lives, Steps, World, join_steps
from etl.demo.noticing import PATROL
from etl.demo.places import Ints
from weathermap.errors import PackError

HANDLING, TO_CHECK, SUSPENDED = STATE["handling"], STATE["to_check"], STATE["suspended"]
RECTIFIED = STATE["rectified"]
OPEN = (HANDLING, TO_CHECK, SUSPENDED)
MEAN_DAYS = 28
# Overdue stock in days of intake, from … to, for RAIN, OVERCAST, CLOUDY, SUNNY: inside the default rule's limits.
STOCK = np.array([[2.3, 2.9], [1.2, 1.7], [0.56, 0.9], [0.12, 0.42]])
ON_TIME = np.array([0.0, 0.72, 0.83, 0.925])  # of what fell due in the last 7 days, at least
LONG = np.array([3, 2, 0, 0])  # long overdue: more would turn the overcast town into rain
LONG_AGE = (11.0, 24.0)  # days past the deadline
AGE_DAYS = 9.0  # others are overdue by less
WORKED_MIN = 60 * MINUTE_S  # an issue is hurried only if so much has been worked since it was handed over


class Close:
    """The lives of a year at its end, and the moves that led there. Edits both."""

    def __init__(self, lives: Lives, steps: Steps, world: World, figures: Figures, end: float) -> None:
        self.lives, self.steps, self.world, self.figures, self.end = lives, steps, world, figures, end
        self.patrol = (lives.kind == PATROL) & (lives.town >= 0)
        self.first_fed = self._instants("feed_back", first=True)
        self.last_fed = self._instants("feed_back", first=False)
        self.passed = self._instants("check_pass", first=False)
        self.luck = world.chance.uniform("close", lives.key)
        self._held: dict[int, int] = {}  # row → the last event that stays
        self._done: dict[int, tuple[float, float]] = {}  # row → fed back, passed
        self._recent = lives.notified > end - MEAN_DAYS * DAY_S

    def close(self) -> Steps:
        """Meet the figures; returns the moves and leaves `lives` as they then stand."""
        self._overdue()
        self._red()
        self._in_time()
        self._apply()
        self._open()
        self._apply()
        return self.steps

    # -- what is ----------------------------------------------------------------
    def _instants(self, move: str, first: bool) -> Reals:
        """When each issue was first (or last) moved so; NaN for never."""
        rows = np.flatnonzero(self.steps.move == MOVE[move])
        found = np.full(len(self.lives), np.nan)
        order = rows[np.argsort(self.steps.seq[rows], kind="stable")]
        order = order[::-1] if first else order
        found[self.steps.row[order]] = self.steps.at[order]
        return found

    def overdue(self) -> NDArray[np.bool_]:
        """Past the deadline without feedback that stands."""
        return (self.lives.state == HANDLING) & (self.lives.deadline <= self.end)

    def _intake(self, towns: int) -> Reals:
        """Mean daily notified of each town."""
        counted = self._recent & (self.lives.town >= 0) & (self.lives.state != STATE["void"])
        return np.bincount(self.lives.town[counted], minlength=towns) / MEAN_DAYS

    def targets(self) -> Ints:
        """Overdue issues of each town: its story's stock, scaled between from and to so that all meet the figure."""
        weather = self.world.crews.story.weather
        daily = self._intake(len(weather))
        low, high = (STOCK[weather, k] * daily for k in (0, 1))
        share = np.clip((self.figures.overdue - low.sum()) / max(float((high - low).sum()), 1e-9), 0, 1)
        wanted = np.rint(low + share * (high - low)).astype(np.int64)
        return np.where(daily > 0, np.maximum(wanted, LONG[weather]), 0)

    # -- what is asked ------------------------------------------------------------
    def _overdue(self) -> None:
        lives, overdue = self.lives, self.overdue()
        age = (self.end - lives.deadline) / DAY_S
        wanted = self.targets()
        for town, target in enumerate(wanted.tolist()):
            here = lives.town == town
            old = np.flatnonzero(here & overdue & (age > 9.8))
            keep = LONG[self.world.crews.story.weather[town]]
            self._hurry(old[self.patrol[old]][keep:])
            if len(old) < keep:
                self._hold(
                    here & self._could_wait() & (age > LONG_AGE[0]) & (age < LONG_AGE[1]) & self._short(),
                    keep - len(old),
                )
            now = np.flatnonzero(here & overdue & (age <= 9.8))
            missing = target - min(max(len(old), keep), keep) - len(now)
            if missing < 0:
                ours = now[self.patrol[now]]
                self._hurry(ours[np.argsort(self.luck[ours])][:-missing])
            else:
                self._hold(here & self._could_wait() & (age > 0.1) & (age < AGE_DAYS), missing)

    def _could_wait(self) -> NDArray[np.bool_]:
        """Fed back once, done with it, and of no red line: its feedback may as well not have come yet."""
        done = (self.lives.state == RECTIFIED) & (self.lives.seq == 4)
        return done & self.patrol & ~self.world.red[self.lives.category] & (self.first_fed <= self.end)

    def _short(self) -> NDArray[np.bool_]:
        """With a limit below ten days: long overdue counts from ten days late, or the own limit if that is longer."""
        return self.lives.deadline - self.lives.notified < 9 * DAY_S

    def _red(self) -> None:
        """Exactly one issue across its red line for more than a day, in the overcast town if it has one."""
        lives, story = self.lives, self.world.crews.story
        red = self.world.red[lives.category]
        age = (self.end - lives.deadline) / DAY_S
        crossing = np.flatnonzero(self.overdue() & red & self.patrol & (age > 0.6))
        self._hurry(crossing)
        done = red & (lives.state == RECTIFIED) & (lives.seq == 4) & self.patrol & (age > 1.1) & (age < AGE_DAYS)
        for weather in (OVERCAST, CLOUDY, RAIN, SUNNY):
            found = np.flatnonzero(done & np.isin(lives.town, story.towns(weather)))
            if len(found):
                self._held[int(found[np.argmin(self.luck[found])])] = 2
                return

    def _in_time(self) -> None:
        """Feedback of the last week that came late came in time after all, where a town's story asks for it."""
        lives, end = self.lives, self.end
        held = np.isin(np.arange(len(lives)), list(self._held))
        fell = (
            (lives.deadline <= end) & (lives.deadline > end - 7 * DAY_S) & np.isin(lives.state, (*OPEN[:2], RECTIFIED))
        )
        fed = ~held & (lives.state != HANDLING) & (self.last_fed <= lives.deadline)
        late = fell & ~fed & ~held & self.patrol & (lives.seq == 4) & (lives.state == RECTIFIED)
        for town, weather in enumerate(self.world.crews.story.weather.tolist()):
            here = lives.town == town
            missing = int(np.ceil(ON_TIME[weather] * (fell & here).sum() - (fell & fed & here).sum()))
            rows = np.flatnonzero(late & here)
            for row in rows[np.argsort(self.luck[rows])][: max(missing, 0)].tolist():
                start, due = lives.notified[row], lives.deadline[row]
                at = np.floor(start + (due - start) * (0.7 + 0.29 * self.luck[row]))
                self._done[row] = (at, self._checked(row, at))

    def _open(self) -> None:
        """So many are open as the figures say: hold back what has most time left, or hurry what has least."""
        lives, end = self.lives, self.end
        excess = int(np.isin(lives.state, OPEN).sum()) - self.figures.open
        if excess > 0:
            rows = np.flatnonzero((lives.state == HANDLING) & (lives.deadline > end) & self.patrol)
            waiting = np.flatnonzero((lives.state == TO_CHECK) & self.patrol & (self.last_fed < end - 40 * MINUTE_S))
            rows = np.concatenate([rows[np.argsort(lives.deadline[rows])], waiting[np.argsort(self.last_fed[waiting])]])
            excess -= self._hurry(rows, excess)
        if excess < 0:
            could = np.flatnonzero(self._could_wait() & (lives.deadline > end + DAY_S))
            rows = could[np.argsort(-lives.deadline[could])][:-excess]
            self._held.update(dict.fromkeys(rows.tolist(), 2))
            excess += len(rows)
        if excess < 0:  # too few have time left: checks that were made last have not been made yet
            could = np.flatnonzero((lives.state == RECTIFIED) & (lives.seq == 4) & self.patrol)
            could = np.setdiff1d(could, list(self._held))
            rows = could[np.argsort(-self.passed[could], kind="stable")][:-excess]
            self._held.update(dict.fromkeys(rows.tolist(), 3))
            excess += len(rows)
        if excess:
            raise PackError(
                f"The demo year cannot be closed with {self.figures.open} open issues: {excess:+d} too many.",
                "Choose another --seed, or an --end at least a month after the demo's first day.",
            )

    # -- how it is done -----------------------------------------------------------
    def _hold(self, could: NDArray[np.bool_], n: int) -> None:
        """Keep `n` of those that could wait at work: only report and dispatch stay."""
        rows = np.flatnonzero(could)
        rows = rows[~np.isin(rows, list(self._held))]
        self._held.update(dict.fromkeys(rows[np.argsort(self.luck[rows])][: max(n, 0)].tolist(), 2))

    def _hurry(self, rows: NDArray[np.intp], most: int | None = None) -> int:
        """Feed back and pass before the end as many of `rows` as time allows; returns how many."""
        lives, office = self.lives, self.world.clocks.office
        worked = office.worked(np.array([self.end]))[0] - office.worked(lives.last[rows])
        rows, worked = rows[worked >= WORKED_MIN], worked[worked >= WORKED_MIN]
        rows, worked = rows[:most], worked[:most]
        share = 0.2 + 0.55 * self.luck[rows]
        fed = office.after(lives.last[rows], share * worked)
        passed = np.minimum(office.after(fed, 0.25 * np.minimum(worked, 480 * MINUTE_S)), self.end)
        waiting = lives.state[rows] == TO_CHECK
        for row, at, until, checked in zip(rows.tolist(), fed.tolist(), passed.tolist(), waiting.tolist(), strict=True):
            self._done[row] = (np.nan, np.floor(at)) if checked else (np.floor(at), np.floor(until))
        return len(rows)

    def _checked(self, row: int, at: float) -> float:
        wait = np.array([(30 + 90 * self.luck[row]) * MINUTE_S])
        return float(np.floor(min(self.world.clocks.office.after(np.array([at]), wait)[0], self.passed[row])))

    def _apply(self) -> None:
        """Rewrite the moves of the issues held back or hurried, and their lives."""
        lives, steps = self.lives, self.steps
        keep = np.full(len(lives), np.iinfo(np.int64).max)
        for row, seq in self._held.items():
            keep[row] = seq
        in_time = [row for row in self._done if lives.state[row] == RECTIFIED]
        keep[in_time] = 2
        steps = steps.take(steps.seq <= keep[steps.row])
        added = [
            entry
            for row, (fed, passed) in self._done.items()
            for entry in self._moves(row, fed, passed, row in in_time)
        ]
        columns = [np.array(column) for column in zip(*added, strict=True)] if added else []
        self.steps = join_steps([steps, Steps(*columns, np.full(len(added), np.nan))]) if added else steps
        self._restate(sorted({*self._held, *self._done}))
        self._held, self._done = {}, {}

    def _moves(self, row: int, fed: float, passed: float, anew: bool) -> list[tuple[int, int, int, float]]:
        seq = 2 if anew else int(self.lives.seq[row])
        moves = (
            [(MOVE["check_pass"], passed)]
            if np.isnan(fed)
            else [(MOVE["feed_back"], fed), (MOVE["check_pass"], passed)]
        )
        return [(row, seq + k + 1, move, at) for k, (move, at) in enumerate(moves)]

    def _restate(self, rows: list[int]) -> None:
        """State, last event and sequence of the issues whose moves changed."""
        changed = np.flatnonzero(np.isin(self.steps.row, rows))
        order = changed[np.lexsort((self.steps.seq[changed], self.steps.row[changed]))]
        final = order[np.append(self.steps.row[order][1:] != self.steps.row[order][:-1], True)] if len(order) else order
        target = {
            MOVE["dispatch"]: HANDLING,
            MOVE["feed_back"]: TO_CHECK,
            MOVE["check_pass"]: RECTIFIED,
            MOVE["extend"]: HANDLING,
        }
        row = self.steps.row[final]
        self.lives.state[row] = [target[move] for move in self.steps.move[final].tolist()]
        self.lives.seq[row], self.lives.last[row] = self.steps.seq[final], self.steps.at[final]
        for name, found in (("feed_back", self.last_fed), ("check_pass", self.passed)):
            found[rows] = np.nan
            there = changed[self.steps.move[changed] == MOVE[name]]
            found[self.steps.row[there]] = self.steps.at[there]
        self.first_fed[rows] = self.last_fed[rows]
