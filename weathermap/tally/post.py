"""Posting deltas: a few are appended for the folder, many are merged into the prefix sums at once."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from weathermap.store import binary, copy
from weathermap.store import tables as t
from weathermap.tally.measures import MEASURES, Delta
from weathermap.tally.prefix import Deltas, Rows, deltas_of, postings, rows_of

MANY = 5_000  # from so many past deltas on, merging at once is cheaper than folding
AT_ONCE = 4_000_000  # deltas held at once while merging
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

    Takes the folder's lock until the transaction ends, and tells the walls to fetch everything anew. Subject after
    subject, as many at a time as memory should hold.
    """
    lock_folder(connection)
    subjects, counts = np.unique(deltas.subject, return_counts=True)
    deltas = deltas.where(np.argsort(deltas.subject, kind="stable"))
    bounds = np.append(0, np.cumsum(counts))
    weight = np.cumsum(counts + stored_entries(connection, subjects))
    first = 0
    while first < len(subjects):
        fitting = np.searchsorted(weight, (weight[first - 1] if first else 0) + AT_ONCE, side="right")
        last = max(int(fitting), first + 1)
        some = deltas.where(slice(bounds[first], bounds[last]))
        sizes = bucket_sizes(connection, subjects[first:last])
        stored = take_stored(connection, subjects[first:last], sizes)
        everything = some if stored is None else stored.join(some)
        write_rows(connection, rows_of(everything, sizes[np.searchsorted(subjects[first:last], everything.subject)]))
        first = last
    log_fold(connection, city_id, [])


def stored_entries(connection: Connection, subjects: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many deltas the prefix rows of each subject (sorted) hold, shape (n,)."""
    rows = connection.execute(
        text(
            "SELECT subject_id, sum(length(detail)) / 4 AS n FROM tally_prefix WHERE subject_id = ANY(:ids) GROUP BY 1"
        ),
        {"ids": subjects.tolist()},
    )
    found: dict[int, int] = {row.subject_id: int(row.n) for row in rows}
    return np.array([found.get(i, 0) for i in subjects.tolist()], dtype=np.int64)


def stored_buckets(connection: Connection, subject: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The buckets of a subject that has prefix rows, ascending, and how many deltas each holds; shapes (n,)."""
    rows = connection.execute(
        text("SELECT bucket, length(detail) / 4 AS n FROM tally_prefix WHERE subject_id = :id ORDER BY bucket"),
        {"id": subject},
    ).all()
    found = np.array([(row.bucket, row.n) for row in rows], dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def lock_folder(connection: Connection) -> None:
    """Keep the folder away until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": FOLD_LOCK})


def bucket_sizes(connection: Connection, subjects: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bucket length in seconds of each subject (sorted), shape (n,)."""
    rows = connection.execute(
        text("SELECT subject_id, bucket_s FROM tally_subject WHERE subject_id = ANY(:ids)"), {"ids": subjects.tolist()}
    )
    found: dict[int, int] = {row.subject_id: row.bucket_s for row in rows}
    return np.array([found[i] for i in subjects.tolist()], dtype=np.int64)


def take_stored(
    connection: Connection,
    subjects: NDArray[np.int64],
    sizes: NDArray[np.int64],
    since: int | None = None,
    until: int | None = None,
) -> Deltas | None:
    """The deltas already in the prefix rows of `subjects`; the rows are taken out. Buckets `since` ≤ b < `until`."""
    rows = connection.execute(
        text(
            "DELETE FROM tally_prefix WHERE subject_id = ANY(:ids) AND (bucket >= :since OR :since IS NULL)"
            " AND (bucket < :until OR :until IS NULL) RETURNING subject_id, bucket, detail"
        ),
        {"ids": subjects.tolist(), "since": since, "until": until},
    ).all()
    if not rows:
        return None
    subject = np.array([row.subject_id for row in rows], dtype=np.int64)
    bucket = np.array([row.bucket for row in rows], dtype=np.int64)
    return deltas_of(subject, bucket, sizes[np.searchsorted(subjects, subject)], [bytes(row.detail) for row in rows])


def write_rows(connection: Connection, rows: Rows) -> None:
    """COPY prefix rows; their subjects must have none."""
    detail = [None, pa.py_buffer((4 * rows.bounds).astype(np.int32)), pa.py_buffer(rows.packed)]
    columns = {
        "subject_id": binary.numbers(rows.subject, pa.int32()),
        "bucket": binary.numbers(rows.bucket, pa.int32()),
        **{name: binary.numbers(rows.sums[:, i], pa.int32()) for i, name in enumerate(MEASURES)},
        "detail": pa.BinaryArray.from_buffers(pa.binary(), len(rows), detail),
    }
    binary.copy_table(connection, "tally_prefix", pa.table(columns))


def log_fold(connection: Connection, city_id: int, subjects: list[int]) -> int:
    """Append to the fold log and tell listeners; no subjects = everything changed. Returns the fold's id."""
    fold_id: int = connection.execute(
        t.fold_log.insert()
        .values(city_id=city_id, folded_at=text("clock_timestamp()"), subjects=subjects)
        .returning(t.fold_log.c.fold_id)
    ).scalar_one()
    connection.execute(text("SELECT pg_notify(:channel, :id)"), {"channel": CHANNEL, "id": str(fold_id)})
    return fold_id
