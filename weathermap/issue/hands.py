"""Which moves somebody may make on an issue now, and making them. The caller owns the transaction.

Moves come from the workflow's table alone. Whoever acts saw an issue at some state: when it has moved on since, nothing
is done and what happened meanwhile is said.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from weathermap.errors import IllegalMove, Refused, Stale, UnknownName, WeathermapError
from weathermap.evidence.photos import Developed, keep_photos
from weathermap.issue.batch import NONE, Batch, Moves, empty_reports
from weathermap.issue.intake import take_in
from weathermap.issue.workflow import ANY, HOLDER, MOVES, NOTE, SAME, UNIT, UNTIL, Move, is_reminder, requested
from weathermap.people.accounts import Account
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.people_tables import issue_check
from weathermap.store.registry import City
from weathermap.store.sql import query

NOTE_LENGTH = 500
CHECKS = ("check_pass", "check_fail")
ARBITRATED = 3  # hand-backs, from which on the commander alone decides who handles an issue


@dataclass(frozen=True)
class Wish:
    """A move that somebody wants on an issue that they saw at event number `seq`.

    `until` in µs or NONE; `unit`: code of the unit that it goes to, where the move names one.
    """

    number: str
    seq: int
    move: str
    note: str = ""
    until: int = NONE
    unit: str = ""
    photos: tuple[Developed, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came of a wish: done, or the error that says why not."""

    wish: Wish
    error: WeathermapError | None = None


def open_moves(account: Account, state: str, unit_id: int | None, handler: int, asked: bool = False) -> list[Move]:
    """The moves that this account may make on an issue in `state`, held by `unit_id`, fed back by person `handler`.

    `asked`: something was asked for that no decision has answered.

    Those that bring it on come first, those that leave it where it is last.
    """
    found = [move for move in MOVES.values() if state in move.sources and _may(account, move, unit_id, handler)]
    return sorted((m for m in found if m.name != "refuse" or asked), key=lambda move: move.target == SAME)


def _may(account: Account, move: Move, unit_id: int | None, handler: int) -> bool:
    if not move.roles & set(account.roles) or account.person_id is None:
        return False
    if move.unit == ANY:
        return True
    holds = unit_id is not None and account.unit_id == unit_id
    return holds if move.unit == HOLDER else not holds and handler != account.person_id


def make_moves(
    connection: Connection, settings: Settings, city: City, account: Account, wishes: Sequence[Wish]
) -> list[Answer]:
    """Make every wish that can be made, now; the others are answered with the reason.

    `settings`: where photos are kept.
    """
    rows = _hands(connection, city, [wish.number for wish in wishes])
    now = time.time_ns() // 1_000  # once the issues are locked: nothing on them was recorded later than this
    answers: list[Answer] = []
    granted: list[tuple[Wish, Row[Any]]] = []
    for wish in wishes:
        try:
            row = _grant(connection, account, wish, rows.get(wish.number))
            _check_given(wish, row, account, city, now)
            granted.append((wish, row))
        except WeathermapError as error:
            answers.append(Answer(wish, error))
    if granted:
        take_in(connection, city, Batch(empty_reports(), _batch(granted, city, account, now)), now, tell=True)
        for wish, row in granted:
            keep_photos(connection, settings, row.issue_id, row.seq + 1, wish.photos)
        checks = [_check_row(account, wish, row) for wish, row in granted if wish.move in CHECKS]
        if checks:
            connection.execute(issue_check.insert(), checks)
    return [*(Answer(wish) for wish, _ in granted), *answers]


def _hands(connection: Connection, city: City, numbers: Iterable[str]) -> dict[str, Row[Any]]:
    asked = {"numbers": list(numbers), "city_id": city.city_id}
    return {row.number: row for row in connection.execute(query("issue_hands"), asked)}


def _grant(connection: Connection, account: Account, wish: Wish, row: Row[Any] | None) -> Row[Any]:
    """Raises UnknownName, Stale, IllegalMove or Refused."""
    if row is None:
        raise UnknownName(f"There is no issue {wish.number}.", "Numbers are written CITY-YYYYMMDD-NNNNNN.")
    move = MOVES.get(wish.move)
    if move is None or not move.roles:
        raise IllegalMove(f"There is no move {wish.move!r}.", f"Moves: {', '.join(MOVES)}.")
    if row.seq != wish.seq and not (0 < wish.seq < row.seq and _only_reminded(connection, row.issue_id, wish.seq)):
        raise Stale(f"{wish.number} changed meanwhile: {_since(connection, row.issue_id, wish.seq)}.", "Look again.")
    if wish.move == "refuse" and not requested(row.moves):
        raise IllegalMove(f"Nothing was asked for {wish.number}.", "Look again.")
    if row.state not in move.sources:
        raise IllegalMove(f"{move.en} is not possible while {wish.number} is {row.state}.", "Look again.")
    if not _may(account, move, row.unit_id, row.handler):
        why = "another unit holds it" if move.unit == HOLDER else "who handled it cannot" if move.unit != ANY else ""
        raise Refused(f"{account.name} may not do this to {wish.number}{f': {why}' if why else ''}.")
    return row


