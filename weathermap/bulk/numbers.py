"""Public numbers of planned issues: what only the store can give, in the order in which they are written."""

from __future__ import annotations

import pyarrow as pa
from sqlalchemy import Connection

from weathermap.city.clock import local_days
from weathermap.issue.numbering import number_texts, reserve_numbers
from weathermap.store import binary
from weathermap.store.registry import City


def with_numbers(connection: Connection, city: City, issues: pa.Table) -> pa.Table:
    """Planned issues with their numbers. Until the transaction ends, no other gets a number of the same days."""
    reported_at = issues["reported_at"].cast(pa.int64()).to_numpy()
    days = local_days(reported_at, city.pack.config.timezone)
    numbers = number_texts(city.code, days, reserve_numbers(connection, city, days, None))
    return issues.append_column("number", binary.texts(numbers))
