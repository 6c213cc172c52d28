"""The inbox: what an account is told of, read or not. Its page and its count ask the same question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.dialects.postgresql import insert

from weathermap.notice.kinds import kinds_for
from weathermap.people.accounts import Account
from weathermap.store.notice_tables import notice_read
from weathermap.store.sql import query

KEPT = timedelta(days=60)  # how far back it goes
MOST = 100  # counted at most
LAST = 2**62


@dataclass(frozen=True)
class Entry:
    """A row of notice_told.sql, and whether it was read."""

    told: Row[Any]
    seen: bool


def unread(connection: Connection, account: Account) -> int:
    """How many are not read, at most MOST."""
    return len(_asked(connection, account, MOST, LAST, unread_only=True))


def inbox(connection: Connection, account: Account, limit: int, before: int | None = None) -> list[Entry]:
    """A page, newest first; `before`: the last notice of the page before."""
    seen = {row.notice_id: row.seen for row in _asked(connection, account, limit, before or LAST)}
    told = connection.execute(query("notice_told"), {"notices": list(seen)}).all() if seen else []
    return [Entry(row, seen[row.notice_id]) for row in told]


def mark_read(connection: Connection, account: Account, notices: Sequence[int] | None = None) -> int:
    """Mark some, or all that there are now, as read. Only what the account is told of. Returns how many it marked."""
    mine = {row.notice_id for row in _asked(connection, account, 10_000, LAST, unread_only=True)}
    chosen = sorted(mine if notices is None else mine & set(notices))
    if chosen:
        rows = [{"account_id": account.account_id, "notice_id": each} for each in chosen]
        connection.execute(insert(notice_read).values(rows).on_conflict_do_nothing())
    return len(chosen)


def _asked(
    connection: Connection, account: Account, limit: int, before: int, unread_only: bool = False
) -> Sequence[Row[Any]]:
    own, office = kinds_for(account.roles)
    asked = {
        "account_id": account.account_id,
        "city_id": account.city_id,
        "unit_id": account.unit_id,
        "person_id": account.person_id or -1,
        "own": own,
        "office": office,
        "since": datetime.now(UTC) - KEPT,
        "before": before,
        "area": account.area,
        "limit": limit,
        "unread": unread_only,
    }
    return connection.execute(query("inbox"), asked).all()
