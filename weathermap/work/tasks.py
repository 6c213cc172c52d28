"""What the worker does beside folding: each task in a thread, at its own pace, so that none waits for another.

A task is a function that does a piece of work and says how much it did; it may be killed at any time and may run in
several workers at once: whatever it does, the store's keys and locks make it done once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from weathermap.errors import WeathermapError

log = logging.getLogger(__name__)
PATIENCE_S, LONGEST_S = 5.0, 60.0  # after an error, doubled with each


@dataclass(frozen=True)
class Task:
    """`once` does some of the work that waits and returns how much; done again at once while there is any, else after
    `pause_s`."""

    name: str
    once: Callable[[], int]
    pause_s: float


class Tasks:
    """Threads that go on until told to stop."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(task,), name=task.name, daemon=True) for task in tasks
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float) -> None:
        """Let what is under way end, for so many seconds in all; what does not is left: it is done again next time."""
        self._stop.set()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0.0))

    def _run(self, task: Task) -> None:
        trouble = PATIENCE_S
        while not self._stop.is_set():
            try:
                done = task.once()
                trouble = PATIENCE_S
            except WeathermapError as error:
                log.warning("a task did not go on", extra={"task": task.name, "error": str(error)})
                done = 0
            except Exception:  # the other tasks go on, and this one is tried again
                log.exception("a task failed", extra={"task": task.name, "again_in_s": trouble})
                self._stop.wait(trouble)
                trouble = min(trouble * 2, LONGEST_S)
                continue
            if done:
                log.debug("worked", extra={"task": task.name, "done": done})
            else:
                self._stop.wait(task.pause_s)