def _check_given(wish: Wish, row: Row[Any], account: Account, city: City, now: int) -> None:
    """Whether a move brings what it needs. Raises Refused."""
    move = MOVES[wish.move]
    if NOTE in move.needs and not wish.note.strip():
        raise Refused(f"{move.en} needs a note.", "Say what was done, or why.")
    if len(wish.note) > NOTE_LENGTH:
        raise Refused(f"The note has {len(wish.note)} characters.", f"At most {NOTE_LENGTH} are kept.")
    if UNTIL in move.needs and wish.until <= now:
        raise Refused(f"{move.en} needs a date ahead.", "Choose a day after today.")
    if (UNIT in move.needs or wish.unit) and wish.unit not in city.book.units:
        raise Refused(f"{move.en} needs the code of a unit, not {wish.unit!r}.", "Choose one of the list.")
    if UNIT in move.needs and row.unit_id == int(city.unit_ids[city.book.units[wish.unit]]):
        raise Refused(f"{wish.number} is with {wish.unit} already.", "Choose another unit.")
    if wish.move == "ask_extension" and (row.deadline is None or int(row.deadline.timestamp()) * 1_000_000 <= now):
        raise Refused(f"The term of {wish.number} is over.", "An extension is asked for before the deadline.")
    times = row.moves.count("hand_back")
    if wish.move in ("reassign", "refuse") and times >= ARBITRATED and "commander" not in account.roles:
        raise Refused(f"{wish.number} was handed back {times} times.", "Now the commander decides.")


def _only_reminded(connection: Connection, issue_id: int, seq: int) -> bool:
    """Whether nothing but the program's own reminders came after event number `seq`: a page stays good."""
    e = t.issue_event.c
    rows = connection.execute(select(e.move, e.actor).where(e.issue_id == issue_id, e.seq > seq))
    return all(is_reminder(row.move, row.actor) for row in rows)


def _since(connection: Connection, issue_id: int, seq: int) -> str:
    """What happened after event number `seq`, in words."""
    e, p = t.issue_event.c, t.person.c
    asked = select(e.at, e.move, p.name).outerjoin_from(t.issue_event, t.person, p.person_id == e.actor)
    rows = connection.execute(asked.where(e.issue_id == issue_id, e.seq > seq).order_by(e.seq))
    return "; ".join(
        f"{MOVES[row.move].en} ({row.at:%Y-%m-%d %H:%M}{f', {row.name}' if row.name else ''})" for row in rows
    )


def _batch(granted: Sequence[tuple[Wish, Row[Any]]], city: City, account: Account, now: int) -> Moves:
    def texts(values: Iterable[str]) -> np.ndarray[Any, Any]:
        return np.array([*values, None], dtype=object)[:-1]  # never mistaken for an array of something else

    actor = next((p.code for p, i in zip(city.pack.people, city.person_ids, strict=True) if i == account.person_id), "")
    return Moves(
        source=texts(row.source for _, row in granted),
        source_key=texts(row.source_key for _, row in granted),
        move=texts(wish.move for wish, _ in granted),
        at=np.full(len(granted), now, dtype=np.int64),
        actor=texts(actor for _ in granted),
        until=np.array([wish.until for wish, _ in granted], dtype=np.int64),
        note=texts(wish.note.strip() for wish, _ in granted),
        unit=texts(wish.unit for wish, _ in granted),
        photos=texts(" ".join(photo.sha256.hex() for photo in wish.photos) for wish, _ in granted),
    )


def _check_row(account: Account, wish: Wish, row: Row[Any]) -> dict[str, object]:
    return {
        "issue_id": row.issue_id,
        "seq": row.seq + 1,
        "checker": account.person_id,
        "checker_unit": account.unit_id,
        "handler": row.handler,
        "handler_unit": row.unit_id,
    }
