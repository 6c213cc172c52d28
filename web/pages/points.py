"""The inspectors' page: all declared points as list and map."""

from __future__ import annotations

from flask import Blueprint, Response

from web.pages.built import built_page

points_page = Blueprint("points_page", __name__)


@points_page.get("/points")
def page() -> Response:
    """The points."""
    titles = {"zh": "点位 · 文明天气图", "en": "Points · Civilization Weather Map"}
    return built_page("src/points/main.ts", titles, "light", "/api/v1/points")
