"""Reading tallies: the sums of any subjects at any instants, each for the price of one index look-up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.store.sql import query
from weathermap.tally.measures import MEASURES
from weathermap.tally.prefix import entries

WIDTH = len(MEASURES)
FIRST = 6  # column of the first measure in tally_read.sql


def read_sums(
    connection: Connection, city_id: int, subjects: Sequence[int], seconds: Sequence[int]
) -> NDArray[np.int64]:
    """Sums of every measure up to and including each second; shape (subjects, seconds, measures).

    `subjects`: area and unit ids; `seconds`: whole seconds since 1970Z, in any order, also ahead of now (then what is
    known to fall due is counted).
    """
    sums = np.zeros((len(subjects), len(seconds), WIDTH), dtype=np.int64)
    if not len(subjects):
        return sums
    row_of = {subject: i for i, subject in enumerate(subjects)}
    columns: dict[int, list[int]] = {}
    for j, second in enumerate(seconds):
        columns.setdefault(int(second), []).append(j)
    instants = np.array(seconds, dtype=np.int64)
    asked = {"city_id": city_id, "subjects": list(subjects), "seconds": list(columns), "latest": max(columns)}
    for row in connection.execute(query("tally_read"), asked):
        i = row_of[row[0]]
        if row[4] is not None:  # not folded yet
            sums[i, instants >= row[1], row[4]] += row[5]
            continue
        here = np.array(row[FIRST : FIRST + WIDTH], dtype=np.int64)
        if row[-1] is not None:  # the second lies inside the bucket: take off what came later in it
            at, measure, sign = entries(row[-1])
            later = at > row[1] - row[2] * row[3]
            np.subtract.at(here, measure[later], sign[later])
        sums[i, columns[row[1]]] += here
    return sums
