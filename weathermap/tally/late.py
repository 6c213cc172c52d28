"""As it looked: what the tallies of an instant held at that instant, before anything late was recorded.

Tallies count by event time. A delta recorded after its instant is also kept in `tally_late`, so that

    looked(t) = known(t) − Σ late deltas with at ≤ t < recorded_at

is exact for every t since the city was live in this store; what was loaded first counts as known at its own times.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from weathermap.store import copy
from weathermap.store.sql import ask_often
from weathermap.tally.measures import MEASURES, Delta, M
from weathermap.tally.prefix import Deltas, deltas_of

SECOND_US = 1_000_000
OF_POINTS = (M["declared"], M["covered"], M["visits"])
Ints = NDArray[np.int64]


def late_columns(
    city_id: int, deltas: Sequence[Delta], subjects: Sequence[Sequence[int]], recorded: int
) -> dict[str, copy.Column]:
    """The rows of `tally_late`; `recorded`: seconds since 1970Z."""
    base = np.array(deltas, dtype=np.int64).reshape(-1, 3)
    return {
        "city_id": copy.numbers([city_id] * len(base)),
        "at": copy.instants(base[:, 0] * SECOND_US),
        "recorded_at": copy.instants(np.full(len(base), recorded * SECOND_US)),
        "subjects": copy.arrays(subjects),
        "measure": copy.numbers(base[:, 1]),
        "n": copy.numbers(base[:, 2]),
    }


def late_sums(
    connection: Connection,
    city_id: int,
    live_since: datetime | None,
    subjects: Sequence[int],
    views: Sequence[int],
    seconds: Ints,
) -> Ints | None:
    """What to take off the sums at `seconds` to have them as they were known at `views`; None: nothing.

    `views`: instants, ascending, shape (v,); `seconds`: for each view the instants whose sums it needs, shape (v, k),
    each column ascending. Returns shape (subjects, v, k, measures).
    """
    if live_since is None or not len(subjects):
        return None
    moments = np.array(views, dtype=np.int64)
    asked = {"city_id": city_id, "first": int(moments[0]), "latest": int(seconds.max()), "subjects": list(subjects)}
    rows = ask_often(connection, "late_read", asked)
    if not rows:
        return None
    distinct, rank = np.unique(np.array(subjects, dtype=np.int64), return_inverse=True)
    row_of = {subject: i for i, subject in enumerate(distinct.tolist())}
    subject = np.array([row_of[row[0]] for row in rows])
    at, recorded, measure, n = (np.array([row[i] for row in rows], dtype=np.int64) for i in (1, 2, 3, 4))
    live = int(np.searchsorted(moments, int(live_since.timestamp()), side="left"))
    end = np.searchsorted(moments, recorded, side="left")  # views before it was recorded
    width = seconds.shape[1]
    grown = np.zeros((len(distinct), len(moments) + 1, width, len(MEASURES)), dtype=np.int64)
    for k in range(width):
        start = np.maximum(np.searchsorted(seconds[:, k], at, side="left"), live)
        some = start < end
        part = grown[:, :, k]
        np.add.at(part, (subject[some], start[some], measure[some]), n[some])
        np.subtract.at(part, (subject[some], end[some], measure[some]), n[some])
    return np.cumsum(grown, axis=1)[rank, :-1]


def keep_late_points(connection: Connection, city_id: int, before: Deltas, after: Deltas, now: int) -> None:
    """After a pack changed: what its points count otherwise in the past is late. Of subjects counted `before`."""
    old = before.where(np.isin(before.measure, OF_POINTS))
    new = after.where((after.at < now) & np.isin(after.subject, np.unique(before.subject)))
    change = new.join(Deltas(old.subject, old.at, old.measure, -old.n))
    if not len(change):
        return
    keys, place = np.unique(np.column_stack([change.subject, change.at, change.measure]), axis=0, return_inverse=True)
    amount = np.bincount(place.ravel(), weights=change.n, minlength=len(keys)).astype(np.int64)
    left = np.flatnonzero(amount)
    deltas: list[Delta] = [(int(keys[i, 1]), int(keys[i, 2]), int(amount[i])) for i in left]
    columns = late_columns(city_id, deltas, [[int(keys[i, 0])] for i in left], now)
    copy.write_tables(connection, {"tally_late": columns})


def counted_by(connection: Connection, city_id: int, version: int) -> Deltas:
    """Every folded delta of a city's units and of the areas of one boundary version."""
    rows = connection.execute(
        text(
            "SELECT p.subject_id, p.bucket, t.bucket_s, p.detail FROM tally_prefix AS p"
            " JOIN tally_subject AS t USING (subject_id) LEFT JOIN area AS a ON a.area_id = p.subject_id"
            " WHERE t.city_id = :city_id AND (a.area_id IS NULL OR a.version = :version)"
        ),
        {"city_id": city_id, "version": version},
    ).all()
    subject, bucket, size = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(3))
    return deltas_of(subject, bucket, size, [bytes(row.detail) for row in rows])
