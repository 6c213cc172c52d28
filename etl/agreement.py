"""How well the areas that we compute agree with those that the source itself published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from weathermap.city.chain import ancestors, index_of
from weathermap.city.crs import WGS84, transformer
from weathermap.city.pack import Areas
from weathermap.issue.batch import Text
from weathermap.issue.book import Book

NEAR_M = 15.0  # allowed for coordinates that were rounded


@dataclass(frozen=True)
class Agreement:
    """Of `rows` with a usable position and a published area: how many agree exactly, and within NEAR_M."""

    level: str
    rows: int
    exact: int
    near: int
    unknown: Mapping[str, int]  # published codes that the pack has not → rows; they agree with nothing

    def __str__(self) -> str:
        if not self.rows:
            return f"{self.level}: no row has both a usable position and a published {self.level}."
        text = (
            f"{self.level}: computed = published on {share(self.exact, self.rows)} of {self.rows:,} rows, "
            f"{share(self.near, self.rows)} within {NEAR_M:.0f} m"
        )
        if self.unknown:
            named = ", ".join(f"{code!r} ({n:,})" for code, n in list(self.unknown.items())[:5])
            text += f"; {sum(self.unknown.values()):,} name areas that the pack has not: {named}"
        return f"{text}."


def share(part: int, whole: int) -> str:
    """A share in percent; 100 % only if it is all, 0 % only if it is none."""
    if part in (0, whole):
        return "0 %" if not part else "100 %"
    return f"{min(max(100 * part / whole, 0.01), 99.99):.2f} %"


def agree(
    book: Book,
    level: str,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    usable: NDArray[np.bool_],
    published: Text,
) -> Agreement:
    """Compare, for rows that are `usable`; `published` holds codes of `level`, '' none. Degrees, EPSG:4326."""
    areas = book.pack.areas[level]
    rows = usable & (published != "")
    wanted_codes = published[rows]
    codes = index_of(areas)
    wanted = np.array([codes.get(code, -1) for code in wanted_codes.tolist()], dtype=np.int64)
    computed = located(book, level, lon[rows], lat[rows])
    exact = (computed == wanted) & (wanted >= 0)
    near = exact.copy()
    doubtful = np.flatnonzero(~exact & (wanted >= 0))
    away = _distance_m(areas, book.pack.config.metric_crs, lon[rows][doubtful], lat[rows][doubtful], wanted[doubtful])
    near[doubtful] = away <= NEAR_M
    unknown = Counter(wanted_codes[wanted < 0].tolist())
    return Agreement(level, int(rows.sum()), int(exact.sum()), int(near.sum()), dict(unknown.most_common()))


def located(book: Book, level: str, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Row of the area of `level` (of the chain, or an overlay) that holds each point, −1 for none."""
    if level in book.overlays:
        return book.overlays[level].locate(lon, lat).astype(np.int64)
    finest = book.locator.locate(lon, lat)
    column = book.pack.config.levels.index(level)
    return np.where(finest >= 0, ancestors(book.pack)[np.maximum(finest, 0), column], -1).astype(np.int64)


def _distance_m(
    areas: Areas, metric_crs: str, lon: NDArray[np.float64], lat: NDArray[np.float64], area: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Metres from each point to its area, 0 inside."""
    forth = transformer(WGS84, metric_crs)
    used, which = np.unique(area, return_inverse=True)
    metric = shapely.transform(areas.geoms[used], lambda x, y: forth.transform(x, y), interleaved=False)
    found: NDArray[np.float64] = shapely.distance(shapely.points(*forth.transform(lon, lat)), metric[which])
    return found
