"""What is counted, and the signed deltas that each move posts (DESIGN: every number is a sum over events).

A delta is (instant in whole seconds since 1970Z, measure, amount). Nothing posted is ever edited: what turns out
otherwise is cancelled by the opposite delta at the same instant if that still lies ahead, else at the move's instant.
`weathermap/store/sql/verify_*.sql` recounts the same definitions independently of this module.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MEASURES = (
    "notified",  # handed to a unit and valid
    "rectified",  # fed back and passed by the check
    "due",  # its bundled deadline has come
    "on_time",  # of those due: valid feedback by the deadline
    "late",  # valid feedback after the deadline
    "long_overdue",  # overdue by more than max(its own limit, 10 days), without valid feedback
    "red_overdue",  # of a red-line category, overdue by 24 h, without valid feedback
    "suspended",  # on approved suspension
    "extended",  # open with an approved extension
    "failed",  # checks failed (times)
    "reopened",  # reopenings (times)
    "declared",  # declared points
    "covered",  # declared points visited within the last 30 days
    "visits",  # visits of points (times)
)
M = {name: i for i, name in enumerate(MEASURES)}
DAY_S = 86_400
LONG_S = 10 * DAY_S
RED_S = DAY_S
COVER_S = 30 * DAY_S

Delta = tuple[int, int, int]  # second, measure, amount
Post = Callable[[int, str, int], None]


@dataclass
class Flow:
    """One issue's flows: feed it the moves in order; `deltas` collects what they post. Times in whole seconds.

    `grace` is fixed when the issue is handed over: max(its own limit, 10 days). It is long overdue at deadline + grace,
    and across its red line at deadline + 24 h.
    """

    red_line: bool
    notified: int | None = None
    deadline: int | None = None
    grace: int = LONG_S
    feedback: int | None = None
    suspended: int | None = None
    extended: bool = False
    deltas: list[Delta] = field(default_factory=list)

    @property
    def long(self) -> int | None:
        """When it becomes long overdue."""
        return None if self.deadline is None else self.deadline + self.grace

    @property
    def red(self) -> int | None:
        """When it is overdue by 24 h across a red line; None for other categories."""
        return self.deadline + RED_S if self.red_line and self.deadline is not None else None

    def apply(self, move: str, at: int, until: int | None = None) -> None:
        """Post what `move` at second `at` changes; `until` is the deadline that it sets."""
        action = getattr(self, f"_{move}", None)
        if action is not None:
            action(at, until)

    def post(self, at: int, measure: str, amount: int) -> None:
        self.deltas.append((at, M[measure], amount))

    # -- the two questions whose answer differs from issue to issue; FlowColumns asks them of whole columns ----------
    def _later(self, one: int, other: int) -> int:
        return max(one, other)

    def _in_term(self, feedback: int, deadline: int) -> str:
        """What a feedback counts as."""
        return "on_time" if feedback <= deadline else "late"

    # -- the clock of the deadline: an instant that has passed counts from now ------
    def _start_clock(self, now: int, deadline: int | None) -> None:
        self.deadline = deadline
        if deadline is not None:
            self.post(self._later(deadline, now), "due", 1)
            self._age(now, 1)

    def _stop_clock(self, now: int) -> None:
        if self.deadline is not None:
            self.post(self._later(self.deadline, now), "due", -1)
            self._age(now, -1)

    def _age(self, now: int, amount: int) -> None:
        for instant, measure in ((self.long, "long_overdue"), (self.red, "red_overdue")):
            if instant is not None:
                self.post(self._later(instant, now), measure, amount)

    # -- the moves -----------------------------------------------------------------
    def _dispatch(self, at: int, until: int | None) -> None:
        self.notified = at
        self.post(at, "notified", 1)
        self.grace = self._later(LONG_S, (at if until is None else until) - at)
        self._start_clock(at, until)

    def _feed_back(self, at: int, _until: int | None) -> None:
        self.feedback = at
        if self.deadline is not None:
            self.post(self._later(self.deadline, at), self._in_term(at, self.deadline), 1)
            self._age(at, -1)

    def _void_feedback(self, at: int) -> None:
        """The feedback did not hold: the issue counts as not fed back from `at` on."""
        if self.deadline is not None and self.feedback is not None:
            self.post(self._later(self.deadline, at), self._in_term(self.feedback, self.deadline), -1)
        self.feedback = None

    def _check_pass(self, at: int, _until: int | None) -> None:
        self.post(at, "rectified", 1)
        self._end_extension(at)

    def _check_fail(self, at: int, _until: int | None) -> None:
        self.post(at, "failed", 1)
        self._void_feedback(at)
        self._age(at, 1)

    def _reopen(self, at: int, _until: int | None) -> None:
        self.post(at, "rectified", -1)
        self.post(at, "reopened", 1)
        self._void_feedback(at)
        self._age(at, 1)

    def _suspend(self, at: int, _until: int | None) -> None:
        self.suspended = at
        self.post(at, "suspended", 1)
        self._stop_clock(at)

    def _resume(self, at: int, until: int | None) -> None:
        self.suspended = None
        self.post(at, "suspended", -1)
        self._start_clock(at, self.deadline if until is None else until)

    def _extend(self, at: int, until: int | None) -> None:
        if not self.extended:
            self.extended = True
            self.post(at, "extended", 1)
        if until is not None:
            self._stop_clock(at)
            self._start_clock(at, until)

    def _redate(self, at: int, until: int | None) -> None:
        """Another deadline by the same rule: of what was fed back the feedback stays, and is held against it."""
        if until is None or self.suspended is not None:  # no clock runs meanwhile
            self.deadline = until if until is not None else self.deadline
        elif self.feedback is None:
            self._stop_clock(at)
            self._start_clock(at, until)
        else:
            self._judge(at, -1)
            self.deadline = until
            self._judge(at, 1)

    def _judge(self, at: int, amount: int) -> None:
        """A term that has its feedback."""
        if self.deadline is not None and self.feedback is not None:
            self.post(self._later(self.deadline, at), "due", amount)
            self.post(self._later(self.deadline, at), self._in_term(self.feedback, self.deadline), amount)

    def _end_extension(self, at: int) -> None:
        if self.extended:
            self.extended = False
            self.post(at, "extended", -1)

    def handed_on(self, at: int) -> list[Delta]:
        """What a unit takes over that the issue is handed to at `at`; the one that held it posts the opposite.

        Open stock moves at once. What fell due stays with who held the issue at its deadline: of an overdue one only
        the stock moves, as `late` (+1 there, −1 here), until it is fed back or gets another deadline.
        """
        if self.notified is None:
            return []
        taken = Flow(self.red_line, self.notified, self.deadline, self.grace)
        taken.post(at, "notified", 1)
        if self.extended:
            taken.post(at, "extended", 1)
        if self.suspended is not None:
            taken.post(at, "suspended", 1)
        elif self.deadline is not None:
            taken.post(max(self.deadline, at), *(("due", 1) if self.deadline >= at else ("late", -1)))
            taken._age(at, 1)
        return taken.deltas

    def _void(self, at: int, _until: int | None) -> None:
        if self.notified is None:
            return
        self.post(at, "notified", -1)
        self._end_extension(at)
        if self.suspended is not None:
            self.post(at, "suspended", -1)
        elif self.feedback is None:
            self._stop_clock(at)
        elif self.deadline is not None:
            self._void_feedback(at)
            self.post(self._later(self.deadline, at), "due", -1)

    _merge = _split = _void  # counted where it was merged into, or as its parts


class FlowColumns(Flow):
    """The flows of many issues of one shape: the same moves, all with a deadline or none of them, all red or none.

    Instants are columns of seconds, shape (n,), and so are those in `deltas`, whose measure is a number or a column.
    Only moves that ask no more than `_later` and `_in_term` are known: what a ledger tells of new issues.
    """

    def apply(self, move: str, at: Any, until: Any = None) -> None:
        if move not in ("report", "dispatch", "feed_back", "check_pass", "void"):
            raise ValueError(f"{move!r} differs from issue to issue: it is followed one by one")
        super().apply(move, at, until)

    def post(self, at: Any, measure: Any, amount: int) -> None:
        self.deltas.append((at, M[measure] if isinstance(measure, str) else measure, amount))

    def _later(self, one: Any, other: Any) -> Any:
        return np.maximum(one, other)

    def _in_term(self, feedback: Any, deadline: Any) -> Any:
        found: NDArray[np.int64] = np.where(feedback <= deadline, M["on_time"], M["late"])
        return found
