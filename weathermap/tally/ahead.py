"""What is known to fall due: deadlines that lie ahead and have no feedback yet, day by day. Nothing is predicted."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from weathermap.tally.measures import M
from weathermap.tally.read import read_sums


def ahead(
    connection: Connection, city_id: int, subject: int, at: datetime, days: int, timezone: str
) -> list[dict[str, Any]]:
    """For what is left of today and each of the next `days` − 1 city-local days: `from`, `to` (its last second) and
    how many fall due in it. Those fed back already are not among them: `due` and `on_time` cancel at the deadline."""
    zone = ZoneInfo(timezone)
    today = at.astimezone(zone).date()
    ends = [datetime.combine(today + timedelta(days=k + 1), time(), zone) - timedelta(seconds=1) for k in range(days)]
    starts = [at + timedelta(seconds=1), *(end + timedelta(seconds=1) for end in ends[:-1])]
    seconds = [int(moment.timestamp()) for moment in (at, *ends)]
    sums = read_sums(connection, city_id, [subject], seconds)[0]
    left = sums[:, M["due"]] - sums[:, M["on_time"]] - sums[:, M["late"]]
    return [
        {"day": (today + timedelta(days=k)).isoformat(), "from": starts[k], "to": ends[k], "falls_due": int(n)}
        for k, n in enumerate(np.diff(left).tolist())
    ]
