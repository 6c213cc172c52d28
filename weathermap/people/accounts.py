"""Accounts: who may sign in, as what, for which unit. The caller owns the transaction.

Passwords are kept as Argon2id (RFC 9106) by argon2-cffi's defaults. Five wrong ones in a row lock the account for a
quarter of an hour. A password is set by its owner alone, through a link that is good once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, func, select

from weathermap.errors import Refused, UnknownName
from weathermap.people.roles import ADMINISTRATORS, OF_A_UNIT, ROLES
from weathermap.store import people_tables as t

WRONG = 5  # passwords in a row
LOCK = timedelta(minutes=15)
LINK = timedelta(hours=24)
SHORTEST, LONGEST = 10, 200  # characters of a password

hasher = PasswordHasher()
NOBODYS = hasher.hash(secrets.token_hex())  # an unknown login takes as long to refuse as a wrong password


@dataclass(frozen=True)
class Account:
    """Who is signed in, or could."""

    account_id: int
    login: str
    name: str
    city_id: int | None
    roles: tuple[str, ...]
    unit_id: int | None
    person_id: int | None
    disabled: bool = False
    locked_until: datetime | None = None
    area: str = ""  # LEVEL:CODE that it is bound to, '': the whole city

    @property
    def locked(self) -> bool:
        return self.locked_until is not None and self.locked_until > datetime.now(UTC)


def create_account(
    connection: Connection,
    login: str,
    name: str,
    roles: Iterable[str],
    city_id: int | None = None,
    unit_id: int | None = None,
    person_id: int | None = None,
    password: str | None = None,
    area: str = "",
) -> int:
    """A new account's id. Raises Refused for a login that is taken or roles that do not go together."""
    chosen = sorted(set(roles))
    check_account(login, chosen, city_id, unit_id)
    a = t.account
    if connection.execute(select(a.c.account_id).where(a.c.login == login.lower())).first():
        raise Refused(
            f"There is an account {login!r} already.", "Choose another login.", f"账号 {login} 已存在，请换一个。"
        )
    row = {
        "login": login.lower(),
        "name": name or login,
        "city_id": city_id,
        "roles": chosen,
        "unit_id": unit_id,
        "person_id": person_id,
        "password": None if password is None else hasher.hash(password),
        "created_at": datetime.now(UTC),
        "area": area,
    }
    return int(connection.execute(a.insert().values(row).returning(a.c.account_id)).scalar_one())


def check_account(login: str, roles: list[str], city_id: int | None, unit_id: int | None) -> None:
    """Raises Refused for a login or roles that do not do."""
    if not login or len(login) > 60 or not login.isprintable() or any(c.isspace() for c in login):
        raise Refused(
            f"{login!r} is no login.",
            "Write up to 60 letters or digits without a blank.",
            f"账号 {login} 不能用：最多 60 个字母或数字，不含空格。",
        )
    for role in set(roles) - ROLES.keys():
        raise Refused(f"There is no role {role!r}.", f"Roles: {', '.join(ROLES)}.")
    if not roles:
        raise Refused("An account needs a role.", f"Roles: {', '.join(ROLES)}.", "账号须有一个角色。")
    if len(roles) > 1 and ADMINISTRATORS & set(roles):
        raise Refused(
            "An administrator holds no other role.",
            "Give each of the three an account of its own.",
            "管理员不能兼任其他角色；三员各用各的账号。",
        )
    if city_id is None and not set(roles) <= ADMINISTRATORS:
        raise Refused(f"{login!r} works for a city.", "Name it with --city.", f"账号 {login} 须属于一个城市。")
    if unit_id is None and OF_A_UNIT & set(roles):
        raise Refused(f"{login!r} acts for a unit.", "Name it with --unit.", f"账号 {login} 代表单位办事，须选定单位。")


def find_account(connection: Connection, login: str) -> Account:
    """Raises UnknownName."""
    row = connection.execute(select(t.account).where(t.account.c.login == login.strip().lower())).first()
    if row is None:
        raise UnknownName(
            f"There is no account {login!r}.", "`weathermap account list` shows all.", f"没有账号 {login}。"
        )
    return account_of(row)


def account_by_id(connection: Connection, account_id: int) -> Account | None:
    """The account with this number, if it is still there."""
    row = connection.execute(select(t.account).where(t.account.c.account_id == account_id)).one_or_none()
    return None if row is None else account_of(row)


def list_accounts(connection: Connection) -> list[Account]:
    """All, by login."""
    return [account_of(row) for row in connection.execute(select(t.account).order_by(t.account.c.login))]


