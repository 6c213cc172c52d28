"""An app with a stream that never ends, for the tests of the server's process."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator

from flask import Flask, Response

from web.bridge import Bridge
from web.serve import die_with_parent


class Ticks:
    """A body for the loop; a WSGI server gets one tick."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"event: tick\ndata: {}\n\n"

    async def serve(self, send: Callable[[bytes], Awaitable[None]], gone: Awaitable[None]) -> None:
        await send(b"event: tick\ndata: {}\n\n")
        await gone


def application() -> Bridge:
    die_with_parent()
    app = Flask("hanging")

    @app.get("/healthz")
    def healthz() -> str:
        return str(os.getpid())

    @app.get("/stream")
    def stream() -> Response:
        return Response(Ticks(), mimetype="text/event-stream", direct_passthrough=True)

    return Bridge(app)
