"""Second dispatch (二次派遣): a unit passes one task on to whom has no account, by a link; it goes on answering for it.

The link's secret (128 random bits) is shown once and kept as its SHA-256. Who got it and what they wrote stands in
`task_link`, outside the events, which hold salted digests of it: lawful erasure leaves the chain valid.
The caller owns the transaction.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from weathermap.errors import Refused, TaskOver, UnknownName
from weathermap.evidence.photos import Developed, keep_photos
from weathermap.issue.batch import NONE, Batch, Moves, empty_reports
from weathermap.issue.given import NOTE_LENGTH, Wish
from weathermap.issue.hands import Answer, make_moves
from weathermap.issue.held import hold_issues
from weathermap.issue.intake import take_in
from weathermap.issue.track import SECOND_US
from weathermap.people.accounts import Account, digest
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.people_tables import task_link
from weathermap.store.registry import City

LONGEST = timedelta(days=30)
NAME_LENGTH = 60
ANSWERS = {"done": ("已办好", "Done"), "cannot": ("办不了", "Cannot do it")}
# state of a task → its name
TASK_STATES: dict[str, tuple[str, str]] = {
    "open": ("待办", "Open"),
    "answered": ("已回复，待单位确认", "Answered; the unit confirms"),
    "expired": ("已过期", "Expired"),
    "taken_back": ("已撤回", "Taken back"),
    "over": ("单位已另行办理", "Settled by the unit"),
}


@dataclass(frozen=True)
class Task:
    """A task that was passed on: the row of its link, its issue's (issue_id, number, state, unit_id), and its state."""

    link: Row[Any]
    issue: Row[Any]
    state: str  # of TASK_STATES


