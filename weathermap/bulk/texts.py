"""JSON texts of whole columns, byte for byte what `json` writes (a test holds them together)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from weathermap.issue.batch import NONE

TO_JSON = json.JSONEncoder(ensure_ascii=False).encode
ESCAPED = '["\\\\\\x00-\\x1f]'  # what a JSON string cannot hold as it is
NULL = pa.scalar("null")
Bools = NDArray[np.bool_]


def joined(*parts: pa.Array | str) -> pa.Array:
    """The parts of each row, one after the other; texts are the same in all rows."""
    return pc.binary_join_element_wise(*(pa.scalar(p) if isinstance(p, str) else p for p in parts), "")


def quoted(values: pa.Array) -> pa.Array:
    """Texts as JSON strings."""
    plain = joined('"', values, '"')
    odd = pc.match_substring_regex(values, ESCAPED)
    return _mended(plain, odd, [TO_JSON(text) for text in values.filter(odd).to_pylist()])


def reals(values: NDArray[np.float64]) -> pa.Array:
    """Numbers as Python writes them: the shortest text that reads back the same. NaN gives NULL."""
    known = np.isfinite(values)
    whole = pa.array(values, mask=~known)
    found = whole.cast(pa.string())
    size = np.abs(np.where(known, values, 1.0))
    odd = known & ((values == np.trunc(np.where(known, values, 0.5))) | (size < 1e-4) | (size >= 1e16))
    distinct, back = np.unique(values[odd].view(np.int64), return_inverse=True)  # by their bits: 0.0 is not -0.0
    texts = np.array([repr(x) for x in distinct.view(np.float64).tolist()], dtype=object)
    return _mended(found, pa.array(odd), texts[back].tolist())


def rounded(values: NDArray[np.float64], digits: int) -> pa.Array:
    """Numbers as `round` rounds them; NaN gives NULL."""
    found = np.round(values, digits)
    scaled = np.abs(values) * 10**digits
    doubtful = np.flatnonzero(np.abs(scaled - np.floor(scaled) - 0.5) < 1e-6)
    found[doubtful] = [round(x, digits) for x in values[doubtful].tolist()]
    return reals(found)


def seconds(us: NDArray[np.int64]) -> pa.Array:
    """Instants of whole seconds as JSON strings like "2026-05-01T00:00:00Z"; NONE gives null."""
    known = us != NONE
    days, back = np.unique(np.where(known, us, 0) // 86_400_000_000, return_inverse=True)
    day = pa.array(np.datetime_as_string(days.astype("datetime64[D]")).tolist(), pa.string()).take(pa.array(back))
    clock = _clocks().take(pa.array(np.where(known, us, 0) // 1_000_000 % 86_400))
    return chosen(known, joined('"', day, clock), NULL)


def chosen(rows: Bools, yes: pa.Array | pa.Scalar | str, no: pa.Array | pa.Scalar | str) -> pa.Array:
    """`yes` in these rows, `no` in the others."""
    return pc.if_else(pa.array(rows), yes, no)


def lengths(texts: pa.Array) -> NDArray[np.int32]:
    """Bytes of each text."""
    found: NDArray[np.int32] = pc.binary_length(texts).to_numpy()
    return found


def named(codes: Sequence[str] | NDArray[np.object_], rows: NDArray[np.integer]) -> pa.Array:
    """The code of each row's entry as a JSON string; −1 gives null."""
    return _names(tuple(codes)).take(pa.array(np.where(rows < 0, len(codes), rows)))


def _mended(found: pa.Array, odd: pa.Array, instead: list[str]) -> pa.Array:
    return pc.replace_with_mask(found, odd, pa.array(instead, pa.string())) if instead else found


@lru_cache(maxsize=64)
def _names(codes: tuple[str, ...]) -> pa.Array:
    """JSON strings of codes, then null: a city's cells are many, and asked for in each chunk."""
    return pa.array([*(TO_JSON(code) for code in codes), "null"], pa.string())


@cache
def _clocks() -> pa.Array:
    """The end of an instant's text for each second of a day."""
    return pa.array([f'T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z"' for s in range(86_400)], pa.string())
