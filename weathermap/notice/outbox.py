"""The outbox: notices to the services that cities chose. Recorded once, sent at least once, given up visibly."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, and_, select

from weathermap.errors import NotDelivered
from weathermap.notice.message import Channel, Message, message_of
from weathermap.store import notice_tables as t
from weathermap.store.sql import query

log = logging.getLogger(__name__)
Send = Callable[[Channel, Message], None]
SPREAD = 500  # notices handed over at once
AT_ONCE, EACH = 8, 2  # sent side by side, in all and of one channel
LEASE_S = 120.0  # longer than any sending takes
FIRST_S, LONGEST_S, MOST = 5.0, 3600.0, 12  # back-off, and after how many attempts it is given up: some three hours
HELD = timedelta(minutes=1)  # for how long at most one failure holds up what else waits for its channel
PACE_S = 1.0


class Outbox:
    """Hands new notices to the channels and sends what is due. `secrets`: environment variable → value."""

    def __init__(self, engine: Engine, send: Send, secrets: Mapping[str, str], base: str) -> None:
        self.engine, self.send, self.secrets, self.base = engine, send, secrets, base

    def once(self) -> int:
        """Returns how many notices were handed over or sent, or not."""
        now = datetime.now(UTC)
        with self.engine.begin() as connection:
            spread = connection.execute(query("outbox_spread"), {"most": SPREAD, "now": now}).rowcount
        with self.engine.begin() as connection:
            asked = {"now": now, "each": EACH, "most": AT_ONCE, "lease_s": LEASE_S}
            due = connection.execute(query("outbox_claim"), asked).all()
        if due:
            with ThreadPoolExecutor(len(due)) as pool:
                list(pool.map(self._deliver, due, self._letters(due)))
        return max(spread, 0) + len(due)

    def _letters(self, due: Sequence[Any]) -> list[tuple[Channel, Message]]:
        """What goes where, for each of `due`."""
        with self.engine.connect() as connection:
            notices = {row.notice_id for row in due}
            told = {r.notice_id: r for r in connection.execute(query("notice_told"), {"notices": list(notices)})}
            chosen = select(t.channel).where(t.channel.c.channel_id.in_({row.channel_id for row in due}))
            channels = {row.channel_id: row for row in connection.execute(chosen)}
        return [
            (
                channel_of(channels[row.channel_id], row.recipient, self.secrets),
                message_of(told[row.notice_id], row.channel_id, row.recipient, self.base),
            )
            for row in due
        ]

    def _deliver(self, due: Any, letter: tuple[Channel, Message]) -> None:
        channel, message = letter
        extra = {"letter": message.id, "channel": channel.code, "attempt": due.attempts}
        values: dict[str, Any]
        try:
            self.send(channel, message)
            values = {"sent_at": datetime.now(UTC), "error": ""}
            log.info("sent", extra=extra)
        except Exception as trouble:  # whatever it was, it is counted, and ends as given up
            error = trouble if isinstance(trouble, NotDelivered) else NotDelivered(type(trouble).__name__)
            values = after_failure(datetime.now(UTC), due.attempts, error)
            log.warning("not delivered", extra={**extra, "error": error.what, "given_up": "dead_at" in values})
        o = t.outbox.c
        mine = and_(
            o.notice_id == due.notice_id,
            o.channel_id == due.channel_id,
            o.recipient == due.recipient,
            o.sent_at.is_(None),
        )
        with self.engine.begin() as connection:
            connection.execute(t.outbox.update().where(mine).values(values))
        if "next_at" in values:
            held = {"channel_id": due.channel_id, "until": min(values["next_at"], datetime.now(UTC) + HELD)}
            with self.engine.begin() as connection:
                connection.execute(query("outbox_hold"), held)


def after_failure(now: datetime, attempts: int, error: NotDelivered) -> dict[str, Any]:
    """What the outbox keeps after so many failed attempts: the next one, twice as far off each time, or the end."""
    if error.final or attempts >= MOST:
        return {"dead_at": now, "error": error.what}
    pause = min(FIRST_S * 2 ** (attempts - 1), LONGEST_S) * random.uniform(0.5, 1.5)
    return {"next_at": now + timedelta(seconds=max(pause, error.after_s)), "error": error.what}


def channel_of(row: Any, recipient: str, secrets: Mapping[str, str]) -> Channel:
    """A row of `channel` with what is secret of it."""
    name = secret_name(row.code)
    token, secret = secrets.get(f"{name}_TOKEN", ""), secrets.get(f"{name}_SECRET", "")
    return Channel(row.code, row.service, row.url, row.sender, recipient, token, secret)


def secret_name(code: str) -> str:
    """What the environment variables of a channel begin with: WEATHERMAP_CHANNEL_OFFICE for `office`."""
    return f"WEATHERMAP_CHANNEL_{code.upper().replace('-', '_')}"
