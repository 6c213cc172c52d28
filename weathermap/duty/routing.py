"""Who answers for an issue: the most specific duty that matches its category, area, point kind and source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weathermap.city.chain import ancestors, index_of
from weathermap.city.pack import Duty, Pack
from weathermap.duty.specificity import specificity
from weathermap.lookup import distinct

NOBODY = -1


@dataclass(frozen=True)
class Routes:
    """Parallel arrays, shape (n,): rows of the pack's duties and units, NOBODY where nothing matched."""

    duty: NDArray[np.int32]
    unit: NDArray[np.int32]


class Router:
    """Routes batches. Areas fall into few classes (which duties' areas hold them), so each case is matched once."""

    def __init__(self, pack: Pack) -> None:
        self._levels = pack.config.levels
        self._units = {unit.code: i for i, unit in enumerate(pack.units)}
        self._duties = sorted(enumerate(pack.duties), key=lambda pair: specificity(pair[1], self._levels), reverse=True)
        self._by_row = pack.duties
        self._candidates: dict[str, list[tuple[int, Duty]]] = {}
        self._dated = any(duty.valid_from or duty.valid_to for duty in pack.duties)
        self._ancestors = ancestors(pack)
        self._governing = {level: self._governing_units(pack, level) for level in self._levels}
        self._area_class, self._class_areas = self._classes(pack)
        self.groups = self._same_answers()

    def route(
        self,
        category: NDArray[np.object_],
        area: NDArray[np.int32],
        point_kind: NDArray[np.object_],
        source: NDArray[np.object_],
        day: NDArray[np.int64],
    ) -> Routes:
        """Duty and unit of each issue. `area`: rows of the finest level, −1 unlocated; `day`: date ordinals; (n,)."""
        klass = np.where(area >= 0, self._area_class[np.maximum(area, 0)], -1)
        (c, categories), (k, kinds), (s, sources) = (distinct(column) for column in (category, point_kind, source))
        first = int(day.min()) if self._dated and len(day) else 0
        since = day - first if self._dated else np.zeros(len(day), dtype=np.int64)
        key = c
        for rows, n in ((k, len(kinds)), (s, len(sources)), (klass + 1, len(self._class_areas) + 1)):
            key = key * n + rows
        key = key * (int(since.max(initial=0)) + 1) + since
        _, cases, case = np.unique(key, return_index=True, return_inverse=True)
        found = [
            self._match(categories[c[i]], int(klass[i]), kinds[k[i]], sources[s[i]], first + int(since[i]))
            for i in cases.tolist()
        ]
        duty = np.array(found, dtype=np.int32)[case]
        return Routes(duty, self._resolve(duty, area))

    def contest(self, category: str, area: int, point_kind: str, source: str, day: int) -> list[Duty]:
        """All duties that match one issue, the one that answers first. As `route` has it, for one."""
        klass = int(self._area_class[area]) if area >= 0 else -1
        return [self._by_row[row] for row in self._matching(category, klass, point_kind, source, day)]

    def _match(self, category: str, klass: int, point_kind: str, source: str, day: int) -> int:
        return next(self._matching(category, klass, point_kind, source, day), NOBODY)

    def _matching(self, category: str, klass: int, point_kind: str, source: str, day: int) -> Iterator[int]:
        inside = self._class_areas[klass] if klass >= 0 else frozenset()
        for row, duty in self._of_category(category):
            if (
                (not duty.area or duty.area in inside)
                and duty.point_kind in ("", point_kind)
                and duty.source in ("", source)
                and (duty.valid_from is None or duty.valid_from.toordinal() <= day)
                and (duty.valid_to is None or day <= duty.valid_to.toordinal())
            ):
                yield row

    def _of_category(self, category: str) -> list[tuple[int, Duty]]:
        """The duties that a category may fall to, the most specific first; looked up once."""
        found = self._candidates.get(category)
        if found is None:
            found = [(row, duty) for row, duty in self._duties if matches(duty.category, category)]
            self._candidates[category] = found
        return found

    def _resolve(self, duty: NDArray[np.int32], area: NDArray[np.int32]) -> NDArray[np.int32]:
        """Unit of each duty; `@LEVEL` is the unit that governs the issue's area of that level."""
        unit = np.full(len(duty), NOBODY, dtype=np.int32)
        for row in np.unique(duty[duty != NOBODY]).tolist():
            entry, here = self._by_row[row], np.flatnonzero(duty == row)
            if entry.unit.startswith("@"):
                level = entry.unit[1:]
                located = here[area[here] >= 0]
                holder = self._ancestors[area[located], self._levels.index(level)]
                unit[located] = self._governing[level][holder]
            else:
                unit[here] = self._units[entry.unit]
        return unit

    def _governing_units(self, pack: Pack, level: str) -> NDArray[np.int32]:
        rows = index_of(pack.areas[level])
        governing = np.full(len(rows), NOBODY, dtype=np.int32)
        for i, unit in enumerate(pack.units):
            if unit.area in rows:
                governing[rows[unit.area]] = i
        return governing

    def _same_answers(self) -> NDArray[np.int32]:
        """A label for each finest area; areas with one label are always routed alike. Shape (n finest,)."""
        columns = [self._governing[level][self._ancestors[:, k]] for k, level in enumerate(self._levels)]
        _, labels = np.unique(np.column_stack([self._area_class, *columns]), axis=0, return_inverse=True)
        return labels.astype(np.int32).reshape(-1)

    def _classes(self, pack: Pack) -> tuple[NDArray[np.int32], list[frozenset[str]]]:
        named = {duty.area for duty in pack.duties if duty.area}
        classes: dict[frozenset[str], int] = {}
        of_area = np.zeros(len(self._ancestors), dtype=np.int32)
        codes = [pack.areas[level].codes for level in self._levels]
        for i, rows in enumerate(self._ancestors):
            inside = frozenset(
                name
                for level, code, row in zip(self._levels, codes, rows, strict=True)
                if (name := f"{level}:{code[row]}") in named
            )
            of_area[i] = classes.setdefault(inside, len(classes))
        return of_area, list(classes)


def matches(pattern: str, code: str) -> bool:
    """Whether a category pattern ('' = all, `C01*` = prefix, else exact) matches a category code."""
    return not pattern or code == pattern or (pattern.endswith("*") and code.startswith(pattern[:-1]))
