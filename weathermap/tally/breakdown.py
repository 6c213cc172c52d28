"""An area's or unit's numbers by source, by category or by special work: sums of its slices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from weathermap.errors import UnknownName
from weathermap.store import tables as t
from weathermap.store.sql import query
from weathermap.tally.measures import M
from weathermap.tally.read import read_sums
from weathermap.weather.rule import overdue_of

KINDS = ("source", "special", "category")


@dataclass(frozen=True)
class Part:
    """One part: what it is, and the subjects that add up to it."""

    code: str
    name: str
    name_en: str
    subjects: tuple[int, ...]


def breakdown(
    connection: Connection, city_id: int, holder_id: int, of: str, window: tuple[int, int]
) -> list[dict[str, Any]]:
    """The parts of a holder, in the order of their codes; empty where the store does not count it so.

    `window`: the second before it starts and its last second. Notified, rectified, due and on time are those within;
    open and overdue stand at its end. Raises UnknownName for another kind than KINDS.
    """
    parts = _parts(connection, city_id, holder_id, of)
    ids = [subject for part in parts for subject in part.subjects]
    sums = read_sums(connection, city_id, ids, window)
    owner = np.repeat(np.arange(len(parts)), [len(part.subjects) for part in parts])
    added = np.zeros((len(parts), *sums.shape[1:]), dtype=np.int64)
    np.add.at(added, owner, sums)
    return [_row(part, added[i]) for i, part in enumerate(parts)]


def _parts(connection: Connection, city_id: int, holder_id: int, of: str) -> list[Part]:
    if of not in KINDS:
        raise UnknownName(f"of={of!r} is not known.", f"Use one of: {', '.join(KINDS)}.")
    asked = {"holder_id": holder_id, "kind": "source" if of == "source" else "category"}
    slices = connection.execute(query("slices_of"), asked).all()
    if of != "special":
        return [Part(row.code, row.name, row.name_en, (row.subject_id,)) for row in slices]
    s = t.special.c
    works = connection.execute(
        select(s.code, s.name, s.name_en).where(s.city_id == city_id, ~s.retired).order_by(s.code)
    ).all()
    return [Part(w.code, w.name, w.name_en, _of_work(w.code, slices)) for w in works] if slices else []


def _of_work(code: str, slices: Iterable[Any]) -> tuple[int, ...]:
    return tuple(row.subject_id for row in slices if row.special == code)


def _row(part: Part, sums: NDArray[np.int64]) -> dict[str, Any]:
    """`sums`: shape (before the window, at its end) × measures."""
    grown = sums[1] - sums[0]
    return {
        "code": part.code,
        "name": part.name,
        "name_en": part.name_en,
        **{name: int(grown[M[name]]) for name in ("notified", "rectified", "due", "on_time")},
        "open": int(sums[1, M["notified"]] - sums[1, M["rectified"]]),
        "overdue": int(overdue_of(sums[1].tolist())),
    }
