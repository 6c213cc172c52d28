"""Writes a plan: issues, keys, events and deltas. The caller owns the transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from sqlalchemy import Connection

from weathermap.errors import StoreError
from weathermap.issue.appending import Plan
from weathermap.issue.batch import NONE
from weathermap.issue.decide import Decisions
from weathermap.issue.numbering import public_numbers
from weathermap.issue.track import SECOND_US, Track
from weathermap.notice.writing import notices_of
from weathermap.store import copy
from weathermap.store.registry import City
from weathermap.store.sql import NOTHING, Statement, statement_of
from weathermap.tally.late import late_columns
from weathermap.tally.post import post_deltas


def write_plan(
    connection: Connection,
    city: City,
    planned: Plan,
    tell: bool = False,
    beside: Mapping[str, Mapping[str, copy.Column]] | None = None,
) -> None:
    """Store everything that a plan decided, with `tell` its notices, and rows `beside` it: what is little, in one
    round trip. Raises StoreError when an issue changed meanwhile."""
    tables: dict[str, Mapping[str, copy.Column]] = dict(beside or {})
    deltas = post_deltas(connection, city.city_id, planned.deltas, planned.holders, planned.subjects)
    if deltas is not None:
        tables["tally_delta"] = deltas
    if planned.events:
        tables["issue_event"] = _events(city, planned)
    if tell and (notices := notices_of(city.city_id, planned)):
        tables["notice"] = notices
    if planned.late_events:
        tables["event_late"] = _late_events(city, planned)
    if planned.late_deltas:
        late = [planned.deltas[row] for row in planned.late_deltas]
        counted = [planned.subjects[planned.holders[row]] for row in planned.late_deltas]
        tables["tally_late"] = late_columns(city.city_id, late, counted, planned.late_s)
    if planned.new:  # last, for other writers wait for the numbers of these days from here on
        numbers = public_numbers(connection, city, planned.reports.reported_at, planned.recorded)
        tables |= _issues(city, planned, numbers)
    touch = _touch(connection, planned.touched) if planned.touched else NOTHING
    if copy.write_tables(connection, tables, touch) != len(planned.touched) and planned.touched:
        raise StoreError("An issue was changed by someone else meanwhile.", "Nothing was stored; try again.")


def _late_events(city: City, planned: Plan) -> dict[str, copy.Column]:
    late = [planned.events[row] for row in planned.late_events]
    return {
        "city_id": copy.numbers([city.city_id] * len(late)),
        "issue_id": copy.numbers([event[0] for event in late]),
        "seq": copy.numbers([event[1] for event in late]),
        "at": copy.instants([event[2] for event in late]),
        "recorded_at": copy.instants(np.full(len(late), planned.late_s * SECOND_US)),
    }


def _issues(city: City, planned: Plan, numbers: list[str]) -> dict[str, dict[str, copy.Column]]:
    """The rows of `issue` and `issue_key`."""
    tracks, reports, decided = planned.new, planned.reports, planned.decisions
    finest = city.area_ids[city.pack.config.levels[-1]]
    rows = len(tracks)
    ids = copy.numbers([track.issue_id for track in tracks])
    city_ids = copy.numbers([city.city_id] * rows)
    source_ids = copy.numbers(city.source_ids[[city.book.sources[code] for code in reports.source]])
    category_ids = city.category_ids[[city.book.categories[code] for code in reports.category]]
    people = np.append(city.person_ids, 0)[decided.person]
    points = [int(city.point_ids[row]) if (row := city.book.points.get(code, -1)) >= 0 else 0 for code in reports.point]
    issues = {
        "issue_id": ids,
        "city_id": city_ids,
        "number": copy.texts(numbers),
        "source_id": source_ids,
        "category_id": copy.numbers(category_ids),
        **_state_columns(tracks),
        "reported_at": copy.instants(reports.reported_at),
        "person_id": [
            person if track.unit_id else None for person, track in zip(copy.optional(people, 0), tracks, strict=True)
        ],
        "area_id": copy.optional(np.where(decided.area >= 0, finest[np.maximum(decided.area, 0)], 0), 0),
        "places": copy.arrays([track.places for track in tracks]),
        "point_id": copy.optional(points, 0),
        "geom": copy.points(decided.lon, decided.lat),
        "position": copy.texts(decided.position),
        "address": copy.texts(reports.address),
        "flag": copy.texts(["closed_early" if early else "" for early in reports.closed_early.tolist()]),
        "review": copy.booleans(decided.review),
        "receipt": copy.texts(_receipts(decided, city)),
    }
    keys = {"city_id": city_ids, "source_id": source_ids, "source_key": copy.texts(reports.source_key), "issue_id": ids}
    return {"issue": issues, "issue_key": keys}


def _state_columns(tracks: list[Track]) -> dict[str, copy.Column]:
    """The columns of `issue` that moves change."""

    def instants(name: str) -> copy.Column:
        return copy.instants([getattr(track, name) for track in tracks])

    def seconds(name: str) -> copy.Column:
        found = (getattr(track.flow, name) for track in tracks)
        return copy.instants([NONE if s is None else s * SECOND_US for s in found])

    return {
        "state": copy.texts([track.state for track in tracks]),
        "seq": copy.numbers([track.seq for track in tracks]),
        "hash": copy.binary([track.hash for track in tracks]),
        "last_at": instants("last_us"),
        "notified_at": instants("notified_us"),
        "deadline": instants("deadline_us"),
        "long_at": seconds("long"),
        "red_at": seconds("red"),
        "fed_back_at": instants("fed_back_us"),
        "rectified_at": instants("rectified_us"),
        "suspended_at": instants("suspended_us"),
        "extended": copy.booleans(track.flow.extended for track in tracks),
        "unit_id": copy.optional([track.unit_id for track in tracks], 0),
    }


def _receipts(decided: Decisions, city: City) -> list[str]:
    """How each decision was made, as JSON: boundary version, rule, distance to the border, runner-up."""
    pack, finest = city.pack, city.pack.finest.codes
    found = []
    for i in range(len(decided.area)):
        area, duty, unit = int(decided.area[i]), int(decided.duty[i]), int(decided.unit[i])
        receipt: dict[str, object] = {
            "version": city.version,
            "position": decided.position[i],
            "area": finest[area] if area >= 0 else None,
            "error_m": round(float(decided.error_m[i]), 1),
            "rule": decided.rule[i],
            "duty": pack.duties[duty].code if duty >= 0 else None,
            "unit": pack.units[unit].code if unit >= 0 else None,
        }
        if area >= 0:
            receipt["border_m"] = round(float(decided.border_m[i]), 2)
        other, other_unit = int(decided.runner_up[i]), int(decided.runner_up_unit[i])
        if other >= 0:
            receipt["runner_up"] = {
                "area": finest[other],
                "distance_m": round(float(decided.runner_up_m[i]), 2),
                "unit": pack.units[other_unit].code if other_unit >= 0 else None,
            }
        if decided.written is not None and decided.written[i]:
            receipt["written"] = decided.written[i]
        found.append(json.dumps(receipt, ensure_ascii=False))
    return found


def _touch(connection: Connection, tracks: list[Track]) -> Statement:
    """The statement that compares and swaps, on the sequence number of the last event."""
    columns = {
        "issue_id": copy.numbers([track.issue_id for track in tracks]),
        "start_seq": copy.numbers([track.start_seq for track in tracks]),
        "person_id": copy.optional([track.person_id for track in tracks], 0),
        "category_id": copy.numbers([track.category_id for track in tracks]),
        **_state_columns(tracks),
    }
    if len(tracks) == 1:
        return statement_of(connection, "issue_touch_one", {name: column[0] for name, column in columns.items()})
    return statement_of(connection, "issue_touch", {name: copy.array(column) for name, column in columns.items()})


def _events(city: City, planned: Plan) -> dict[str, copy.Column]:
    issue, seq, at, move, actor, data, seal = (list(column) for column in zip(*planned.events, strict=True))
    return {
        "issue_id": copy.numbers(issue),
        "seq": copy.numbers(seq),
        "city_id": copy.numbers([city.city_id] * len(issue)),
        "at": copy.instants(at),
        "move": copy.texts(move),
        "actor": copy.numbers(actor),
        "data": copy.texts(data),
        "hash": copy.binary(seal),
    }
