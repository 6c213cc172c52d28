"""Digests of many texts at once are hashlib's, whatever their lengths."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

import numpy as np

from weathermap.bulk.sha256 import sha256_all


def test_digests_are_those_of_hashlib() -> None:
    chance = np.random.default_rng(3)
    # around the ends of blocks, long beside short, more and fewer than are done at once
    lengths = np.concatenate([np.arange(260), chance.integers(0, 200, 300), [0, 5_000, 1]])
    bounds = np.append(0, np.cumsum(lengths))
    data = chance.integers(0, 256, bounds[-1]).astype(np.uint8)
    expected = [sha256(data[a:b].tobytes()).digest() for a, b in pairwise(bounds)]
    assert [digest.tobytes() for digest in sha256_all(data, bounds)] == expected
