"""Coordinates as offices write them → numbers: thousands separators, full-width digits, degrees with minutes."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from weathermap.issue.batch import Text

THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
SEXAGESIMAL = re.compile(
    r"([EWNS东西北南])?\s*(\d{1,3}(?:\.\d+)?)\s*[°度]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[′'分]\s*)?"
    r"(?:(\d{1,2}(?:\.\d+)?)\s*(?:[″\"秒]|''|′′)\s*)?([EWNS东西北南])?"
)
NEGATIVE = "WS西南"


def numbers(text: Text) -> NDArray[np.float64]:
    """Numbers of texts, NaN for what is none; shape (n,)."""
    found = np.asarray(pd.to_numeric(pd.Series(text, dtype=object), errors="coerce"), dtype=np.float64).copy()
    for row in np.flatnonzero(np.isnan(found) & (text != "")).tolist():
        found[row] = number(text[row])
    return found


def paired(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.complex128]:
    """x + iy, one number a spot, also where they are infinite; shape (n,)."""
    found = np.empty(len(x), dtype=np.complex128)
    found.real, found.imag = x, y
    return found


def number(text: str) -> float:
    """One number as people write it, NaN for none: 1,009,452 or １１８．６２ or 118°37′12″E."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    angle = SEXAGESIMAL.fullmatch(plain)
    if angle:
        before, degrees, minutes, seconds, after = angle.groups()
        sign = -1.0 if (before or after or " ") in NEGATIVE else 1.0
        return sign * (float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600)
    try:
        return float(plain) if any(character.isdigit() for character in plain) else float("nan")
    except ValueError:
        return float("nan")
