"""Where a citizen stands: the area's name, and the problems that are known around."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row

from weathermap.store.catalog import Catalog
from weathermap.store.registry import City
from weathermap.store.sql import query

NEAR_M = 60.0
MOST = 3
METRES = 111_320.0  # a degree of latitude


def reach_of(lat: float, metres: float) -> tuple[float, float]:
    """Metres as degrees of longitude and latitude at a latitude; flat, which is exact enough for a city."""
    return metres / METRES / max(math.cos(math.radians(lat)), 0.01), metres / METRES


def place_of(city: City, catalog: Catalog, lon: float, lat: float) -> list[Any]:
    """The areas that hold a point, from below the city down to above the unit cells; empty outside the city."""
    area = city.book.locator.locate(np.array([lon]), np.array([lat]))
    if int(area[0]) < 0:
        return []
    chain = city.places(area, {})[0]
    return [catalog.by_id[place] for place in chain[1:3] if place in catalog.by_id]


def issues_near(
    connection: Connection, city_id: int, lon: float, lat: float, metres: float = NEAR_M, most: int = MOST
) -> list[Row[Any]]:
    """Problems under way within so many metres, the nearest first."""
    wide, high = reach_of(lat, metres)
    asked = {"city_id": city_id, "lon": lon, "lat": lat, "metres": metres, "most": most}
    return list(connection.execute(query("issues_near"), {**asked, "reach_lon": wide, "reach_lat": high}))
