"""New issues of a large load, planned in columns: the same rows as `plan` and `write_plan` give (a test holds both).

Issues of one shape, with a deadline or without, red-line or not, go through the moves together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from weathermap.bulk.counted import Counted
from weathermap.bulk.events import Events, events_of
from weathermap.bulk.late import late_rows
from weathermap.bulk.receipts import receipts
from weathermap.bulk.subjects import subjects_of
from weathermap.issue.batch import NONE, Reports, Text
from weathermap.issue.decide import Decisions, decide
from weathermap.issue.lives import SHAPES, Lives
from weathermap.issue.track import SECOND_US
from weathermap.issue.workflow import NEW, step
from weathermap.lookup import looked_up
from weathermap.store import binary as b
from weathermap.store.registry import City
from weathermap.tally.measures import FlowColumns

Ints = NDArray[np.int64]
STATES = ("state", "notified", "deadline", "long", "red", "fed_back", "rectified")


@dataclass(frozen=True)
class Planned:
    """The rows to write, by table, and what is to be counted of them."""

    tables: dict[str, pa.Table]
    counted: Counted


@dataclass(frozen=True)
class Posted:
    """What one move of issues alike posts: columns of seconds, a measure or a column of them, an amount."""

    rows: Ints
    at: Ints  # of the move, µs
    deltas: list[Any]


@dataclass
class Standing:
    """Where the issues stand after their moves; µs, NONE where there is none; shapes (n,)."""

    n: int
    state: NDArray[np.object_] = field(init=False)
    notified: Ints = field(init=False)
    deadline: Ints = field(init=False)
    long: Ints = field(init=False)
    red: Ints = field(init=False)
    fed_back: Ints = field(init=False)
    rectified: Ints = field(init=False)
    posted: list[Posted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = np.full(self.n, NEW, dtype=object)
        for name in STATES[1:]:
            setattr(self, name, np.full(self.n, NONE, dtype=np.int64))


def plan_lives(reports: Reports, lives: Lives, city: City, ids: Ints, recorded: int = NONE) -> Planned:
    """Plan new issues, all but their public numbers (see `weathermap.bulk.numbers`).

    `recorded`: when they become known, µs, if the city was live before; NONE: everything at its own instant.
    """
    notified = np.where(lives.shape == "reported", NONE, reports.reported_at)
    decided = decide(reports, city.book, notified)
    category = looked_up(reports.category, city.book.categories.__getitem__)
    red = np.array([each.red_line for each in city.pack.categories], dtype=bool)[category]
    standing = stand(lives.shape, reports.reported_at, lives.end, decided.deadline, red)
    held, there = places(decided, city)
    unit = np.where(standing.notified != NONE, np.append(city.unit_ids, 0)[decided.unit], 0)
    counted = Counted(
        shape=lives.shape,
        start=standing.notified,
        end=lives.end,
        deadline=decided.deadline,
        red=red,
        category=city.category_ids[category].astype(np.int32),
        source=city.source_ids[looked_up(reports.source, city.book.sources.__getitem__)].astype(np.int32),
        holders=np.column_stack([np.where(there, held, 0), unit]).astype(np.int32),
    )
    events = events_of(reports, lives, decided, city, ids)
    tables = {
        "issue": _issues(reports, decided, standing, city, ids, events, counted, b.lists(held, there)),
        "issue_event": events.table,
        "issue_key": pa.table(
            {
                "city_id": b.constant(city.city_id, len(ids), pa.int16()),
                "source_id": pa.array(counted.source),
                "source_key": b.texts(reports.source_key),
                "issue_id": pa.array(ids),
            }
        ),
    }
    if recorded != NONE:
        subjects = subjects_of(city, counted.holders, counted.category, counted.source)
        tables |= late_rows(events, standing, subjects, city, recorded)
    return Planned(tables, counted.where(standing.notified != NONE))


def stand(shape: Text, start: Ints, end: Ints, deadline: Ints, red: NDArray[np.bool_]) -> Standing:
    """Let issues go through the moves of their shape, those alike together; `deadline`: NONE without."""
    found = Standing(len(shape))
    dated = deadline != NONE
    for name, moves in SHAPES.items():
        for a_red in (False, True):
            for with_deadline in (False, True):
                rows = np.flatnonzero((shape == name) & (red == a_red) & (dated == with_deadline))
                if len(rows):
                    _go(found, rows, moves, start[rows], end[rows], deadline[rows], a_red)
    return found


def _go(found: Standing, rows: Ints, moves: tuple[str, ...], start: Ints, end: Ints, deadline: Ints, red: bool) -> None:
    flow = FlowColumns(red)
    state = step(NEW, "report")
    for k, move in enumerate(moves):
        state = step(state, move)
        at = start if k == 0 else end
        until = deadline // SECOND_US if move == "dispatch" and (deadline != NONE).all() else None
        before = len(flow.deltas)
        flow.apply(move, at // SECOND_US, until)
        found.posted.append(Posted(rows, at, flow.deltas[before:]))
        if move == "dispatch":
            found.notified[rows] = at
        elif move == "feed_back":
            found.fed_back[rows] = at
        elif move == "check_pass":
            found.rectified[rows] = at
    found.state[rows] = state
    for name in ("deadline", "long", "red"):
        if (second := getattr(flow, name)) is not None:
            getattr(found, name)[rows] = second * SECOND_US


def _issues(
    reports: Reports,
    decided: Decisions,
    standing: Standing,
    city: City,
    ids: Ints,
    events: Events,
    counted: Counted,
    held: pa.Array,
) -> pa.Table:
    n = len(ids)
    finest, unit_id = city.area_ids[city.pack.config.levels[-1]], counted.holders[:, -1]
    person_id = np.where(unit_id > 0, np.append(city.person_ids, 0)[decided.person], 0)
    point = looked_up(reports.point, lambda code: city.book.points.get(code, -1))
    last = pa.array(events.last)
    return pa.table(
        {
            "issue_id": pa.array(ids),
            "city_id": b.constant(city.city_id, n, pa.int16()),
            "source_id": pa.array(counted.source),
            "category_id": pa.array(counted.category),
            "state": b.texts(standing.state),
            "seq": events.table["seq"].take(last),
            "hash": b.fixed(events.heads),
            "last_at": events.table["at"].take(last),
            "notified_at": b.instants(standing.notified),
            "deadline": b.instants(standing.deadline),
            "long_at": b.instants(standing.long),
            "red_at": b.instants(standing.red),
            "fed_back_at": b.instants(standing.fed_back),
            "rectified_at": b.instants(standing.rectified),
            "suspended_at": b.instants(np.full(n, NONE)),
            "extended": b.constant(False, n, pa.bool_()),
            "unit_id": b.numbers(unit_id, pa.int32(), 0),
            "reported_at": b.instants(reports.reported_at),
            "person_id": b.numbers(person_id, pa.int32(), 0),
            "area_id": b.numbers(np.append(finest, 0)[decided.area], pa.int32(), 0),
            "places": held,
            "point_id": b.numbers(np.append(city.point_ids, 0)[point], pa.int32(), 0),
            "geom": b.points(decided.lon, decided.lat),
            "position": b.texts(decided.position),
            "address": b.texts(reports.address),
            "flag": b.texts(np.where(reports.closed_early, "closed_early", "").astype(object)),
            "review": pa.array(decided.review),
            "receipt": b.jsonb(receipts(decided, city)),
        }
    )


def places(decided: Decisions, city: City) -> tuple[Ints, NDArray[np.bool_]]:
    """All area ids that hold each issue, as `City.places`, and which are there; shapes (n, levels + overlays)."""
    located = decided.area >= 0
    chains = city.chains[np.maximum(decided.area, 0)]
    over = [np.append(city.area_ids[level], 0)[rows] for level, rows in decided.overlays.items()]
    there = np.ones(chains.shape, dtype=bool) & located[:, None]
    chains[:, 0], there[:, 0] = np.where(located, chains[:, 0], city.top_id), True
    within = [rows >= 0 for rows in decided.overlays.values()]
    return np.column_stack([chains, *over]), np.column_stack([there, *within])
