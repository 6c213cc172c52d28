"""Time columns of a ledger → instants. Times without a zone are the city's; what is unclear is said in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from weathermap.city.clock import AMBIGUOUS, CLEAR, NONEXISTENT, to_utc
from weathermap.issue.batch import NONE, Text, Times

UNREADABLE = "unreadable"
WORDS = {
    CLEAR: "",
    AMBIGUOUS: "happened twice (clocks went back): the first is taken",
    NONEXISTENT: "never happened (clocks went forward): moved forward",
}


@dataclass(frozen=True)
class Instants:
    """Parallel arrays: µs since 1970Z, NONE where there is none; `flag` '' | unreadable | one of WORDS."""

    us: Times
    flag: Text


def read_instants(text: Text, formats: tuple[str, ...], timezone: str) -> Instants:
    """Instants of texts in the first of `formats` that fits each; an empty text has none and no flag."""
    us = np.full(len(text), NONE, dtype=np.int64)
    flag = np.where(text == "", "", UNREADABLE).astype(object)
    for form in formats:
        left = np.flatnonzero(flag == UNREADABLE)
        if not len(left):
            break
        aware = "%z" in form.lower() or form.endswith("Z")
        parsed = pd.to_datetime(pd.Series(text[left], dtype=object), format=form, errors="coerce", utc=aware)
        naive = parsed.dt.tz_localize(None) if aware else parsed
        local = naive.to_numpy().astype("datetime64[us]")
        fits = ~np.isnat(local)
        rows, local = left[fits], local[fits]
        if aware:
            us[rows], flag[rows] = local.astype(np.int64), ""
        else:
            us[rows], clock = to_utc(local.astype(np.int64), timezone)
            flag[rows] = [WORDS[int(doubt)] for doubt in clock]
    return Instants(us, flag)


def written(us: int) -> str:
    """An instant as text, UTC to the second."""
    return f"{np.datetime64(us // 1_000_000, 's')}Z"


def none_at(n: int) -> Instants:
    """A ledger without this column."""
    return Instants(np.full(n, NONE, dtype=np.int64), np.full(n, "", dtype=object))
