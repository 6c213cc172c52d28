"""What changed after an issue's receipt: other borders, another unit. The receipt itself never changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from weathermap.store import tables as t
from weathermap.store.registry import City


@dataclass(frozen=True)
class Changed:
    """An issue lies in another `area` by boundary `version`, or answers to another `unit`. Codes; '' for none."""

    at: datetime
    version: int  # 0: the unit changed
    area: str
    unit: str
    before: str  # the unit before
    duty: str  # '' when a person named the unit


def changed_since(connection: Connection, city: City, issue_id: int) -> tuple[Changed, ...]:
    """The changes of an issue after its receipt, in order."""
    e = t.issue_event.c
    rows = connection.execute(
        select(e.at, e.move, e.data)
        .where(e.issue_id == issue_id, e.move.in_(("relocate", "reassign", "recategorise")), e.city_id == city.city_id)
        .order_by(e.seq)
    )
    found = []
    for row in rows:
        data = json.loads(row.data)
        if row.move == "recategorise" and data["route"] == (data["from"] or ""):
            continue  # the same unit answers for the other category too
        unit, before, duty = (data.get(key) or "" for key in ("unit", "from", "duty"))
        found.append(
            Changed(row.at, data.get("version", 0), data.get("area") or "", unit or data.get("route", ""), before, duty)
        )
    return tuple(found)
