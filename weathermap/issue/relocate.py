"""New borders: every issue is located in them; one that lies elsewhere gets an event that says so.

The receipt given on entry never changes, and where nothing changed for an issue nothing is appended to it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, text

from weathermap.issue.plan import TO_JSON
from weathermap.progress import bar
from weathermap.store import copy
from weathermap.store.registry import City
from weathermap.store.sql import query

CHUNK = 50_000


def relocate_issues(connection: Connection, city: City, successor: Mapping[int, int]) -> int:
    """Locate every issue in the city's newest borders. Returns how many lie elsewhere.

    `successor`: area of the borders before → the one that counts on where it ended. Leaves the temporary table `lying`:
    the areas of each issue, and for those that lie elsewhere `data`, and `before`: the successors of its areas.
    """
    connection.execute(
        text(
            "CREATE TEMP TABLE lying (issue_id bigint, area_id int, places int[], before int[], data text)"
            " ON COMMIT DROP"
        )
    )
    total = connection.execute(text("SELECT count(*) FROM issue WHERE city_id = :c"), {"c": city.city_id}).scalar_one()
    moved = 0
    with bar(f"locating the issues of {city.pack.config.name}", total) as shown:
        statement = query("relocate_issues").execution_options(yield_per=CHUNK)
        for chunk in connection.execute(statement, {"city_id": city.city_id}).partitions():
            moved += _locate(connection, city, successor, chunk)
            shown.update(len(chunk))
    connection.execute(text("ANALYZE lying"))
    connection.execute(query("relocate_apply"), {"now_us": time.time_ns() // 1_000_000 * 1_000})
    return moved


def _locate(connection: Connection, city: City, successor: Mapping[int, int], rows: Sequence[Row[Any]]) -> int:
    ids, lon, lat, places = zip(*rows, strict=True)
    lon_, lat_ = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    area = city.book.locator.locate(lon_, lat_)
    overlays = {level: locator.locate(lon_, lat_) for level, locator in city.book.overlays.items()}
    finest = city.area_ids[city.pack.config.levels[-1]]
    now = city.places(area, overlays)
    before = [[successor[place] for place in held if place in successor] for held in places]
    moved = [i for i, (old, new) in enumerate(zip(before, now, strict=True)) if old != new]
    data: list[str | None] = [None] * len(rows)
    for i in moved:
        data[i] = TO_JSON(
            {
                "version": city.version,
                "area": city.pack.finest.codes[area[i]] if area[i] >= 0 else None,
                "overlays": {
                    level: city.pack.areas[level].codes[held[i]] for level, held in overlays.items() if held[i] >= 0
                },
            }
        )
    copy.copy_columns(
        connection,
        "lying",
        {
            "issue_id": copy.numbers(ids),
            "area_id": copy.optional(np.where(area >= 0, finest[np.maximum(area, 0)], 0), 0),
            "places": copy.arrays(now),
            "before": copy.arrays(before),
            "data": copy.texts(data),
        },
    )
    return len(moved)
