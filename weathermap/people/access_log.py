"""Who did and saw what, appended; read by the audit administrator."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from weathermap.people.accounts import Account
from weathermap.store import people_tables as t


def note(connection: Connection, account: Account | None, what: str, target: str = "", address: str = "") -> None:
    """Append a line: `what` was done to `target`, from the client's `address`."""
    row = {
        "at": datetime.now(UTC),
        "account_id": account and account.account_id,
        "login": account.login if account else "",
        "what": what,
        "target": target[:200],
        "address": address,
    }
    connection.execute(t.access_log.insert().values(row))
