"""Pages that Vite built: each is one entry of the manifest; the page itself reads nothing from the store."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Literal

from flask import Response, current_app, render_template, request
from werkzeug.exceptions import ServiceUnavailable

FONTS = "src/fonts.css"
EARLY = "src/desk/early.ts"  # a plain script: it holds what is pressed before a page's own stands
WORKER = "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs"
LANGUAGES = {"zh": "zh-CN", "en": "en"}


def policy(images: str) -> str:
    """No outside host is ever called, and the browser holds us to it; but for pictures from `images`, the host of a
    basemap that a setting names. MapLibre's worker is a file of our own."""
    return "; ".join(
        (
            "default-src 'self'",
            f"img-src 'self' data: blob: {images}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )


def built_page(
    entry: str,
    titles: dict[str, str],
    scheme: Literal["dark", "light"],
    data: str,
    images: str = "",
    manifest: str = "",
) -> Response:
    """The page of an entry in the language asked for (?lang=zh|en; any other value gives Chinese).

    `data`: where its numbers are, for who runs no script. `images`: a host that pictures may come from. `manifest`: of
    a page that can be installed.
    Raises ServiceUnavailable when the page was never built.
    """
    lang = request.args.get("lang", "zh")
    lang = lang if lang in LANGUAGES else "zh"
    html = render_template(
        "page.html",
        lang=lang,
        html_lang=LANGUAGES[lang],
        title=titles[lang],
        scheme=scheme,
        data=data,
        assets=assets(entry),
        build=build(),
        manifest=manifest,
    )
    return Response(html, headers={"Cache-Control": "no-cache", "Content-Security-Policy": policy(images)})


def build() -> str:
    """What is served: the program's version and a digest of the pages. A page that was of another loads anew."""
    manifest = Path(current_app.static_folder or "") / "manifest.json"
    try:
        return _build(manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError:
        return version_of("weathermap")


@lru_cache(maxsize=4)
def _build(manifest: Path, _changed: int) -> str:
    return f"{version_of('weathermap')}-{hashlib.sha256(manifest.read_bytes()).hexdigest()[:12]}"


def assets(entry: str) -> dict[str, Any]:
    """Scripts, preloads and styles of a built page. Raises ServiceUnavailable when it was never built."""
    manifest = Path(current_app.static_folder or "") / "manifest.json"
    try:
        return _assets(manifest, manifest.stat().st_mtime_ns, entry)
    except FileNotFoundError as error:
        raise ServiceUnavailable(
            "The page is not built. Run `npm --prefix web/ui run build`, or `make run`."
        ) from error


@lru_cache(maxsize=16)
def _assets(manifest: Path, _changed: int, entry: str) -> dict[str, Any]:
    chunks = json.loads(manifest.read_text())
    seen: list[str] = []

    def follow(name: str) -> None:
        if name not in seen:
            seen.append(name)
            for other in chunks[name].get("imports", ()):
                follow(other)

    follow(entry)
    return {
        "script": chunks[entry]["file"],
        "early": chunks[EARLY]["file"],
        "worker": chunks[WORKER]["file"],
        "preloads": [chunks[name]["file"] for name in seen[1:]],
        "styles": [*(css for name in seen for css in chunks[name].get("css", ())), chunks[FONTS]["file"]],
    }


def files_of(entry: str) -> list[str]:
    """Every built file that a page may load, but fonts: those it loads as it needs them. Raises ServiceUnavailable."""
    assets(entry)
    chunks = json.loads((Path(current_app.static_folder or "") / "manifest.json").read_text())
    found: dict[str, None] = {}
    waiting, seen = [entry, WORKER, FONTS], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = chunks[name]
        found |= dict.fromkeys([chunk["file"], *chunk.get("css", ())])
        waiting += [*chunk.get("imports", ()), *chunk.get("dynamicImports", ())]
    return list(found)
