"""The small map that a place is chosen on, as SVG: borders and names around a point, light enough for any line."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import shapely
from sqlalchemy import Connection

from weathermap.snap.near import reach_of
from weathermap.store.catalog import Catalog
from weathermap.store.sql import query

WIDTH, HEIGHT = 640.0, 480.0
CLOSE_M, MIDDLE_M = 700.0, 4_000.0  # half-widths up to which cells, then the areas above them, are drawn
NEAREST_M, FARTHEST_M = 60.0, 60_000.0
NAMES = 7  # declared points named, where it is close


@dataclass(frozen=True)
class Window:
    """What the picture shows: its centre in degrees (EPSG:4326), metres from there to its left and right edge."""

    lon: float
    lat: float
    reach_m: float

    @property
    def reach(self) -> tuple[float, float]:
        """Half the width and height, degrees."""
        wide, high = reach_of(self.lat, self.reach_m)
        return wide, high * HEIGHT / WIDTH

    def pixel(self, lon: float, lat: float) -> tuple[float, float]:
        wide, high = self.reach
        return WIDTH / 2 * (1 + (lon - self.lon) / wide), HEIGHT / 2 * (1 - (lat - self.lat) / high)

    def path(self, shape: Any) -> str:
        parts = []
        for part in shapely.get_parts(shape).tolist():
            if part.geom_type == "Polygon":
                for ring in (part.exterior, *part.interiors):
                    spots = (self.pixel(x, y) for x, y in ring.coords)
                    parts.append("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in spots) + "Z")
        return "".join(parts)


def sketch(connection: Connection, catalog: Catalog, window: Window, lang: str) -> str:
    """The SVG."""
    chain, wide_high = catalog.levels, window.reach
    levels = chain[-2:] if window.reach_m <= CLOSE_M else chain[1:3] if window.reach_m <= MIDDLE_M else chain[:2]
    levels = levels or chain
    asked = {
        "city_id": catalog.city_id,
        "version": catalog.versions[-1][0],
        "lon": window.lon,
        "lat": window.lat,
        "reach_lon": wide_high[0] * 1.02,
        "reach_lat": wide_high[1] * 1.02,
        "coarse": wide_high[0] * 2 / WIDTH,
        "levels": list(levels),
        "names": NAMES if window.reach_m <= CLOSE_M else 0,
    }
    rows = [(row, shapely.from_wkb(bytes(row.shape))) for row in connection.execute(query("place_around"), asked)]
    fine, coarse = levels[-1], levels[0]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" font-size="20" '
        'font-family="system-ui,PingFang SC,Noto Sans CJK SC,Microsoft YaHei,sans-serif">'
        f'<rect width="{WIDTH:.0f}" height="{HEIGHT:.0f}" fill="#f1f0eb"/>'
    ]
    parts.append(_paths(window, rows, coarse, 'fill="#fff" stroke="none"'))
    if fine != coarse:
        parts.append(_paths(window, rows, fine, 'fill="none" stroke="#dddbd3" stroke-width="1.5"'))
    parts.append(_paths(window, rows, coarse, 'fill="none" stroke="#8c979b" stroke-width="2.5"'))
    named = fine if window.reach_m > CLOSE_M else coarse
    parts += [_area_name(window, row, shape, lang) for row, shape in rows if row.kind == named]
    parts += [_landmark(window, row, shape, lang) for row, shape in rows if row.kind == ""]
    parts.append(_scale(window))
    return "".join(parts) + "</svg>"


def _paths(window: Window, rows: list[Any], level: str, how: str) -> str:
    drawn = "".join(window.path(shape) for row, shape in rows if row.kind == level)
    return f'<path d="{drawn}" {how}/>' if drawn else ""


def _name(row: Any, lang: str) -> str:
    return escape(row.name_en if lang == "en" and row.name_en else row.name)


def _area_name(window: Window, row: Any, shape: Any, lang: str) -> str:
    if shape.is_empty:
        return ""
    spot = shape.representative_point()
    x, y = window.pixel(spot.x, spot.y)
    x, y = min(max(x, 70), WIDTH - 70), min(max(y, 24), HEIGHT - 40)
    if abs(x - WIDTH / 2) < 90 and -60 < y - HEIGHT / 2 < 30:
        y = HEIGHT / 2 + 50  # not beneath the pin
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" fill="#4a5459" font-size="24">{_name(row, lang)}</text>'


def _landmark(window: Window, row: Any, shape: Any, lang: str) -> str:
    x, y = window.pixel(shape.x, shape.y)
    end = x > WIDTH * 0.7
    side, anchor = (x - 11, ' text-anchor="end"') if end else (x + 11, "")
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5" fill="#667177"/>'
        f'<text x="{side:.0f}" y="{y + 7:.0f}"{anchor} fill="#3a4347" stroke="#fff" stroke-width="4" '
        f'paint-order="stroke">{_name(row, lang)}</text>'
    )


def _scale(window: Window) -> str:
    """A bar of 1, 2 or 5 × 10ⁿ metres, about a seventh of the width."""
    wanted = window.reach_m * 2 / 7
    power = 10 ** (len(str(int(wanted))) - 1)
    metres = next(n * power for n in (5, 2, 1) if n * power <= wanted)
    wide = metres / window.reach_m * WIDTH / 2
    left, y = WIDTH * 0.8 - wide, HEIGHT * 0.8
    label = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    return (
        f'<path d="M{left:.0f} {y - 6:.0f}v6h{wide:.0f}v-6" fill="none" stroke="#14191c" stroke-width="2"/>'
        f'<text x="{left + wide / 2:.0f}" y="{y - 9:.0f}" text-anchor="middle" fill="#14191c">{label}</text>'
    )
