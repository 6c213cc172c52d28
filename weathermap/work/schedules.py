"""What is made again and again: every day, on a day of the week or of the month, at an hour of the city."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, select, update

from weathermap.errors import UnknownName
from weathermap.store import tables as s
from weathermap.store.job_tables import schedule as t
from weathermap.work.jobs import ask

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAILY = "daily"


def next_after(rhythm: str, clock: time, after: datetime, timezone: str) -> datetime:
    """The first instant of a rhythm later than `after`. A day that a month has not is its last. Raises UnknownName."""
    zone = ZoneInfo(timezone)
    day = after.astimezone(zone).date()
    while True:
        if _fits(rhythm, day):
            found = datetime.combine(day, clock, zone).astimezone(UTC)
            if found > after:
                return found
        day += timedelta(days=1)


def _fits(rhythm: str, day: date) -> bool:
    if rhythm == DAILY:
        return True
    if rhythm in WEEK:
        return day.weekday() == WEEK.index(rhythm)
    if rhythm.isdigit() and 1 <= int(rhythm) <= 31:
        last = (day + timedelta(days=1)).month != day.month
        return day.day == int(rhythm) or (last and day.day < int(rhythm))
    raise UnknownName(f"{rhythm!r} is no rhythm.", f"Use {DAILY}, {', '.join(WEEK)} or a day of the month, 1 to 31.")


def add_schedule(
    connection: Connection,
    city_id: int,
    account_id: int,
    kind: str,
    title: str,
    asked: Mapping[str, Any],
    rhythm: str,
    clock: time,
) -> int:
    """Keep a schedule; its first instant is the next one. Raises UnknownName."""
    now = datetime.now(UTC)
    timezone = connection.execute(select(s.city.c.timezone).where(s.city.c.city_id == city_id)).scalar_one()
    row = {"city_id": city_id, "account_id": account_id, "kind": kind, "title": title, "asked": dict(asked)}
    row |= {"rhythm": rhythm, "clock": clock, "created_at": now, "next_at": next_after(rhythm, clock, now, timezone)}
    found: int = connection.execute(t.insert().values(row).returning(t.c.schedule_id)).scalar_one()
    return found


def list_schedules(connection: Connection, city_id: int, account_id: int | None) -> list[Row[Any]]:
    """The schedules of an account, or of everybody in a city."""
    statement = select(t).where(t.c.city_id == city_id).order_by(t.c.next_at)
    return list(connection.execute(statement if account_id is None else statement.where(t.c.account_id == account_id)))


def remove_schedule(connection: Connection, number: int, account_id: int) -> None:
    """Take a schedule of an account away; what it made stays."""
    connection.execute(delete(t).where(t.c.schedule_id == number, t.c.account_id == account_id))


def fire(connection: Connection, now: datetime) -> int:
    """Ask for the jobs whose instant has come, each once however many look. Returns how many.

    After a standstill the last instant that was missed is made good, not each of them.
    """
    due = connection.execute(select(t).where(t.c.next_at <= now).with_for_update(skip_locked=True)).all()
    asked = 0
    for row in due:
        timezone = connection.execute(select(s.city.c.timezone).where(s.city.c.city_id == row.city_id)).scalar_one()
        instant = row.next_at
        following = next_after(row.rhythm, row.clock, instant, timezone)
        while following <= now:
            instant, following = following, next_after(row.rhythm, row.clock, following, timezone)
        made_for = {**row.asked, "at": instant.isoformat()}
        made = ask(connection, row.city_id, row.account_id, row.kind, row.title, made_for, (row.schedule_id, instant))
        asked += made is not None
        connection.execute(update(t).where(t.c.schedule_id == row.schedule_id).values(next_at=following))
    return asked
