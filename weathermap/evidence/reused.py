"""Keeping what photos look like, and finding those that were used before. Advice, never a verdict."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from weathermap.evidence.prints import Words, asked_prints, grey_of, prints_of
from weathermap.store.people_tables import photo_print

log = logging.getLogger(__name__)
TAIL = 5_000  # prints that are looked at beside the tables before these are built anew
BATCH = 100_000
FLAT = 5.0  # grey values; what varies less (a hand before the lens, the night) looks like all its kind


def keep_prints(connection: Connection, photos: Sequence[tuple[bytes, bytes | None]]) -> list[str]:
    """Write the prints of photos: (digest of the original, its smallest copy, None if it is gone).

    A failure costs advice, no photo. Returns why each has none: plain, gone, failed; '' for one that has.
    """
    whys = []
    for sha256, copy in photos:
        codes, why = (None, "gone") if copy is None else _codes_of(copy)
        connection.execute(insert(photo_print).values(sha256=sha256, codes=codes, why=why).on_conflict_do_nothing())
        whys.append(why)
    return whys


def _codes_of(copy: bytes) -> tuple[bytes | None, str]:
    try:
        grey = grey_of(copy)
        return (None, "plain") if grey.std() < FLAT else (prints_of(grey).tobytes(), "")
    except Exception:
        log.exception("a photo has no print")
        return None, "failed"


@lru_cache(maxsize=100)  # whoever checks comes back to a photo; 40 kB of prints each
def _windows(copy: bytes) -> Words | None:
    """What is asked about a picture; None for one too plain to ask about."""
    grey = grey_of(copy)
    return None if grey.std() < FLAT else asked_prints(grey)


class Known:
    """All prints of a store in memory, followed as they come; shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._codes: Words = np.zeros((0, 4), dtype=np.uint64)
        self._owner = np.zeros(0, dtype=np.int64)
        self._tables: object = None
        self._built = 0  # rows in the tables

    def alike(self, connection: Connection, copy: bytes) -> list[tuple[int, int]]:
        """(print_id, bits of 256 that differ) of pictures like this one, itself among them, the nearest first."""
        from weathermap.evidence.reuse import ALIKE, Prints

        asked = _windows(copy)
        if asked is None:
            return []
        with self._lock:
            self._follow(connection)
            if self._tables is None or len(self._owner) - self._built > TAIL:
                self._tables, self._built = Prints(self._codes, self._owner), len(self._owner)
            tables, built = self._tables, self._built
            tail = Prints(self._codes[built:], self._owner[built:]) if built < len(self._owner) else None
        assert isinstance(tables, Prints)
        found = tables.find(asked, ALIKE) + (tail.find(asked, ALIKE) if tail else [])
        return sorted(found, key=lambda one: one[1])

    def _follow(self, connection: Connection) -> None:
        p = photo_print.c
        while True:
            asked = select(p.print_id, p.codes).where(p.print_id > self._last, p.codes.is_not(None))
            asked = asked.order_by(p.print_id).limit(BATCH)
            rows = connection.execute(asked).all()
            if not rows:
                return
            codes = np.frombuffer(b"".join(bytes(row.codes) for row in rows), dtype=np.uint64).reshape(-1, 4)
            self._codes = np.concatenate([self._codes, codes])
            ids = np.array([row.print_id for row in rows], dtype=np.int64)
            self._owner = np.concatenate([self._owner, np.repeat(ids, 2)])
            self._last = int(ids[-1])
