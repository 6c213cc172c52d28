"""The job that drafts a bulletin on a schedule and shows it to those it names; a person sends it out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from etl.bulletin.drafting import before, write_draft
from etl.jobs.room import Room
from weathermap.errors import Refused
from weathermap.judge.bulletins import bulletin_of_job, find_bulletin, show
from weathermap.notice.writing import tell_of_bulletin
from weathermap.people.accounts import account_by_id


def make_bulletin(room: Room) -> dict[str, Any]:
    """`asked`: `kind`, `at` (the schedule's instant), `show` (to those named, at once). Tried again: no second one."""
    asked, job, catalog = room.job.asked, room.job, room.catalog
    room.progress.of(1)
    with room.engine.begin() as connection:
        number = bulletin_of_job(connection, job.job_id)
        if number is None:
            account, now = account_by_id(connection, job.account_id), datetime.now(UTC)
            if account is None:
                raise Refused("Whoever kept this schedule has no account any more.", "Keep it anew.")
            instant = datetime.fromisoformat(asked["at"]) if asked.get("at") else now
            window = before(asked["kind"], instant, catalog.timezone)
            number = write_draft(connection, account, catalog, asked["kind"], window, now, job_id=job.job_id)
            row = find_bulletin(connection, catalog.city_id, number)
            tell_of_bulletin(connection, catalog.city_id, now, number, "draft", [None], 0)
            if asked.get("show") and row.units:
                show(connection, row, 0, now)
        title = find_bulletin(connection, catalog.city_id, number).head["title"]
    return {"said": title, "result": {"bulletin": number}}
