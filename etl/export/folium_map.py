"""The areas in their weather as a Folium map that asks nobody: no tiles, no default scripts or styles.

Folium's own defaults call content delivery networks. Leaflet comes from a package instead, written into the file.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import folium
import numpy as np
import shapely

from etl.export.columns import Column
from etl.export.folium_layers import add_layers
from etl.export.glyphs import SIGNS
from etl.export.grid_report import Report
from etl.export.layers import Days
from etl.export.numbers import shown
from etl.export.picture import counted_key
from etl.export.shapes import Shapes
from etl.export.tick import Tick

LEAFLET = files("js_lib_leaflet") / "static" / "js_lib_leaflet"
GRID = 1e-5  # degrees: 1 m
SIMPLER = 2e-5  # degrees within which a border may stray
NAMED = 40  # so many areas wear their name at once; more of them only from zoom CLOSE on
MANY = 1_000  # from so many areas on: drawn on a canvas, which knows no patterns
CLOSE = 14
BRIEF = ("name", "parent", "weather", "open", "overdue", "notified", "rectified")  # under the pointer
STEPS = ("#FAFAF7", "#C4BFB0", "#938D7C", "#5E5949")  # areas without weather: none open, one, two, more
Row = dict[str, Any]
# Labels are no Folium markers: those fetch a picture before they take another icon.
_AFTER = """
for (const [lat, lon, html] of LABELS) {
  const icon = L.divIcon({html, iconSize: [0, 0], className: "spot"});
  L.marker([lat, lon], {icon, interactive: false, keyboard: false}).addTo(MAP);
}
L.control.scale({imperial: false, position: "bottomright"}).addTo(MAP);
const near = () => MAP.getContainer().classList.toggle("far", MAP.getZoom() < FAR);
MAP.on("zoomend", near);
near();
window.report = MAP;
"""
# The days before: the slider recolours the areas and their figures; popups and table keep the report's instant.
_DAYS = """
const days = DAYS, kinds = {s: "sunny", c: "cloudy", o: "overcast", r: "rain", u: "unvisited"};
const slider = document.querySelector("#days input"), told = document.querySelector("#days output");
const paint = () => {
  const at = Number(slider.value);
  told.textContent = days.steps[at];
  AREAS.eachLayer(layer => {
    const code = layer.feature.id, letter = (days.weather[code] || "")[at], open = (days.open[code] || [])[at] || 0;
    const look = kinds[letter] ? `url(#sky-${kinds[letter]})` : days.shades[Math.min(open, days.shades.length - 1)];
    layer.setStyle({fillColor: look});
  });
  MAP.getContainer().classList.toggle("past", at < days.steps.length - 1);
};
slider.addEventListener("input", paint);
"""


@dataclass(frozen=True)
class MapParts:
    """What goes into the page: markup for the head, for the body, and the script after it."""

    head: str
    body: str
    script: str


def leaflet() -> tuple[str, str]:
    """Leaflet's script and its style; the style without the pictures of controls that the map has not."""
    style = (LEAFLET / "leaflet.css").read_text(encoding="utf-8")
    lines = (line for line in style.splitlines() if "url(" not in line or "#default" in line)
    script = (LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    return script.partition("\n//# sourceMappingURL")[0], "\n".join(lines)


def draw_map(report: Report, shapes: Shapes, tick: Tick) -> MapParts:
    """The map of a report; `tick` hears of each area."""
    many = len(report.rows) > MANY
    made = folium.Map(tiles=None, prefer_canvas=many, zoom_snap=0.25, attributionControl=False, max_zoom=19)
    made.default_js, made.default_css = [], []
    left_out = ("code", "gate") if not many else [c.key for c in report.columns if c.key not in BRIEF]
    fields = [column for column in report.columns if column.key not in left_out]
    drawn = _features(report, shapes, fields, tick)
    areas = ""
    if drawn:
        areas = _add_areas(made, drawn, fields, report)
        if report.layers:
            add_layers(made, report.layers, report.lang)
            folium.LayerControl(collapsed=False, position="topright").add_to(made)
        west, south, east, north = shapely.total_bounds(shapes.geometry)
        made.fit_bounds([[south, west], [north, east]], padding=(12, 12))
    figure = made.get_root()
    figure.render()
    script = _AFTER.replace("MAP", made.get_name()).replace(
        "LABELS", json.dumps([] if many else _labels(report, shapes))
    )
    script = script.replace("FAR", str(CLOSE if len(drawn) > NAMED else 0))
    if areas and report.layers and report.layers.days:
        script += (
            _DAYS.replace("MAP", made.get_name()).replace("AREAS", areas).replace("DAYS", _days(report.layers.days))
        )
    return MapParts(figure.header.render(), figure.html.render(), f"{figure.script.render()}\n{script}")


def _features(report: Report, shapes: Shapes, fields: list[Column], tick: Tick) -> list[Row]:
    simpler = Shapes(shapes.simplified(SIMPLER), shapes.label).rounded(GRID)
    found = []
    counted = counted_key(report)
    for row, weather, text in zip(report.rows, report.weathers, shapely.to_geojson(simpler), strict=True):
        tick(1)
        if text is None:
            continue
        said = {column.key: html.escape(shown(row[column.key], column)) for column in fields}
        look = f"sky-{weather}" if weather else f"open-{min(row[counted], len(STEPS) - 1)}"
        properties = said | {"look": look + (" late" if row.get("overdue") else "")}
        found.append({"type": "Feature", "id": row["code"], "properties": properties, "geometry": json.loads(text)})
    # What is drawn last lies on top: no neighbour's border may cover that of an overdue one.
    return sorted(found, key=lambda feature: feature["properties"]["look"].endswith(" late"))


def _days(days: Days) -> str:
    steps = [f"{at:%Y-%m-%d %H:%M}" for at in days.steps]
    return json.dumps({"steps": steps, "weather": days.weather, "open": days.open, "shades": STEPS})


def _add_areas(made: folium.Map, drawn: list[Row], fields: list[Column], report: Report) -> str:
    """Add the areas; returns the name of their layer in the script."""
    many = len(report.rows) > MANY
    heads = {column.key: column.head(report.lang) for column in fields}
    brief = [key for key in BRIEF if key in heads]

    looks = {look: _style(look, many) for look in {feature["properties"]["look"] for feature in drawn}}
    # Not Folium's style_function: it writes a switch over all ids, walked once for each area: 11 s for the cells.
    style = f"(looks => feature => looks[feature.properties.look])({json.dumps(looks)})"
    layer = folium.GeoJson(
        {"type": "FeatureCollection", "features": drawn},
        name="天气" if report.lang == "zh" and any(report.weathers) else "网格" if report.lang == "zh" else "Areas",
        style=folium.JsCode(style),
        highlight_function=lambda _feature: {"color": "#14191C", "weight": 2.5},
        smooth_factor=0 if many else 0.5,
        tooltip=folium.GeoJsonTooltip(list(brief), aliases=[heads[key] for key in brief], class_name="tip"),
        popup=folium.GeoJsonPopup(list(heads), aliases=list(heads.values()), class_name="tip", max_width=420),
    ).add_to(made)
    return str(layer.get_name())


def _style(look: str, many: bool) -> Row:
    """Leaflet's options for a look: a weather in its pattern, or so many open issues; many: lines are thin."""
    kind, _, late = look.partition(" ")
    family, _, name = kind.partition("-")
    fill = f"url(#{kind})" if family == "sky" else STEPS[int(name)]
    edge = ("#B8341B", 1.6) if many and late else ("#B5B3AA", 0.4) if many else ("#FFFFFF", 2)
    return {"fillColor": fill, "fillOpacity": 1, "color": edge[0], "weight": edge[1]}


def _figures(row: Row, counted: str) -> str:
    """What is counted and, where both are known, what was rectified."""
    return f"<b>{row[counted]:,}</b>" + (f" / {row['rectified']:,}" if "rectified" in row else "")


def _labels(report: Report, shapes: Shapes) -> list[tuple[float, float, str]]:
    """(latitude, longitude, markup): glyph, name, open / rectified. For the eye: the table says the same."""
    found = []
    counted = counted_key(report)
    for row, weather, (lon, lat) in zip(report.rows, report.weathers, shapes.label.tolist(), strict=True):
        if not np.isfinite(lon):
            continue
        sign = SIGNS.get(weather or "")
        look = f"color:{sign.ink};--halo:{sign.fill}" if sign else ""
        name, figures = html.escape(row["name"]), _figures(row, counted)
        inner = f"{sign.glyph if sign else ''}<b class='name'>{name}</b><span>{figures}</span>"
        found.append((lat, lon, f'<div class="label" style="{look}" aria-hidden="true">{inner}</div>'))
    return found
