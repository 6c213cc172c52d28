"""What came of what was sent outside: how each channel stands, what was delivered last, what failed and why.

Of one city, or of all (None). Errors are the services' own answers; no address and no secret is among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from weathermap.store import notice_tables as t

UNDONE = and_(t.outbox.c.sent_at.is_(None), t.outbox.c.dead_at.is_(None), t.outbox.c.notice_id.is_not(None))


def standings(connection: Connection, city_id: int | None = None) -> Sequence[Row[Any]]:
    """Each channel's row, how many wait, were sent and given up, when the last was sent and the next is due."""
    c, o = t.channel.c, t.outbox.c
    asked = (
        select(
            t.channel,
            func.count(o.notice_id).filter(UNDONE).label("waiting"),
            func.count(o.dead_at).label("dead"),
            func.count(o.sent_at).label("sent"),
            func.max(o.sent_at).label("last_at"),
            func.min(o.next_at).filter(UNDONE).label("next_at"),
        )
        .outerjoin_from(t.channel, t.outbox, o.channel_id == c.channel_id)
        .where(*_of(city_id))
        .group_by(c.channel_id)
        .order_by(c.code)
    )
    return connection.execute(asked).all()


def failures(connection: Connection, most: int, city_id: int | None = None) -> Sequence[Row[Any]]:
    """What was given up, then what failed and is tried again; the newest first."""
    return _listed(connection, most, city_id, t.outbox.c.sent_at.is_(None) & (t.outbox.c.attempts > 0))


def delivered(connection: Connection, most: int, city_id: int | None = None) -> Sequence[Row[Any]]:
    """What was sent last."""
    return _listed(connection, most, city_id, t.outbox.c.sent_at.is_not(None))


def retry(connection: Connection, code: str | None = None, city_id: int | None = None) -> int:
    """Send again what was given up, of one channel or of all. Returns how many."""
    c, o = t.channel.c, t.outbox.c
    chosen = select(c.channel_id).where(*_of(city_id), *([c.code == code] if code else []))
    again = t.outbox.update().where(o.dead_at.is_not(None), o.channel_id.in_(chosen))
    return connection.execute(again.values(dead_at=None, attempts=0, next_at=datetime.now(UTC))).rowcount


def _listed(connection: Connection, most: int, city_id: int | None, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    c, o, n = t.channel.c, t.outbox.c, t.notice.c
    asked = (
        select(o.notice_id, o.channel_id, o.recipient, o.attempts, o.dead_at, o.next_at, o.sent_at, o.error)
        .add_columns(c.code, n.kind, n.at)
        .join(t.channel, c.channel_id == o.channel_id)
        .join(t.notice, n.notice_id == o.notice_id)
        .where(which, *_of(city_id))
        .order_by(o.dead_at.is_(None), o.notice_id.desc())
        .limit(most)
    )
    return connection.execute(asked).all()


def _of(city_id: int | None) -> list[ColumnElement[bool]]:
    return [] if city_id is None else [t.channel.c.city_id == city_id]
