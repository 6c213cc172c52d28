"""Prints and comparisons that photos lack: of those stored before there were any, and the worker's daily share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, Select, delete, func, select, text, union

from weathermap.evidence.pairs import compare_waiting
from weathermap.evidence.photos import copy_left
from weathermap.evidence.reused import keep_prints
from weathermap.settings import Settings
from weathermap.store.people_tables import photo, photo_pair, photo_print
from weathermap.store.sql import source_of
from weathermap.store.visit_tables import shot

AT_ONCE = 50  # photos of one transaction
PAUSE_S = 5.0
BROKEN = ("gone", "failed")  # what may go better another time


def _unprinted() -> Select[Any]:
    """Digests of photos of issues, and of shots on the way, that have no row of prints."""
    stored = union(select(photo.c.sha256), select(shot.c.sha256)).subquery()
    return select(stored.c.sha256).where(
        ~select(photo_print.c.sha256).where(photo_print.c.sha256 == stored.c.sha256).exists()
    )


def waiting(connection: Connection) -> tuple[int, int]:
    """(photos without a print, pairs of any issue not compared)."""
    prints = connection.execute(select(func.count()).select_from(_unprinted().subquery())).scalar_one()
    counted = text(f"SELECT count(*) FROM (\n{source_of('pairs_waiting')}) AS pairs")
    return prints, connection.execute(counted, {"all": True, "most": None}).scalar_one()


def forget_broken(connection: Connection) -> None:
    """What failed is tried again."""
    for table in (photo_print, photo_pair):
        connection.execute(delete(table).where(table.c.why.in_(BROKEN)))


def take_prints(engine: Engine, settings: Settings) -> Iterator[Counter[str]]:
    """Take the prints that are missing, AT_ONCE in a transaction; yields how many ended how: '' printed, else why not.

    Stopped at any moment, it goes on from there. Raises StoreError for photos that cannot be reached now.
    """
    while True:
        with engine.begin() as connection:
            found = connection.scalars(_unprinted().limit(AT_ONCE)).all()
            photos = [(bytes(one), copy_left(settings, bytes(one), "thumb")) for one in found]
            ended = Counter(keep_prints(connection, photos))
        if not found:
            return
        yield ended


class CatchUp:
    """The worker's task: compares what is fed back, and takes the prints of before once. Any number may do it."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        self._printed = False  # each photo that comes now gets its print as it comes

    def once(self) -> int:
        """Photos fed back first; returns how many pairs were compared and prints taken."""
        done = sum(ended.total() for ended in compare_waiting(self.engine, self.settings))
        if not self._printed:
            ended = next(take_prints(self.engine, self.settings), None)
            self._printed = ended is None
            done += ended.total() if ended else 0
        return done