def pass_on(
    connection: Connection, settings: Settings, city: City, account: Account, wish: Wish, to_whom: str
) -> tuple[Answer, str]:
    """Pass the task on; with it the secret of its link, '' when it was refused."""
    error = _check_task(wish, to_whom)
    if error is not None:
        return Answer(wish, error), ""
    salt, secret = secrets.token_bytes(16), secrets.token_urlsafe(16)
    until = wish.until // SECOND_US * SECOND_US
    wish = replace(wish, until=until, facts={"to": salted(salt, to_whom.strip())})
    answer = make_moves(connection, settings, city, account, [wish])[0]
    if answer.error is not None:
        return answer, ""
    issue = connection.execute(select(t.issue).where(_named(city, wish.number))).one()
    row = {
        "issue_id": issue.issue_id,
        "seq": issue.seq,
        "city_id": city.city_id,
        "token": digest(secret),
        "unit_id": issue.unit_id,
        "salt": salt,
        "to_whom": to_whom.strip(),
        "until": datetime.fromtimestamp(until // SECOND_US, UTC),
        "given_at": datetime.now(UTC),
    }
    connection.execute(task_link.insert().values(row))
    return answer, secret


def _check_task(wish: Wish, to_whom: str) -> Refused | None:
    if not to_whom.strip():
        return Refused(
            "A task is passed on to somebody.", "Say to whom: a village, a firm, a crew.", "请写明交给谁办。"
        )
    if len(to_whom) > NAME_LENGTH:
        zh = f"“交给谁”最多 {NAME_LENGTH} 个字。"
        return Refused(f"The name has {len(to_whom)} characters.", f"At most {NAME_LENGTH} are kept.", zh)
    if wish.until > (time.time() + LONGEST.total_seconds()) * SECOND_US:
        days = LONGEST.days
        return Refused(
            f"A link is good for {days} days at most.", "Choose an earlier day.", f"链接最长 {days} 天有效。"
        )
    return None


def take_back(connection: Connection, settings: Settings, city: City, account: Account, wish: Wish, seq: int) -> Answer:
    """End the link of the task that event `seq` passed on."""
    task = _task(connection, city, wish.number, seq)
    if task is None or task.state == "taken_back":
        return Answer(wish, UnknownName("There is no such task.", "Look again.", "没有这项任务，或已撤回。"))
    answer = make_moves(connection, settings, city, account, [replace(wish, facts={"task": seq})])[0]
    if answer.error is None:
        _set(connection, task.link, taken_back_at=datetime.now(UTC))
    return answer


def send_back(connection: Connection, settings: Settings, city: City, account: Account, wish: Wish, seq: int) -> Answer:
    """The answer does not do: the same link takes another."""
    task = _task(connection, city, wish.number, seq)
    if task is None or task.state != "answered":
        zh = "这项任务没有待确认的回复。"
        return Answer(wish, UnknownName("That task has no answer to send back.", "Look again.", zh))
    if task.link.until <= datetime.now(UTC):
        zh = "链接已过期，请重新派遣。"
        return Answer(wish, Refused("The link has expired.", "Pass the task on again.", zh))
    answer = make_moves(connection, settings, city, account, [replace(wish, facts={"task": seq})])[0]
    if answer.error is None:
        _set(connection, task.link, answer="", words="", answered_at=None, returned=wish.note.strip())
    return answer


def tasks_of(connection: Connection, issue: Any) -> list[Task]:
    """The tasks of an issue that were passed on, the newest first."""
    rows = connection.execute(
        select(task_link).where(task_link.c.issue_id == issue.issue_id).order_by(task_link.c.seq.desc())
    )
    return [Task(row, issue, _state(row, issue)) for row in rows]


def opened(connection: Connection, secret: str, lock: bool = False) -> Task:
    """The task of a link, noted as opened. Raises UnknownName for a link that never was."""
    asked = select(task_link).where(task_link.c.token == digest(secret))
    link = connection.execute(asked.with_for_update() if lock else asked).first()
    if link is None:
        raise UnknownName("There is no such task.", "Check the link, or ask who sent it.", "没有这项任务。请核对链接。")
    issue = connection.execute(select(t.issue).where(t.issue.c.issue_id == link.issue_id)).one()
    if link.opened_at is None:
        _set(connection, link, opened_at=datetime.now(UTC))
    return Task(link, issue, _state(link, issue))


def answer_task(
    connection: Connection,
    settings: Settings,
    city: City,
    secret: str,
    kind: str,
    words: str,
    photos: Sequence[Developed],
) -> Task:
    """What came of it: `done` with a photo, or `cannot` with words why. Raises Refused, TaskOver, UnknownName."""
    link = opened(connection, secret).link
    number = connection.execute(select(t.issue.c.number).where(t.issue.c.issue_id == link.issue_id)).scalar_one()
    row = hold_issues(connection, city, [number])[number]  # the issue first, as everyone locks
    task = opened(connection, secret, lock=True)
    if task.state != "open":
        raise TaskOver(TASK_STATES[task.state][1], zh=TASK_STATES[task.state][0])
    _check_answer(kind, words, photos)
    salt_words = salted(bytes(link.salt), words.strip())
    facts = {"task": link.seq, "answer": kind, **({"words": salt_words} if words.strip() else {})}
    now = time.time_ns() // 1_000
    moves = Moves(
        source=_one(row.source),
        source_key=_one(row.source_key),
        move=_one("answer"),
        at=np.array([now], dtype=np.int64),
        actor=_one(""),
        until=np.array([NONE], dtype=np.int64),
        note=_one(""),
        photos=_one(" ".join(photo.sha256.hex() for photo in photos)),
        facts=_one(facts),
    )
    take_in(connection, city, Batch(empty_reports(), moves), now, tell=True)
    keep_photos(connection, settings, row.issue_id, row.seq + 1, photos)
    at = datetime.now(UTC)
    _set(connection, link, answer=kind, words=words.strip(), answered_at=at, answer_seq=row.seq + 1, returned="")
    return opened(connection, secret)


def _check_answer(kind: str, words: str, photos: Sequence[Developed]) -> None:
    if kind not in ANSWERS:
        raise Refused("The answer is neither done nor cannot.", "Choose one.", "请选择“已办好”或“办不了”。")
    if kind == "done" and not photos:
        raise Refused("A task that is done is shown by a photo.", "Take one.", "请拍一张办好后的照片。")
    if kind == "cannot" and not words.strip():
        raise Refused("Why can it not be done?", "A few words will do.", "请写明办不了的原因。")
    if len(words) > NOTE_LENGTH:
        zh = f"说明有 {len(words)} 个字，最多 {NOTE_LENGTH} 个。"
        raise Refused(f"The words have {len(words)} characters.", f"At most {NOTE_LENGTH} are kept.", zh)


def salted(salt: bytes, words: str) -> str:
    """What an event holds of personal text."""
    return hashlib.sha256(salt + words.encode()).hexdigest()


def _one(value: object) -> Any:
    return np.array([value, None], dtype=object)[:-1]


def _named(city: City, number: str) -> Any:
    return (t.issue.c.number == number) & (t.issue.c.city_id == city.city_id)


def _task(connection: Connection, city: City, number: str, seq: int) -> Task | None:
    issue = connection.execute(select(t.issue).where(_named(city, number))).first()
    return next((task for task in tasks_of(connection, issue) if task.link.seq == seq), None) if issue else None


def _state(link: Row[Any], issue: Any) -> str:
    if link.taken_back_at is not None:
        return "taken_back"
    if issue.state != "handling" or issue.unit_id != link.unit_id:
        return "over"
    if link.answer:
        return "answered"
    return "expired" if link.until <= datetime.now(UTC) else "open"


def _set(connection: Connection, link: Row[Any], **values: Any) -> None:
    c = task_link.c
    connection.execute(task_link.update().where(c.issue_id == link.issue_id, c.seq == link.seq).values(**values))
