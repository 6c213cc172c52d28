"""Photos that a phone sent and that belong to nothing yet: sorted by who shot them, later by the office too.

A phone may be lost or broken on the way; what it had sent is not. The caller owns the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, or_, select

from weathermap.city.pack import Pack
from weathermap.errors import UnknownName
from weathermap.people.accounts import Account
from weathermap.store import tables as t
from weathermap.store.people_tables import account as account_table
from weathermap.store.visit_tables import shot, visit
from weathermap.visit.shots import claim
from weathermap.visit.walking import EARTH_M

OFFICE_AFTER = timedelta(days=3)  # from here on whoever may sort for others does
OFFICE = frozenset({"supervisor", "dispatcher"})
MOST = 200  # photos at once
VISITS = 60  # of the last days, to choose from


def unsorted_shots(connection: Connection, account: Account, aside: bool = False) -> list[Row[Any]]:
    """Photos that the account may sort, its own first, then the oldest; `aside`: those that were put out of the way."""
    s, a = shot.c, account_table.c
    asked = (
        select(s.key, s.sha256, s.told_at, s.received_at, s.lon, s.lat, s.account_id, a.name.label("by"))
        .join_from(shot, account_table, a.account_id == s.account_id)
        .where(s.city_id == account.city_id, s.visit_id.is_(None), s.issue_id.is_(None))
        .where(s.aside_at.is_not(None) if aside else s.aside_at.is_(None))
        .where(_may_sort(account))
        .order_by(s.account_id != account.account_id, s.received_at, s.key)
        .limit(MOST)
    )
    return list(connection.execute(asked))


def _may_sort(account: Account) -> Any:
    s = shot.c
    mine = s.account_id == account.account_id
    if OFFICE.isdisjoint(account.roles):
        return mine
    return or_(mine, s.received_at < datetime.now(UTC) - OFFICE_AFTER)


def take_over(connection: Connection, account: Account, keys: Sequence[str]) -> list[tuple[str, int]]:
    """The account sorts these for whoever shot them: they become its own. Returns (key, whose they were) of others'.

    Raises UnknownName for one that it may not sort, or that belongs to something already.
    """
    s = shot.c
    loose = [s.city_id == account.city_id, s.visit_id.is_(None), s.issue_id.is_(None)]
    asked = select(s.key, s.account_id).where(*loose, s.key.in_(keys), _may_sort(account)).order_by(s.key)
    rows = list(connection.execute(asked.with_for_update()))
    if len(rows) < len(set(keys)):
        what = f"{len(set(keys)) - len(rows)} of these photos are sorted already, or not yours to sort."
        raise UnknownName(what, "Load the list anew.")
    others = [(row.key, row.account_id) for row in rows if row.account_id != account.account_id]
    if others:
        own = [key for key, _ in others]
        connection.execute(shot.update().where(*loose, s.key.in_(own)).values(account_id=account.account_id))
    return others


def put_aside(connection: Connection, account: Account, keys: Sequence[str], aside: bool) -> None:
    """Out of the way, or back. Nothing is deleted. Raises UnknownName."""
    take_over(connection, account, keys)
    s = shot.c
    change = shot.update().where(s.city_id == account.city_id, s.key.in_(keys))
    connection.execute(change.values(aside_at=datetime.now(UTC) if aside else None))


def recent_visits(connection: Connection, account: Account) -> list[Row[Any]]:
    """The last visits that photos may still belong to, the newest first: one's own, for the office everybody's."""
    v, p, n = visit.c, t.point.c, t.person.c
    asked = (
        select(v.visit_id, v.started_at, p.code, p.name, p.name_en, n.name.label("by"))
        .join_from(visit, t.point, p.point_id == v.point_id)
        .join(t.person, n.person_id == v.person_id, isouter=True)
        .where(v.city_id == account.city_id, v.started_at > datetime.now(UTC) - timedelta(days=31))
        .order_by(v.started_at.desc())
        .limit(VISITS)
    )
    if OFFICE.isdisjoint(account.roles):
        asked = asked.where(v.person_id == account.person_id)
    return list(connection.execute(asked))


def into_visit(connection: Connection, account: Account, visit_id: int, keys: Sequence[str]) -> None:
    """These photos belong to a visit of `recent_visits`. Raises UnknownName."""
    if visit_id not in {row.visit_id for row in recent_visits(connection, account)}:
        raise UnknownName(f"There is no such visit {visit_id}.", "Choose one of the list.")
    s = shot.c
    rows = connection.execute(select(shot).where(s.city_id == account.city_id, s.key.in_(keys)).order_by(s.key)).all()
    claim(connection, rows, visit_id, None, None)


def nearest_point(pack: Pack, lon: float | None, lat: float | None) -> tuple[int, float] | None:
    """(row of the nearest declared point, metres on the sphere); None without a position or a point."""
    if lon is None or lat is None or not pack.points:
        return None
    lons, lats = (np.radians([getattr(point, name) for point in pack.points]) for name in ("lon", "lat"))
    x, y = np.radians(lon), np.radians(lat)
    half = np.sin((lats - y) / 2) ** 2 + np.cos(y) * np.cos(lats) * np.sin((lons - x) / 2) ** 2
    row = int(np.argmin(half))
    return row, float(2 * EARTH_M * np.arcsin(np.sqrt(half[row])))
