"""Whether an issue's photos are plausible: where and when they were taken, and whether they were used before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select

from weathermap.errors import WeathermapError
from weathermap.evidence.photos import copy_of, photos_of
from weathermap.evidence.reused import Known
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.people_tables import photo, photo_print

FAR_M = 300.0
OLD = timedelta(days=30)  # before the report
SLACK = timedelta(minutes=10)  # that clocks may differ by
MOST = 12  # photos looked at


@dataclass(frozen=True)
class Doubt:
    """Something about a photo that a checker may want to look at.

    `what`: far (`metres` from the issue), old (taken at `when`, long before the report), early (of what was fed back,
    but taken before the report), same (it stands on this issue before the first feedback too), used (it stands on
    issue `number`); `bits` of 256 that differ, 0 for the very file.
    """

    digest: str
    what: str
    metres: float = 0.0
    when: datetime | None = None
    number: str = ""
    bits: int = 0


def doubts_of(
    connection: Connection, settings: Settings, known: Known, issue_id: int, timezone: str
) -> tuple[int, list[Doubt]]:
    """(how many photos were looked at, what is doubtful about them). Raises nothing for photos that cannot be read."""
    i, e = t.issue.c, t.issue_event.c
    issue = connection.execute(select(i.issue_id, i.reported_at, i.geom).where(i.issue_id == issue_id)).one()
    moves = connection.execute(select(e.seq, e.move).where(e.issue_id == issue_id)).all()
    fed = [row.seq for row in moves if row.move == "feed_back"]
    answers = {row.seq for row in moves if row.move == "answer"}
    rows = photos_of(connection, issue_id)[-MOST:]
    before = {row.seq for row in rows if row.seq not in answers and not (fed and row.seq >= min(fed))}
    found: list[Doubt] = []
    for row in rows:
        after = bool(fed) and row.seq >= max(fed)
        found += _of_camera(connection, issue, row, after, timezone)
        found += _used(connection, settings, known, row, before if after else set())
    return len(rows), found


def _of_camera(connection: Connection, issue: Any, row: Row[Any], after: bool, timezone: str) -> list[Doubt]:
    digest, found = bytes(row.sha256).hex(), []
    if row.lon is not None and row.lat is not None:
        spot = func.ST_SetSRID(func.ST_MakePoint(row.lon, row.lat), 4326)
        away = select(func.ST_DistanceSphere(t.issue.c.geom, spot)).where(t.issue.c.issue_id == issue.issue_id)
        metres = connection.execute(away).scalar()
        if metres is not None and metres > FAR_M:
            found.append(Doubt(digest, "far", metres=float(metres)))
    try:
        taken = datetime.strptime(row.taken, "%Y:%m:%d %H:%M:%S").replace(tzinfo=ZoneInfo(timezone))
    except ValueError:
        return found
    if after and taken < issue.reported_at - SLACK:
        found.append(Doubt(digest, "early", when=taken))
    elif not after and taken < issue.reported_at - OLD:
        found.append(Doubt(digest, "old", when=taken))
    return found


def _used(
    connection: Connection, settings: Settings, known: Known, row: Row[Any], before: Collection[int]
) -> list[Doubt]:
    """`before`: numbers of this issue's events whose photos it should not be."""
    digest = bytes(row.sha256).hex()
    try:
        alike = dict(known.alike(connection, copy_of(settings, bytes(row.sha256), "thumb")))
    except WeathermapError:
        return []  # the picture is not here now
    p, k, i = photo.c, photo_print.c, t.issue.c
    asked = (
        select(k.print_id, p.issue_id, p.seq, i.number, p.sha256)
        .join_from(photo_print, photo, p.sha256 == k.sha256)
        .join(t.issue, i.issue_id == p.issue_id)
        .where(k.print_id.in_(alike))
        .order_by(i.reported_at.desc())
    )
    found: dict[str, Doubt] = {}
    for one in connection.execute(asked):
        bits = 0 if one.sha256 == row.sha256 else alike[one.print_id]
        if one.issue_id != row.issue_id:
            found.setdefault(one.number, Doubt(digest, "used", number=one.number, bits=bits))
        elif one.seq in before:
            found.setdefault("", Doubt(digest, "same", bits=bits))
    return list(found.values())
