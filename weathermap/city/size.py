"""How large an area is: on the ellipsoid, whatever the projection of a map."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod


def geodesic_m2(geoms: NDArray[np.object_]) -> NDArray[np.float64]:
    """Square metres on GRS80 of polygons in degrees (EPSG:4326): their outlines less their holes; shape (n,)."""
    geod = Geod(ellps="GRS80")
    parts, owner = shapely.get_parts(geoms, return_index=True)
    found = np.zeros(len(geoms))
    for part, row in zip(parts, owner.tolist(), strict=True):
        for k, ring in enumerate(shapely.get_rings(part)):
            area = abs(geod.polygon_area_perimeter(*shapely.get_coordinates(ring).T)[0])
            found[row] += area if k == 0 else -area
    return found
