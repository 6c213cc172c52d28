"""The areas in their weather as one still picture (SVG): for paper, for a page, for a chat."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.export.glyphs import SIGNS, tiles
from etl.export.grid_report import Report
from etl.export.shapes import Shapes

STEPS = ("#FAFAF7", "#C4BFB0", "#938D7C", "#5E5949")  # areas without weather: none, one, two, more
NAMED = 60  # up to so many areas wear their name
MARGIN = 10.0
SIMPLER = 0.4  # points by which a border may stray
FONT = "Noto Sans SC Variable, Noto Sans SC, Microsoft YaHei, sans-serif"


@dataclass(frozen=True)
class _Frame:
    """Degrees to points: equidistant along the middle parallel, north up."""

    west: float
    north: float
    scale: float  # points a degree of latitude
    squeeze: float  # a degree of longitude in degrees of latitude

    def place(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        x = (coordinates[:, 0] - self.west) * self.squeeze * self.scale + MARGIN
        return np.column_stack([x, (self.north - coordinates[:, 1]) * self.scale + MARGIN])


def picture(report: Report, shapes: Shapes, width: float = 760.0, height: float = 520.0) -> str:
    """The map in a box of at most `width` × `height` points; empty where nothing can be drawn."""
    drawn = [i for i, shape in enumerate(shapes.geometry) if shape is not None]
    if not drawn:
        return ""
    west, south, east, north = shapely.total_bounds(shapes.geometry[drawn])
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    across, down = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
    scale = min((width - 2 * MARGIN) / across, (height - 2 * MARGIN) / down)
    frame = _Frame(west, north, scale, squeeze)
    wide, high = across * scale + 2 * MARGIN, down * scale + 2 * MARGIN
    borders = Shapes(shapes.simplified(SIMPLER / scale), shapes.label).geometry
    thin = len(drawn) > 300
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}pt" '
        f'height="{high:.0f}pt" role="img" aria-label="{html.escape(report.title)}"><defs>{tiles()}</defs>'
    ]
    for i in drawn:
        row = report.rows[i]
        fill, edge = _look(report, i)
        said = html.escape(f"{row['name']}")
        line = "0.3" if thin else "1.4"
        path = _path(borders[i], frame)
        parts.append(
            f'<path d="{path}" fill="{fill}" stroke="{edge}" stroke-width="{line}"><title>{said}</title></path>'
        )
    if len(drawn) <= NAMED:
        parts += [_label(report, i, shapes, frame) for i in drawn]
    return "".join(parts) + "</svg>"


def counted_key(report: Report) -> str:
    """The count that areas without weather are shaded by."""
    keys = [column.key for column in report.columns if column.kind == "count"]
    return "open" if "open" in keys else keys[0]


def _look(report: Report, i: int) -> tuple[str, str]:
    weather = report.weathers[i]
    if weather:  # without a pattern the colour alone: tiles of it would show their seams on paper
        return f"url(#sky-{weather})" if SIGNS[weather].tile else SIGNS[weather].fill, "#FFFFFF"
    return STEPS[min(report.rows[i][counted_key(report)], len(STEPS) - 1)], "#B5B3AA"


def _path(shape: shapely.Geometry, frame: _Frame) -> str:
    rings = []
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            points = frame.place(shapely.get_coordinates(ring)).round(1)
            rings.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points[:-1].tolist()) + "Z")
    return "".join(rings)


def _label(report: Report, i: int, shapes: Shapes, frame: _Frame) -> str:
    row, sign = report.rows[i], SIGNS.get(report.weathers[i] or "")
    if not np.isfinite(shapes.label[i]).all():
        return ""
    (x, y) = frame.place(shapes.label[i : i + 1])[0]
    # each letter over a halo of its ground: drawn twice, since not every reader knows paint-order
    ink, halo = (sign.ink, sign.fill) if sign else ("#14191C", "#FAFAF7")
    number = f"{row[counted_key(report)]:,}"
    glyph = ""
    if sign:
        box = f'x="{x - 11:.1f}" y="{y - 26:.1f}" width="22" height="22" viewBox="0 0 48 48"'
        glyph = f'<svg {box} color="{ink}">{sign.drawing}</svg>'
    lines = ((y + 7, 12, 600, row["name"]), (y + 21, 11, 400, number))
    text = "".join(
        f'<text x="{x:.1f}" y="{at:.1f}" font-size="{size}" font-weight="{weight}">{html.escape(said)}</text>'
        for at, size, weight, said in lines
    )
    under = f'<g stroke="{halo}" stroke-width="3" stroke-linejoin="round" fill="{halo}" opacity=".85">{text}</g>'
    return (
        f'<g font-family="{FONT}" text-anchor="middle" aria-hidden="true">{glyph}{under}<g fill="{ink}">{text}</g></g>'
    )
