"""How often somebody may try: kept in this process, forgotten with it."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock

KEYS = 10_000  # remembered at once; the longest unseen goes


class Limit:
    """At most `most` marks of a key within `per_s` seconds."""

    def __init__(self, most: int, per_s: float) -> None:
        self.most, self.per_s = most, per_s
        self._marks: dict[str, deque[float]] = {}
        self._lock = Lock()

    def full(self, key: str) -> bool:
        """Whether the key has as many marks as it may."""
        with self._lock:
            marks = self._marks.get(key)
            return marks is not None and len(self._fresh(marks)) >= self.most

    def mark(self, key: str) -> None:
        """One more try."""
        with self._lock:
            marks = self._marks.pop(key, None) or deque()
            self._fresh(marks).append(time.monotonic())
            self._marks[key] = marks
            while len(self._marks) > KEYS:
                del self._marks[next(iter(self._marks))]

    def _fresh(self, marks: deque[float]) -> deque[float]:
        since = time.monotonic() - self.per_s
        while marks and marks[0] < since:
            marks.popleft()
        return marks
