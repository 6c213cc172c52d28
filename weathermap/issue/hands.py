"""Which moves somebody may make on an issue now, and making them. The caller owns the transaction.

Moves come from the workflow's table alone. Whoever acts saw an issue at some state: when it has moved on since, nothing
is done and what happened meanwhile is said.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Row, select

from weathermap.errors import IllegalMove, Refused, Stale, UnknownName, WeathermapError
from weathermap.evidence.photos import keep_photos, photos_of, repeat_photos
from weathermap.issue.batch import Batch, Moves, empty_reports
from weathermap.issue.checks import way_of
from weathermap.issue.given import Wish, check_given
from weathermap.issue.held import Hands, hold_issues
from weathermap.issue.intake import take_in
from weathermap.issue.recategorise import routed_anew
from weathermap.issue.split import part_keys, parts_of
from weathermap.issue.workflow import ANY, ENDED, HOLDER, MOVES, SAME, STATES, Move, is_reminder, requested
from weathermap.people.accounts import Account
from weathermap.people.bounds import check_moved
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.copy import Column, numbers, optional
from weathermap.store.registry import City

CHECKS = ("check_pass", "check_fail")


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
    wanted = [*(wish.number for wish in wishes), *(wish.into for wish in wishes if wish.into)]
    rows = hold_issues(connection, city, wanted, [wish.number for wish in wishes if wish.move in CHECKS])
    now = time.time_ns() // 1_000  # once the issues are locked: nothing on them was recorded later than this
    answers: list[Answer] = []
    granted: list[tuple[Wish, Hands]] = []
    gone: set[str] = set()
    for wish in wishes:
        try:
            row = _grant(connection, city, account, wish, rows.get(wish.number))
            check_given(wish, row, account, city, now, rows, gone)
            if wish.move in CHECKS:
                wish = replace(wish, facts={**wish.facts, **way_of(wish, row.reason or "")})
            granted.append((wish, row))
            gone |= {wish.number} if wish.move in ENDED else set()
        except WeathermapError as error:
            answers.append(Answer(wish, error))
    if granted:
        actor = city.people.get(account.person_id or 0, "")
        anew = routed_anew(connection, city, granted)
        granted = [(replace(w, facts={**w.facts, **anew[w.number]}) if w.number in anew else w, r) for w, r in granted]
        again = [photos_of(connection, row.issue_id, wish.evidence) if wish.evidence else [] for wish, row in granted]
        parts = parts_of(connection, [one for one in granted if one[0].move == "split"], actor, now)
        reports, moves = parts or (empty_reports(), None)
        batch = Batch(reports, _batch(granted, again, actor, now, moves))
        checks = [row for wish, row in granted if wish.move in CHECKS]
        beside = {"issue_check": _check_rows(account, checks)} if checks else {}
        take_in(connection, city, batch, now, True, [row for _, row in granted], beside)
        for (wish, row), taken in zip(granted, again, strict=True):
            keep_photos(connection, settings, row.issue_id, row.seq + 1, wish.photos)
            repeat_photos(connection, taken, row.seq + 1, len(wish.photos))
    return [*(Answer(wish) for wish, _ in granted), *answers]


def _grant(connection: Connection, city: City, account: Account, wish: Wish, row: Hands | None) -> Hands:
    """Raises UnknownName, Stale, IllegalMove or Refused."""
    number = wish.number
    if row is None:
        zh = f"没有编号为 {number} 的问题。"
        raise UnknownName(f"There is no issue {number}.", "Numbers are written CITY-YYYYMMDD-NNNNNN.", zh)
    move = MOVES.get(wish.move)
    if move is None or not move.roles:
        raise IllegalMove(f"There is no move {wish.move!r}.", f"Moves: {', '.join(MOVES)}.", "没有这项操作。")
    check_moved(city, account, row.places, number)
    if row.seq != wish.seq and not (0 < wish.seq < row.seq and _only_reminded(connection, row.issue_id, wish.seq)):
        zh, en = _since(connection, city, row.issue_id, wish.seq)
        raise Stale(f"{number} changed meanwhile: {en}.", "Look again.", f"{number} 期间有变化：{zh}。请看过再办。")
    if wish.move == "refuse" and not requested(row.moves):
        raise IllegalMove(f"Nothing was asked for {number}.", "Look again.", f"{number} 没有待审批的申请。")
    if row.state not in move.sources:
        zh = f"{number} {STATES[row.state][0]}，不能{move.zh}。"
        raise IllegalMove(f"{move.en} is not possible while {number} is {row.state}.", "Look again.", zh)
    if not _may(account, move, row.unit_id, row.handler):
        why = "another unit holds it" if move.unit == HOLDER else "who handled it cannot" if move.unit != ANY else ""
        reason = "问题在别的单位" if move.unit == HOLDER else "办理者及其单位不能办" if move.unit != ANY else "无此权限"
        zh = f"{account.name}不能对 {number} {move.zh}：{reason}。"
        raise Refused(f"{account.name} may not do this to {number}{f': {why}' if why else ''}.", zh=zh)
    return row


def _only_reminded(connection: Connection, issue_id: int, seq: int) -> bool:
    """Whether nothing but the program's own reminders came after event number `seq`: a page stays good."""
    e = t.issue_event.c
    rows = connection.execute(select(e.move, e.actor).where(e.issue_id == issue_id, e.seq > seq))
    return all(is_reminder(row.move, row.actor) for row in rows)


