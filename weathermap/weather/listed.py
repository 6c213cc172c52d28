"""Which places had a publicly listed issue, at many instants at once: as `issue.orders.supervised` counts."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from weathermap.store.catalog import Catalog
from weathermap.store.sql import query

LISTING = "list_publicly"


def listed_at(
    connection: Connection, catalog: Catalog, version: int, steps: tuple[datetime, ...], known: bool
) -> dict[int, NDArray[np.bool_]]:
    """Subject id → for each step whether an issue of it was listed and not yet settled; shape (steps,)."""
    borders, coarsest, finest = catalog.earlier_borders(version) or (None, None, None)
    views = np.array([int(at.timestamp()) for at in steps], dtype=np.int64)
    asked = {
        "city_id": catalog.city_id,
        "latest_us": (int(views[-1]) + 1) * 1_000_000,
        "version": borders,
        "coarsest": coarsest,
        "finest": finest,
    }
    live = np.iinfo(np.int64).max if catalog.live_since is None else int(catalog.live_since.timestamp())
    found: dict[int, NDArray[np.bool_]] = {}
    for _, events in groupby(connection.execute(query("listed_events"), asked), key=lambda row: row.issue_id):
        under = np.zeros(len(views), dtype=bool)
        for row in events:  # in order: a settling event ends what was listed before it
            seen = views >= row.second
            if row.recorded is not None and not known:
                seen &= (views >= row.recorded) | (views < live)
            under = under | seen if row.move == LISTING else under & ~seen
        for subject in row.subjects:
            found[subject] = found.get(subject, np.zeros(len(views), dtype=bool)) | under
    return found
