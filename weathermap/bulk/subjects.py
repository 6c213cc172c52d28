"""What issues count for, as columns: their areas, their unit, and the slices of those that are sliced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from weathermap.store.registry import City
from weathermap.store.slices import SLICED

Ids = NDArray[np.int32]


def subjects_of(city: City, holders: Ids, category: Ids, source: Ids) -> Ids:
    """As `City.subjects`: the holders (areas of levels and overlays, then the unit) and their slices; 0 for none."""
    found = [holders]
    for holder in sliced(city, holders):
        found.append(slices(city.slices.by_category, holder, category)[:, None])
        found.append(slices(city.slices.by_source, holder, source)[:, None])
    return np.hstack(found)


def sliced(city: City, holders: Ids) -> Iterator[Ids]:
    """Those columns of holders that are counted by category and source."""
    for k in range(min(SLICED, len(city.pack.config.levels))):
        yield holders[:, k]
    yield holders[:, -1]


def slices(known: Mapping[tuple[int, int], int], holder: Ids, which: Ids) -> Ids:
    """(holder, category or source) → subject, 0 where there is none; shape (n,)."""
    if not known:
        return np.zeros(len(holder), dtype=np.int32)
    keys = np.array([of << 32 | which_ for of, which_ in known], dtype=np.int64)
    subjects = np.fromiter(known.values(), dtype=np.int32, count=len(known))
    order = np.argsort(keys)
    keys, subjects = keys[order], subjects[order]
    wanted = holder.astype(np.int64) << 32 | which
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, subjects[place], 0).astype(np.int32)
