"""The worker: folds deltas as their instant comes, so that every wall is told within a second; and its tasks."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Sequence
from types import FrameType

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from weathermap.tally.fold import fold
from weathermap.work.tasks import Task, Tasks

PACE_S = 0.2  # at most five folds a second
SHARE = 0.1  # of the time is spent folding; reads count what waits, so that a longer pause costs freshness only …
LONGEST_S = 0.7  # … and walls are told within a second all the same
STOPPING_S = 2.0  # for what the tasks are at; the supervisor waits three
PATIENCE_S = 5.0  # after an error of the store

log = logging.getLogger(__name__)


class Stop:
    """Set by SIGTERM or SIGINT: finish the fold under way, then end."""

    def __init__(self) -> None:
        self.wanted = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._set)

    def _set(self, _number: int, _frame: FrameType | None) -> None:
        self.wanted = True


def run_worker(engine: Engine, tasks: Sequence[Task] = ()) -> None:
    """Fold until told to stop, the tasks beside. A store that does not answer is tried again; nothing is lost."""
    stop = Stop()
    beside = Tasks(tasks)
    log.info("worker started")
    beside.start()
    while not stop.wanted:
        started = time.monotonic()
        try:
            folded = fold(engine)
        except DBAPIError as error:
            log.warning("the store did not fold", extra={"error": str(error.orig).strip()})
            _sleep(stop, PATIENCE_S)
            continue
        if folded:
            log.debug("folded", extra={"postings": folded})
        _sleep(stop, pause_after(time.monotonic() - started))
    beside.stop(STOPPING_S)
    log.info("worker stopped")


def pause_after(took: float) -> float:
    """Seconds to rest after a fold that took so many: a load of late reports must not take the writers' time."""
    return min(max(PACE_S - took, took / SHARE), LONGEST_S)


def _sleep(stop: Stop, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not stop.wanted and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 0.2))
