"""/street: the inspectors' installable page, the worker that serves it without signal, its manifest and icons.

The page holds nothing of the store, so it needs no sign-in: it must open in flight mode. What it asks for does.
"""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, send_file

from weathermap.errors import UnknownName
from web.pages.built import build, built_page, files_of

street_pages = Blueprint("street_pages", __name__, url_prefix="/street")
ENTRY = "src/street/main.ts"
ICONS = (192, 512)
SHELLS = ("/street", "/street?lang=en")


@street_pages.get("")
def page() -> Response:
    """The page."""
    titles = {"zh": "督查随行 · 文明天气图", "en": "Street · Civilization Weather Map"}
    return built_page(ENTRY, titles, "light", "/api/v1/street", manifest="/street/manifest.webmanifest")


@street_pages.get("/sw.js")
def worker() -> Response:
    """The worker of this build."""
    files = [f"/static/{name}" for name in files_of(ENTRY)]
    text = render_template("street/sw.js", build=build(), shells=SHELLS, files=files)
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/street"}
    return Response(text, mimetype="text/javascript", headers=headers)


@street_pages.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone needs to install the page."""
    icons = [
        {"src": f"/street/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in ICONS
        for purpose in ("any", "maskable")
    ]
    content = {
        "id": "/street",
        "name": "督查随行 · 文明天气图",
        "short_name": "督查随行",
        "lang": "zh-CN",
        "start_url": "/street",
        "scope": "/street",
        "display": "standalone",
        "background_color": "#FFFFFF",
        "theme_color": "#FFFFFF",
        "icons": icons,
    }
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/manifest+json")


@street_pages.get("/icon-<int:size>.png")
def icon(size: int) -> Response:
    """The icon. Raises UnknownName for a size that there is not."""
    if size not in ICONS:
        raise UnknownName(f"There is no icon of {size} pixels.", f"Sizes: {', '.join(map(str, ICONS))}.")
    return send_file(Path(current_app.root_path) / "icons" / f"street-{size}.png", max_age=86_400)
