"""The worker's task for what is made in the background: it looks what is due, and lets a process of its own make it.

A process, because writing a large file would take the worker's time, and because one that is killed takes only its own
job with it, which the next one makes anew. It ends with its worker.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine

from weathermap.settings import Settings
from weathermap.work.child import Child
from weathermap.work.jobs import expire, waits
from weathermap.work.schedules import fire

PACE_S = 1.0
TIDY_S = 60.0
WORDS = ("jobs", "make")


class Clerk:
    """Any number may look at once."""

    def __init__(self, engine: Engine, settings: Settings, words: Sequence[str] = WORDS) -> None:
        self.engine, self.settings, self.words = engine, settings, tuple(words)
        self._maker = Child("jobs", self.words, {}, lambda _line: None)
        self._tidied = -TIDY_S

    def once(self) -> int:
        """Put what is due into the queue, start who makes it, take old files away. Returns 0: the pause is kept."""
        now = datetime.now(UTC)
        with self.engine.begin() as connection:
            fire(connection, now)
        if self._maker.process is None or self._maker.ended() is not None:
            with self.engine.connect() as connection:
                if waits(connection):
                    self._maker.start()
        if time.monotonic() - self._tidied > TIDY_S:
            self._tidied = time.monotonic()
            expire(self.engine, self.settings.export_folder, now)
        return 0
