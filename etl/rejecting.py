"""Which rows cannot be stored: without a usable key, time or category, and those that repeat another row's key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from etl.codes import limited, nearest
from etl.quarantine import REPEATED, Rejection
from etl.read import Ledger
from etl.rules import ColumnMapping
from weathermap.city.pack import Pack
from weathermap.issue.batch import NONE, Text, Times

KEY_LENGTH = 200  # characters
ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+\d\d")  # a long number as a spreadsheet leaves it: 3.50581E+17
AHEAD = timedelta(days=1)  # clocks differ; what lies later than this has not happened
Reason = tuple[NDArray[np.bool_], str, str, Callable[[int], str] | None]  # rows, column, kind, words (None: the kind)


def microseconds(at: datetime) -> int:
    """µs since 1970Z, to the second."""
    return int(at.timestamp()) * 1_000_000


def reject_rows(
    ledger: Ledger, mapping: ColumnMapping, pack: Pack, category: Text, reported: Times, now: datetime
) -> dict[int, Rejection]:
    """Row of the table → its rejection, with its first reason. `category` holds codes, '' unknown."""
    found: dict[int, Rejection] = {}
    needed = {"", mapping.key, mapping.category.column, mapping.times.reported_at}
    for row, faults in ledger.faults.items():
        for fault in faults:
            if fault.column in needed and row not in found:
                values = ledger.row(row)
                found[row] = Rejection(int(ledger.lines[row]), fault.column, fault.reason, fault.reason, values)
    for rows, column, kind, words in _reasons(ledger, mapping, pack, category, reported, now):
        for row in np.flatnonzero(rows).tolist():
            if row not in found:
                reason = words(row) if words else kind
                found[row] = Rejection(int(ledger.lines[row]), column, reason, kind, ledger.row(row))
    return found


def _reasons(
    ledger: Ledger, mapping: ColumnMapping, pack: Pack, category: Text, reported: Times, now: datetime
) -> Iterator[Reason]:
    yield from _key_reasons(ledger, mapping.key)
    column = mapping.times.reported_at
    text, forms, day = ledger.columns[column], ", ".join(mapping.times.formats), mapping.times.earliest
    yield (reported == NONE) & (text == ""), column, "the time of the report is empty", None
    yield (
        reported == NONE,
        column,
        "no such time, or not in this form",
        lambda r: f"{text[r]!r} is no time of the form {forms}",
    )
    early, late = reported < _start(day), reported > microseconds(now + AHEAD)
    yield early, column, f"before {day}", lambda r: f"{text[r]!r} is impossible: before {day}"
    yield late, column, "in the future", lambda r: f"{text[r]!r} is impossible: it lies in the future"
    yield from _category_reasons(ledger, mapping.category.column, pack, category)


def _key_reasons(ledger: Ledger, column: str) -> Iterator[Reason]:
    key, width = ledger.columns[column], len(ledger.columns)
    crowded = np.zeros(len(ledger), dtype=bool)
    crowded[list(ledger.crowded)] = True
    yield (
        crowded,
        column,
        "more values than the header has columns",
        lambda r: f"the row has {len(ledger.crowded[r])} values, the header {width}: which is the key cannot be known",
    )
    yield key == "", column, "the key is empty", None
    yield (
        np.array(["+" in k and ROUNDED.fullmatch(k) is not None for k in key.tolist()], dtype=bool),
        column,
        "a spreadsheet rounded the key",
        lambda r: f"{key[r]!r} was a longer number: spreadsheets keep 15 digits; export the column as text",
    )
    yield (
        np.array([len(k) > KEY_LENGTH for k in key.tolist()], dtype=bool),
        column,
        f"a key longer than {KEY_LENGTH}",
        None,
    )


def _category_reasons(ledger: Ledger, column: str, pack: Pack, category: Text) -> Iterator[Reason]:
    value = ledger.columns[column]
    near = {name: nearest(name, pack.categories) for name in set(value[category == ""].tolist())}
    yield (category == "") & (value == ""), column, "the category is empty", None
    yield category == "", column, "unknown category", lambda r: f"category {value[r]!r} is unknown{near[value[r]]}"
    unlimited = [code for code in set(category.tolist()) if code and not limited(pack, code)]
    why = "no time limit in limits.csv"
    yield np.isin(category, unlimited), column, why, lambda r: f"category {value[r]!r} has {why}"


def one_a_key(
    ledger: Ledger, row: NDArray[np.int64], key: Text, latest: Times
) -> tuple[NDArray[np.intp], list[Rejection]]:
    """Which rows stay when a key is there twice, and the others that say something else.

    The one whose state is the latest stays, the first of equals. `row` are rows of the table; parallel to the rest.
    """
    order = np.lexsort((row, -(latest // 2)))  # halved: the negative of NONE is no int64
    kept = np.sort(order[~pd.Series(key[order], dtype=object).duplicated().to_numpy(dtype=bool)])
    stays = {key[i]: int(row[i]) for i in kept.tolist()}
    told = []
    for i in np.setdiff1d(np.arange(len(row)), kept).tolist():
        this, other = int(row[i]), stays[key[i]]
        if ledger.row(this) != ledger.row(other):
            why = f"key {key[i]!r} is also on line {ledger.lines[other]}, which is later or first and was taken"
            told.append(Rejection(int(ledger.lines[this]), REPEATED, why, "another row has its key", ledger.row(this)))
    return kept, told


def _start(day: date) -> int:
    return microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
