"""New borders: every issue is located anew, by an appended event. The receipt given on entry never changes."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, text

from weathermap.issue.ledger import seal
from weathermap.store import copy
from weathermap.store.registry import City
from weathermap.store.sql import query

CHUNK = 50_000


def relocate_issues(connection: Connection, city: City) -> int:
    """Append a `relocate` event to each issue of the city and set its present areas. Returns their number."""
    done, after = 0, 0
    while True:
        rows = connection.execute(
            query("relocate_issues"), {"city_id": city.city_id, "after": after, "limit": CHUNK}
        ).all()
        if not rows:
            return done
        _relocate(connection, city, rows)
        done, after = done + len(rows), rows[-1].issue_id


def _relocate(connection: Connection, city: City, rows: Sequence[Row[Any]]) -> None:
    lon = np.array([np.nan if row.lon is None else row.lon for row in rows])
    lat = np.array([np.nan if row.lat is None else row.lat for row in rows])
    area = city.book.locator.locate(lon, lat)
    overlays = {level: locator.locate(lon, lat) for level, locator in city.book.overlays.items()}
    finest = city.area_ids[city.pack.config.levels[-1]]
    at = time.time_ns() // 1_000_000 * 1_000
    events = []
    for i, row in enumerate(rows):
        data = json.dumps(
            {
                "version": city.version,
                "area": city.pack.finest.codes[area[i]] if area[i] >= 0 else None,
                "overlays": {level: city.pack.areas[level].codes[f[i]] for level, f in overlays.items() if f[i] >= 0},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        moment = max(at, row.last_us)
        sealed = seal(bytes(row.hash), row.issue_id, row.seq + 1, moment, "relocate", 0, data)
        events.append((row.issue_id, row.seq + 1, moment, data, sealed))
    ids, seqs, moments, data_, seals = (list(column) for column in zip(*events, strict=True))
    copy.copy_columns(
        connection,
        "issue_event",
        {
            "issue_id": copy.numbers(ids),
            "seq": copy.numbers(seqs),
            "city_id": copy.numbers([city.city_id] * len(ids)),
            "at": copy.instants(np.array(moments, dtype=np.int64)),
            "move": copy.texts(["relocate"] * len(ids)),
            "actor": copy.numbers([0] * len(ids)),
            "data": copy.texts(data_),
            "hash": copy.binary(seals),
        },
    )
    connection.execute(
        text(
            "CREATE TEMP TABLE moved (issue_id bigint, area_id int, places int[], seq int, hash bytea, at timestamptz)"
            " ON COMMIT DROP"
        )
    )
    copy.copy_columns(
        connection,
        "moved",
        {
            "issue_id": copy.numbers(ids),
            "area_id": copy.optional(np.where(area >= 0, finest[np.maximum(area, 0)], 0), 0),
            "places": copy.arrays(city.places(area, overlays)),
            "seq": copy.numbers(seqs),
            "hash": copy.binary(seals),
            "at": copy.instants(np.array(moments, dtype=np.int64)),
        },
    )
    connection.execute(query("relocate_apply"))
    connection.execute(text("DROP TABLE moved"))
