"""Every request has an id, taken from X-Request-Id or made, sent back, and written with each line that it logs."""

from __future__ import annotations

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

from weathermap.work.logs import request_id

log = logging.getLogger("web.request")
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")
SECRET = re.compile(r"^(/(?:begin|task|snap/t)/)[^/?]+")  # links that let in whoever holds them stand in no log
QUIET = frozenset({"/healthz", "/readyz"})  # asked for all day by whoever watches over the server


def log_requests(app: Flask) -> None:
    """Install the hooks on `app`."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def _begin() -> None:
    g.started = time.perf_counter()
    asked = request.headers.get("X-Request-Id", "")
    g.request_id = asked if ACCEPTED.fullmatch(asked) else uuid.uuid4().hex[:16]
    request_id.set(g.request_id)


def _end(response: Response) -> Response:
    """Logs when the answer's head is ready: for a stream that is its beginning."""
    response.headers["X-Request-Id"] = g.request_id
    log.log(
        logging.DEBUG if request.path in QUIET else logging.INFO,
        "request",
        extra={
            "method": request.method,
            "path": SECRET.sub(r"\1…", request.full_path if request.query_string else request.path),
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.started) * 1000, 2),
        },
    )
    return response


def _forget(_: BaseException | None) -> None:
    request_id.set(None)
