"""A changed pack: tallies are carried over, and only what counts otherwise is counted anew.

What an area counted, the area of the same level and code in the new borders counts on; issues that lie elsewhere are
taken off the one and added to the other; points count by their difference. The old borders keep what they counted:
past days are shown as they were judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby

import numpy as np
from sqlalchemy import Connection, text

from weathermap.progress import step
from weathermap.store import copy
from weathermap.store.registry import City
from weathermap.store.sql import query
from weathermap.tally.late import late_columns
from weathermap.tally.measures import Delta
from weathermap.tally.post import append_deltas
from weathermap.tally.prefix import Deltas
from weathermap.tally.replay import replay

AT_ONCE = 500_000  # deltas of issues held at once


def successors(before: City, city: City) -> dict[int, int]:
    """Area or slice of the borders before → the one of the same level and code."""
    found: dict[int, int] = {}
    for level, ids in before.area_ids.items():
        now = city.pack.areas.get(level)
        if now is None:
            continue
        new_of = dict(zip(now.codes.tolist(), city.area_ids[level].tolist(), strict=True))
        codes = before.pack.areas[level].codes.tolist()
        found |= {old: new_of[code] for old, code in zip(ids.tolist(), codes, strict=True) if code in new_of}
    for old_slices, new_slices in (
        (before.slices.by_category, city.slices.by_category),
        (before.slices.by_source, city.slices.by_source),
    ):
        for (holder, which), subject in old_slices.items():
            new = new_slices.get((found.get(holder, 0), which))
            if new is not None:
                found[subject] = new
    return found


def carry_over(connection: Connection, before: City, city: City, successor: Mapping[int, int]) -> None:
    """Give the new borders their tallies. `lying` is what `relocate_issues` left."""
    given_up = {int(i) for ids in before.area_ids.values() for i in ids}
    for slices in (before.slices.by_category, before.slices.by_source):
        given_up |= {subject for (holder, _), subject in slices.items() if holder in given_up}
    connection.execute(text("CREATE TEMP TABLE successor (old_id int PRIMARY KEY, new_id int) ON COMMIT DROP"))
    olds = sorted(given_up)
    copy.copy_columns(
        connection,
        "successor",
        {"old_id": copy.numbers(olds), "new_id": copy.optional([successor.get(old, 0) for old in olds], 0)},
    )
    connection.execute(text("ANALYZE successor"))
    with step("carrying over what was counted"):
        connection.execute(query("carry_prefix"))
        connection.execute(query("carry_ahead"), {"city_id": city.city_id})
    with step("counting what lies elsewhere"):
        _recount(connection, city)
    connection.execute(text("DROP TABLE successor"))


def _recount(connection: Connection, city: City) -> None:
    """Take the issues that lie elsewhere off the successors of their areas, add them to where they lie."""
    deltas: list[Delta] = []
    holders: list[int] = []
    subjects: list[list[int]] = []

    def count() -> None:
        append_deltas(connection, city.city_id, deltas, holders, subjects)
        for each in (deltas, holders, subjects):
            each.clear()

    rows = connection.execute(query("carry_events").execution_options(yield_per=20_000))
    for _, events in groupby(rows, key=lambda row: row.issue_id):
        told = list(events)
        first = told[0]
        posted, _ = replay(told)
        if not posted:
            continue
        old = set(city.counted(first.before, first.category_id, first.source_id))
        new = set(city.counted(first.places, first.category_id, first.source_id))
        for counted, sign in ((old - new, -1), (new - old, 1)):
            if counted:
                deltas += [(at, measure, sign * n) for at, measure, n in posted]
                holders += [len(subjects)] * len(posted)
                subjects.append(sorted(counted))
        if len(deltas) >= AT_ONCE:
            count()
    count()


def carry_points(connection: Connection, before: City, city: City, change: tuple[Deltas, Deltas], now: int) -> None:
    """Post what the points count otherwise: `change` is what they counted before, and what they count now.

    In the past of what was there before, that is late. `now`: seconds since 1970Z.
    """
    old, new = change
    areas = {int(i) for ids in city.area_ids.values() for i in ids}
    if before.version != city.version:
        successor = successors(before, city)
        gone = np.array([int(i) for ids in before.area_ids.values() for i in ids if int(i) not in successor])
        old = old.where(~np.isin(old.subject, gone))
        old = replace(old, subject=np.array([successor.get(s, s) for s in old.subject.tolist()], dtype=np.int64))
    both = new.join(Deltas(old.subject, old.at, old.measure, -old.n))
    if not len(both):
        return
    keys, place = np.unique(np.column_stack([both.subject, both.at, both.measure]), axis=0, return_inverse=True)
    amount = np.bincount(place.ravel(), weights=both.n, minlength=len(keys)).astype(np.int64)
    left = np.flatnonzero(amount)
    deltas: list[Delta] = [(int(keys[i, 1]), int(keys[i, 2]), int(amount[i])) for i in left]
    counted = keys[left, 0].tolist()
    subjects, holders = np.unique(counted, return_inverse=True)
    append_deltas(connection, city.city_id, deltas, holders.tolist(), [[s] for s in subjects.tolist()])
    known = [i for i, subject in enumerate(counted) if before.version == city.version or subject not in areas]
    late = [i for i in known if deltas[i][0] < now]
    if late:
        columns = late_columns(city.city_id, [deltas[i] for i in late], [[counted[i]] for i in late], now)
        copy.write_tables(connection, {"tally_late": columns})
