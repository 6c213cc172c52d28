"""The citizens' page: totals and weather only; a plain page that says why where the map is not public."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from weathermap.errors import NotPublished, UnknownName
from web.api.public import published
from web.context import context
from web.pages.built import LANGUAGES, built_page
from web.snap.asking import snap_city

public_page = Blueprint("public_page", __name__)


@public_page.get("/public")
def page() -> Response:
    """The page of a city with a review number; else 403 with a page that explains, 404 for a city that is not here."""
    lang = request.args.get("lang", "zh")
    lang = lang if lang in LANGUAGES else "zh"
    try:
        with context().connect() as connection:
            city = published(connection, request.args.get("city") or None)
    except (NotPublished, UnknownName) as error:
        status = 403 if isinstance(error, NotPublished) else 404
        html = render_template(
            "closed.html", lang=lang, html_lang=LANGUAGES[lang], unknown=status == 404, snap=_takes_snaps()
        )
        return Response(html, status, headers={"Cache-Control": "no-cache"})
    titles = {"zh": f"{city.name}文明天气", "en": f"{city.name_en or city.name} Civilization Weather"}
    return built_page("src/public/main.ts", titles, "light", "/api/v1/public/weather")


def _takes_snaps() -> bool:
    """Whether citizens may report here though the map is closed."""
    with context().connect() as connection:
        try:
            snap_city(connection, request.args.get("city") or None)
        except UnknownName:
            return False
    return True
