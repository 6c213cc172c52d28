"""Arrays kept in one file, memory-mapped: worker processes share its pages, and any number of counties costs no memory.

A file is `MAGIC`, the length of a JSON header, the header (each array's type, shape and place; a sum over all of them),
then the arrays, each at a multiple of 64 bytes. It is written beside its place and renamed into it.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from weathermap.whole_file import write_whole

MAGIC = b"wm-locate\x00"
ALIGN = 64
KEPT_S = 90 * 86_400  # that a file is kept after it was opened last
Arrays = dict[str, NDArray[np.generic]]


def load(path: Path) -> Arrays | None:
    """The arrays of a file, read-only; None when there is no such file or it is not whole."""
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r").view(np.ndarray)
        arrays = _parse(data)
        os.utime(path)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return arrays


def save(path: Path, arrays: Arrays) -> None:
    """Write the arrays. Raises OSError when the folder cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, _bytes(arrays), 0o644)  # borders are no secret, and servers may run as others
    _forget(path.parent)


def _bytes(arrays: Arrays) -> bytes:
    places: dict[str, list[object]] = {}
    body = bytearray()
    for name, array in arrays.items():
        body += bytes(-len(body) % ALIGN)
        places[name] = [array.dtype.str, list(array.shape), len(body)]
        body += np.ascontiguousarray(array).tobytes()
    body += bytes(-len(body) % ALIGN)
    header = json.dumps({"arrays": places, "size": len(body), "sum": _sum(np.frombuffer(body, np.uint8))}).encode()
    head = MAGIC + len(header).to_bytes(4, "little") + header
    return head + bytes(-len(head) % ALIGN) + bytes(body)


def _parse(data: NDArray[np.uint8]) -> Arrays:
    start = len(MAGIC) + 4
    if bytes(data[: len(MAGIC)]) != MAGIC:
        raise ValueError
    end = start + int.from_bytes(bytes(data[len(MAGIC) : start]), "little")
    header = json.loads(bytes(data[start:end]))
    body = data[end + -end % ALIGN :]
    if len(body) != header["size"] or _sum(body) != header["sum"]:
        raise ValueError
    found: Arrays = {}
    for name, (kind, shape, at) in header["arrays"].items():
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        found[name] = body[at : at + size].view(kind).reshape(shape)
    return found


def _sum(body: NDArray[np.uint8]) -> int:
    """A sum that a changed or lost byte changes, at the speed of memory."""
    words = body.view(np.uint64)
    with np.errstate(over="ignore"):
        return int(np.add.reduce(words)) ^ int(np.bitwise_xor.reduce(words, initial=0)) << 1


def _forget(folder: Path) -> None:
    """Remove what nobody opened for a season, and what a killed process left half written."""
    for path in folder.glob("*.locator*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > KEPT_S:
                path.unlink()
