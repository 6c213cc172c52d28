"""The wall: one page, all of it drawn by its script."""

from __future__ import annotations

from flask import Blueprint, Response

from web.basemap import basemap
from web.pages.built import built_page

wall = Blueprint("wall", __name__)


@wall.get("/")
def page() -> Response:
    """The wall."""
    titles = {"zh": "文明天气图", "en": "Civilization Weather Map"}
    return built_page("src/main.ts", titles, "dark", "/api/v1/weather", basemap().images)
