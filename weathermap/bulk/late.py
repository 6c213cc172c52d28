"""What a large load brings later than it happened, of a city that was live before: as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from weathermap.bulk.events import Events
from weathermap.bulk.subjects import Ids
from weathermap.issue.track import LATE_US, SECOND_US
from weathermap.store import binary as b
from weathermap.store.registry import City

if TYPE_CHECKING:
    from weathermap.bulk.plan import Standing

Ints = NDArray[np.int64]


def late_rows(events: Events, standing: Standing, subjects: Ids, city: City, recorded: int) -> dict[str, pa.Table]:
    """The rows of `event_late` and `tally_late`; `recorded`: µs since 1970Z. See `weathermap.issue.appending`."""
    city_id, at = city.city_id, events.at
    before = max(recorded - LATE_US, city.since)  # what happened before this is late
    known = max(recorded // SECOND_US, -(-city.since // SECOND_US)) * SECOND_US
    late = np.flatnonzero(at < before)
    n = len(late)
    tables = {
        "event_late": pa.table(
            {
                "city_id": b.constant(city_id, n, pa.int16()),
                "issue_id": events.table["issue_id"].take(pa.array(late)),
                "seq": events.table["seq"].take(pa.array(late)),
                "at": b.instants(at[late]),
                "recorded_at": b.instants(np.full(n, known)),
            }
        )
    }
    row, second, measure, amount = _late_deltas(standing, before, known)
    if len(row):
        tables["tally_late"] = pa.table(
            {
                "city_id": b.constant(city_id, len(row), pa.int16()),
                "at": b.instants(second * SECOND_US),
                "recorded_at": b.instants(np.full(len(row), known)),
                "subjects": b.lists(subjects[row], subjects[row] > 0),
                "measure": b.numbers(measure, pa.int16()),
                "n": b.numbers(amount, pa.int32()),
            }
        )
    return tables


def _late_deltas(standing: Standing, before: int, known: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Row, second, measure and amount of each delta that changes what was counted before."""
    parts: list[tuple[Ints, Ints, Ints, Ints]] = []
    for posted in standing.posted:
        late = posted.at < before
        for second, measure, amount in posted.deltas:
            here = late & (second * SECOND_US < known)
            rows = posted.rows[here]
            what = measure[here] if isinstance(measure, np.ndarray) else np.full(len(rows), measure)
            parts.append((rows, second[here], what, np.full(len(rows), amount)))
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty, empty
    row, second, measure, amount = (np.concatenate(column) for column in zip(*parts, strict=True))
    return row, second, measure, amount
