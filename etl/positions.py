"""Coordinates of a ledger → degrees, and why some cannot be used. A bad position never rejects a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.numerals import numbers
from etl.rules import PositionRule
from weathermap.city.offset import in_degrees, to_wgs84
from weathermap.city.pack import Pack
from weathermap.issue.batch import Text

Reals = NDArray[np.float64]
LEAST = 20  # rows on one spot before it can be a default point that nobody named
COARSE = 2  # decimals of degrees: a spot written no finer (1 km), among finer ones, is a default point …
COARSE_LEAST = 3  # … from so many rows on


@dataclass(frozen=True)
class Positions:
    """Parallel arrays. `flag`: '' | missing | default | swapped. Flagged ones keep what was written, for the record."""

    lon: Reals  # degrees, EPSG:4326; NaN missing
    lat: Reals
    flag: Text
    found: tuple[tuple[float, float, int], ...]  # default points that nobody named: x, y as written, rows


def read_positions(x_text: Text, y_text: Text, rule: PositionRule, pack: Pack) -> Positions:
    """Positions of texts in the rule's system; those outside the city whose swap lies inside are 'swapped'."""
    x, y = numbers(x_text), numbers(y_text)
    lon, lat = _degrees(x, y, rule.crs)
    usable = np.isfinite(lon) & np.isfinite(lat)
    default, found = _defaults(x_text, y_text, x, y, usable, rule)
    flag = np.where(usable, "", "missing").astype(object)
    flag[_swapped(x, y, lon, lat, usable & ~default, rule.crs, pack)] = "swapped"
    flag[default] = "default"
    return Positions(lon, lat, flag, found)


def no_positions(n: int) -> Positions:
    """A ledger without coordinates: every position is missing."""
    nothing = np.full(n, np.nan)
    return Positions(nothing, nothing.copy(), np.full(n, "missing", dtype=object), ())


def _degrees(x: Reals, y: Reals, crs: str) -> tuple[Reals, Reals]:
    """Degrees of points in `crs` (x east, y north); NaN for what lies on no Earth."""
    lon, lat = to_wgs84(x, y, crs)
    off = ~(np.abs(lon) <= 180) | ~(np.abs(lat) <= 90)
    return np.where(off, np.nan, lon), np.where(off, np.nan, lat)


def _defaults(
    x_text: Text, y_text: Text, x: Reals, y: Reals, usable: NDArray[np.bool_], rule: PositionRule
) -> tuple[NDArray[np.bool_], tuple[tuple[float, float, int], ...]]:
    """Which rows sit on a default point: named by the mapping, at (0, 0), or found by their number."""
    spots, counts = np.unique(np.column_stack([x, y])[usable], axis=0, return_counts=True)
    many = counts >= max(LEAST, rule.default_share * len(x))
    if in_degrees(rule.crs) and usable.any():
        decimals = np.maximum(_decimals(x_text), _decimals(y_text))
        coarse = {(x[i], y[i]) for i in np.flatnonzero(usable & (decimals <= COARSE)).tolist()}
        if np.median(decimals[usable]) > COARSE:
            many |= (counts >= COARSE_LEAST) & np.array([(a, b) in coarse for a, b in spots], dtype=bool)
    named = {(0.0, 0.0), *rule.default_points}
    found = {(a, b): int(n) for (a, b), n in zip(spots[many].tolist(), counts[many].tolist(), strict=True)}
    for spot in {*named, *rule.real_points}:
        found.pop(spot, None)
    on = np.zeros(len(x), dtype=bool)
    for a, b in (named - set(rule.real_points)) | found.keys():
        on |= (x == a) & (y == b)
    return on & usable, tuple((a, b, n) for (a, b), n in found.items())


def _decimals(text: Text) -> NDArray[np.int64]:
    """Decimals written, without closing zeros."""
    return np.array([len(t.partition(".")[2].rstrip("0")) for t in text.tolist()], dtype=np.int64)


def _swapped(
    x: Reals, y: Reals, lon: Reals, lat: Reals, wanted: NDArray[np.bool_], crs: str, pack: Pack
) -> NDArray[np.bool_]:
    """Rows outside the city that lie inside it once their coordinates change places."""
    city = shapely.union_all(pack.areas[pack.config.levels[0]].geoms)
    shapely.prepare(city)
    outside = np.flatnonzero(wanted | np.isnan(lon))
    outside = outside[~shapely.intersects_xy(city, lon[outside], lat[outside])]
    if not len(outside):
        return np.zeros(len(x), dtype=bool)
    other = _degrees(y[outside], x[outside], crs)
    result = np.zeros(len(x), dtype=bool)
    result[outside[shapely.intersects_xy(city, *other)]] = True
    return result
