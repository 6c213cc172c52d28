"""The parts that an issue is split into: each an issue of its own, at the same place, with the same deadline.

They say whose parts they are by their keys: the whole's number, a stroke, and which part (`NUMBER/1`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from weathermap.issue.batch import NONE, Moves, Reports
from weathermap.issue.given import Wish
from weathermap.issue.held import Hands
from weathermap.store import tables as t

Granted = Sequence[tuple[Wish, Hands]]


def part_keys(wish: Wish) -> list[str]:
    """The keys of an issue's parts."""
    return [f"{wish.number}/{n}" for n in range(1, len(wish.parts) + 1)]


def parts_of(connection: Connection, splits: Granted, actor: str, now: int) -> tuple[Reports, Moves] | None:
    """The reports of all parts at `now` (µs), and their dispatch to their units; None without a split."""
    reports: list[tuple[Any, ...]] = []
    moves: list[tuple[Any, ...]] = []
    for wish, row in splits:
        i, p = t.issue.c, t.point.c
        place = select(
            func.ST_X(i.geom).label("lon"), func.ST_Y(i.geom).label("lat"), i.address, i.position, i.deadline
        )
        place = place.add_columns(i.receipt["error_m"].astext.label("error_m"), p.code.label("point"))
        asked = place.outerjoin_from(t.issue, t.point, p.point_id == i.point_id).where(i.issue_id == row.issue_id)
        at = connection.execute(asked).one()
        nan = float("nan")
        deadline = NONE if at.deadline is None else int(at.deadline.timestamp()) * 1_000_000
        lon, lat = (at.lon, at.lat) if at.lon is not None else (nan, nan)
        flag = at.position if at.position in ("missing", "default", "swapped") else ""
        error_m = float(at.error_m) if at.error_m is not None else nan
        for key, part in zip(part_keys(wish), wish.parts, strict=True):
            where = (
                part.category,
                lon,
                lat,
                now,
                at.address,
                at.point or "",
                part.unit,
                deadline,
                error_m,
                flag,
                False,
            )
            reports.append((row.source, key, *where))
            moves.append((row.source, key, "dispatch", now, actor, NONE, part.note.strip(), part.unit))
    if not reports:
        return None
    return Reports(*_columns(reports, "oooffioooifob")), Moves(*_columns(moves, "oooioioo"))


def _columns(rows: Sequence[tuple[Any, ...]], kinds: str) -> Iterator[Any]:
    """Columns of rows. Kinds: o object, f float64, i int64, b bool."""
    dtypes = {"o": object, "f": np.float64, "i": np.int64, "b": bool}
    for column, kind in zip(zip(*rows, strict=True), kinds, strict=True):
        yield np.array(column, dtype=dtypes[kind])