def _since(connection: Connection, city: City, issue_id: int, seq: int) -> tuple[str, str]:
    """What happened after event number `seq`, in Chinese and English words."""
    e, p, zone = t.issue_event.c, t.person.c, ZoneInfo(city.pack.config.timezone)
    asked = select(e.at, e.move, p.name).outerjoin_from(t.issue_event, t.person, p.person_id == e.actor)
    rows = connection.execute(asked.where(e.issue_id == issue_id, e.seq > seq).order_by(e.seq)).all()
    told = [(MOVES[r.move], f"{r.at.astimezone(zone):%Y-%m-%d %H:%M}{f', {r.name}' if r.name else ''}") for r in rows]
    return "；".join(f"{m.zh}（{when}）" for m, when in told), "; ".join(f"{m.en} ({when})" for m, when in told)


def _batch(
    granted: Sequence[tuple[Wish, Hands]],
    again: Sequence[Sequence[Row[Any]]],
    actor: str,
    now: int,
    others: Moves | None,
) -> Moves:
    """The moves wished for, and `others` after them."""
    columns = ("source", "source_key", "move", "at", "actor", "until", "note", "unit", "photos", "facts")
    rows = [
        (
            *(row.source, row.source_key, wish.move, now, actor, wish.until, wish.note.strip(), wish.unit),
            " ".join([*(photo.sha256.hex() for photo in wish.photos), *(one.sha256.hex() for one in taken)]),
            _facts(wish),
        )
        for (wish, row), taken in zip(granted, again, strict=True)
    ]
    if others is not None:
        blank = [None] * len(others)
        further = (getattr(others, name) for name in columns)
        rows += zip(*(blank if column is None else column.tolist() for column in further), strict=True)
    table = np.empty((len(rows), len(columns)), dtype=object)
    table[:] = rows
    found = dict(zip(columns, table.T, strict=True))
    return Moves(**{**found, "at": found["at"].astype(np.int64), "until": found["until"].astype(np.int64)})


def _facts(wish: Wish) -> dict[str, object]:
    """What else the event says."""
    found = dict(wish.facts)
    if wish.move == "merge":
        found["into"] = wish.into
    if wish.move == "split":
        found["parts"] = part_keys(wish)
    return found


def _check_rows(account: Account, rows: Sequence[Hands]) -> dict[str, Column]:
    return {
        "issue_id": numbers([row.issue_id for row in rows]),
        "seq": numbers([row.seq + 1 for row in rows]),
        "checker": numbers([account.person_id or 0] * len(rows)),
        "checker_unit": optional([account.unit_id or 0] * len(rows), 0),
        "handler": numbers([row.handler for row in rows]),
        "handler_unit": optional([row.unit_id or 0 for row in rows], 0),
    }
