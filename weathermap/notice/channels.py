"""Channels: where a city's notices go outside. What is secret of them stands in the environment alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from weathermap.errors import Refused, UnknownName
from weathermap.notice.kinds import KINDS
from weathermap.store import tables as t
from weathermap.store.notice_tables import channel

SERVICES = ("email", "wecom", "dingtalk", "feishu", "webhook")
ADDRESS = re.compile(r"[^@\s,<>]+@[^@\s,<>]+\.[^@\s,<>]+")


def set_channel(
    connection: Connection,
    city_id: int,
    code: str,
    service: str,
    url: str,
    sender: str = "",
    recipients: Sequence[str] = (),
    kinds: Sequence[str] = (),
    unit: str | None = None,
) -> bool:
    """Make a channel, or change the one of this code. Whether it is new. Raises Refused or UnknownName."""
    _check(code, service, url, sender, recipients, kinds)
    values: dict[str, Any] = {"service": service, "url": url, "sender": sender, "recipients": list(recipients)}
    values |= {"kinds": list(kinds), "unit_id": _unit(connection, city_id, unit), "enabled": True}
    known = connection.execute(select(channel).where(channel.c.city_id == city_id, channel.c.code == code)).first()
    made = insert(channel).values(city_id=city_id, code=code, since=datetime.now(UTC), **values)
    connection.execute(made.on_conflict_do_update(index_elements=["city_id", "code"], set_=values))
    return known is None


def remove_channel(connection: Connection, city_id: int, code: str) -> None:
    """With what waits for it. Raises UnknownName."""
    gone = connection.execute(channel.delete().where(channel.c.city_id == city_id, channel.c.code == code))
    if not gone.rowcount:
        raise UnknownName(f"There is no channel {code!r}.", "`weathermap outbox list` shows all.")


def switch_channel(connection: Connection, city_id: int, code: str, enabled: bool) -> None:
    """Off, new notices pass it by; what waits for it already goes out. Raises UnknownName."""
    find_channel(connection, city_id, code)
    chosen = channel.update().where(channel.c.city_id == city_id, channel.c.code == code)
    # on again, it is told of what happens from then on
    connection.execute(chosen.values(enabled=enabled, **({"since": datetime.now(UTC)} if enabled else {})))


def find_channel(connection: Connection, city_id: int, code: str) -> Any:
    """Raises UnknownName."""
    row = connection.execute(select(channel).where(channel.c.city_id == city_id, channel.c.code == code)).first()
    if row is None:
        raise UnknownName(f"There is no channel {code!r}.", "`weathermap outbox list` shows all.")
    return row


def _unit(connection: Connection, city_id: int, code: str | None) -> int | None:
    if code is None:
        return None
    u = t.unit.c
    found = connection.execute(select(u.unit_id).where(u.city_id == city_id, u.code == code)).scalar()
    if found is None:
        raise UnknownName(f"The city has no unit {code!r}.", "Take a code of the pack's units.csv.")
    return int(found)


def _check(code: str, service: str, url: str, sender: str, recipients: Sequence[str], kinds: Sequence[str]) -> None:
    """Raises Refused."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", code):
        raise Refused(f"A channel cannot be called {code!r}.", "Take small letters, digits and hyphens, e.g. office.")
    if service not in SERVICES:
        raise Refused(f"There is no service {service!r}.", f"Services: {', '.join(SERVICES)}.")
    parts = urlsplit(url)
    schemes = ("smtp", "smtps") if service == "email" else ("http", "https")
    if parts.scheme not in schemes or not parts.hostname:
        raise Refused(f"{url!r} is no address of {service}.", f"Write {' or '.join(f'{s}://HOST' for s in schemes)}.")
    if parts.password or parse_qsl(parts.query, keep_blank_values=True):
        remedy = "Leave it out, and set it as WEATHERMAP_CHANNEL_CODE_TOKEN or _SECRET in the worker's environment."
        raise Refused("The address holds a token or a password, which does not belong into the store.", remedy)
    for kind in kinds:
        if kind not in KINDS:
            raise Refused(f"There is no kind of notice {kind!r}.", f"Kinds: {', '.join(KINDS)}.")
    if service == "email":
        for address in (sender, *recipients):
            if not ADDRESS.fullmatch(address):
                raise Refused(f"{address!r} is no e-mail address.", "Name --from and each --to as NAME@HOST.")
        if not recipients:
            raise Refused("Nobody is to get the e-mail.", "Name at least one --to.")
