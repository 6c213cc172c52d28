"""All that is known of a city in memory: what deciding where, who and until when needs. Built from a pack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from weathermap.city.calendar import Calendar
from weathermap.city.chain import tie_rank
from weathermap.city.pack import Pack
from weathermap.duty.deadlines import Limits
from weathermap.duty.routing import NOBODY, Router
from weathermap.locate.index import Locator


@dataclass(frozen=True)
class Book:
    """A pack with its indexes."""

    pack: Pack
    locator: Locator
    overlays: dict[str, Locator]
    router: Router
    calendar: Calendar
    limits: Limits
    units: dict[str, int]
    points: dict[str, int]
    people: dict[str, int]
    categories: dict[str, int]
    sources: dict[str, int]
    heads: NDArray[np.int32]  # row of each unit's head among the people, NOBODY without one; shape (n units,)

    @classmethod
    def from_pack(cls, pack: Pack, index_folder: Path | None = None) -> Self:
        """The book of a pack that `check_pack` found without fault; its locators' indexes are kept in the folder."""
        metric = pack.config.metric_crs
        people = {person.code: i for i, person in enumerate(pack.people)}
        units = {unit.code: i for i, unit in enumerate(pack.units)}
        heads = np.full(len(units), NOBODY, dtype=np.int32)
        for person in reversed(pack.people):
            if person.role == "head":
                heads[units[person.unit]] = people[person.code]
        return cls(
            pack=pack,
            locator=Locator(pack.finest, metric, tie_rank(pack), index_folder),
            overlays={level: Locator(pack.areas[level], metric, folder=index_folder) for level in pack.config.overlays},
            router=Router(pack),
            calendar=Calendar.from_config(pack.config, pack.holidays),
            limits=Limits(pack.limits),
            units=units,
            points={point.code: i for i, point in enumerate(pack.points)},
            people=people,
            categories={category.code: i for i, category in enumerate(pack.categories)},
            sources={source.code: i for i, source in enumerate(pack.sources)},
            heads=heads,
        )
