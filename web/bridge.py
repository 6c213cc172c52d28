"""From the event loop to the Flask app: a request is answered in a thread, a stream is sent from the loop.

Granian calls an RSGI application for each request. Flask answers it in one of a few threads. A body that can
serve itself (a wall's stream) then leaves its thread: a thousand walls hold none, and none waits for another.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO, Any, Protocol, TypeVar, runtime_checkable
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope

from web.bodies import Reception, Refusal

THREADS = 32  # requests answered at once; most of them wait for the store, which has fewer connections
WHOLE = 1 << 20  # bytes; a longer answer is sent piece by piece

T = TypeVar("T")
log = logging.getLogger(__name__)


@runtime_checkable
class Served(Protocol):
    """A body that sends itself from the loop until the client is gone."""

    async def serve(self, send: Callable[[bytes], Awaitable[None]], gone: Awaitable[None]) -> None: ...


@dataclass(slots=True)
class Begun:
    """An answer that goes on: its head, the first bytes, and what follows them."""

    status: int
    headers: list[tuple[str, str]]
    start: bytes
    rest: Iterator[bytes] | Served
    close: Callable[[], None] | None


class Bridge:
    """An RSGI application around a WSGI one."""

    def __init__(self, app: WSGIApplication, threads: int = THREADS) -> None:
        self._app = app
        self._reception = Reception()
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"request-{number}", daemon=True).start()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        headers = scope.headers
        body: IO[bytes] = io.BytesIO()
        length = 0
        if "content-length" in headers or "transfer-encoding" in headers:
            try:
                body, length = await self._reception.take(pieces_of(protocol), scope.path, headers)
            except Refusal as refused:
                kind, said = refused.told(scope.path, headers.get("accept", ""))
                protocol.response_str(refused.status, [("content-type", kind)], said)
                return
        try:
            begun = await self._in_thread(self._answer, scope, body, length, protocol)
        finally:
            self._reception.leave(body, length)
        if begun is None:
            return
        try:
            await self._go_on(begun, protocol)
        except ProtocolClosed:
            pass  # the client is gone
        finally:
            if begun.close:
                begun.close()

    async def _go_on(self, begun: Begun, protocol: HTTPProtocol) -> None:
        transport = protocol.response_stream(begun.status, begun.headers)
        if isinstance(begun.rest, Served):
            await begun.rest.serve(transport.send_bytes, protocol.client_disconnect())
            return
        await transport.send_bytes(begun.start)
        while piece := await self._in_thread(next, begun.rest, b""):
            await transport.send_bytes(piece)

    def _answer(self, scope: Scope, body: IO[bytes], length: int, protocol: HTTPProtocol) -> Begun | None:
        """In a thread: a short answer is sent from here, which spares it the way back through the loop."""
        head: list[Any] = [500, [("content-type", "text/plain")]]

        def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
            head[:] = [int(status[:3]), [(name.lower(), value) for name, value in headers]]
            return lambda _: None

        try:
            found = self._app(environ(scope, body, length), start)
            close = getattr(found, "close", None)
            if isinstance(found, Served):
                return Begun(head[0], head[1], b"", found, close)
            pieces = iter(found)
            first, more = begin(pieces)
            if more:
                return Begun(head[0], head[1], first, pieces, close)
            if close:
                close()
        except Exception:
            log.exception("the app failed")
            protocol.response_str(500, [("content-type", "text/plain")], "Internal Server Error\n")
            return None
        protocol.response_bytes(head[0], head[1], first)
        return None

    def _work(self) -> None:
        while True:
            self._asked.get()()

    def _in_thread(self, run: Callable[..., T], *given: object) -> asyncio.Future[T]:
        """As the loop's `run_in_executor`, at half its cost a call."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[T] = loop.create_future()

        def settle(found: T | None, error: BaseException | None) -> None:
            if told.cancelled():
                return
            if error is None:
                told.set_result(found)  # type: ignore[arg-type]
            else:
                told.set_exception(error)

        def work() -> None:
            found, error = None, None
            try:
                found = run(*given)
            except BaseException as raised:
                error = raised
            loop.call_soon_threadsafe(settle, found, error)

        self._asked.put(work)
        return told


async def pieces_of(protocol: HTTPProtocol) -> AsyncIterator[bytes]:
    """A request's body as it comes; may be left and gone on with, which a protocol may not."""
    async for piece in protocol:
        yield piece


def begin(pieces: Iterable[bytes]) -> tuple[bytes, bool]:
    """The first pieces, up to WHOLE bytes, and whether there may be more."""
    held, length = [], 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= WHOLE:
            return b"".join(held), True
    return b"".join(held), False


def environ(scope: Scope, body: IO[bytes], length: int) -> dict[str, Any]:
    """A request as WSGI has it (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    client = scope.client.rpartition(":")
    made: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope.path).decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": client[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if scope.authority:
        made["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            made[key] = value
            continue
        key = f"HTTP_{key}"
        made[key] = f"{made[key]},{value}" if key in made and key != "HTTP_HOST" else value
    if length:
        made["CONTENT_LENGTH"] = str(length)
    return made
