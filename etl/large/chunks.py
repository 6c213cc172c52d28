"""The second reading of a large ledger: chunk by chunk, what its rows state and which of them cannot be stored.

What needs the file or the store is in `Raw`; the rest, `understand`, needs nothing else and may run anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from etl.large.early import early
from etl.large.profile import Profile, part_of
from etl.moves import agrees
from etl.positions import Spots
from etl.quarantine import Rejection, reasons
from etl.read import Ledger, Piece
from etl.rules import ColumnMapping
from etl.said import Said
from etl.statements import Statements, read_rows
from etl.storing import judge_rows
from weathermap.issue.batch import NONE, Text, Times
from weathermap.progress import Spent
from weathermap.store.registry import City
from weathermap.store.sql import query

NO_SPOTS = Spots(frozenset(), ())
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Terms:
    """What decides about a chunk, the same for all chunks of a ledger."""

    ledger: Ledger  # a chunk's rows take the place of its own
    rules: ColumnMapping
    city: City
    spots: Spots
    now: datetime


@dataclass(frozen=True)
class Known:
    """Which rows of a chunk have a key that is stored, and where those issues stand; parallel."""

    row: Rows
    state: Text
    rectified: Times

    @classmethod
    def of(cls, connection: Connection, city: City, source: str, keys: Sequence[str]) -> Self:
        """Look these keys up."""
        source_id = int(city.source_ids[city.book.sources[source]])
        asked = {"city_id": city.city_id, "source_id": source_id, "keys": keys}
        found = connection.execute(query("issue_states"), asked).all()
        row, state, rectified = ([each[i] for each in found] for i in range(3))
        us = [NONE if each is None else each for each in rectified]
        return cls(np.array(row, dtype=np.intp), np.array(state, dtype=object), np.array(us, dtype=np.int64))


@dataclass(frozen=True)
class Raw:
    """Some consecutive rows of a ledger as they were read, and what the file and the store know of them."""

    number: int
    piece: Piece
    gives_way: NDArray[np.int64]  # rows of the piece that give way to another with their key
    known: Known
    repeated: Sequence[Rejection]  # rows of the whole ledger that gave way and differ: set aside with this chunk

    def __len__(self) -> int:
        return len(self.piece)


@dataclass(frozen=True)
class Chunk:
    """What a chunk's rows state. `said` is what reading them amounts to; nothing is stored yet."""

    number: int
    part: Ledger  # these rows alone
    fresh: Statements  # new issues
    later: Statements  # of stored issues that something happened to since
    rejected: Sequence[Rejection]  # and those that give way to another row with their key and differ from it
    said: Said

    def __len__(self) -> int:
        return self.said.read


def understand(terms: Terms, raw: Raw, spent: Spent) -> Chunk:
    """What a chunk's rows state."""
    part = part_of(terms.ledger, raw.piece)
    with spent("understanding"):
        usable, rejected, remarks = read_rows(part, terms.rules, terms.city.pack, terms.now, terms.spots)
        rows = usable.take(~np.isin(usable.row, raw.gives_way))
        repeats = len(usable) - len(rows)
        said = Said(
            read=len(part),
            rejected=len(rejected),
            duplicates=repeats,
            repeats=repeats,
            reasons=reasons(rejected),
            remarks=remarks,
        )
        said.add(judge_rows(terms.city.book, part, terms.rules, rows))
        fresh, later, unchanged = _divide(rows, raw.known)
        said.duplicates += unchanged
    return Chunk(raw.number, part, fresh, later, [*rejected, *raw.repeated], said)


def _divide(rows: Statements, known: Known) -> tuple[Statements, Statements, int]:
    """(new issues, those stored that something happened to since, how many are stored and as the ledger says)."""
    place = np.searchsorted(rows.row, known.row)
    here = np.isin(known.row, rows.row)
    place, state, rectified = place[here], known.state[here], known.rectified[here]
    stored = np.zeros(len(rows), dtype=bool)
    stored[place] = True
    old = np.zeros(len(rows), dtype=bool)
    old[place] = agrees(rows.take(place), state, rectified)
    return rows.take(~stored), rows.take(stored & ~old), int(old.sum())


@dataclass(frozen=True)
class Reader:
    """How a ledger is read the second time."""

    terms: Terms
    profile: Profile
    size: int  # rows of a chunk
    spent: Spent
    stored: int  # how many of its keys are stored; where none is, none is looked up

    def chunks(self, connection: Connection, done: frozenset[int] = frozenset()) -> Iterator[Raw | int]:
        """Every chunk; of those `done` only the number of their rows."""
        pieces = early(self.terms.ledger.batches(self.size))
        number = 0
        while True:
            with self.spent("reading"):
                piece = next(pieces, None)
            if piece is None:
                return
            yield len(piece) if number in done else self._raw(connection, number, piece)
            number += 1

    def _raw(self, connection: Connection, number: int, piece: Piece) -> Raw:
        first, terms = number * self.size, self.terms
        low, high = np.searchsorted(self.profile.gives_way, [first, first + len(piece)])
        with self.spent("looking up"):
            keys = piece.table[terms.rules.key].to_pylist() if self.stored else ()
            known = Known.of(connection, terms.city, terms.rules.source, list(keys))
        repeated = self.profile.repeated if number == 0 else ()
        return Raw(number, piece, self.profile.gives_way[low:high] - first, known, repeated)
