"""Reading tallies: the sums of any subjects at any instants, each for the price of one index look-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.store.sql import ask_often
from weathermap.tally.measures import MEASURES

WIDTH = len(MEASURES)
MEASURE, FIRST = 4, 6  # columns of tally_read.sql: the measure of a delta not folded, the first measure


def read_sums(
    connection: Connection, city_id: int, subjects: Sequence[int], seconds: Sequence[int]
) -> NDArray[np.int64]:
    """Sums of every measure up to and including each second; shape (subjects, seconds, measures).

    `subjects`: area and unit ids, repeated or not; `seconds`: whole seconds since 1970Z, in any order, also ahead of
    now (then what is known to fall due is counted).
    """
    if not len(subjects):
        return np.zeros((0, len(seconds), WIDTH), dtype=np.int64)
    distinct, rank = np.unique(np.array(subjects, dtype=np.int64), return_inverse=True)
    row_of = {subject: i for i, subject in enumerate(distinct.tolist())}
    instants, place = np.unique(np.array(seconds, dtype=np.int64), return_inverse=True)
    column_of = {second: j for j, second in enumerate(instants.tolist())}
    found = np.zeros((len(distinct), len(instants), WIDTH), dtype=np.int64)
    asked = {"city_id": city_id, "subjects": list(row_of), "seconds": list(column_of), "latest": int(instants[-1])}
    rows = ask_often(connection, "tally_read", asked)
    folded = [row for row in rows if row[MEASURE] is None]
    if folded:
        where = [row_of[row[0]] for row in folded], [column_of[row[1]] for row in folded]
        sums = np.array([row[FIRST : FIRST + WIDTH] for row in folded], dtype=np.int64)
        found[where] = sums - _later_in_bucket(folded)
    for row in rows:
        if row[MEASURE] is not None:  # not folded yet
            found[row_of[row[0]], instants >= row[1], row[MEASURE]] += row[MEASURE + 1]
    return found[np.ix_(rank, place)]


def _later_in_bucket(rows: Sequence[Sequence[Any]]) -> NDArray[np.int64]:
    """What came after each row's second inside its bucket, by measure; shape (rows, measures).

    A big city has thousands of entries in an hour, so that each is touched as seldom as possible.
    """
    details = [row[-1] or b"" for row in rows]
    packed = np.frombuffer(b"".join(details), dtype=">i4").astype(np.int32)
    lengths = [len(detail) // 4 for detail in details]
    ends = [0 if row[-1] is None else ((row[1] - row[2] * row[3] + 1) << 6) for row in rows]  # the first entry after it
    later = np.flatnonzero(packed >= np.repeat(np.array(ends, dtype=np.int32), lengths))
    entry = packed[later]
    cell = np.repeat(np.arange(0, len(rows) * WIDTH, WIDTH), lengths)[later] + ((entry >> 1) & 31)
    sums = np.bincount(cell, weights=1 - 2 * (entry & 1), minlength=len(rows) * WIDTH)
    return sums.astype(np.int64).reshape(-1, WIDTH)
