"""GET /api/v1/stream: what changed, as server-sent events. One LISTEN a process; each frame is made and encoded once.

The id of an event is the fold id. A client that comes back with Last-Event-ID gets what it missed, or a `reset`.
"""

from __future__ import annotations

import json
import logging
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version as version_of

import psycopg2
from flask import Blueprint, Response, request, stream_with_context
from sqlalchemy import func
from sqlalchemy import select as sql_select

from weathermap.errors import WeathermapError
from weathermap.store import tables as t
from weathermap.tally.post import CHANNEL
from web.api.query import iso
from web.context import Context, context
from web.frames import city_frame

stream_api = Blueprint("stream_api", __name__, url_prefix="/api/v1")
TICK_S = 15.0  # a client hears something at least this often
REFRESH_S = 60.0  # windows slide even when nothing happens: all towns anew
KEPT = 500  # frames kept for clients that come back
RETRY_MS = 2_000

log = logging.getLogger(__name__)


def encode(event: str, data: object, fold: int | None = None) -> bytes:
    """One server-sent event."""
    head = "" if fold is None else f"id: {fold}\n"
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


@dataclass
class Channel:
    """The frames of one city: (serial, fold id, encoded), oldest first."""

    frames: deque[tuple[int, int, bytes]] = field(default_factory=lambda: deque(maxlen=KEPT))
    serial: int = 0
    fold: int = 0


class Hub:
    """Reads the fold log once for all clients of this process."""

    def __init__(self, held: Context, connect: Callable[[], psycopg2.extensions.connection]) -> None:
        self._context = held
        self._connect = connect
        self._changed = threading.Condition()
        self._channels: dict[str, Channel] = {}
        self._thread: threading.Thread | None = None
        self._seen = 0
        self.lost = False  # the store does not answer
        self.checked = time.time()  # when it last did

    def join(self, code: str) -> Channel:
        """The channel of a city; the first client starts the listener."""
        with self._changed:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="fold-listener", daemon=True)
                with self._context.connect() as connection:
                    self._seen = connection.execute(sql_select(func.max(t.fold_log.c.fold_id))).scalar_one() or 0
                self._thread.start()
            return self._channels.setdefault(code, Channel(fold=self._seen))

    def wait(self, channel: Channel, serial: int, seconds: float) -> list[tuple[int, int, bytes]]:
        """Frames after `serial`, waiting up to `seconds` for one."""
        with self._changed:
            if channel.serial <= serial:
                self._changed.wait(seconds)
            return [frame for frame in channel.frames if frame[0] > serial]

    def _listen(self) -> None:
        pause = 1.0
        while True:
            try:
                self._follow(self._connect())
            except (psycopg2.Error, WeathermapError, OSError) as error:
                self.lost = True
                log.warning("the fold log cannot be followed", extra={"error": str(error).strip()})
                time.sleep(pause)
                pause = min(pause * 2, 10.0)

    def _follow(self, connection: psycopg2.extensions.connection) -> None:
        connection.set_session(autocommit=True)
        refreshed = time.monotonic()
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
            while True:
                cursor.execute(
                    "SELECT fold_id, city_id, subjects FROM fold_log WHERE fold_id > %s ORDER BY fold_id", (self._seen,)
                )
                rows = cursor.fetchall()
                self.lost, self.checked = False, time.time()
                due = time.monotonic() - refreshed > REFRESH_S
                if rows or due:
                    self._publish(rows, due)
                    refreshed = time.monotonic() if due else refreshed
                select.select([connection], [], [], 2.0)
                connection.poll()
                connection.notifies.clear()

    def _publish(self, rows: list[tuple[int, int, list[int]]], everyone: bool) -> None:
        self._seen = max([self._seen, *(row[0] for row in rows)])
        for code, channel in list(self._channels.items()):
            with self._context.connect() as connection:
                catalog = self._context.catalog(connection, code)
                mine = [row for row in rows if row[1] == catalog.city_id]
                if not mine and not everyone:
                    continue
                if any(not subjects for _, _, subjects in mine):
                    frame = encode("reset", {"fold": self._seen}, self._seen)
                else:
                    changed = {subject for _, _, subjects in mine for subject in subjects}
                    frame = encode("weather", city_frame(connection, catalog, changed, self._seen), self._seen)
            with self._changed:
                channel.serial += 1
                channel.fold = self._seen
                channel.frames.append((channel.serial, self._seen, frame))
                self._changed.notify_all()


@stream_api.get("/stream")
def stream() -> Response:
    """Server-sent events: hello, weather, reset, tick."""
    from flask import current_app

    hub: Hub = current_app.extensions["weathermap_hub"]
    with context().connect() as connection:
        catalog = context().catalog(connection, request.args.get("city") or None)
    channel = hub.join(catalog.code)
    hello = {
        "fold": channel.fold,
        "at": iso(datetime.now(UTC)),
        "version": version_of("weathermap"),
        "boundary_version": catalog.versions[-1][0],
        "pack_version": catalog.pack_version,
    }
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    body = stream_with_context(_events(hub, channel, hello, request.headers.get("Last-Event-ID")))
    return Response(body, mimetype="text/event-stream", headers=headers)


def _events(hub: Hub, channel: Channel, hello: dict[str, object], last: str | None) -> Iterator[bytes]:
    serial = channel.serial
    yield f"retry: {RETRY_MS}\n".encode() + encode("hello", hello)
    if last is not None and last.isdigit() and int(last) != channel.fold:
        kept = list(channel.frames)
        if kept and kept[0][1] <= int(last) < channel.fold:
            yield from (frame for _, fold, frame in kept if fold > int(last))
        else:
            yield encode("reset", {"fold": channel.fold}, channel.fold)
    while True:
        frames = hub.wait(channel, serial, TICK_S)
        if frames and frames[0][0] > serial + 1:  # slower than KEPT frames: what is missing is fetched anew
            yield encode("reset", {"fold": frames[-1][1]}, frames[-1][1])
            serial = frames[-1][0]
            continue
        for serial, _, frame in frames:  # noqa: B007
            yield frame
        if not frames:
            yield encode("tick", {"at": iso(datetime.fromtimestamp(hub.checked, UTC)), "lost": hub.lost})
