"""The checklist of a point as citizens' rounds go through it: what they find breaks one of its standards."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Chance
from etl.demo.places import Ints
from weathermap.city.pack import Pack, Standard


class Clauses:
    """The standards of each declared point's kind."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._of: dict[str, list[Standard]] = {}
        for standard in pack.standards:
            self._of.setdefault(standard.point_kind, []).append(standard)
        self._rows = {category.code: row for row, category in enumerate(pack.categories)}

    def of(self, kind: str) -> list[Standard]:
        """Those of a kind of point, in the pack's order."""
        return self._of.get(kind, [])

    def categories(self, chance: Chance, key: Ints, point: Ints, otherwise: Ints) -> NDArray[np.int64]:
        """The category (row of the pack) of each finding: of a standard of its point, else the one drawn already.

        `point`: row of the pack, −1 none.
        """
        found = otherwise.copy()
        luck = chance.uniform("clause", key)
        for at, row in enumerate(point.tolist()):
            broken = [one for one in self.of(self.pack.points[row].kind) if one.category] if row >= 0 else []
            if broken:
                found[at] = self._rows[broken[int(luck[at] * len(broken))].category]
        return found

    def broken(self, kind: str, categories: list[str]) -> list[Standard | None]:
        """Which standard each finding at one point breaks, each one once; None where none is left."""
        left = list(self.of(kind))
        found: list[Standard | None] = []
        for category in categories:
            one = next((standard for standard in left if standard.category == category), left[0] if left else None)
            if one is not None:
                left.remove(one)
            found.append(one)
        return found
