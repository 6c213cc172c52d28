"""Citizens' reports before the office: what waits, what may be mischief, and spam, which can be undone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from weathermap.errors import UnknownName
from weathermap.issue.given import Wish
from weathermap.issue.hands import make_moves
from weathermap.people.accounts import Account
from weathermap.people.bounds import check_moved
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.registry import City
from weathermap.store.snap_tables import snap, snap_answer
from weathermap.store.sql import query

MOST = 200
SPAM = "垃圾信息 spam"


def waiting(connection: Connection, city_id: int, spam: bool, area: str = "") -> list[Row[Any]]:
    """Reports not dispatched yet, doubtful ones first; or those marked as spam. `area`: LEVEL:CODE, '' all."""
    asked = {"city_id": city_id, "spam": spam, "most": MOST, "area": area}
    return list(connection.execute(query("snaps_waiting"), asked))


def mark_spam(
    connection: Connection, settings: Settings, city: City, account: Account, snap_id: int, spam: bool
) -> None:
    """Mark a report as spam, which rejects its issue, or undo it; the caller owns the transaction.

    Raises UnknownName, and whatever forbids the move.
    """
    s, i = snap.c, t.issue.c
    asked = select(s.follows, s.spam, i.number, i.seq, i.state, i.places).join(t.issue, i.issue_id == s.issue_id)
    asked = asked.where(s.snap_id == snap_id, s.city_id == city.city_id)
    row = connection.execute(asked.with_for_update(of=snap)).first()
    if row is None:
        raise UnknownName("There is no such report.", "Look at the list again.")
    check_moved(city, account, row.places, row.number)
    if row.spam == spam:
        return
    move = None if row.follows else ("reject" if spam else "restore")
    if move and row.state == ("reported" if spam else "rejected"):
        made = make_moves(connection, settings, city, account, [Wish(row.number, row.seq, move, SPAM if spam else "")])
        if made[0].error is not None:
            raise made[0].error
    connection.execute(snap.update().where(s.snap_id == snap_id).values(spam=spam))


def told_by_citizens(connection: Connection, issue_id: int) -> list[Row[Any]]:
    """What citizens sent of an issue, oldest first: `seq` of its event, whether it follows, words …"""
    s = snap.c
    asked = select(s.snap_id, s.seq, s.follows, s.words, s.spam, s.suspect, s.sent_at, s.erased_at).where(
        s.issue_id == issue_id
    )
    return list(connection.execute(asked.order_by(s.seq)))


def answers_of(connection: Connection, issue_id: int) -> list[Row[Any]]:
    """What citizens answered, oldest first: `seq` of the event, `fixed`, words."""
    a = snap_answer.c
    asked = select(a.seq, a.fixed, a.words, a.at).where(a.issue_id == issue_id)
    return list(connection.execute(asked.order_by(a.seq)))
