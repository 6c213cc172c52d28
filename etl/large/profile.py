"""The first reading of a large ledger: what only the whole tells. Keys that are there twice, default points, values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etl.numerals import numbers
from etl.positions import Spots, degrees, find_spots
from etl.quarantine import Rejection
from etl.read import Ledger, Piece
from etl.read.ledger import joined
from etl.rejecting import one_a_key
from etl.rules import ColumnMapping, PositionRule
from etl.statements import read_rows
from weathermap.city.pack import Pack

SAMPLED = 500  # rows of each piece


@dataclass
class Profile:
    """What the whole of a ledger tells, at some twenty bytes a row."""

    rows: int = 0
    categories: set[str] = field(default_factory=set)  # values
    spots: Spots | None = None  # None without positions
    sample: list[Piece] = field(default_factory=list)  # some rows from everywhere
    twice: NDArray[np.bool_] = field(
        default_factory=lambda: np.zeros(0, dtype=bool)
    )  # rows whose key may be there twice

    # of those: rows of the table that give way to another with their key, and the rejections of those that differ
    gives_way: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    repeated: list[Rejection] = field(default_factory=list)


def profile(mapping: ColumnMapping, pieces: Iterable[Piece]) -> Profile:
    """Read a ledger for the first time."""
    found = Profile()
    hashes: list[NDArray[np.uint64]] = []
    positions: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for piece in pieces:
        hashes.append(_hashes(piece.table[mapping.key]))
        found.categories.update(pc.unique(piece.table[mapping.category.column]).to_pylist())
        if mapping.position is not None:
            positions.append(_positions(piece, mapping.position))
        found.sample.append(_head(piece))
        found.rows += len(piece)
    found.twice = _twice(np.concatenate(hashes) if hashes else np.zeros(0, dtype=np.uint64))
    if mapping.position is not None and positions:
        x, y = (np.concatenate(column) for column in zip(*positions, strict=True))
        positions.clear()
        lon, lat = degrees(x, y, mapping.position.crs)
        found.spots = find_spots(x, y, np.isfinite(lon) & np.isfinite(lat), mapping.position)
    return found


def settle_repeats(found: Profile, ledger: Ledger, mapping: ColumnMapping, pack: Pack, now: datetime) -> None:
    """Decide between rows with one key, which may lie far apart: read these rows alone, once more."""
    if not found.twice.any():
        return
    rows = np.flatnonzero(found.twice)
    part = part_of(ledger, _chosen(ledger, found.twice))
    usable, _, _ = read_rows(part, mapping, pack, now, found.spots)
    kept, found.repeated = one_a_key(part, usable.row, usable.key, usable.latest)
    gives_way = np.ones(len(usable), dtype=bool)
    gives_way[kept] = False
    found.gives_way = rows[usable.row[gives_way]]


def part_of(ledger: Ledger, *pieces: Piece) -> Ledger:
    """Some rows of a ledger, as a ledger."""
    return replace(ledger, pieces=lambda: iter(pieces))


def _chosen(ledger: Ledger, wanted: NDArray[np.bool_]) -> Piece:
    found, before = [], 0
    for piece in ledger.batches():
        found.append(piece.take(np.flatnonzero(wanted[before : before + len(piece)])))
        before += len(piece)
    return joined(found, ledger.names)


def _head(piece: Piece) -> Piece:
    """Its first rows."""
    return piece.take(np.arange(min(SAMPLED, len(piece))))


def _hashes(keys: pa.ChunkedArray) -> NDArray[np.uint64]:
    """64 bits of each key; 0 for an empty one."""
    texts = keys.to_numpy(zero_copy_only=False)
    found = pd.util.hash_array(texts, categorize=False)
    return np.where(np.asarray(pc.equal(keys, "")), np.uint64(0), found)


def _twice(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Rows whose hash another row has too; the few that only share the hash are told apart when they are settled."""
    ordered = np.sort(hashes)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.isin(hashes, repeated[repeated > 0])


def _positions(piece: Piece, rule: PositionRule) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = (piece.table[name].to_numpy(zero_copy_only=False) for name in (rule.lon, rule.lat))
    return numbers(x), numbers(y)
