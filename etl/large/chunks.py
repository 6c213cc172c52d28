"""The second reading of a large ledger: chunk by chunk, what its rows state and which of them cannot be stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from etl.large.profile import Profile, part_of
from etl.moves import agrees
from etl.positions import Spots
from etl.quarantine import Rejection, reasons
from etl.read import Ledger
from etl.rules import ColumnMapping
from etl.said import Said
from etl.statements import Statements, read_rows
from etl.storing import judge_rows
from weathermap.issue.batch import NONE
from weathermap.progress import Spent
from weathermap.store.registry import City
from weathermap.store.sql import query

NO_SPOTS = Spots(frozenset(), ())


@dataclass(frozen=True)
class Chunk:
    """Some consecutive rows of a ledger. `said` is what reading them amounts to; nothing is stored yet."""

    number: int
    part: Ledger  # these rows alone
    rows: Statements  # usable, one a key
    rejected: Sequence[Rejection]  # and those that give way to another row with their key and differ from it
    said: Said

    def __len__(self) -> int:
        return self.said.read


@dataclass(frozen=True)
class Reader:
    """How a ledger is read the second time."""

    ledger: Ledger
    rules: ColumnMapping
    city: City
    profile: Profile
    now: datetime
    size: int  # rows of a chunk
    spent: Spent

    def chunks(self, done: frozenset[int] = frozenset()) -> Iterator[Chunk | int]:
        """Every chunk; of those `done` only the number of their rows."""
        pieces = self.ledger.batches(self.size)
        number = 0
        while True:
            with self.spent("reading"):
                piece = next(pieces, None)
            if piece is None:
                return
            yield len(piece) if number in done else self._chunk(number, part_of(self.ledger, piece))
            number += 1

    def _chunk(self, number: int, part: Ledger) -> Chunk:
        with self.spent("understanding"):
            usable, rejected, remarks = read_rows(
                part, self.rules, self.city.pack, self.now, self.profile.spots or NO_SPOTS
            )
            first = number * self.size
            low, high = np.searchsorted(self.profile.gives_way, [first, first + len(part)])
            rows = usable.take(~np.isin(usable.row, self.profile.gives_way[low:high] - first))
            repeats = len(usable) - len(rows)
            said = Said(
                read=len(part),
                rejected=len(rejected),
                duplicates=repeats,
                repeats=repeats,
                reasons=reasons(rejected),
                remarks=remarks,
            )
            said.add(judge_rows(self.city.book, part, self.rules, rows))
        aside = [*rejected, *(self.profile.repeated if number == 0 else ())]
        return Chunk(number, part, rows, aside, said)


def divide(connection: Connection, city: City, source: str, rows: Statements) -> tuple[Statements, Statements, int]:
    """(new issues, those stored that something happened to since, how many are stored and as the ledger says)."""
    place, state, rectified = _stored(connection, city, source, rows)
    known = np.zeros(len(rows), dtype=bool)
    known[place] = True
    old = np.zeros(len(rows), dtype=bool)
    old[place] = agrees(rows.take(place), state, rectified)
    return rows.take(~known), rows.take(known & ~old), int(old.sum())


def _stored(
    connection: Connection, city: City, source: str, rows: Statements
) -> tuple[NDArray[np.intp], NDArray[np.object_], NDArray[np.int64]]:
    """Of the rows that are stored: their place, their state and when they were rectified (µs, NONE)."""
    source_id = int(city.source_ids[city.book.sources[source]])
    asked = {"city_id": city.city_id, "source_id": source_id, "keys": rows.key.tolist()}
    found = connection.execute(query("issue_states"), asked).all()
    place, state, rectified = ([row[i] for row in found] for i in range(3))
    us = [NONE if each is None else each for each in rectified]
    return np.array(place, dtype=np.intp), np.array(state, dtype=object), np.array(us, dtype=np.int64)
