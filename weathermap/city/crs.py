"""Coordinate systems are checked once, at the border, and raise. Behind it everything is EPSG:4326, x = longitude."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import CRSError as UnknownCrs
from pyproj.exceptions import ProjError

from weathermap.errors import CrsError

WGS84 = "EPSG:4326"
_SLACK_DEG = 1.0  # areas of use are rough boxes; a city may stand a little outside
_MOST_GUESSES = 400
_ENOUGH = 4

Box = tuple[float, float, float, float]


def to_degrees(xy: NDArray[np.float64], crs: str, metric_crs: str, what: str) -> NDArray[np.float64]:
    """Coordinates (n, 2) in `crs` → longitude and latitude in degrees (EPSG:4326), shape (n, 2).

    `metric_crs` says roughly where the city lies (its area of use). Raises CrsError, naming the likely system, when
    the numbers cannot be what `crs` says: no degrees, swapped axes, degrees that are called metres.
    """
    source = parse(crs, what)
    place = _place(metric_crs)
    if source.is_geographic:
        _require_degrees(xy, source, metric_crs, what)
    elif _are_degrees(xy) and _inside(xy, place):
        raise CrsError(f"{what}: the numbers are degrees ({_sample(xy)}), not {crs}.", f'Set crs = "{WGS84}".')
    if _same_as_wgs84(source):
        return xy
    lon, lat = transformer(crs, WGS84).transform(xy[:, 0], xy[:, 1])
    degrees = np.column_stack([lon, lat])
    if not np.isfinite(degrees).all() or not _inside(degrees, place):
        raise CrsError(
            f"{what}: read as {crs}, the numbers ({_sample(xy)}) lie outside the area of use of {metric_crs}.",
            _advice(xy, metric_crs) or f"Set crs to what the file is really in, or mend metric_crs ({metric_crs}).",
        )
    return degrees


@cache
def transformer(source: str, target: str) -> Transformer:
    """From one system to another, x = east first. Made once a process: making one takes 50 ms. Safe among threads."""
    return Transformer.from_crs(source, target, always_xy=True)


def parse(crs: str, what: str) -> CRS:
    """The coordinate system that a name means; raises CrsError for an unknown one."""
    try:
        return CRS.from_user_input(crs)
    except UnknownCrs as error:
        raise CrsError(f"{what}: {crs!r} is no coordinate system.", 'Write one such as "EPSG:4326".') from error


def likely(xy: NDArray[np.float64], metric_crs: str) -> list[str]:
    """Names of up to four projected systems in which `xy` would lie where `metric_crs` is used, likeliest first.

    That is `metric_crs` itself if it fits, else the narrowest. Looks through PROJ's database: takes seconds.
    """
    place = _place(metric_crs)
    middle = xy.mean(axis=0)
    if _fits(middle, metric_crs, place, place):
        return [metric_crs]
    found = (code for code, box in _candidates(place) if _fits(middle, code, place, box))
    return list(islice(found, _ENOUGH))


def _fits(point: NDArray[np.float64], crs: str, place: Box, box: Box) -> bool:
    """Whether a point in `crs` would lie both in `place` and where `crs` is used, `box`."""
    try:
        lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(point[0], point[1])
    except ProjError:
        return False
    degrees = np.array([[lon, lat]])
    return bool(np.isfinite(degrees).all()) and _inside(degrees, place, 0.0) and _inside(degrees, box, 0.0)


def _require_degrees(xy: NDArray[np.float64], source: CRS, metric_crs: str, what: str) -> None:
    name = source.to_string()
    if not _are_degrees(xy):
        raise CrsError(
            f"{what}: says {name}, but its numbers ({_sample(xy)}) are no degrees.",
            _advice(xy, metric_crs) or "Find out which coordinate system the file is in and set crs to it.",
        )
    if not _inside(xy, _place(metric_crs)):
        raise CrsError(
            f"{what}: says {name}, but its numbers ({_sample(xy)}) lie outside the area of use of metric_crs.",
            _advice(xy, metric_crs) or "Mend metric_crs, or take the file of the right city.",
        )


def _advice(xy: NDArray[np.float64], metric_crs: str) -> str:
    if _are_degrees(xy):
        swapped = _inside(xy[:, ::-1], _place(metric_crs))
        return "Swap the columns: longitude comes first, then latitude." if swapped else ""
    codes = likely(xy, metric_crs)
    if not codes:
        return ""
    others = f" (or {', '.join(codes[1:4])})" if codes[1:] else ""
    named = CRS.from_user_input(codes[0])
    unit = named.axis_info[0].unit_name
    here = f"in city.toml ([area_fields.LEVEL] for one file), or write --areas LEVEL=FILE@{codes[0]}."
    remedy = f'reproject it, or set crs = "{codes[0]}" {here}'
    return f"They look like {codes[0]}, {named.name}, in {unit}{others}: {remedy}"


def _candidates(place: Box) -> Iterable[tuple[str, Box]]:
    """(code, area of use) of projected systems made for about this place, narrowest and oldest first."""
    found = query_crs_info(auth_name="EPSG", pj_types=PJType.PROJECTED_CRS, area_of_interest=AreaOfInterest(*place))
    boxes = [(f"EPSG:{info.code}", int(info.code), info.area_of_use.bounds) for info in found if info.area_of_use]
    boxes.sort(key=lambda entry: ((entry[2][2] - entry[2][0]) * (entry[2][3] - entry[2][1]), entry[1]))
    return [("EPSG:3857", (-180.0, -85.1, 180.0, 85.1))] + [(code, box) for code, _, box in boxes[:_MOST_GUESSES]]


def _place(metric_crs: str) -> Box:
    """Where the city must lie: the area of use of its metric system, degrees."""
    area = parse(metric_crs, "metric_crs").area_of_use
    return area.bounds if area else (-180.0, -90.0, 180.0, 90.0)


def _inside(xy: NDArray[np.float64], box: Box, slack: float = _SLACK_DEG) -> bool:
    """Whether all of `xy` lies in `box`; a box whose west is east of its east crosses the antimeridian."""
    west, south, east, north = box
    x, y = xy[:, 0], xy[:, 1]
    across = (x >= west - slack) & (x <= east + slack) if west <= east else (x >= west - slack) | (x <= east + slack)
    return bool((across & (y >= south - slack) & (y <= north + slack)).all())


def _are_degrees(xy: NDArray[np.float64]) -> bool:
    return bool((np.abs(xy[:, 0]) <= 180).all() and (np.abs(xy[:, 1]) <= 180).all())


def _same_as_wgs84(crs: CRS) -> bool:
    return crs.to_authority() in (("EPSG", "4326"), ("OGC", "CRS84")) or crs.name in ("WGS 84", "WGS 84 (CRS84)")


def _sample(xy: NDArray[np.float64]) -> str:
    return f"{xy[0, 0]:.10g}, {xy[0, 1]:.10g}"
