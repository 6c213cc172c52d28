"""The wall: one page, all of it drawn by the script that Vite built; the page itself reads nothing from the store."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.exceptions import ServiceUnavailable

wall = Blueprint("wall", __name__)
ENTRY = "src/main.ts"
FONTS = "src/fonts.css"
WORKER = "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs"
LANGUAGES = {"zh": "zh-CN", "en": "en"}
# No outside host is ever called, and the browser holds us to it. MapLibre's worker is a file of our own.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)


@wall.get("/")
def page() -> Response:
    """The page in the language asked for (?lang=zh|en); any other value gives Chinese."""
    lang = request.args.get("lang", "zh")
    lang = lang if lang in LANGUAGES else "zh"
    html = render_template("wall.html", lang=lang, html_lang=LANGUAGES[lang], assets=assets())
    return Response(html, headers={"Cache-Control": "no-cache", "Content-Security-Policy": POLICY})


def assets() -> dict[str, Any]:
    """Script, preloads and styles of the built page. Raises ServiceUnavailable when it was never built."""
    manifest = Path(current_app.static_folder or "") / "manifest.json"
    try:
        return _assets(manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError as error:
        raise ServiceUnavailable(
            "The page is not built. Run `npm --prefix web/ui run build`, or `make run`."
        ) from error


@lru_cache(maxsize=4)
def _assets(manifest: Path, _changed: int) -> dict[str, Any]:
    chunks = json.loads(manifest.read_text())
    seen: list[str] = []

    def follow(name: str) -> None:
        if name not in seen:
            seen.append(name)
            for other in chunks[name].get("imports", ()):
                follow(other)

    follow(ENTRY)
    return {
        "script": chunks[ENTRY]["file"],
        "worker": chunks[WORKER]["file"],
        "preloads": [chunks[name]["file"] for name in seen[1:]],
        "styles": [*(css for name in seen for css in chunks[name].get("css", ())), chunks[FONTS]["file"]],
    }
