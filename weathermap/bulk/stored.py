"""The issues of a partition as columns, for counting them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Integer, MetaData, SmallInteger, case, cast, func, literal, select
from sqlalchemy import Text as Text_

from weathermap.issue.batch import NONE, Text
from weathermap.issue.lives import SHAPES
from weathermap.issue.workflow import NEW, step
from weathermap.store import tables as t
from weathermap.store.registry import City

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]
HEAD = 19  # bytes before the rows of a binary COPY
ROWS = 200_000  # given on at once
Y2K_US = 946_684_800_000_000  # what PostgreSQL counts from


@dataclass(frozen=True)
class Stored:
    """Issues that were handed over, parallel; µs, NONE where there is none."""

    shape: Text
    start: Ints  # when handed over
    end: Ints
    deadline: Ints
    red: NDArray[np.bool_]
    unit: Ids  # 0 for none
    category: Ids
    source: Ids
    places: Ids  # area ids, 0 for none, shape (n, levels + overlays): the chain, then the overlays in any order


def read_part(connection: Connection, city: City, part: str, take: Callable[[Stored], None]) -> None:
    """Give all issues of the partition `part` that were handed over to `take`, some hundred thousand at a time.

    Their lives are of the shapes of a ledger.
    """
    chosen = _columns(part, len(city.pack.config.levels) + len(city.pack.config.overlays))
    asked = select(*(column.label(name) for name, (column, _) in chosen.items()))
    asked = asked.where(chosen["start"][0] > cast(literal("-infinity", Text_), t.INSTANT))
    statement = str(asked.compile(connection.engine, compile_kwargs={"literal_binds": True}))
    sink = _Sink(np.dtype(_fields(chosen)), lambda rows: take(_stored(rows, city)))
    connection.connection.cursor().copy_expert(f"COPY ({statement}) TO STDOUT BINARY", sink, size=1 << 20)
    sink.close()


def _stored(found: NDArray[np.void], city: City) -> Stored:
    levels, overlays = len(city.pack.config.levels), len(city.pack.config.overlays)
    places = np.column_stack([found[f"place{k}"] for k in range(levels + overlays)]).astype(np.int32)
    unlocated = found["area"] == 0
    if overlays:  # without a chain the overlays follow the city itself
        places[unlocated, levels:] = places[unlocated, 1 : 1 + overlays]
    places[unlocated, 1:levels] = 0
    shape = np.array(list(_shapes().values()), dtype=object)[found["state"]]
    at = {name: _since_1970(found[name]) for name in ("start", "deadline", "fed_back", "last")}
    end = np.where(shape == "void", at["last"], np.where(shape == "closed", at["fed_back"], NONE))
    red = np.array([category.red_line for category in city.pack.categories], dtype=bool)
    red_line = np.isin(found["category"], city.category_ids[red])
    ids = {name: found[name].astype(np.int32) for name in ("unit", "category", "source")}
    return Stored(shape, at["start"], end, at["deadline"], red_line, **ids, places=places)


class _Sink:
    """What COPY writes to: whole rows are given on, many at a time."""

    def __init__(self, row: np.dtype[np.void], take: Callable[[NDArray[np.void]], None]) -> None:
        self._row, self._take = row, take
        self._waiting = bytearray()
        self._head = HEAD

    def write(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) >= self._head + ROWS * self._row.itemsize:
            self._give()

    def close(self) -> None:
        """Give the last rows on."""
        self._give()

    def _give(self) -> None:
        n = (len(self._waiting) - self._head) // self._row.itemsize  # the end mark is shorter than a row
        if n > 0:
            size = self._head + n * self._row.itemsize
            self._take(np.frombuffer(bytes(self._waiting[self._head : size]), dtype=self._row))
            del self._waiting[:size]
            self._head = 0


def _since_1970(sent: NDArray[np.int64]) -> Ints:
    us = sent.astype(np.int64)
    return np.where(us == NONE, NONE, us + Y2K_US)


def _shapes() -> dict[str, str]:
    """State → shape of those that were handed over."""
    found = {}
    for shape, moves in SHAPES.items():
        state = step(NEW, "report")
        for move in moves:
            state = step(state, move)
        if moves:
            found[state] = shape
    return found


def _columns(part: str, places: int) -> dict[str, tuple[ColumnElement[Any], str]]:
    """Name → what is asked for, and how it is sent. Nothing is NULL, so that all rows are of one width."""
    i = t.issue.to_metadata(MetaData(), name=part).c
    number = case(*((i.state == state, k) for k, state in enumerate(_shapes())), else_=0)
    never = cast(literal("-infinity", Text_), t.INSTANT)  # sent as NONE
    instants = {"start": i.notified_at, "deadline": i.deadline, "fed_back": i.fed_back_at, "last": i.last_at}
    return {
        "state": (cast(number, SmallInteger), ">i2"),
        "area": (func.coalesce(i.area_id, 0), ">i4"),
        "unit": (func.coalesce(i.unit_id, 0), ">i4"),
        "category": (i.category_id, ">i4"),
        "source": (i.source_id, ">i4"),
        **{name: (func.coalesce(column, never), ">i8") for name, column in instants.items()},
        **{f"place{k}": (cast(func.coalesce(i.places[k + 1], 0), Integer), ">i4") for k in range(places)},
    }


def _fields(chosen: dict[str, tuple[ColumnElement[Any], str]]) -> list[tuple[str, str]]:
    sized = (pair for name, (_, kind) in chosen.items() for pair in ((f"{name}_size", ">i4"), (name, kind)))
    return [("fields", ">i2"), *sized]
