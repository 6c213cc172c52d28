"""Issues that are locked: in whose hands they are, and all that their next move goes on from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from weathermap.issue.batch import NONE
from weathermap.issue.track import SECOND_US, Track
from weathermap.store.copy import array
from weathermap.store.packs import holding_pack
from weathermap.store.registry import City
from weathermap.store.sql import ask_after
from weathermap.tally.measures import LONG_S, Flow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Hands(NamedTuple):
    """A row of issue_hands.sql. `moves`: of all its events, in order; `handler`: person who fed back last, 0;
    `reason`: why its check wants a visit, None unless asked; `pack_version`: the newest of the city."""

    issue_id: int
    city_id: int
    number: str
    state: str
    seq: int
    hash: bytes
    last_at: datetime
    notified_at: datetime | None
    deadline: datetime | None
    long_at: datetime | None
    fed_back_at: datetime | None
    rectified_at: datetime | None
    suspended_at: datetime | None
    extended: bool
    unit_id: int | None
    person_id: int | None
    places: list[int]
    category_id: int
    source_id: int
    category: str
    red_line: bool
    report: str
    unit: str | None
    moves: list[str]
    handler: int
    reason: str | None
    pack_version: int
    source: str
    source_key: str
    given: str | None


REPORT, NOTIFIED = Hands._fields.index("report"), Hands._fields.index("notified_at")


def hold_issues(
    connection: Connection, city: City, numbers: Iterable[str], checked: Iterable[str] = ()
) -> dict[str, Hands]:
    """The issues of these numbers that exist, locked to the end of the transaction, and the city's pack held.

    `checked`: numbers of those whose check is wanted, for the `reason`.
    """
    asked = {"numbers": array(list(numbers)), "checked": array(list(checked)), "city_id": city.city_id}
    rows = ask_after(connection, holding_pack(city.city_id), "issue_hands", asked)
    return {row[2]: _hands(row) for row in rows}


def _hands(row: tuple[Any, ...]) -> Hands:
    said = json.loads(row[REPORT])
    given = said.get("deadline") if row[NOTIFIED] is None else None
    return Hands._make((*row, said["source"], said["key"], given))


def track_of(row: Any, city: City) -> Track:
    """The track of a stored issue: of `Hands`, or of a row of issue_tracks.sql."""
    deadline, long_at, notified = micros(row.deadline), micros(row.long_at), micros(row.notified_at)
    fed_back, suspended = micros(row.fed_back_at), micros(row.suspended_at)
    return Track(
        issue_id=row.issue_id,
        key=(row.source, row.source_key),
        category=row.category,
        unit=row.unit or "",
        subjects=city.subjects(row.places, row.unit_id or 0, row.category_id, row.source_id),
        unit_id=row.unit_id or 0,
        person_id=row.person_id or 0,
        state=row.state,
        seq=row.seq,
        hash=bytes(row.hash),
        last_us=micros(row.last_at),
        flow=Flow(
            red_line=row.red_line,
            notified=_second(notified),
            deadline=_second(deadline),
            grace=LONG_S if long_at == NONE else long_at // SECOND_US - deadline // SECOND_US,
            feedback=_second(fed_back),
            suspended=_second(suspended),
            extended=row.extended,
        ),
        deadline_us=deadline,
        given_us=micros(datetime.fromisoformat(row.given)) if row.given else NONE,
        notified_us=notified,
        fed_back_us=fed_back,
        rectified_us=micros(row.rectified_at),
        suspended_us=suspended,
        places=row.places,
        category_id=row.category_id,
        source_id=row.source_id,
        start_seq=row.seq,
    )


def micros(at: datetime | None) -> int:
    """µs since 1970Z, NONE for None."""
    if at is None:
        return NONE
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _second(us: int) -> int | None:
    return None if us == NONE else us // SECOND_US
