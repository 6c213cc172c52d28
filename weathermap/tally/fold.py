"""The folder: takes the entries whose instant has come, adds them to the prefix sums, writes the fold log.

One at a time (advisory lock), so fold ids are in commit order. Entries that lie ahead stay until they come due: that
is how an issue becomes overdue with nobody touching it.
"""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, Engine, text

from weathermap.store.sql import query
from weathermap.tally.measures import MEASURES
from weathermap.tally.post import FOLD_LOCK, MANY, bucket_sizes, log_fold, merge
from weathermap.tally.prefix import Deltas, rows_of

LIMIT = 20_000  # postings taken at once


def fold(engine: Engine) -> int:
    """Fold what is visible and has come. Returns the number of postings folded; 0 also while another folder works."""
    with engine.begin() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": FOLD_LOCK}).scalar_one():
            return 0
        return fold_once(connection)


def fold_once(connection: Connection) -> int:
    """As `fold`, in the caller's transaction, with the lock held."""
    rows = connection.execute(query("fold_take"), {"limit": LIMIT}).all()
    for city_id in {row.city_id for row in rows}:
        mine = [row for row in rows if row.city_id == city_id]
        deltas = Deltas.of_postings([row.subjects for row in mine], [row.entries for row in mine])
        if sum(len(row.entries) for row in mine) >= MANY:
            merge(connection, city_id, deltas)
        else:
            add(connection, deltas)
            log_fold(connection, city_id, np.unique(deltas.subject).tolist())
    return len(rows)


def add(connection: Connection, deltas: Deltas) -> None:
    """Add a few deltas to the prefix rows: new buckets first, then every row at or after each delta's bucket."""
    subjects = np.unique(deltas.subject)
    sizes = bucket_sizes(connection, subjects)
    rows = rows_of(deltas, sizes[np.searchsorted(subjects, deltas.subject)])
    keys = {"subject": rows.subject.tolist(), "bucket": rows.bucket.tolist()}
    connection.execute(query("fold_open"), keys)
    # rows.sums are running sums over the batch's own buckets: exactly what each later row grows by
    values = {name: rows.sums[:, i].tolist() for i, name in enumerate(MEASURES)}
    connection.execute(query("fold_add"), {**keys, **values, "detail": rows.detail})
