"""Sums of very many subjects at many instants: read once, then moved on by the deltas in between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.store.sql import query
from weathermap.tally.prefix import deltas_of
from weathermap.tally.read import WIDTH, read_sums

LOOKUPS = 60_000  # up to so many (subject, second) pairs an index look-up each is faster


def read_series(
    connection: Connection, city_id: int, subjects: Sequence[int], seconds: Sequence[int]
) -> NDArray[np.int64]:
    """As `read_sums`, for seconds in ascending order; shape (subjects, seconds, measures). Subjects are distinct."""
    if len(subjects) * len(seconds) <= LOOKUPS:
        return read_sums(connection, city_id, subjects, seconds)
    start = read_sums(connection, city_id, subjects, seconds[:1])
    ids = np.array(subjects, dtype=np.int64)
    order = np.argsort(ids)
    asked = {"city_id": city_id, "subjects": list(subjects), "first": int(seconds[0]), "latest": int(seconds[-1])}
    rows = connection.execute(query("series_deltas"), asked).fetchall()
    folded = [row for row in rows if row[3] is not None]
    owner, bucket, size = (np.array([row[i] for row in folded], dtype=np.int64) for i in range(3))
    deltas = deltas_of(owner, bucket, size, [bytes(row[3]) for row in folded])
    waiting = np.array([(row[0], row[4], row[5], row[6]) for row in rows if row[3] is None], dtype=np.int64)
    waiting = waiting.reshape(-1, 4)
    every = [
        np.concatenate([folded_, waiting[:, i]])
        for i, folded_ in enumerate((deltas.subject, deltas.at, deltas.measure, deltas.n))
    ]
    inside = (every[1] > seconds[0]) & (every[1] <= seconds[-1])
    subject, at, measure, n = (column[inside] for column in every)
    grown = np.zeros((len(ids), len(seconds), WIDTH), dtype=np.int64)
    grown[:, 0] = start[:, 0]
    place = order[np.searchsorted(ids, subject, sorter=order)]
    np.add.at(grown, (place, np.searchsorted(seconds, at, side="left"), measure), n)
    return np.cumsum(grown, axis=1)
