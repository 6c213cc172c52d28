"""The desk's form of what somebody told, into what the core takes; and the places that its search finds."""

from __future__ import annotations

from typing import Any

import shapely
from flask import request

from weathermap.store.registry import City
from weathermap.visit.calls import Call
from weathermap.visit.sightings import Found
from web.api.street_forms import degrees
from web.desk.visit_form import Photo, sent

MOST = 8  # places that a search offers
PHOTOS = 6


def photos_of_form() -> list[Photo]:
    """The photos that come with it, each under an id of its own. Raises PhotoRefused."""
    found = sent("photo")
    for file in request.files.getlist("photo"):
        file.seek(0)  # it may be asked for again, to show what came
    return found[:PHOTOS]


def read_call(photos: list[Photo]) -> Call:
    """What was written. Raises BadQuery for what is no position."""
    form = request.form
    shots = dict.fromkeys([*form.getlist("shot"), *(key for key, _ in photos)])
    lon, lat = degrees(form.get("lon"), "lon", 180), degrees(form.get("lat"), "lat", 90)
    both = lon is not None and lat is not None
    found = Found(
        key=form.get("key", ""),
        category=form.get("category", ""),
        note=form.get("note", "").strip(),
        lon=lon if both else None,
        lat=lat if both else None,
        photos=tuple(shots),
        known=form.get("known", ""),
    )
    texts = {name: form.get(name, "").strip() for name in ("source", "point", "address", "phone", "name")}
    return Call(found, **texts)


def found_places(city: City, words: str, lang: str) -> list[dict[str, Any]]:
    """Points first, then areas, the finest levels with names; each with where it is (degrees) and what it is."""
    wanted = words.strip().lower()
    if len(wanted) < (1 if not wanted.isascii() else 2):
        return []
    english = lang == "en"
    found: list[dict[str, Any]] = []
    for point in city.pack.points:
        if wanted in f"{point.code} {point.name} {point.name_en} {point.address}".lower():
            name = (point.name_en if english else point.name) or point.name
            told = {"point": point.code, "name": name, "text": f"{point.code} {point.address}".strip()}
            found.append({**told, "lon": point.lon, "lat": point.lat, "address": point.address})
        if len(found) == MOST:
            return found
    config = city.pack.config
    for level in config.levels[1:3]:
        areas = city.pack.areas[level]
        for row, (code, name, other) in enumerate(zip(areas.codes, areas.names, areas.names_en, strict=True)):
            if len(found) < MOST and wanted in f"{code} {name} {other}".lower():
                spot = shapely.point_on_surface(areas.geoms[row])
                told = {"point": "", "name": (other if english else name) or name, "address": ""}
                kind = config.level_names[level][english]
                found.append({**told, "text": kind, "lon": spot.x, "lat": spot.y, "level": level})
    return found
