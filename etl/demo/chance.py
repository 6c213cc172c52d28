"""Chance by counter: every draw is a function of (seed, key, stream), so no draw depends on how many came before it.

That is what lets a later end leave earlier days alone, and a restart go on where the year stopped. The mixing is
splitmix64's finaliser (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014), applied twice.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray

Keys = NDArray[np.uint64]
Reals = NDArray[np.float64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_A, _B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


class Chance:
    """All the luck of one demo. `stream` names what a draw is for; the same name and key always draw the same."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(self, stream: str, key: ArrayLike, turn: ArrayLike = 0) -> Reals:
        """Uniform on (0, 1) for each key; `turn` tells apart the draws of one key in one stream."""
        return ((self._bits(stream, key, turn) >> _S11).astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, stream: str, key: ArrayLike, turn: ArrayLike = 0) -> Reals:
        """Standard normal for each key (Box–Muller)."""
        radius = np.sqrt(-2.0 * np.log(self.uniform(stream + "/r", key, turn)))
        return radius * np.cos(2 * np.pi * self.uniform(stream + "/a", key, turn))

    def whole(self, stream: str, key: ArrayLike, n: ArrayLike, turn: ArrayLike = 0) -> NDArray[np.int64]:
        """A whole number from 0 to n − 1 for each key."""
        return (self.uniform(stream, key, turn) * np.asarray(n)).astype(np.int64)

    def _bits(self, stream: str, key: ArrayLike, turn: ArrayLike) -> Keys:
        with np.errstate(over="ignore"):
            salt = np.uint64(crc32(stream.encode()) << 32 | (self.seed & 0xFFFFFFFF))
            mixed = _mix(np.asarray(key).astype(np.uint64) * _GOLDEN + salt)
            return _mix(mixed + (np.asarray(turn).astype(np.uint64) + np.uint64(1)) * _GOLDEN)


def _mix(bits: Keys) -> Keys:
    bits = (bits ^ (bits >> _S30)) * _A
    bits = (bits ^ (bits >> _S27)) * _B
    return bits ^ (bits >> _S31)
