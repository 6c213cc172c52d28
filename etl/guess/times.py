"""In which formats a column's times are written."""

from __future__ import annotations

from itertools import product

import numpy as np

from etl.numerals import numbers
from etl.times import SERIAL, UNREADABLE, read_instants
from weathermap.issue.batch import Text

DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y")
CLOCKS = (" %H:%M:%S", " %H:%M", "", " %I:%M:%S %p", " %I:%M %p", " %H时%M分", "T%H:%M:%S", "T%H:%M:%S%z", "T%H:%M:%SZ")
FORMATS = (*(day + clock for day, clock in product(DAYS, CLOCKS)), "%Y%m%d%H%M%S", "%Y%m%d", "%Y-%m-%dT%H:%M:%S.%f")
SERIALS = (20_000, 80_000)  # days: 1954 to 2119
ENOUGH = 0.002  # share of the values below which a further format is not looked for


def formats_of(values: Text) -> tuple[tuple[str, ...], float, tuple[str, ...]]:
    """(formats, share of the values that are not empty that they read, formats that read the same values otherwise)."""
    left = values[values != ""]
    if not len(left):
        return (), 0.0, ()
    found: list[str] = []
    rivals: list[str] = []
    total = len(left)
    while len(left) > ENOUGH * total:
        hits = {form: _reads(left, form) for form in (*FORMATS, SERIAL)}
        best = max(hits, key=lambda form: int(hits[form].sum()))
        if not hits[best].sum():
            break
        found.append(best)
        same = [form for form in FORMATS if form != best and np.array_equal(hits[form], hits[best])]
        rivals += [form for form in same if _turned(form) == _turned(best)]
        left = left[~hits[best]]
    return tuple(found), 1.0 - len(left) / total, tuple(rivals)


def _turned(form: str) -> str:
    return form.replace("%d/%m", "%m/%d")


def _reads(values: Text, form: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if form == SERIAL:
        days = numbers(values)
        return np.asarray((days >= SERIALS[0]) & (days <= SERIALS[1]), dtype=bool)
    return np.asarray(read_instants(values, (form,), "UTC").flag != UNREADABLE, dtype=bool)
