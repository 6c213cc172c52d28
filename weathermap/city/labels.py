"""Where a label stands: the middle of the largest label-shaped ellipse inside an area, not the centroid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

ASPECT = 1.8  # width ÷ height of a label: name, glyph and figures
FINE = 2_000  # above so many areas nobody can read labels: a point inside is enough


@dataclass(frozen=True)
class Labels:
    """Parallel arrays, shape (n,). Degrees (EPSG:4326); the box is that of the ellipse, metres."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    width_m: NDArray[np.float64]
    height_m: NDArray[np.float64]


def place_labels(geoms: NDArray[np.object_], metric_crs: str) -> Labels:
    """Labels of polygons in degrees; distances in `metric_crs`."""
    forth = Transformer.from_crs("EPSG:4326", metric_crs, always_xy=True)

    def squeeze(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Metres with the width shrunk by ASPECT: a label-shaped ellipse becomes a circle."""
        x, y = forth.transform(lon, lat)
        return x / ASPECT, y

    squeezed = shapely.transform(geoms, squeeze, interleaved=False)  # type: ignore[arg-type]
    if len(geoms) > FINE:
        middle = shapely.point_on_surface(squeezed)
        radius = shapely.distance(middle, shapely.boundary(squeezed))
    else:
        circles = shapely.maximum_inscribed_circle(squeezed, tolerance=1.0)
        middle, radius = shapely.get_point(circles, 0), shapely.length(circles)
    x, y = shapely.get_x(middle) * ASPECT, shapely.get_y(middle)
    lon, lat = forth.transform(x, y, direction="INVERSE")
    return Labels(np.asarray(lon), np.asarray(lat), 2 * radius * ASPECT, 2 * radius)
