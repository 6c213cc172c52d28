"""Coordinates of a ledger → degrees, and why some cannot be used. A bad position never rejects a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.numerals import numbers, paired
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


@dataclass(frozen=True)
class Spots:
    """Default points, x and y as written; `found`: those that nobody named, with their rows."""

    points: frozenset[tuple[float, float]]
    found: tuple[tuple[float, float, int], ...]

    def hold(self, x: Reals, y: Reals) -> NDArray[np.bool_]:
        """Which positions sit on one of them."""
        on = np.zeros(len(x), dtype=bool)
        for a, b in self.points:
            on |= (x == a) & (y == b)
        return on


def read_positions(x_text: Text, y_text: Text, rule: PositionRule, pack: Pack, spots: Spots | None = None) -> Positions:
    """Positions of texts in the rule's system; those outside the city whose swap lies inside are 'swapped'.

    `spots`: the default points of a ledger of which these are only some rows.
    """
    x, y = numbers(x_text), numbers(y_text)
    lon, lat = degrees(x, y, rule.crs)
    usable = np.isfinite(lon) & np.isfinite(lat)
    known = spots or find_spots(x, y, usable, rule)
    default = usable & known.hold(x, y)
    flag = np.where(usable, "", "missing").astype(object)
    flag[_swapped(x, y, lon, lat, usable & ~default, rule.crs, pack)] = "swapped"
    flag[default] = "default"
    return Positions(lon, lat, flag, known.found)


def no_positions(n: int) -> Positions:
    """A ledger without coordinates: every position is missing."""
    nothing = np.full(n, np.nan)
    return Positions(nothing, nothing.copy(), np.full(n, "missing", dtype=object), ())


def degrees(x: Reals, y: Reals, crs: str) -> tuple[Reals, Reals]:
    """Degrees of points in `crs` (x east, y north); NaN for what lies on no Earth."""
    lon, lat = to_wgs84(x, y, crs)
    off = ~(np.abs(lon) <= 180) | ~(np.abs(lat) <= 90)
    return np.where(off, np.nan, lon), np.where(off, np.nan, lat)


def find_spots(x: Reals, y: Reals, usable: NDArray[np.bool_], rule: PositionRule) -> Spots:
    """The default points among positions as written: named by the mapping, (0, 0), or found by their number."""
    found: dict[tuple[float, float], int] = {}
    spots, counts = np.unique(paired(x[usable], y[usable]), return_counts=True)
    many = counts >= max(LEAST, rule.default_share * len(x))
    if in_degrees(rule.crs):
        coarse = (np.round(x, COARSE) == x) & (np.round(y, COARSE) == y) & usable
        if 2 * coarse.sum() <= usable.sum():
            many |= (counts >= COARSE_LEAST) & np.isin(spots, paired(x[coarse], y[coarse]))
    for spot, n in zip(spots[many].tolist(), counts[many].tolist(), strict=True):
        found[spot.real, spot.imag] = n
    named = {(0.0, 0.0), *rule.default_points}
    for spot in {*named, *rule.real_points}:
        found.pop(spot, None)
    points = frozenset((named - set(rule.real_points)) | found.keys())
    return Spots(points, tuple((a, b, n) for (a, b), n in found.items()))


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
    other = degrees(y[outside], x[outside], crs)
    result = np.zeros(len(x), dtype=bool)
    result[outside[shapely.intersects_xy(city, *other)]] = True
    return result
