"""What the security administrator does to accounts: roles, bindings, locks, links; each change is kept.

Nobody changes an own account, and one security administrator who may sign in always stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, any_, literal, select

from weathermap.amend.history import ACCOUNT, Changed, record
from weathermap.errors import Refused
from weathermap.people.access_log import note
from weathermap.people.accounts import Account, check_account, create_account, find_account, invite
from weathermap.people.binding import Bound
from weathermap.people.sessions import end_sessions
from weathermap.store import people_tables as t
from weathermap.store import tables as s

SECURITY = "security_admin"


def create(
    connection: Connection, by: Account, login: str, name: str, roles: Iterable[str], bound: Bound, address: str = ""
) -> str:
    """Make an account; the secret of the link through which its owner sets the password. Raises Refused."""
    ids = (bound.city_id, bound.unit_id, bound.person_id)
    made = create_account(connection, login, name or bound.name, roles, *ids, area=bound.area)
    account = find_account(connection, login)
    _keep(connection, by, account.login, None, account)
    note(connection, by, "create account", account.login, address)
    return invite(connection, made)


def change(
    connection: Connection, by: Account, login: str, name: str, roles: Iterable[str], bound: Bound, address: str = ""
) -> Account:
    """Another name, other roles or bindings; sessions of the account end. Raises UnknownName, Refused."""
    before = _other(connection, by, login)
    chosen = sorted(set(roles))
    check_account(before.login, chosen, bound.city_id, bound.unit_id)
    _keep_one(connection, before, stays=SECURITY in chosen and not before.disabled)
    ids = {"city_id": bound.city_id, "unit_id": bound.unit_id, "person_id": bound.person_id, "area": bound.area}
    values = {"name": name.strip()[:60] or before.name, "roles": chosen, **ids}
    return _write(connection, by, before, values, "change account", address)


def set_access(connection: Connection, by: Account, login: str, disabled: bool, address: str = "") -> Account:
    """Let an account sign in or not; sessions end. Letting in takes a lock after wrong passwords away."""
    before = _other(connection, by, login)
    _keep_one(connection, before, stays=not disabled)
    values: dict[str, Any] = {"disabled": disabled} | ({} if disabled else {"failed": 0, "locked_until": None})
    return _write(connection, by, before, values, "lock account" if disabled else "unlock account", address)


def reset(connection: Connection, by: Account, login: str, address: str = "") -> str:
    """The secret of a new link to set the password; older links, and all sessions, end."""
    account = _other(connection, by, login)
    end_sessions(connection, account.account_id)
    note(connection, by, "reset password", account.login, address)
    return invite(connection, account.account_id)


def _other(connection: Connection, by: Account, login: str) -> Account:
    found = find_account(connection, login)
    if found.account_id == by.account_id:
        raise Refused(
            "Nobody changes the own account.",
            "Ask another security administrator.",
            "不能修改自己的账号。请另一位安全管理员来改。",
        )
    return found


def _keep_one(connection: Connection, account: Account, stays: bool) -> None:
    """Raises Refused when no security administrator would be left who may sign in."""
    if stays or SECURITY not in account.roles:
        return
    a = t.account.c
    of_them = literal(SECURITY) == any_(a.roles)
    others = select(a.account_id).where(of_them, ~a.disabled, a.account_id != account.account_id)
    if connection.execute(others.limit(1)).first() is None:
        raise Refused(
            "This is the last security administrator.",
            "Make another one first.",
            "这是最后一位安全管理员。请先设另一位。",
        )


def _write(
    connection: Connection, by: Account, before: Account, values: dict[str, Any], what: str, address: str
) -> Account:
    connection.execute(t.account.update().where(t.account.c.account_id == before.account_id).values(values))
    after = find_account(connection, before.login)
    _keep(connection, by, before.login, before, after)
    note(connection, by, what, before.login, address)
    end_sessions(connection, before.account_id)
    return after


def _keep(connection: Connection, by: Account, login: str, before: Account | None, after: Account) -> None:
    old, new = (None if each is None else _told(connection, each) for each in (before, after))
    record(connection, by, [Changed(ACCOUNT, login, old, new, datetime.now(UTC).date())], after.city_id, None)


def _told(connection: Connection, account: Account) -> dict[str, Any]:
    """What is kept of an account: by codes, and nothing of its password."""
    pairs = ((s.unit, "unit_id", account.unit_id), (s.person, "person_id", account.person_id))
    codes = [
        connection.execute(select(table.c.code).where(table.c[key] == held)).scalar() for table, key, held in pairs
    ]
    return {
        "name": account.name,
        "roles": " ".join(account.roles),
        "unit": codes[0] or "",
        "person": codes[1] or "",
        "area": account.area,
        "disabled": "1" if account.disabled else "0",
    }
