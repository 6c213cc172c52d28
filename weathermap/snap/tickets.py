"""A citizen's ticket: found by its private link or by telephone and word, and what the citizen says in the end."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Row, select

from weathermap.errors import IllegalMove, Refused, UnknownName
from weathermap.issue.kin import kin_of, survivor_of
from weathermap.issue.workflow import OPEN
from weathermap.people import reporters
from weathermap.people.accounts import digest, hasher
from weathermap.settings import Settings
from weathermap.snap.reports import WORDS, hands_of, make_link, make_own_move, sealed
from weathermap.store import tables as t
from weathermap.store.registry import City
from weathermap.store.snap_tables import snap, snap_answer, snap_link

ASKED_IN = {"to_check": ("doubt", "confirm"), "rectified": ("ask_reopen", "confirm")}  # state → (not fixed, fixed)
ENDS = ("feed_back", "check_pass")  # what a citizen is asked about, once each
MOST = 20  # tickets found by telephone


def find_ticket(connection: Connection, secret: str) -> Row[Any]:
    """The row of `snap` that a private link leads to, with the issue's number. Raises UnknownName."""
    asked = (
        select(snap, t.issue.c.number, t.city.c.code.label("city"))
        .join(snap_link, snap_link.c.snap_id == snap.c.snap_id)
        .join(t.issue, t.issue.c.issue_id == snap.c.issue_id)
        .join(t.city, t.city.c.city_id == snap.c.city_id)
    )
    row = connection.execute(asked.where(snap_link.c.token == digest(secret))).first()
    if row is None:
        raise UnknownName("No ticket has this link.", "Look whether the whole link was copied.")
    return row


def find_by_phone(connection: Connection, settings: Settings, city_id: int, phone: str, code: str) -> list[str]:
    """Secrets of fresh links to the tickets of a telephone number with this word, newest first; none found: empty.

    Raises Refused for what is no number.
    """
    known = reporters.find(connection, settings, city_id, phone)
    if known is None:
        _fits(NOBODYS, code)  # an unknown number takes as long as a wrong word
        return []
    asked = select(snap.c.snap_id, snap.c.code).where(snap.c.reporter_id == known, snap.c.code.is_not(None))
    rows = connection.execute(asked.order_by(snap.c.sent_at.desc()).limit(MOST)).all()
    return [make_link(connection, row.snap_id) for row in rows if _fits(row.code, code)]


NOBODYS = hasher.hash(secrets.token_hex())


def _fits(kept: str, code: str) -> bool:
    try:
        return hasher.verify(kept, code[:100])
    except (VerifyMismatchError, InvalidHashError):
        return False


def fate_of(connection: Connection, ticket: Row[Any]) -> Row[Any]:
    """The issue whose fate the ticket has: its own, or the one that it was merged into in the end."""
    survivor = survivor_of(connection, ticket.issue_id)
    issue_id = survivor.issue_id if survivor is not None else ticket.issue_id
    return connection.execute(select(t.issue).where(t.issue.c.issue_id == issue_id)).one()


def parts_of(connection: Connection, issue: Any) -> list[Row[Any]]:
    """What a split issue counts as: its parts, those of a part that was split again, the survivor of a merged one.

    `issue`: (issue_id, city_id, state) of `fate_of`; [] for one that was not split.
    """
    if issue.state != "split":
        return []
    i = t.issue.c
    numbers = [row.number for row in kin_of(connection, issue.issue_id)["part"]]
    asked = select(t.issue).where(i.city_id == issue.city_id, i.number.in_(numbers)).order_by(i.issue_id)
    found: dict[int, Row[Any]] = {}
    for part in connection.execute(asked).all():
        kept = fate_of(connection, part)
        for one in parts_of(connection, kept) or [kept]:
            found[one.issue_id] = one
    return list(found.values())


def parts_done(parts: Sequence[Row[Any]]) -> bool:
    """Whether all parts are: none waits for anybody any more."""
    return bool(parts) and all(part.state not in OPEN and part.state != "reported" for part in parts)


def asked_now(connection: Connection, ticket: Row[Any], issue: Any) -> bool:
    """Whether "was it really fixed?" is open: after each feedback and each passed check it is asked once.

    Of a split issue it is asked once all its parts are done. `issue`: (issue_id, city_id, state) of `fate_of`.
    """
    return bool(_asked(connection, ticket, issue))


def _asked(connection: Connection, ticket: Row[Any], issue: Any) -> list[Any]:
    """The issues that the citizen is asked about now: the one, or the parts that it was split into."""
    parts = parts_of(connection, issue)
    if parts and not parts_done(parts):
        return []
    return [one for one in parts or [issue] if _open_question(connection, ticket, one)]


def _open_question(connection: Connection, ticket: Row[Any], issue: Any) -> bool:
    if issue.state not in ASKED_IN:
        return False
    e, a = t.issue_event.c, snap_answer.c
    ended = select(e.seq).where(e.issue_id == issue.issue_id, e.move.in_(ENDS)).order_by(e.seq.desc()).limit(1)
    last = connection.execute(ended).scalar() or 0
    answered = select(a.seq).where(a.snap_id == ticket.snap_id, a.issue_id == issue.issue_id, a.seq > last)
    return connection.execute(answered).first() is None


def answer(connection: Connection, city: City, ticket: Row[Any], fixed: bool, words: str) -> None:
    """What the citizen says; "not fixed" of a rectified issue asks the office to reopen it.

    The caller owns the transaction. Raises Refused, IllegalMove when there is nothing to answer now.
    """
    if len(words) > WORDS:
        raise Refused(f"The text has {len(words)} characters.", f"At most {WORDS} are kept.")
    now, said = time.time_ns() // 1_000, 0
    for issue in _asked(connection, ticket, fate_of(connection, ticket)):
        hands = hands_of(connection, city, issue.number)
        if hands is None or not _open_question(connection, ticket, hands):
            continue
        make_own_move(connection, city, hands, ASKED_IN[hands.state][fixed], now, words=sealed(ticket.salt, words))
        row = {"snap_id": ticket.snap_id, "issue_id": hands.issue_id, "seq": hands.seq + 1, "fixed": fixed}
        row |= {"words": words.strip(), "at": datetime.fromtimestamp(now / 1e6, UTC)}
        connection.execute(snap_answer.insert().values(row))
        said += 1
    if not said:
        raise IllegalMove("There is nothing to answer now.", "Look at the ticket again.")
