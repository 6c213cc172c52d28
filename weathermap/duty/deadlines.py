"""Until when: the limit of a category, counted on the city's working calendar from the moment a unit is handed an issue."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from weathermap.city.calendar import SECOND_US, Calendar
from weathermap.city.pack import Limit
from weathermap.errors import UnknownName


class Limits:
    """The limits of a pack: for a category the exact one, else the longest prefix."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._exact = {limit.category: limit for limit in limits if not limit.category.endswith("*")}
        prefixes = [limit for limit in limits if limit.category.endswith("*")]
        self._prefixes = sorted(prefixes, key=lambda limit: -len(limit.category))

    def of(self, category: str) -> Limit:
        """The limit of a category's code. Raises UnknownName."""
        if category in self._exact:
            return self._exact[category]
        for limit in self._prefixes:
            if category.startswith(limit.category[:-1]):
                return limit
        raise UnknownName(f"Category {category!r} has no limit.", "Add it, or a prefix such as `E01*`, to limits.csv.")


def deadlines(
    calendar: Calendar, limits: Limits, category: NDArray[np.object_], start_us: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The deadline (µs, UTC) of each issue handed over at `start_us`; shapes (n,). Raises UnknownName.

    clock_hours 紧急工作时: hours on the clock. work_hours 工作时: hours inside office time. workdays 工作日: so many
    times a workday's office hours, so that one workday from Monday 10:00 ends on Tuesday 10:00, and one from
    Saturday ends on Monday at closing time.
    """
    codes, row = np.unique(category.astype(str), return_inverse=True)
    chosen = [limits.of(code) for code in codes.tolist()]
    amount = np.array([limit.amount for limit in chosen], dtype=np.float64)
    kind = np.array([limit.kind for limit in chosen])
    per = np.where(kind == "workdays", calendar.day_s, 3600)
    seconds = np.round(amount * per).astype(np.int64)[row] if len(codes) else np.zeros(0, dtype=np.int64)
    found = start_us + seconds * SECOND_US
    working = (kind != "clock_hours")[row] if len(codes) else np.zeros(0, dtype=bool)
    found[working] = calendar.after(calendar.worked(start_us[working]) + seconds[working])
    return found
