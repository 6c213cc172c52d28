"""Mapbox Vector Tile 2.1 written from columns: records of one width, so that a tile is a slice and a few bytes more.

Numbers that must have one width are varints padded with continuation bytes, which every protobuf reader takes.
Source: github.com/mapbox/vector-tile-spec, 2.1, sections 4.1 to 4.4.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

EXTENT = 4096
EXTENT_BITS = 12
MIME = "application/vnd.mapbox-vector-tile"
Bytes = NDArray[np.uint8]
# Fields of a Layer and of a Feature, as (number << 3 | wire type).
NAME, FEATURE, KEYS, VALUES, LAYER_EXTENT, LAYER_VERSION = 0x0A, 0x12, 0x1A, 0x22, 0x28, 0x78
ID, TAGS, TYPE, GEOMETRY = 0x08, 0x12, 0x18, 0x22
STRING, UINT = 0x0A, 0x28  # kinds of a Value
POINT, MOVE_TO = 1, 9
AT_X, AT_Y = 4, 2  # where x and y stand, counted from a record's end; two bytes each


def varint(value: int) -> bytes:
    """A whole number ≥ 0, shortest."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def padded(values: NDArray[np.integer], width: int) -> Bytes:
    """(n,) numbers ≥ 0 as varints of `width` bytes each, (n, width)."""
    shifts = np.arange(width, dtype=np.uint64) * np.uint64(7)
    found = (values.astype(np.uint64)[:, None] >> shifts & np.uint64(127)).astype(np.uint8)
    found[:, :-1] |= 128
    return found


def width_of(most: int) -> int:
    """How many bytes the varint of `most` takes."""
    return len(varint(most))


def chunk(field: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return bytes((field,)) + varint(len(content)) + content


def value(of: str | int) -> bytes:
    """One entry of a layer's values."""
    return chunk(VALUES, chunk(STRING, of.encode()) if isinstance(of, str) else bytes((UINT,)) + varint(of))


def foot(keys: Iterable[str], values: Iterable[str | int]) -> bytes:
    """What follows the features: keys and values that their tags count into."""
    return b"".join([*(chunk(KEYS, key.encode()) for key in keys), *map(value, values)])


def point_records(tags: Bytes, ids: NDArray[np.int64] | None = None) -> Bytes:
    """Point features, (n, width): `tags` are their tag bytes, (n, k); x and y are still naught, see `place`."""
    n, k = tags.shape
    parts = [] if ids is None else [_same(n, ID), padded(ids, width_of(int(ids.max(initial=0))))]
    parts += [_same(n, TAGS, k), tags, _same(n, TYPE, POINT, GEOMETRY, 5, MOVE_TO, 0, 0, 0, 0)]
    body = np.hstack(parts)
    return np.hstack([_same(n, FEATURE, body.shape[1]), body])


def place(records: Bytes, x: NDArray[np.integer], y: NDArray[np.integer]) -> None:
    """Write tile units, (n,) in 0 … EXTENT − 1, into point records: zigzag of a first move, two bytes each."""
    for at, units in ((AT_X, x), (AT_Y, y)):
        column = records.shape[1] - at
        records[:, column] = units << 1 & 127 | 128
        records[:, column + 1] = units >> 6


def layer(name: str, features: bytes | memoryview, tail: bytes) -> bytes:
    """A tile with one layer; no bytes at all when it has no feature."""
    if not len(features):
        return b""
    head = chunk(NAME, name.encode())
    tail = tail + bytes((LAYER_EXTENT,)) + varint(EXTENT) + bytes((LAYER_VERSION, 2))
    return b"".join((b"\x1a", varint(len(head) + len(features) + len(tail)), head, features, tail))


def _same(n: int, *values: int) -> Bytes:
    return np.broadcast_to(np.array(values, dtype=np.uint8), (n, len(values)))
