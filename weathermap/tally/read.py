"""Reading tallies: the sums of any subjects at any instants, each for the price of one index look-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.store.sql import ask_often
from weathermap.tally.measures import MEASURES
from weathermap.tally.prefix import entries

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
        found[where] = np.array([row[FIRST : FIRST + WIDTH] for row in folded], dtype=np.int64)
    _take_off_later(found, [row for row in folded if row[-1] is not None], row_of, column_of)
    for row in rows:
        if row[MEASURE] is not None:  # not folded yet
            found[row_of[row[0]], instants >= row[1], row[MEASURE]] += row[MEASURE + 1]
    return found[np.ix_(rank, place)]


def _take_off_later(
    found: NDArray[np.int64], rows: Sequence[Sequence[Any]], row_of: dict[int, int], column_of: dict[int, int]
) -> None:
    """Where a second lies inside its bucket: take off what came later in the bucket."""
    if not rows:
        return
    at, measure, sign = entries(b"".join(row[-1] for row in rows))
    lengths = [len(row[-1]) // 4 for row in rows]
    within = np.repeat([row[1] - row[2] * row[3] for row in rows], lengths)
    subject = np.repeat([row_of[row[0]] for row in rows], lengths)
    column = np.repeat([column_of[row[1]] for row in rows], lengths)
    later = at > within
    np.subtract.at(found, (subject[later], column[later], measure[later]), sign[later])
