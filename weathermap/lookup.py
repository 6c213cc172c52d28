"""Columns of texts with few distinct values, such as codes: each value is looked up once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

FEW = 100  # texts that Python looks up sooner than Arrow


def distinct(values: NDArray[np.object_]) -> tuple[NDArray[np.int64], list[str]]:
    """The distinct ones of many texts, and which of them each is, shape (n,)."""
    if len(values) < FEW:
        place: dict[str, int] = {}
        rows = [place.setdefault(value, len(place)) for value in values.tolist()]
        return np.array(rows, dtype=np.int64), list(place)
    found = pa.array(values, pa.string()).dictionary_encode()
    return found.indices.to_numpy().astype(np.int64), found.dictionary.to_pylist()


def looked_up(values: NDArray[np.object_], find: Callable[[str], int]) -> NDArray[np.int64]:
    """`find` of each text, called once for each distinct one; shape (n,)."""
    rows, texts = distinct(values)
    return np.array([find(text) for text in texts], dtype=np.int64)[rows]
