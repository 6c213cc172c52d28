"""Changes to lives already lived: hold an issue back, hurry it, or let its feedback come in time; legally."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Reals
from etl.demo.life import FRESH, MINUTE_S, MOVE, STATE, Lives, Steps, World, join_steps

HANDLING, TO_CHECK, RECTIFIED, SUSPENDED = (STATE[s] for s in ("handling", "to_check", "rectified", "suspended"))
AFTER = {
    "dispatch": HANDLING,
    "extend": HANDLING,
    "check_fail": HANDLING,
    "feed_back": TO_CHECK,
    "check_pass": RECTIFIED,
}
AT_LEAST = 45 * MINUTE_S  # so much must have been worked before an issue can be hurried


class Editing:
    """Collects changes by row; `apply` rewrites the moves and the lives. A row may be changed once between applies."""

    def __init__(self, lives: Lives, steps: Steps, world: World, end: float) -> None:
        self.lives, self.steps, self.world, self.end = lives, steps, world, end
        self.luck = world.chance.uniform("close", lives.key)
        self._keep: dict[int, int] = {}  # row → the last event that stays
        self._add: dict[int, list[tuple[int, float]]] = {}  # row → (move, at) that follow it
        self.fed = self._instants("feed_back")
        self.passed = self._instants("check_pass")

    def changed(self) -> NDArray[np.bool_]:
        """Which rows have a change waiting."""
        found = np.zeros(len(self.lives), dtype=bool)
        found[[*self._keep, *self._add]] = True
        return found

    def hold(self, rows: NDArray[np.intp], seq: int = FRESH) -> None:
        """Nothing after event `seq` has happened yet."""
        self._keep.update(dict.fromkeys(rows.tolist(), seq))

    def hurry(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Feed back what is at work, and pass the check where office time allows; returns which are rectified then.

        Rows for which there was no time at all stay as they are.
        """
        lives, clocks, luck = self.lives, self.world.clocks, self.luck[rows]
        last, ends = lives.last[rows], np.full(len(rows), self.end)
        waits = lives.state[rows] == TO_CHECK
        worked = clocks.duty.worked(ends) - clocks.duty.worked(last)
        fed = np.where(waits, last, np.floor(clocks.duty.after(last, (0.2 + 0.5 * luck) * worked)))
        passed = np.floor(clocks.office.after(fed, (30 + 70 * luck) * MINUTE_S))
        able = (waits | (worked >= AT_LEAST)) & (fed <= self.end)
        through = able & (passed <= self.end)
        for i in np.flatnonzero(able).tolist():
            moves = [] if waits[i] else [(MOVE["feed_back"], float(fed[i]))]
            moves += [(MOVE["check_pass"], float(passed[i]))] if through[i] else []
            if moves:
                self._add[int(rows[i])] = moves
        return through

    def in_time(self, rows: NDArray[np.intp]) -> None:
        """Feedback comes before the deadline and passes at the first try."""
        start, due = self.lives.notified[rows], self.lives.deadline[rows]
        fed = np.floor(start + (due - start) * (0.7 + 0.29 * self.luck[rows]))
        passed = np.floor(self.world.clocks.office.after(fed, (30 + 90 * self.luck[rows]) * MINUTE_S))
        for row, at, then in zip(rows.tolist(), fed.tolist(), passed.tolist(), strict=True):
            self._keep[row] = FRESH
            self._add[row] = [(MOVE["feed_back"], at)] + ([(MOVE["check_pass"], then)] if then <= self.end else [])

    def apply(self) -> None:
        """Rewrite moves and lives, and forget the changes."""
        rows = np.flatnonzero(self.changed())
        if not len(rows):
            return
        keep = np.full(len(self.lives), np.iinfo(np.int64).max)
        keep[list(self._keep)] = list(self._keep.values())
        added = [
            (row, min(int(self.lives.seq[row]), int(keep[row])) + k + 1, move, at)
            for row, moves in self._add.items()
            for k, (move, at) in enumerate(moves)
        ]
        self.steps = self.steps.take(self.steps.seq <= keep[self.steps.row])
        if added:
            row, seq, move, at = (np.array(column) for column in zip(*added, strict=True))
            self.steps = join_steps([self.steps, Steps(row, seq, move, at, np.full(len(at), np.nan))])
        self._restate(rows)
        self._keep, self._add = {}, {}

    def _restate(self, rows: NDArray[np.intp]) -> None:
        """State, latest event and count of events of `rows`, from their moves."""
        lives, steps = self.lives, self.steps
        touched = np.flatnonzero(np.isin(steps.row, rows))
        order = touched[np.lexsort((steps.seq[touched], steps.row[touched]))]
        final = order[np.append(steps.row[order][1:] != steps.row[order][:-1], True)]
        state = {MOVE[name]: target for name, target in AFTER.items()}
        row = steps.row[final]
        lives.state[row] = [state[move] for move in steps.move[final].tolist()]
        lives.seq[row], lives.last[row] = steps.seq[final], steps.at[final]
        self.fed, self.passed = self._instants("feed_back"), self._instants("check_pass")

    def _instants(self, move: str) -> Reals:
        """When each issue was last moved so; NaN for never."""
        rows = np.flatnonzero(self.steps.move == MOVE[move])
        order = rows[np.argsort(self.steps.seq[rows], kind="stable")]
        found = np.full(len(self.lives), np.nan)
        found[self.steps.row[order]] = self.steps.at[order]
        return found
