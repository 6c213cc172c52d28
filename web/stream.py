"""GET /api/v1/stream: what changed in a city, as server-sent events: hello, weather, reset, tick."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, request

from web.api.query import iso
from web.context import context
from web.hub import Hub
from web.pages.built import build

stream_api = Blueprint("stream_api", __name__, url_prefix="/api/v1")
RETRY_MS = 2_000


@stream_api.get("/stream")
def stream() -> Response:
    """The city's stream; with Last-Event-ID it goes on from there."""
    hub: Hub = current_app.extensions["weathermap_hub"]
    with context().connect() as connection:
        catalog = context().catalog(connection, request.args.get("city") or None)
    hello = {
        "now": iso(datetime.now(UTC)),
        "version": build(),
        "boundary_version": catalog.versions[-1][0],
        "pack_version": catalog.pack_version,
    }
    opening = f"retry: {RETRY_MS}\n".encode()
    body = hub.subscribe(catalog.code, hello, opening, request.headers.get("Last-Event-ID"))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(body, mimetype="text/event-stream", headers=headers, direct_passthrough=True)
