"""The link of a task, and its QR picture."""

from __future__ import annotations

import segno
from flask import current_app, request
from markupsafe import Markup

from weathermap.settings import Settings


def link_of(secret: str) -> str:
    """The address as the browser that asks reaches this server."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    scheme = "https" if settings.https or request.is_secure else "http"
    return f"{scheme}://{request.host}/task/{secret}"


def picture_of(link: str) -> Markup:
    """An SVG, drawn here."""
    return Markup(
        segno.make(link, error="m").svg_inline(scale=5, border=3, omitsize=True, dark="#14191c", light="#fff")
    )