def set_disabled(connection: Connection, account_id: int, disabled: bool) -> None:
    connection.execute(t.account.update().where(t.account.c.account_id == account_id).values(disabled=disabled))


def account_of(row: object) -> Account:
    """From a row of `account`."""
    r = row._mapping  # type: ignore[attr-defined]
    found = {name: r[name] for name in Account.__dataclass_fields__}
    return Account(**{**found, "roles": tuple(r["roles"])})


def sign_in(connection: Connection, login: str, password: str) -> Account:
    """The account of a login with its password. Raises Refused: the same words whether login or password is wrong.

    The count of wrong passwords is written even so: the caller commits before it lets the error out.
    """
    row = connection.execute(
        select(t.account).where(t.account.c.login == login.strip().lower()).with_for_update()
    ).first()
    known = row is not None and row.password is not None and not row.disabled
    if row is not None and row.locked_until is not None and row.locked_until > datetime.now(UTC):
        raise Refused(
            "This account is locked after wrong passwords.",
            "Wait a quarter of an hour, or ask the office.",
            "密码多次输错，账号已锁定。请一刻钟后再试，或找管理员。",
        )
    if not _fits(row.password if row is not None and known else NOBODYS, password) or row is None or not known:
        if row is not None:
            _count_wrong(connection, row.account_id, row.failed + 1)
        raise Refused(
            "Login or password is wrong.",
            "Check both; after five wrong passwords the account is locked.",
            "账号或密码不对。连续输错五次，账号会锁定。",
        )
    fresh = {"failed": 0, "locked_until": None}
    if hasher.check_needs_rehash(row.password):
        fresh["password"] = hasher.hash(password)  # type: ignore[assignment]
    connection.execute(t.account.update().where(t.account.c.account_id == row.account_id).values(fresh))
    return account_of(row)


def _fits(kept: str, password: str) -> bool:
    try:
        return hasher.verify(kept, password[:LONGEST])
    except (VerifyMismatchError, InvalidHashError):
        return False


def _count_wrong(connection: Connection, account_id: int, failed: int) -> None:
    locked = datetime.now(UTC) + LOCK if failed >= WRONG else None
    values = {"failed": 0 if locked else failed, "locked_until": locked}
    connection.execute(t.account.update().where(t.account.c.account_id == account_id).values(values))


def invite(connection: Connection, account_id: int) -> str:
    """The secret of a link through which the account's owner sets a password; older links end."""
    i = t.invitation
    connection.execute(i.delete().where(i.c.account_id == account_id))
    secret = secrets.token_urlsafe(24)
    row = {"token": digest(secret), "account_id": account_id, "until": datetime.now(UTC) + LINK}
    connection.execute(i.insert().values(row))
    return secret


def invited(connection: Connection, secret: str) -> Account:
    """Whose link it is. Raises UnknownName for one that is unknown, used or too old."""
    i = t.invitation.c
    asked = select(t.account).join(t.invitation, i.account_id == t.account.c.account_id)
    row = connection.execute(asked.where(i.token == digest(secret), i.until > func.now())).first()
    if row is None:
        raise UnknownName(
            "This link is no longer good.", "Ask the administrator for another.", "这个链接已失效。请向管理员再要一个。"
        )
    return account_of(row)


def accept(connection: Connection, secret: str, password: str) -> Account:
    """Set the password through the link, which is used up. Raises UnknownName, Refused for a weak password."""
    account = invited(connection, secret)
    _check_password(password, account)
    values = {"password": hasher.hash(password), "failed": 0, "locked_until": None}
    connection.execute(t.account.update().where(t.account.c.account_id == account.account_id).values(values))
    connection.execute(t.invitation.delete().where(t.invitation.c.account_id == account.account_id))
    connection.execute(t.session.delete().where(t.session.c.account_id == account.account_id))
    return account


def _check_password(password: str, account: Account) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(
            f"A password has {SHORTEST} to {LONGEST} characters.",
            "A sentence is easy to keep in mind.",
            f"密码须有 {SHORTEST} 至 {LONGEST} 个字符；一句话最好记。",
        )
    if len(set(password)) < 5 or account.login in password.lower():
        raise Refused(
            "This password is easily guessed.",
            "Take one without the login and without long repetitions.",
            "这个密码容易被猜到；请不要含账号，不要多次重复同一个字符。",
        )


def digest(secret: str) -> bytes:
    """What the store keeps of a secret: 128 random bits and more need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
