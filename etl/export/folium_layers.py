"""The layers of a map file that stand hidden until they are asked for: cells, declared points, open issues."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from typing import Any

import folium
import shapely

from etl.export.layers import Layers
from etl.export.shapes import Shapes

GRID = 1e-5  # degrees: 1 m
Row = dict[str, Any]
HEADS = {
    "name": ("名称", "Name"),
    "code": ("代码", "Code"),
    "open": ("未整改", "Open"),
    "overdue": ("逾期", "Overdue"),
    "visited": ("最近巡查", "Last visit"),
    "number": ("编号", "Number"),
    "category": ("问题", "Problem"),
    "state": ("状态", "State"),
    "unit": ("责任单位", "Unit"),
    "deadline": ("时限", "Deadline"),
}
CELL, POINT, ISSUE = ("#8A6D1B", "#F2C14E"), ("#14191C", "#FFFFFF"), ("#14191C", "#2A78C8")
ALERT = "#B8341B"


def add_layers(made: folium.Map, layers: Layers, lang: str) -> None:
    """Add those that hold anything."""
    en = lang == "en"
    if layers.cells:
        shapes = Shapes(layers.shapes.geometry, layers.shapes.label).rounded(GRID)
        drawn = [json.loads(text) if text else None for text in shapely.to_geojson(shapes)]
        name = f"{'Cells with open issues' if en else '有未整改问题的网格'} ({len(layers.cells):,})"
        _add(made, name, layers.cells, drawn, ("name", "open", "overdue"), CELL, en)
    if layers.points:
        name = f"{'Declared points' if en else '申报点位'} ({len(layers.points):,})"
        _add(made, name, layers.points, _places(layers.points), ("name", "open", "overdue", "visited"), POINT, en)
    if layers.issues:
        told = f"{len(layers.issues):,}" + (
            f" / {layers.issues_total:,}" if layers.issues_total > len(layers.issues) else ""
        )
        fields = ("number", "category", "state", "unit", "deadline")
        _add(
            made,
            f"{'Open issues' if en else '未整改问题'} ({told})",
            layers.issues,
            _places(layers.issues),
            fields,
            ISSUE,
            en,
        )


def _places(rows: Iterable[Row]) -> list[Row | None]:
    return [
        None if row["lon"] is None else {"type": "Point", "coordinates": [round(row["lon"], 6), round(row["lat"], 6)]}
        for row in rows
    ]


def _add(
    made: folium.Map,
    name: str,
    rows: Sequence[Row],
    drawn: Sequence[Row | None],
    fields: tuple[str, ...],
    colours: tuple[str, str],
    en: bool,
) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {field: html.escape(str(row[field])) for field in fields} | {"late": bool(row["overdue"])},
            "geometry": shape,
        }
        for row, shape in zip(rows, drawn, strict=True)
        if shape is not None
    ]
    if not features:
        return
    edge, fill = colours
    heads = [HEADS[field][en] for field in fields]
    style = (
        f"feature => ({{color: feature.properties.late ? '{ALERT}' : '{edge}', fillColor: '{fill}', weight: "
        "feature.properties.late ? 2.5 : 1.2, fillOpacity: 0.85})"
    )
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name=name,
        show=False,
        style=folium.JsCode(style),
        marker=folium.CircleMarker(radius=4, fill=True),
        popup=folium.GeoJsonPopup(list(fields), aliases=heads, class_name="tip", max_width=420),
    ).add_to(made)
