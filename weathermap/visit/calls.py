"""What somebody told the office, by telephone or at the counter, written down at the desk: a report like any other.

Sent twice it is stored once. Who told it stands apart, sealed. The caller owns the transaction.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select, text

from weathermap.errors import Refused, UnknownName
from weathermap.issue.batch import NONE, Batch, Moves, empty_reports
from weathermap.issue.held import Hands, hold_issues
from weathermap.issue.intake import take_in
from weathermap.issue.workflow import MOVES
from weathermap.people import reporters
from weathermap.people.accounts import Account
from weathermap.people.bounds import check_moved
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.registry import City
from weathermap.visit.recording import Recorded, alone, person_of, record_issue
from weathermap.visit.shots import claim, shots_of
from weathermap.visit.sightings import Found

ADDRESS = 200  # characters


@dataclass(frozen=True)
class Call:
    """What was told. `found.known`: number of the issue that it is, then no new one; `source`, `point`: codes."""

    found: Found
    source: str
    point: str = ""
    address: str = ""
    phone: str = ""
    name: str = ""


def take_call(connection: Connection, settings: Settings, city: City, account: Account, call: Call) -> Recorded:
    """Store it; the number of its issue, or of the one that it is. Raises Refused, UnknownName, Missing, KeyTrouble."""
    _check(city, call)
    if call.found.known:
        return _follow(connection, settings, city, account, call)
    done = record_issue(connection, city, account, call.found, call.point, call.source, call.address.strip(), tell=True)
    if not done.again:
        i = t.issue.c
        number = done.numbers[call.found.key]
        issue_id = connection.execute(
            select(i.issue_id).where(i.city_id == city.city_id, i.number == number)
        ).scalar_one()
        _keep_reporter(connection, settings, city, issue_id, call)
    return done


def _check(city: City, call: Call) -> None:
    if call.source not in city.book.sources:
        raise UnknownName(f"There is no source {call.source!r}.", "Choose one of the list.", "请选择来源。")
    if call.found.category not in city.book.categories and not call.found.known:
        raise UnknownName(f"There is no category {call.found.category!r}.", "Choose one of the list.", "请选择类别。")
    if call.point and call.point not in city.book.points:
        zh = f"没有编码为 {call.point} 的点位。"
        raise UnknownName(f"There is no declared point {call.point!r}.", "Choose one of the list.", zh)
    if len(call.address) > ADDRESS or not call.address.isprintable():
        raise Refused(f"An address is one line of up to {ADDRESS} characters.", zh=f"地址写一行，最多 {ADDRESS} 个字。")
    placed = call.point or call.address.strip() or (call.found.lon is not None and call.found.lat is not None)
    if not placed and not call.found.known:
        raise Refused(
            "It has no place.",
            "Set the pin, choose a point, or write the address.",
            "请在地图上选位置、选点位，或写地址。",
        )
    if call.phone.strip():
        reporters.plain_phone(call.phone)
    elif call.name.strip():
        raise Refused("A name alone is not kept.", "Give the telephone too.", "只有姓名无法回访，请一并填写电话。")


def _follow(connection: Connection, settings: Settings, city: City, account: Account, call: Call) -> Recorded:
    """One more who told of an issue that is known: an event on it, with what is new in words and photos."""
    alone(connection, city, call.found.key)
    hands = hold_issues(connection, city, [call.found.known]).get(call.found.known)
    if hands is None:
        raise UnknownName(f"There is no issue {call.found.known}.", "Report it as a new one.")
    check_moved(city, account, hands.places, hands.number)
    told: Mapping[str, str] = {call.found.key: hands.number}
    if connection.execute(_SAID, {"issue_id": hands.issue_id, "key": call.found.key}).first():
        return Recorded(True, told)
    if hands.state not in MOVES["follow"].sources:
        zh = f"{hands.number} 已办结，请另行登记。"
        raise Refused(f"{hands.number} is over meanwhile.", "Report it as a new one.", zh)
    shots = shots_of(connection, account, list(call.found.photos))
    kept = [shots[key] for key in call.found.photos]
    now = time.time_ns() // 1_000
    take_in(connection, city, Batch(empty_reports(), _move(city, account, call, hands, kept, now)), now, tell=True)
    claim(connection, kept, None, None, hands.issue_id, hands.seq + 1)
    _keep_reporter(connection, settings, city, hands.issue_id, call)
    return Recorded(False, told)


_SAID = text(
    "SELECT 1 FROM issue_event WHERE issue_id = :issue_id AND move = 'follow' AND CAST(data AS jsonb) ->> 'call' = :key"
)


def _move(city: City, account: Account, call: Call, hands: Hands, kept: list[Row[Any]], now: int) -> Moves:
    return Moves(
        source=_one(hands.source),
        source_key=_one(hands.source_key),
        move=_one("follow"),
        at=np.array([now], dtype=np.int64),
        actor=_one(person_of(city, account)),
        until=np.array([NONE], dtype=np.int64),
        note=_one(call.found.note.strip()),
        photos=_one(" ".join(bytes(row.sha256).hex() for row in kept)),
        facts=_one({"call": call.found.key, "source": call.source}),
    )


def _keep_reporter(connection: Connection, settings: Settings, city: City, issue_id: int, call: Call) -> None:
    """Who told it first is whom the office calls back."""
    if call.phone.strip() and reporters.reporter_of(connection, issue_id) is None:
        found = reporters.keep(connection, settings, city.city_id, call.phone, call.name)
        reporters.link(connection, issue_id, found)


def _one(value: object) -> Any:
    return np.array([value, None], dtype=object)[:1]
