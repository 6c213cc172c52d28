"""What goes out to the walls: one LISTEN a process, each frame made and encoded once, each wall served from the loop.

The id of an event is the fold id. Who comes back with the last one it heard gets what it missed, or a `reset`.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import select
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import psycopg2
from granian.rsgi import ProtocolClosed
from sqlalchemy import Connection, Engine, func
from sqlalchemy import select as sql_select
from sqlalchemy.exc import DBAPIError

from weathermap.errors import WeathermapError
from weathermap.store import tables as t
from weathermap.store.replica import behind_s
from weathermap.tally.post import CHANNEL
from web.api.query import iso
from web.context import Context
from web.frames import Frames, written

TICK_S = 5.0  # a wall hears something at least this often: below the age at which it calls its data old
REFRESH_S = 60.0  # windows slide even when nothing happens: all towns anew
LOOK_S = 2.0  # the fold log is looked at this often without being called
POLL_S = 0.2  # the fold log is looked at so often on a replica, where nobody can LISTEN
LIFE_S = 6 * 3_600.0  # then a stream ends and its wall opens another: nothing is held for a wall that froze long ago
LONG_AGO_S = 86_400.0  # the age of what a replica shows that does not know how far it is behind
KEPT = 500  # frames kept for walls that come back

Send = Callable[[bytes], Awaitable[None]]
log = logging.getLogger(__name__)


def encode(event: str, data: object, fold: int | None = None) -> bytes:
    """One server-sent event; data that is text goes as it is."""
    head = "" if fold is None else f"id: {fold}\n"
    return f"{head}event: {event}\ndata: {data if isinstance(data, str) else written(data)}\n\n".encode()


@dataclass(eq=False)
class Channel:
    """The frames of one city: (fold id, encoded), oldest first; `serial` counts all there ever were."""

    frames: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=KEPT))
    serial: int = 0
    fold: int = 0
    spoke: float = 0.0  # monotonic
    walls: set[Send] = field(default_factory=set)
    made: Frames = field(default_factory=Frames)

    def since(self, serial: int) -> list[bytes]:
        """All frames after number `serial`; a reset where they are no longer kept."""
        missed = self.serial - serial
        if missed > len(self.frames):
            return [encode("reset", {"fold": self.fold}, self.fold)]
        return [frame for _, frame in islice(reversed(self.frames), missed)][::-1]

    def keep(self, fold: int, frame: bytes) -> None:
        self.frames.append((fold, frame))
        self.serial, self.fold = self.serial + 1, fold

    def say(self, event: bytes) -> None:
        """In the loop: to every wall. Granian takes the bytes at once, so that a slow wall holds up no other."""
        self.spoke = time.monotonic()
        for send in list(self.walls):
            try:
                send(event)
            except ProtocolClosed:
                self.walls.discard(send)


class Hub:
    """Reads the fold log once for all walls of this process."""

    def __init__(self, held: Context, connect: Callable[[], Engine]) -> None:
        self._context = held
        self._connect = connect
        self._lock = threading.Lock()
        self._channels: dict[str, Channel] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beat: asyncio.Task[None] | None = None
        self._seen = 0
        self._checked = time.monotonic()  # when the store last answered
        self.lost = False  # the store does not answer

    @property
    def checked(self) -> datetime:
        """Up to when the numbers sent are known to be all there is, by the clock as it stands now."""
        return datetime.fromtimestamp(time.time() - (time.monotonic() - self._checked), UTC)

    def subscribe(self, code: str, hello: dict[str, object], opening: bytes, last: str | None) -> Subscription:
        """A wall of a city: what to say first, and from where it goes on. The first wall starts the listener."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="fold-listener", daemon=True)
                with self._context.connect() as connection:
                    behind = behind_s(connection) or 0.0
                    self._seen = connection.execute(sql_select(func.max(t.fold_log.c.fold_id))).scalar_one() or 0
                self._checked = time.monotonic() - min(behind, LONG_AGO_S)
                self._thread.start()
            channel = self._channels.setdefault(code, Channel(fold=self._seen))
            said = opening + encode("hello", {"fold": channel.fold, "data_at": iso(self.checked), **hello})
            if last is not None and last.isdigit() and int(last) != channel.fold:
                kept = channel.frames
                if kept and kept[0][0] <= int(last) < channel.fold:
                    said += b"".join(frame for fold, frame in kept if fold > int(last))
                else:
                    said += encode("reset", {"fold": channel.fold}, channel.fold)
            return Subscription(self, channel, said)

    def attach(self) -> None:
        """In the loop: frames go out from it from now on, and it ticks."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self._beat = loop.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S / 2)
            tick = encode("tick", {"at": iso(self.checked), "now": iso(datetime.now(UTC)), "lost": self.lost})
            for channel in list(self._channels.values()):
                if time.monotonic() - channel.spoke > TICK_S * 0.75:
                    channel.say(tick)

    def _listen(self) -> None:
        pause = 1.0
        while True:
            started = time.monotonic()
            try:
                self._follow()
            except Exception as error:  # whatever it was, the walls are told and it is tried again
                self.lost = True
                known = isinstance(error, psycopg2.Error | DBAPIError | WeathermapError | OSError)
                log.warning("the fold log cannot be followed", extra={"error": str(error).strip()}, exc_info=not known)
                pause = 1.0 if time.monotonic() - started > 30 else min(pause * 2, 10.0)
                time.sleep(pause)

    def _follow(self) -> None:
        """On one connection of its own: what it hears, what it reads and what frames are made of."""
        engine = self._connect().execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            try:
                self._hear(connection)
            finally:
                connection.invalidate()  # left only when it failed

    def _hear(self, connection: Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        refreshed = time.monotonic()
        cursor = raw.cursor()
        replica = behind_s(connection) is not None
        if not replica:
            cursor.execute(f"LISTEN {CHANNEL}")
        while True:
            looked = time.monotonic()
            behind = behind_s(connection) if replica else 0.0  # asked before the numbers are read: these are newer
            if behind is None:
                return  # it was made a primary: there it can listen
            raw.notifies.clear()
            cursor.execute(
                "SELECT fold_id, city_id, subjects FROM fold_log WHERE fold_id > %s ORDER BY fold_id", (self._seen,)
            )
            rows = cursor.fetchall()
            due = looked - refreshed > REFRESH_S
            if rows or due:
                self._publish(connection, rows, due)
                refreshed = looked if due else refreshed
            self.lost, self._checked = False, max(self._checked, looked - behind)
            if self._outdated(connection):
                refreshed = -math.inf
            elif replica:
                time.sleep(POLL_S)
            elif not raw.notifies:  # none came along with an answer
                select.select([raw], [], [], LOOK_S)
                raw.poll()

    def _outdated(self, connection: Connection) -> bool:
        """Whether a pack was loaded since a frame was made. Asked after a frame is out, so that none waits for it."""
        made = [(code, channel.made.catalog) for code, channel in list(self._channels.items())]
        return any(last is not None and last is not self._context.catalog(connection, code) for code, last in made)

    def _publish(self, connection: Connection, rows: list[tuple[int, int, list[int]]], everyone: bool) -> None:
        seen = max([self._seen, *(row[0] for row in rows)])
        for code, channel in list(self._channels.items()):
            catalog = self._context.catalog(connection, code, 2 * LOOK_S)
            mine = [row for row in rows if row[1] == catalog.city_id]
            if not mine and not everyone:
                continue
            if any(not subjects for _, _, subjects in mine):
                frame = encode("reset", {"fold": seen}, seen)
            else:
                frame = encode("weather", channel.made.frame(connection, catalog, seen), seen)
            if self._loop is None:
                self._send(channel, seen, frame)
            else:
                self._loop.call_soon_threadsafe(self._send, channel, seen, frame)
        self._seen = seen  # only now: what failed half-way is read again

    def _send(self, channel: Channel, fold: int, frame: bytes) -> None:
        with self._lock:
            channel.keep(fold, frame)
        channel.say(frame)


class Subscription:
    """One wall's body. Served from the loop it goes on; iterated by a plain WSGI server it says what there is and ends,
    and the wall comes back after its `retry`."""

    def __init__(self, hub: Hub, channel: Channel, opening: bytes) -> None:
        self._hub, self._channel, self._serial, self._opening = hub, channel, channel.serial, opening

    def __iter__(self) -> Iterator[bytes]:
        yield self._opening

    async def serve(self, send: Send, gone: Awaitable[None]) -> None:
        """In the loop: say all there is from now on, until the wall is gone or its time is over."""
        self._hub.attach()
        channel = self._channel
        for event in (self._opening, *channel.since(self._serial)):
            await send(event)
        channel.walls.add(send)
        try:
            await asyncio.wait_for(gone, LIFE_S * random.uniform(0.75, 1))
        except TimeoutError:
            log.debug("a wall's time is over: it comes back by itself")
        finally:
            channel.walls.discard(send)
