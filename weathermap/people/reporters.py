"""Who reported: telephone and name, sealed, found by telephone, shown to few and never without a reason.

No event and no issue holds them, so that they can be erased and the chain stays whole. The caller owns the transaction.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from weathermap.errors import KeyTrouble, Refused, UnknownName
from weathermap.people.access_log import note
from weathermap.people.accounts import Account
from weathermap.people.permissions import may
from weathermap.people.secret_keys import Keys, add_key, key_file, make_keys, read_keys
from weathermap.settings import Settings
from weathermap.store.people_tables import issue_reporter, reporter
from weathermap.store.sql import query

LOCK = 0x57EA9  # held shared by who uses the keys, alone by who changes them
HOME = re.compile(r"(?:\+|00)86(?=1\d{10}$)")  # a mobile number with and without the country in front is one number
PHONE = re.compile(r"\+?\d{5,15}")  # ITU-T E.164: at most 15 digits
NAME = 60  # characters
SHORTEST = 4  # characters of a reason
BATCH = 5_000


@dataclass(frozen=True)
class Reporter:
    """Whom to call back."""

    reporter_id: int
    phone: str
    name: str


def plain_phone(written: str) -> str:
    """The number without blanks, dashes and brackets. Raises Refused for what is none."""
    digits = re.sub(r"[\s()./·-]", "", unicodedata.normalize("NFKC", written).replace("—", "-"))
    digits = HOME.sub("", digits)
    if not PHONE.fullmatch(digits):
        raise Refused("This is no telephone number.", "Write its digits, e.g. 13800000000.")
    return digits


def keep(connection: Connection, settings: Settings, city_id: int, phone: str, name: str = "") -> int:
    """The reporter of this number in this city, stored if new; a known one's name stays as it is.

    Raises Refused for what is no number, KeyTrouble.
    """
    number = plain_phone(phone)
    known = find(connection, settings, city_id, number)
    if known is not None:
        return known
    keys = _keys(connection, settings) or make_keys(settings)
    clear = json.dumps({"phone": number, "name": name.strip()[:NAME]}, ensure_ascii=False).encode()
    row = {"city_id": city_id, "mark": keys.marks(number.encode())[0], "sealed": keys.seal(clear)}
    wanted = insert(reporter).values(**row, created_at=datetime.now(UTC)).on_conflict_do_nothing()
    made = connection.execute(wanted.returning(reporter.c.reporter_id)).scalar()
    if made is None:  # another process was quicker
        made = find(connection, settings, city_id, number)
        assert made is not None
    return int(made)


def find(connection: Connection, settings: Settings, city_id: int, phone: str) -> int | None:
    """The reporter of this number in this city. Raises Refused for what is no number, KeyTrouble."""
    number = plain_phone(phone)
    keys = _keys(connection, settings)
    if keys is None:
        return None
    marks = keys.marks(number.encode())
    asked = select(reporter.c.reporter_id).where(reporter.c.city_id == city_id, reporter.c.mark.in_(marks))
    return connection.execute(asked.order_by(reporter.c.reporter_id).limit(1)).scalar()


def reveal(
    connection: Connection, settings: Settings, reporter_id: int, by: Account, reason: str, address: str = ""
) -> Reporter:
    """Telephone and name. Logged with the reason: the caller commits before it shows them.

    Raises Refused without the permission or a reason, UnknownName, KeyTrouble.
    """
    _check_view(connection, reporter_id, by, reason)
    keys = _keys(connection, settings)
    sealed = connection.execute(select(reporter.c.sealed).where(reporter.c.reporter_id == reporter_id)).scalar_one()
    assert keys is not None
    clear = json.loads(keys.open(sealed))
    note(connection, by, "see reporter", f"{reporter_id}: {reason.strip()}", address)
    return Reporter(reporter_id, clear["phone"], clear["name"])


def forget(connection: Connection, reporter_id: int, by: Account, reason: str) -> None:
    """Erase what is stored of a reporter; their issues stay. Logged. Raises as `reveal`."""
    _check_view(connection, reporter_id, by, reason)
    connection.execute(reporter.delete().where(reporter.c.reporter_id == reporter_id))
    note(connection, by, "erase reporter", f"{reporter_id}: {reason.strip()}")


def _check_view(connection: Connection, reporter_id: int, by: Account, reason: str) -> None:
    if not may(by.roles, "reporters"):
        raise Refused("Who reported is not shown to your role.", "Ask the dispatcher to call back.")
    if len(reason.strip()) < SHORTEST:
        raise Refused("Say why you need to know who reported.", f"Write at least {SHORTEST} characters; they are kept.")
    city_id = connection.execute(select(reporter.c.city_id).where(reporter.c.reporter_id == reporter_id)).scalar()
    if city_id is None or by.city_id not in (None, city_id):
        raise UnknownName("There is no such reporter.", "The reporter may have been erased.")


def link(connection: Connection, issue_id: int, reporter_id: int) -> None:
    """Note who reported an issue."""
    connection.execute(issue_reporter.insert().values(issue_id=issue_id, reporter_id=reporter_id))


def reporter_of(connection: Connection, issue_id: int) -> int | None:
    """Who reported an issue, if that is known."""
    asked = select(issue_reporter.c.reporter_id).where(issue_reporter.c.issue_id == issue_id)
    return connection.execute(asked).scalar()


def issues_of(connection: Connection, reporter_id: int) -> list[int]:
    """Ids of all issues of a reporter, newest first."""
    asked = select(issue_reporter.c.issue_id).where(issue_reporter.c.reporter_id == reporter_id)
    return list(connection.execute(asked.order_by(issue_reporter.c.issue_id.desc())).scalars())


def rotate(connection: Connection, settings: Settings, tick: Callable[[int], None] = lambda _: None) -> int:
    """Seal all reporters with a new key, which goes on top of the file. Returns their number. Raises KeyTrouble.

    Others wait until the caller commits. Rolled back, the rows are sealed as before, with a key that stays in the file.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    old = _keys(connection, settings)
    new = make_keys(settings) if old is None else add_key(old)
    done = 0
    for rows in _batches(connection):
        clear = [new.open(sealed) for _, sealed in rows]
        marks = [new.marks(json.loads(one)["phone"].encode())[0] for one in clear]
        seals = [new.seal(one) for one in clear]
        given = {"ids": [reporter_id for reporter_id, _ in rows], "marks": marks, "seals": seals}
        connection.execute(query("reporters_seal"), given)
        done += len(rows)
        tick(done)
    return done


def _batches(connection: Connection) -> Iterator[list[tuple[int, bytes]]]:
    last = 0
    while True:
        asked = select(reporter.c.reporter_id, reporter.c.sealed).where(reporter.c.reporter_id > last)
        rows = [tuple(row) for row in connection.execute(asked.order_by(reporter.c.reporter_id).limit(BATCH))]
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _keys(connection: Connection, settings: Settings) -> Keys | None:
    """None while no reporter was ever stored. Raises KeyTrouble where some are and their keys are not."""
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": LOCK})
    keys = read_keys(settings)
    if keys is None and connection.execute(select(reporter.c.reporter_id).limit(1)).first():
        raise KeyTrouble(
            f"{key_file(settings)} is missing, and reporters are stored.",
            "Put the key file back (it is in no backup of the store), or name it with WEATHERMAP_REPORTER_KEYS.",
        )
    return keys
