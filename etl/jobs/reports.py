"""Jobs that make a file of reports: a grid report, a list of issues."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from etl.export.issues.exporting import ending_of, export_issues, mimetype_of, title_of
from etl.export.output import format_of
from etl.export.preparing import prepare
from etl.jobs.room import Room
from weathermap.issue.listing import count_issues


def make_grid(room: Room) -> dict[str, Any]:
    """`asked`: as the parameters of `GET /api/v1/report/grid`."""
    asked = {name: str(value) for name, value in room.job.asked.items()}
    chosen = format_of(asked.get("format"))
    question = room.readers.question(asked, room.catalog)
    report, shapes = prepare(room.connection, room.catalog, question, asked.get("lang", "zh"), chosen)
    room.progress.of(len(report.rows) + len(report.foot))
    with room.file(chosen.ending) as path, path.open("w+b") as file:
        chosen.write(report, shapes, file, room.progress)
    return room.made(chosen.ending, f"{report.file_stem}.{chosen.ending}", chosen.mimetype)


def make_issues(room: Room) -> dict[str, Any]:
    """`asked`: as the parameters of `GET /api/v1/issues`, and `format`."""
    asked = {name: str(value) for name, value in room.job.asked.items()}
    kind, lang = asked.get("format", "xlsx"), asked.get("lang", "zh")
    ending = ending_of(kind)
    chosen = room.readers.issues(asked, room.catalog)
    total = count_issues(room.connection, chosen)
    room.progress.of(total)
    with room.file(ending) as path:
        export_issues(room.connection, room.url, room.catalog, chosen, kind, path, lang, total, room.progress)
    at = chosen.at.astimezone(ZoneInfo(room.catalog.timezone)).strftime("%Y-%m-%d_%H%M")
    name = "_".join(part for part in (title_of(room.catalog, lang), chosen.state or "", at) if part)
    return room.made(ending, f"{name.replace(' ', '-').replace(':', '')}.{ending}", mimetype_of(kind), f"{total:,}")
