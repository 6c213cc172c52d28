"""A trial message: whether a channel works, before anyone relies on it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy import Connection

from weathermap.notice.channels import find_channel
from weathermap.notice.message import Message
from weathermap.notice.outbox import Send, channel_of
from weathermap.settings import Settings
from weathermap.store.catalog import find_city


def send_trial(connection: Connection, settings: Settings, code: str, city: str | None, send: Send) -> None:
    """Send one to each recipient of a channel. Raises UnknownName, NotDelivered."""
    found = find_city(connection, city)
    row = find_channel(connection, found.city_id, code)
    for recipient in row.recipients if row.service == "email" else [""]:
        message = Message(
            id=f"trial.{secrets.token_hex(6)}",
            kind="trial",
            title=f"【{found.name}】通知测试 Trial message",
            text=f"渠道 {code} 可以送达。 Channel {code} works.",
            link=settings.url,
            number="",
            at=datetime.now(UTC),
        )
        send(channel_of(row, recipient, settings.channel_secrets), message)
