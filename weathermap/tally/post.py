"""Posting deltas: a few are appended for the folder, many are merged into the prefix sums at once."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from weathermap.store import copy
from weathermap.store import tables as t
from weathermap.tally.measures import MEASURES, Delta
from weathermap.tally.prefix import Deltas, deltas_of, postings, rows_of

MANY = 5_000  # from so many past deltas on, merging at once is cheaper than folding
FOLD_LOCK = 0xF01D
CHANNEL = "weathermap_fold"


def post_deltas(
    connection: Connection, city_id: int, deltas: list[Delta], holders: list[int], subjects: list[list[int]]
) -> dict[str, copy.Column] | None:
    """Merge `deltas` if they are many; returns the columns of `tally_delta` that the caller has to write.

    `holders[i]` is the row in `subjects` of those that delta i counts for: one posting each.
    """
    if len(deltas) >= MANY:
        deltas, holders = _merge_past(connection, city_id, deltas, holders, subjects)
    posted = postings(deltas, holders)
    if not posted:
        return None
    return {
        "city_id": copy.numbers([city_id] * len(posted)),
        "subjects": copy.arrays(subjects[holder] for holder in posted),
        "entries": copy.arrays(posted.values()),
    }


def _merge_past(
    connection: Connection, city_id: int, deltas: list[Delta], holders: list[int], subjects: list[list[int]]
) -> tuple[list[Delta], list[int]]:
    """Merge what has passed, if it is much. Returns the deltas that are left to post, and their holders."""
    base, holder = np.array(deltas, dtype=np.int64), np.array(holders, dtype=np.int64)
    past = base[:, 0] <= int(time.time())
    if past.sum() < MANY:
        return deltas, holders
    merge(connection, city_id, Deltas.spread(base[past], holder[past], subjects))
    ahead = np.flatnonzero(~past).tolist()
    return [deltas[i] for i in ahead], [holders[i] for i in ahead]


def append_deltas(
    connection: Connection, city_id: int, deltas: list[Delta], holders: list[int], subjects: list[list[int]]
) -> None:
    """Post `deltas` by themselves: as `post_deltas`, and written."""
    columns = post_deltas(connection, city_id, deltas, holders, subjects)
    if columns is not None:
        copy.write_tables(connection, {"tally_delta": columns})


def merge(connection: Connection, city_id: int, deltas: Deltas) -> None:
    """Merge many past deltas into the prefix rows of their subjects: rewrites those rows, whole and sorted.

    Takes the folder's lock until the transaction ends, and tells the walls to fetch everything anew.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": FOLD_LOCK})
    subjects = np.unique(deltas.subject)
    sizes = bucket_sizes(connection, subjects)
    stored = _stored(connection, subjects, sizes)
    everything = deltas if stored is None else stored.join(deltas)
    _write(connection, everything, sizes[np.searchsorted(subjects, everything.subject)])
    log_fold(connection, city_id, [])


def bucket_sizes(connection: Connection, subjects: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bucket length in seconds of each subject (sorted), shape (n,)."""
    rows = connection.execute(
        text("SELECT subject_id, bucket_s FROM tally_subject WHERE subject_id = ANY(:ids)"), {"ids": subjects.tolist()}
    )
    found: dict[int, int] = {row.subject_id: row.bucket_s for row in rows}
    return np.array([found[i] for i in subjects.tolist()], dtype=np.int64)


def _stored(connection: Connection, subjects: NDArray[np.int64], sizes: NDArray[np.int64]) -> Deltas | None:
    """The deltas already in the prefix rows of `subjects`; the rows are taken out."""
    rows = connection.execute(
        text("DELETE FROM tally_prefix WHERE subject_id = ANY(:ids) RETURNING subject_id, bucket, detail"),
        {"ids": subjects.tolist()},
    ).all()
    if not rows:
        return None
    subject = np.array([row.subject_id for row in rows], dtype=np.int64)
    bucket = np.array([row.bucket for row in rows], dtype=np.int64)
    return deltas_of(subject, bucket, sizes[np.searchsorted(subjects, subject)], [bytes(row.detail) for row in rows])


def _write(connection: Connection, deltas: Deltas, bucket_s: NDArray[np.int64]) -> None:
    rows = rows_of(deltas, bucket_s)
    copy.copy_columns(
        connection,
        "tally_prefix",
        {
            "subject_id": copy.numbers(rows.subject),
            "bucket": copy.numbers(rows.bucket),
            **{name: copy.numbers(rows.sums[:, i]) for i, name in enumerate(MEASURES)},
            "detail": copy.binary(rows.detail),
        },
    )


def log_fold(connection: Connection, city_id: int, subjects: list[int]) -> int:
    """Append to the fold log and tell listeners; no subjects = everything changed. Returns the fold's id."""
    fold_id: int = connection.execute(
        t.fold_log.insert()
        .values(city_id=city_id, folded_at=text("clock_timestamp()"), subjects=subjects)
        .returning(t.fold_log.c.fold_id)
    ).scalar_one()
    connection.execute(text("SELECT pg_notify(:channel, :id)"), {"channel": CHANNEL, "id": str(fold_id)})
    return fold_id
