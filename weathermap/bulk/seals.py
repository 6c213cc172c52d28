"""Chains of events for whole columns: byte for byte what `weathermap.issue.ledger.seal` gives."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from weathermap.bulk.sha256 import WIDTH, sha256_all

Digests = NDArray[np.uint8]  # shape (n, WIDTH)


def digests(texts: pa.Array) -> Digests:
    """sha256 of each text's UTF-8."""
    if not len(texts):
        return np.zeros((0, WIDTH), dtype=np.uint8)
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return sha256_all(np.frombuffer(data, dtype=np.uint8), bounds.astype(np.int64))


def digest(text: str) -> Digests:
    """sha256 of one text, shape (1, WIDTH)."""
    return np.frombuffer(sha256(text.encode()).digest(), dtype=np.uint8).reshape(1, WIDTH)


def seal_all(
    previous: Digests,
    issue_id: NDArray[np.int64],
    seq: int,
    at_us: NDArray[np.int64],
    move: str,
    data: Digests,
) -> Digests:
    """The hashes of one event of each issue, by the program or the source (actor 0). `data`: digests of their texts."""
    name = np.frombuffer(move.encode(), dtype=np.uint8)
    kind = np.dtype(
        [
            ("previous", "u1", WIDTH),
            ("issue", ">i8"),
            ("seq", ">i4"),
            ("at", ">i8"),
            ("length", ">i4"),
            ("move", "u1", len(name)),
            ("actor", ">i8"),
            ("data", "u1", WIDTH),
        ]
    )
    rows = np.empty(len(issue_id), dtype=kind)
    rows["previous"], rows["issue"], rows["seq"], rows["at"] = previous, issue_id, seq, at_us
    rows["length"], rows["move"], rows["actor"], rows["data"] = len(name), name, 0, data
    return sha256_all(rows.view(np.uint8), np.arange(len(rows) + 1) * kind.itemsize)
