"""Sessions: who is signed in, on the server's side. A cookie holds a random secret, the store its SHA-256.

One ends after half an hour without a request and after twelve hours at the latest; a wall screen's goes on for a year,
and can do nothing but look.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from weathermap.people.accounts import Account, account_of, digest
from weathermap.store import people_tables as t

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SCREEN = timedelta(days=366)
NOTED = timedelta(minutes=1)  # how exactly the last request is noted


@dataclass(frozen=True)
class Session:
    """Who asks, and the secret that a form must repeat."""

    account: Account
    csrf: str


def begin_session(connection: Connection, account: Account) -> str:
    """The secret for the cookie. Sessions of the account that have ended go."""
    secret, now = secrets.token_urlsafe(24), datetime.now(UTC)
    idle, longest = limits(account)
    s = t.session.c
    ended = (s.seen_at < now - idle) | (s.begun_at < now - longest)
    connection.execute(t.session.delete().where(s.account_id == account.account_id, ended))
    row = {"token": digest(secret), "account_id": account.account_id, "csrf": secrets.token_urlsafe(18)}
    connection.execute(t.session.insert().values(**row, begun_at=now, seen_at=now))
    return secret


def find_session(connection: Connection, secret: str) -> Session | None:
    """The session of a cookie that is still good, noted as seen; None else."""
    s, now = t.session.c, datetime.now(UTC)
    asked = select(t.account, s.csrf, s.begun_at, s.seen_at).join(t.session, s.account_id == t.account.c.account_id)
    row = connection.execute(asked.where(s.token == digest(secret))).first()
    if row is None or row.disabled:
        return None
    account = account_of(row)
    idle, longest = limits(account)
    if now - row.seen_at > idle or now - row.begun_at > longest:
        end_session(connection, secret)
        return None
    if now - row.seen_at > NOTED:
        connection.execute(t.session.update().where(s.token == digest(secret)).values(seen_at=now))
    return Session(account, row.csrf)


def limits(account: Account) -> tuple[timedelta, timedelta]:
    """(longest pause, longest session)."""
    return (SCREEN, SCREEN) if account.roles == ("screen",) else (IDLE, LONGEST)


def end_session(connection: Connection, secret: str) -> None:
    connection.execute(t.session.delete().where(t.session.c.token == digest(secret)))


def end_sessions(connection: Connection, account_id: int) -> int:
    """All of an account. Returns their number."""
    return connection.execute(t.session.delete().where(t.session.c.account_id == account_id)).rowcount
