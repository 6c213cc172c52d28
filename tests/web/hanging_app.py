"""A WSGI app with a stream that never ends, for the tests of the server's process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from flask import Flask, Response

from web.serve import die_with_parent


def application() -> Flask:
    die_with_parent()
    app = Flask("hanging")

    @app.get("/healthz")
    def healthz() -> str:
        return str(os.getpid())

    @app.get("/stream")
    def stream() -> Response:
        def events() -> Iterator[bytes]:
            while True:
                yield b"event: tick\ndata: {}\n\n"
                time.sleep(15)

        return Response(events(), mimetype="text/event-stream")

    return app
