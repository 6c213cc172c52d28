"""The commander's brief: one phone screen, and a picture of it to share."""

from __future__ import annotations

from flask import Blueprint, Response

from web.pages.built import built_page

brief_page = Blueprint("brief_page", __name__)


@brief_page.get("/brief")
def page() -> Response:
    """The brief; ?area=LEVEL:CODE for one town."""
    titles = {"zh": "简报 · 文明天气图", "en": "Brief · Civilization Weather Map"}
    return built_page("src/brief/main.ts", titles, "light", "/api/v1/weather")
