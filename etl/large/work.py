"""A chunk worked out: all that is to be written of it. Needs neither the file nor the store, so it may run anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etl.large.chunks import Chunk, Raw, Terms, understand
from etl.moves import new_lives, new_reports
from etl.quarantine import Rejection
from etl.read import Piece
from etl.said import Said
from etl.statements import Statements
from etl.storing import published_of
from weathermap.bulk.plan import plan_lives
from weathermap.progress import Spent
from weathermap.store import binary


@dataclass(frozen=True)
class Ready:
    """What is to be written of a chunk, and `said`, what that amounts to."""

    number: int
    issues: int  # new ones
    tables: dict[str, pa.Table]  # their rows; public numbers are given when they are written
    counted: bytes  # what is to be counted of them, packed
    later: Statements  # of stored issues that something happened to since
    piece: Piece  # their rows
    rejected: Sequence[Rejection]
    said: Said

    def __len__(self) -> int:
        return self.said.read


@dataclass(frozen=True)
class Work:
    """What decides what becomes of a chunk, the same for all chunks of a load."""

    terms: Terms
    first: int  # id of the load's first issue
    size: int  # ids kept for each chunk: its rows
    recorded: int  # as `plan_lives` takes it


Hands = Callable[[Work, Iterator[Raw | int], Spent], Iterator[Ready | int]]  # work chunks out, in their order


def by_itself(work: Work, chunks: Iterator[Raw | int], spent: Spent) -> Iterator[Ready | int]:
    """Chunks worked out one by one by this process."""
    for chunk in chunks:
        yield chunk if isinstance(chunk, int) else work_out(work, chunk, spent)


def work_out(work: Work, raw: Raw, spent: Spent) -> Ready:
    """Work a chunk out. Ids follow from the number of the chunk alone."""
    chunk = understand(work.terms, raw, spent)
    with spent("planning"):
        ids = work.first + raw.number * work.size + np.arange(len(chunk.fresh))
        tables, counted = _tables(work.terms, chunk, ids, work.recorded) if len(ids) else ({}, b"")
    chunk.said.stored = len(ids)
    piece = raw.piece.take(chunk.later.row)
    return Ready(raw.number, len(ids), tables, counted, chunk.later.numbered(), piece, chunk.rejected, chunk.said)


def _tables(terms: Terms, chunk: Chunk, ids: NDArray[np.int64], recorded: int) -> tuple[dict[str, pa.Table], bytes]:
    """The rows of new issues with these ids, and what is to be counted of them."""
    reports = new_reports(chunk.fresh, terms.rules.source)
    planned = plan_lives(reports, new_lives(chunk.fresh), terms.city, ids, recorded)
    published = _published(terms, chunk, ids)
    return planned.tables | ({"issue_published": published} if len(published) else {}), planned.counted.packed()


def _published(terms: Terms, chunk: Chunk, ids: NDArray[np.int64]) -> pa.Table:
    """The areas that the source itself named."""
    found, row = [], chunk.fresh.row
    for level, codes in published_of(chunk.part, terms.rules, terms.city.pack).items():
        named = codes[row] != ""
        columns = {"issue_id": pa.array(ids[named]), "code": binary.texts(codes[row][named])}
        found.append(pa.table({**columns, "level": binary.constant(level, int(named.sum()), pa.string())}))
    return pa.concat_tables(found) if found else pa.table({})
