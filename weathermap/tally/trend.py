"""Day by day: what an area or unit was handed, what it rectified, what fell due and how much of it in time."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from weathermap.tally.measures import M
from weathermap.tally.read import read_sums

SHOWN = ("notified", "rectified", "due", "on_time")


def trend(
    connection: Connection, city_id: int, subject: int, at: datetime, days: int, timezone: str
) -> list[dict[str, Any]]:
    """The last `days` city-local days up to the instant `at`, oldest first; the last one ends at `at`.

    Each has `from` and `to`, its first and last whole second (aware), and `whole`: false while the day goes on.
    """
    zone = ZoneInfo(timezone)
    today = at.astimezone(zone).date()
    starts = [datetime.combine(today - timedelta(days=back), time(), zone) for back in range(days - 1, -2, -1)]
    seconds = [int(start.timestamp()) - 1 for start in starts]
    now = int(at.timestamp())
    whole = now >= seconds[-1]
    seconds[-1] = min(now, seconds[-1])
    sums = read_sums(connection, city_id, [subject], seconds)[0]
    return [
        {
            "day": starts[i].date(),
            "from": starts[i],
            "to": datetime.fromtimestamp(seconds[i + 1], zone),
            "whole": i < days - 1 or whole,
            **{name: int(sums[i + 1, M[name]] - sums[i, M[name]]) for name in SHOWN},
        }
        for i in range(days)
    ]
