"""The index of one set of areas: built once per boundary version, kept in a file, memory-mapped by every process."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from weathermap.locate import stored
from weathermap.locate.bins import Bins, sort_edges
from weathermap.locate.edges import border_edges
from weathermap.locate.kernel import fixed
from weathermap.locate.plane import Plane, fit_plane
from weathermap.locate.raster import Raster, draw_raster

FORMAT = 3  # of the file and of all that is in it: a change of how an index is built raises it
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Index:
    """What the kernels read. In `raster`, label + number of areas: pixels in several areas, of which it is first."""

    raster: Raster
    plane: Plane
    bins: Bins
    overlapping: bool  # some place lies in several areas


def open_index(geoms: NDArray[np.object_], rank: NDArray[np.int64], metric_crs: str, folder: Path | None) -> Index:
    """The index of `geoms` (degrees) with these ranks: from its file in `folder`, else built and kept there.

    A file that is damaged or of another program's version is built anew; one that cannot be written is done without.
    """
    if folder is None:
        return build_index(geoms, rank, metric_crs)
    path = folder / f"{_key(geoms, rank, metric_crs)}.locator"
    arrays = stored.load(path)
    if arrays is not None:
        return _unpack(arrays, metric_crs)
    index = build_index(geoms, rank, metric_crs)
    try:
        stored.save(path, _pack(index))
    except OSError as error:
        log.warning(
            "the locator's index is not kept: %s cannot be written (%s); make room there or make it writable, "
            "else it is built at every start",
            folder,
            error.strerror,
        )
        return index
    arrays = stored.load(path)
    return index if arrays is None else _unpack(arrays, metric_crs)


def build_index(geoms: NDArray[np.object_], rank: NDArray[np.int64], metric_crs: str) -> Index:
    """The index in memory."""
    edges = border_edges(geoms)
    raster, several = draw_raster(edges, len(geoms))
    _label_several(raster, several, geoms, rank)
    plane = fit_plane(_box(raster.grid), metric_crs)
    corners = plane.project(*fixed(edges.ends.reshape(-1, 2).T, np.float64))
    return _frozen(Index(raster, plane, sort_edges(corners.reshape(-1, 4), edges.sides), bool(len(several))))


def _label_several(
    raster: Raster, several: NDArray[np.int32], geoms: NDArray[np.object_], rank: NDArray[np.int64]
) -> None:
    """Give stretches of pixels that lie in several areas the label of the first in rank, plus the number of areas."""
    if not len(several):
        return
    x0, y0, sx, sy, columns, _ = raster.grid
    middles = shapely.points(x0 + (several[:, 1] + 0.5) / sx, y0 + (several[:, 0] + 0.5) / sy)
    which, area = shapely.STRtree(geoms).query(middles, predicate="intersects")
    order = np.lexsort((rank[area], which))
    stretch, at = np.unique(which[order], return_index=True)
    for k, label in zip(stretch.tolist(), area[order][at].tolist(), strict=True):
        row, first, end = several[k].tolist()
        raster.labels[row * int(columns) + first : row * int(columns) + end] = len(geoms) + label


def _box(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ground of a grid, degrees."""
    x0, y0, sx, sy, columns, rows = grid
    return np.array([x0, y0, x0 + columns / sx, y0 + rows / sy])


def _key(geoms: NDArray[np.object_], rank: NDArray[np.int64], metric_crs: str) -> str:
    """What an index depends on."""
    content = hashlib.sha256(f"{FORMAT}\n{metric_crs}\n{len(geoms)}\n".encode())
    content.update(np.ascontiguousarray(rank, dtype="<i8").tobytes())
    for wkb in shapely.to_wkb(geoms, byte_order=1).tolist():
        content.update(wkb)
    return content.hexdigest()[:40]


def _pack(index: Index) -> stored.Arrays:
    held = (index.raster, index.plane, index.bins)
    parts = {field.name: getattr(part, field.name) for part in held for field in fields(part)}
    del parts["metric_crs"]
    return {**parts, "overlapping": np.array([index.overlapping])}


def _unpack(arrays: stored.Arrays, metric_crs: str) -> Index:
    def parts(kind: type) -> dict[str, Any]:
        return {field.name: arrays[field.name] for field in fields(kind) if field.name in arrays}

    plane = Plane(**parts(Plane), metric_crs=metric_crs)
    return Index(Raster(**parts(Raster)), plane, Bins(**parts(Bins)), bool(arrays["overlapping"][0]))


def _frozen(index: Index) -> Index:
    """As it comes from a file: read-only, so that the loops are compiled for one kind of array alone."""
    for array in _pack(index).values():
        array.flags.writeable = False
    return index
