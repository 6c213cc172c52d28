"""The little map on an issue's page, as SVG: its cell, the cells and borders around, drawn by the server."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any

import shapely
from markupsafe import Markup
from sqlalchemy import Connection

from weathermap.store.catalog import Catalog
from weathermap.store.sql import query

WIDTH, HEIGHT, REACH_M = 400.0, 340.0, 170.0  # pixels; metres from the issue to the left and right edge
BEYOND = 1.1  # shapes are cut a little outside the picture, so that no cut shows
METRES = 111_320.0  # a degree of latitude


@dataclass(frozen=True)
class Frame:
    """Degrees → pixels around a point; flat, which is exact enough for 300 m."""

    lon: float
    lat: float

    @property
    def reach(self) -> tuple[float, float]:
        """Half the width and height, degrees."""
        lat = REACH_M / METRES * HEIGHT / WIDTH
        return REACH_M / METRES / math.cos(math.radians(self.lat)), lat

    def path(self, shape: Any) -> str:
        rings: list[str] = []
        for part in shapely.get_parts(shape).tolist():
            if part.geom_type != "Polygon":
                continue
            for ring in (part.exterior, *part.interiors):
                rings.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in map(self.pixel, ring.coords)) + "Z")
        return "".join(rings)

    def pixel(self, point: tuple[float, ...]) -> tuple[float, float]:
        wide, high = self.reach
        return (
            WIDTH / 2 + (point[0] - self.lon) / wide * WIDTH / 2,
            HEIGHT / 2 - (point[1] - self.lat) / high * HEIGHT / 2,
        )


CLEAR = (60, 28)  # so near to the issue's dot a name would cover it


def place_map(connection: Connection, catalog: Catalog, issue: Any, lang: str, label: str) -> Markup | None:
    """The map of an issue with a position; None without one."""
    if issue.lon is None:
        return None
    frame = Frame(issue.lon, issue.lat)
    finest, above = catalog.levels[-1], catalog.levels[-2] if len(catalog.levels) > 2 else None
    asked = {
        "issue_id": issue.issue_id,
        "version": catalog.versions[-1][0],
        "levels": [finest, *([above] if above else [])],
        "lon": frame.reach[0] * BEYOND,
        "lat": frame.reach[1] * BEYOND,
    }
    rows = connection.execute(query("issue_place"), asked).all()
    shapes = [(row, shapely.from_wkb(bytes(row.shape))) for row in rows]
    parts = [f'<svg class="place" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{escape(label)}">']
    fine = [(row, shape) for row, shape in shapes if row.level == finest]
    coarse = [(row, shape) for row, shape in shapes if row.level == above]
    point = shapely.Point(issue.lon, issue.lat)
    for _, shape in coarse:
        if shape.intersects(point):
            parts.append(f'<path class="own" d="{frame.path(shape)}"/>')
    parts += [f'<path class="cells" d="{frame.path(shape)}"/>' for _, shape in fine]
    parts += [f'<path class="cell" d="{frame.path(shape)}"/>' for row, shape in fine if row.own]
    parts += [f'<path class="border" d="{frame.path(shape)}"/>' for _, shape in coarse]
    x, y = frame.pixel((issue.lon, issue.lat))
    parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="#14191c" stroke="#fff" stroke-width="2"/>')
    parts += [_name(frame, row, shape, lang) for row, shape in coarse]
    parts.append(_scale())
    return Markup("".join(parts) + "</svg>")


def _name(frame: Frame, row: Any, shape: Any, lang: str) -> str:
    x, y = frame.pixel(shape.representative_point().coords[0])
    name = row.name_en if lang == "en" and row.name_en else row.name
    left, top = min(max(x, 60), WIDTH - 60), min(max(y, 20), HEIGHT - 30)
    if abs(left - WIDTH / 2) < CLEAR[0] and abs(top - HEIGHT / 2) < CLEAR[1]:  # the issue is in the middle
        top = HEIGHT / 2 + (CLEAR[1] if top > HEIGHT / 2 else -CLEAR[1] / 2)
    return f'<text x="{left:.0f}" y="{top:.0f}" text-anchor="middle">{escape(name)}</text>'


def _scale() -> str:
    wide = 100 / REACH_M * WIDTH / 2
    left, y = WIDTH - 12 - wide, HEIGHT - 10
    return (
        f'<path d="M{left:.0f} {y - 5}v5h{wide:.0f}v-5" fill="none" stroke="#14191c" stroke-width="1.5"/>'
        f'<text x="{left + wide / 2:.0f}" y="{y - 8}" text-anchor="middle" font-size="13">100 m</text>'
    )
