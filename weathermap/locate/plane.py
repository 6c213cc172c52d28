"""From degrees to metres within a county: a polynomial as good as the projection, and a hundred times as fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from weathermap.city.crs import WGS84, transformer
from weathermap.locate import kernel

Floats = NDArray[np.float64]
EXACT_M = 1e-4
DEGREES = range(3, 10)


@dataclass(frozen=True)
class Plane:
    """x = centre_x + Σ a[i, j]·uⁱ·vʲ, likewise y, with u, v from −1 to 1 over `box`."""

    box: Floats  # west, south, east, north, degrees: where it holds
    centre: Floats  # x, y of the projection, metres; the plane's coordinates are relative to it
    a: Floats  # shape (2, d, d): of x and of y; empty where no polynomial is good enough
    metric_crs: str

    def project(self, lon: Floats, lat: Floats) -> Floats:
        """Metres relative to `centre`, shape (n, 2)."""
        xy = np.empty((len(lon), 2))
        if self.a.size:
            kernel.project(*(kernel.fixed(array, np.float64) for array in (lon, lat, self.box, self.a)), xy)
            west, south, east, north = self.box
            outside = ~((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)) if len(lon) else []
            if np.any(outside):
                xy[outside] = self._project(lon[outside], lat[outside])
            return xy
        return self._project(lon, lat)

    def _project(self, lon: Floats, lat: Floats) -> Floats:
        x, y = transformer(WGS84, self.metric_crs).transform(lon, lat)
        return np.column_stack([x, y]) - self.centre


def fit_plane(box: Floats, metric_crs: str) -> Plane:
    """The polynomial of least degree that is within EXACT_M / 10 of the projection all over `box`."""
    bare = Plane(box, np.zeros(2), np.empty((2, 0, 0)), metric_crs)
    middle = (box[:2] + box[2:]) / 2
    centre = bare._project(middle[:1], middle[1:])[0]
    bare = Plane(box, centre, bare.a, metric_crs)
    for degree in DEGREES:
        nodes = chebyshev.chebpts1(degree + 3)
        a = _interpolate(bare, nodes, degree)
        plane = Plane(box, centre, a, metric_crs)
        u, v = (axis.reshape(-1) for axis in np.meshgrid(np.linspace(-1, 1, 23), np.linspace(-1, 1, 23)))
        lon, lat = _spread(box, u, v)
        if np.abs(plane.project(lon, lat) - bare._project(lon, lat)).max() < EXACT_M / 10:
            return plane
    return bare


def _spread(box: Floats, u: Floats, v: Floats) -> tuple[Floats, Floats]:
    """Degrees of places from −1 to 1, never beyond the box."""
    west, south, east, north = box
    lon, lat = west + (u + 1) / 2 * (east - west), south + (v + 1) / 2 * (north - south)
    return np.clip(lon, west, east), np.clip(lat, south, north)


def _interpolate(bare: Plane, nodes: Floats, degree: int) -> Floats:
    u, v = (axis.reshape(-1) for axis in np.meshgrid(nodes, nodes, indexing="ij"))
    values = bare._project(*_spread(bare.box, u, v))
    basis = chebyshev.chebvander2d(u, v, [degree, degree])
    found = np.linalg.lstsq(basis, values, rcond=None)[0].T.reshape(2, degree + 1, degree + 1)
    powers = np.zeros((degree + 1, degree + 1))
    for k in range(degree + 1):
        powers[k, : k + 1] = chebyshev.cheb2poly(np.eye(degree + 1)[k])[: k + 1]
    return np.ascontiguousarray(np.einsum("ki,ckl,lj->cij", powers, found, powers))
