"""Coordinates as Chinese map services give them: GCJ-02 (Amap, Tencent, Google), BD-09 (Baidu), shifted on purpose.

Formulas: the published transformation of GCJ-02 as in `eviltransform` (github.com/googollee/eviltransform, MIT), with
the ellipsoid of Krasovsky 1940; BD-09 as in Baidu's own conversion. Both are shifts of degrees, 100 to 700 m and more;
the inverse is found by iteration, to less than a micrometre. Outside a box around China nothing is shifted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from weathermap.city.crs import WGS84, parse, transformer

Floats = NDArray[np.float64]
GCJ02, BD09 = "GCJ-02", "BD-09"
NAMES = {"gcj02": GCJ02, "火星坐标": GCJ02, "bd09": BD09, "bd09ll": BD09, "百度坐标": BD09, "cgcs2000": "EPSG:4490"}
_AXIS_M, _ECCENTRICITY2 = 6_378_245.0, 0.00669342162296594323  # Krasovsky 1940
_BOX = (72.004, 0.8293, 137.8347, 55.8271)  # west, south, east, north: where GCJ-02 shifts
_ROUNDS, _CLOSE_DEG = 60, 1e-12


def system(name: str) -> str:
    """The name of a coordinate system as everything here knows it: 'GCJ-02' | 'BD-09' | what PROJ understands.

    Raises CrsError for one that nobody knows.
    """
    found = NAMES.get(name.strip().casefold().replace("-", "").replace("_", "").replace(" ", ""), name)
    if found not in (GCJ02, BD09):
        parse(found, "crs")
    return found


@cache
def in_degrees(crs: str) -> bool:
    """Whether the coordinates of a system are longitude and latitude."""
    return system(crs) in (GCJ02, BD09) or bool(CRS.from_user_input(system(crs)).is_geographic)


def to_wgs84(x: Floats, y: Floats, crs: str) -> tuple[Floats, Floats]:
    """Longitude and latitude (degrees, EPSG:4326) of points in `crs`, x east; not finite for what lies on no Earth."""
    crs = system(crs)
    if crs in (GCJ02, BD09):
        return _inverse(_from_wgs84[crs], x, y)
    lon, lat = transformer(crs, WGS84).transform(x, y)
    return lon, lat


def gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """WGS 84 → GCJ-02, degrees."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    angle = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(angle) ** 2
    north = np.degrees(north / (_AXIS_M * (1.0 - _ECCENTRICITY2) / (magic * np.sqrt(magic))))
    east = np.degrees(east / (_AXIS_M / np.sqrt(magic) * np.cos(angle)))
    west_, south_, east_, north_ = _BOX
    shifted = (lon >= west_) & (lon <= east_) & (lat >= south_) & (lat <= north_)
    return np.where(shifted, lon + east, lon), np.where(shifted, lat + north, lat)


def bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """WGS 84 → BD-09, degrees."""
    x, y = gcj02(lon, lat)
    turn = np.pi * 3000.0 / 180.0
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * turn)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * turn)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


_from_wgs84: dict[str, Callable[[Floats, Floats], tuple[Floats, Floats]]] = {GCJ02: gcj02, BD09: bd09}


def _inverse(forth: Callable[[Floats, Floats], tuple[Floats, Floats]], x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Where `forth` leads to (x, y): each round takes away what is left of the difference; NaN stays NaN."""
    known = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    wanted_x, wanted_y = np.where(known, x, 0.0), np.where(known, y, 0.0)
    lon, lat = wanted_x.copy(), wanted_y.copy()
    for _ in range(_ROUNDS):
        there_x, there_y = forth(lon, lat)
        off_x, off_y = there_x - wanted_x, there_y - wanted_y
        lon, lat = lon - off_x, lat - off_y
        if max(np.abs(off_x).max(initial=0.0), np.abs(off_y).max(initial=0.0)) < _CLOSE_DEG:
            break
    return np.where(known, lon, np.nan), np.where(known, lat, np.nan)
