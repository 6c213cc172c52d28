"""Time columns of a ledger → instants. Times without a zone are the city's; what is unclear is said in words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from weathermap.city.clock import AMBIGUOUS, CLEAR, NONEXISTENT, to_utc
from weathermap.issue.batch import NONE, Text, Times

UNREADABLE = "unreadable"
SERIAL = "excel"  # the form of a time that is a spreadsheet's number of days: 46143.375
SERIAL_START = np.datetime64("1899-12-30T00:00:00", "s")
FIRST_SERIAL, LAST_SERIAL = 61, 2_958_465  # 1 March 1900 to 31 December 9999
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
    _read(text, formats, timezone, us, flag)
    wide = [row for row in np.flatnonzero(flag == UNREADABLE).tolist() if not text[row].isascii()]
    if wide:  # full-width digits and signs, as Chinese keyboards write them
        plain = text.copy()
        plain[wide] = [unicodedata.normalize("NFKC", value) for value in text[wide]]
        _read(plain, formats, timezone, us, flag)
    return Instants(us, flag)


def _read(text: Text, formats: tuple[str, ...], timezone: str, us: Times, flag: Text) -> None:
    """Fill in what fits."""
    for form in formats:
        left = np.flatnonzero(flag == UNREADABLE)
        if not len(left):
            break
        aware = "%z" in form.lower() or form.endswith("Z")
        values = pd.Series(text[left], dtype=object)
        if form == SERIAL:
            local = _of_serials(values)
        else:
            parsed = pd.to_datetime(values, format=form, errors="coerce", utc=aware)
            naive = parsed.dt.tz_localize(None) if aware else parsed
            local = naive.to_numpy().astype("datetime64[us]")
        fits = ~np.isnat(local)
        rows, local = left[fits], local[fits]
        if aware:
            us[rows], flag[rows] = local.astype(np.int64), ""
        else:
            us[rows], clock = to_utc(local.astype(np.int64), timezone)
            flag[rows] = [WORDS[int(doubt)] for doubt in clock]


def _of_serials(values: pd.Series[str]) -> NDArray[np.datetime64]:
    """Days since the end of 1899 as spreadsheets count them (from March 1900 on), to the second."""
    days = np.asarray(pd.to_numeric(values, errors="coerce"), dtype=np.float64)
    fits = (days >= FIRST_SERIAL) & (days <= LAST_SERIAL)
    seconds = np.round(np.where(fits, days, 0.0) * 86_400).astype("timedelta64[s]")
    return np.where(fits, SERIAL_START + seconds, np.datetime64("NaT")).astype("datetime64[us]")


def written(us: int) -> str:
    """An instant as text, UTC to the second."""
    return f"{np.datetime64(us // 1_000_000, 's')}Z"


def none_at(n: int) -> Instants:
    """A ledger without this column."""
    return Instants(np.full(n, NONE, dtype=np.int64), np.full(n, "", dtype=object))
