"""Photos shot on the way: each comes by itself, under the id that the phone gave it, and is claimed by what it shows.

The caller owns the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert

from weathermap.errors import UnknownName
from weathermap.evidence.photos import Developed, keep_files
from weathermap.evidence.reused import keep_prints
from weathermap.people.accounts import Account
from weathermap.settings import Settings
from weathermap.store.people_tables import photo
from weathermap.store.visit_tables import shot
from weathermap.visit.sightings import Elsewhere, Missing

FACTS = ("sha256", "format", "width", "height", "bytes", "taken", "lon", "lat")


@dataclass(frozen=True)
class Told:
    """What the phone says of a shot."""

    key: str
    at: datetime | None
    lon: float | None
    lat: float | None


def known_shot(connection: Connection, account: Account, key: str) -> bytes | None:
    """The digest of a shot that has come already; None: it has not. Raises UnknownName for another's."""
    s = shot.c
    row = connection.execute(select(s.sha256, s.account_id).where(s.city_id == account.city_id, s.key == key)).first()
    if row is None:
        return None
    if row.account_id != account.account_id:
        raise UnknownName(
            f"The photo {key} is another account's.",
            "Give yours an id of its own.",
            "这张照片属于另一账号，请重新选照片。",
        )
    return bytes(row.sha256)


def keep_shot(connection: Connection, settings: Settings, account: Account, told: Told, made: Developed) -> None:
    """Write its files, then its row; the same again changes nothing. Raises Elsewhere, UnknownName, StoreError."""
    keep_files(settings, [made])
    keep_prints(connection, [(made.sha256, made.copies[1])])
    head = made.head
    row = {
        "city_id": account.city_id,
        "key": told.key,
        "account_id": account.account_id,
        "sha256": made.sha256,
        **{name: head[name] for name in ("format", "width", "height")},
        "bytes": made.length,
        "taken": head.get("taken", ""),
        "lon": head.get("lon", told.lon),
        "lat": head.get("lat", told.lat),
        "told_at": told.at,
        "received_at": datetime.now(UTC),
    }
    connection.execute(insert(shot).values(row).on_conflict_do_nothing())
    if known_shot(connection, account, told.key) != made.sha256:
        raise Elsewhere(
            f"The photo {told.key} is stored with other content.",
            "Give this one an id of its own.",
            "这张照片的编号已用于另一张，请重新选这张照片。",
        )


def shots_of(connection: Connection, account: Account, keys: Sequence[str]) -> dict[str, Row[Any]]:
    """The account's shots by key, locked. Raises Missing for those that have not come."""
    s = shot.c
    asked = select(shot).where(s.city_id == account.city_id, s.account_id == account.account_id, s.key.in_(keys))
    found = {row.key: row for row in connection.execute(asked.order_by(s.key).with_for_update())}
    missing = [key for key in keys if key not in found]
    if missing:
        raise Missing(missing)
    return found


def claim(
    connection: Connection,
    rows: Sequence[Row[Any]],
    visit_id: int | None,
    standard: str | None,
    issue_id: int | None,
    seq: int = 1,
) -> None:
    """These shots belong to a visit, an observation or an issue, or to several; an issue has them as evidence, with
    its event number `seq`."""
    now, s = datetime.now(UTC), shot.c
    for place, row in enumerate(rows):
        values: dict[str, object] = {"visit_id": visit_id, "standard": standard, "issue_id": issue_id}
        values = {name: value for name, value in values.items() if value is not None}
        connection.execute(shot.update().where(s.city_id == row.city_id, s.key == row.key).values(values))
        if issue_id is not None:
            facts = {name: getattr(row, name) for name in FACTS}
            evidence = {**facts, "issue_id": issue_id, "seq": seq, "place": place, "stored_at": now}
            connection.execute(insert(photo).values(evidence).on_conflict_do_nothing())


def loose_shots(connection: Connection, account: Account) -> list[Row[Any]]:
    """What was shot and not sorted yet, the newest first."""
    s = shot.c
    asked = select(s.key, s.sha256, s.told_at, s.received_at, s.lon, s.lat)
    mine = asked.where(s.account_id == account.account_id, s.visit_id.is_(None), s.issue_id.is_(None))
    mine = mine.where(s.aside_at.is_(None))
    return list(connection.execute(mine.order_by(s.received_at.desc()).limit(500)))
