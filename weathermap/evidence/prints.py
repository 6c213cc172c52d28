"""What a picture looks like, in few bits, so that one used before is found: cropped, re-saved, resized, mirrored.

A view of a picture (all of it, or a window) is reduced to 32 × 32 grey values; the signs of its low cosine frequencies
against their median are its print (the perceptual hash of Zauner, Implementation and Benchmarking of Perceptual Image
Hash Functions, 2010): 64 bits of the lowest 8 × 8 for finding, 256 of the lowest 16 × 16 for judging.

Stored are two views: all, and the middle without MARGIN on each side. A picture that is asked about is looked at
through windows cut by 0 to MARGIN on each side, and mirrored: one of them shows nearly what the stored middle shows if
it was cropped, and what the stored whole shows if the stored one was.
"""

from __future__ import annotations

import io
from itertools import product

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]
Words = NDArray[np.uint64]

MARGIN = 0.1  # of width and height, on each side
SIDE = 32  # grey values of a view, across
LOW, FINE = 8, 16  # frequencies of the code that finds, and of the one that judges
STEPS = (0.0, 0.025, 0.05, 0.075, 0.1)  # of the windows that are looked through
EDGE = 256  # longest edge of a picture that prints are taken of, pixels
VIEWS = ((0.0, 0.0, 0.0, 0.0), (MARGIN,) * 4)  # cut from left, top, right, bottom
WINDOWS = np.array(list(product(STEPS, repeat=4)))


def _cosines() -> Grey:
    """The low rows of the orthogonal DCT-II, shape (FINE, SIDE)."""
    k, n = np.arange(FINE)[:, None], np.arange(SIDE)[None, :]
    return np.cos(np.pi * k * (2 * n + 1) / (2 * SIDE)).astype(np.float32)


COSINES = _cosines()
# the lowest frequencies first, so that the first word of a print is the code that finds
_ROWS, _COLUMNS = np.divmod(np.arange(FINE * FINE), FINE)
ORDER = np.argsort(~((_ROWS < LOW) & (_COLUMNS < LOW)), kind="stable")
MIRROR = np.where(_COLUMNS % 2, -1.0, 1.0).astype(np.float32)  # odd frequencies turn their sign


def grey_of(content: bytes) -> Grey:
    """The grey values of one of our own copies, no edge longer than EDGE."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("L")
    picture.thumbnail((EDGE, EDGE))
    return np.asarray(picture, dtype=np.float32)


def prints_of(grey: Grey) -> Words:
    """The prints of VIEWS, shape (2, 4): `grey` a whole picture, shape (height, width)."""
    return _codes(_frequencies(_views(grey, np.array(VIEWS))))


def asked_prints(grey: Grey) -> Words:
    """The prints of all windows of a picture, and of its mirror image, shape (n, 4)."""
    found = _frequencies(_views(grey, WINDOWS))
    return np.concatenate([_codes(found), _codes(found * MIRROR)])


def _views(grey: Grey, cuts: NDArray[np.float64]) -> Grey:
    """Windows reduced to SIDE × SIDE means, shape (n, SIDE, SIDE), by sums over the picture."""
    height, width = grey.shape
    sums = np.zeros((height + 1, width + 1))
    np.cumsum(np.cumsum(grey, axis=0, dtype=np.float64), axis=1, out=sums[1:, 1:])
    steps = np.linspace(0.0, 1.0, SIDE + 1)
    left, top, right, bottom = (cuts[:, k, None] for k in range(4))
    x = (left + (1 - left - right) * steps) * width
    y = (top + (1 - top - bottom) * steps) * height
    rows = _between(sums, y)  # shape (n, SIDE + 1, width + 1)
    at = np.minimum(x.astype(np.int64), width - 1)
    part = (x - at)[:, None, :]
    low = np.take_along_axis(rows, np.broadcast_to(at[:, None, :], (len(x), SIDE + 1, SIDE + 1)), axis=2)
    high = np.take_along_axis(rows, np.broadcast_to(at[:, None, :] + 1, (len(x), SIDE + 1, SIDE + 1)), axis=2)
    whole = low + (high - low) * part
    cells = whole[:, 1:, 1:] - whole[:, :-1, 1:] - whole[:, 1:, :-1] + whole[:, :-1, :-1]
    found: Grey = cells.astype(np.float32)
    return found


def _between(sums: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    at = np.minimum(y.astype(np.int64), sums.shape[0] - 2)
    part = (y - at)[:, :, None]
    found: NDArray[np.float64] = sums[at] + (sums[at + 1] - sums[at]) * part
    return found


def _frequencies(views: Grey) -> Grey:
    """The low cosine frequencies of each view, shape (n, FINE · FINE), row by row."""
    found: Grey = np.ascontiguousarray((COSINES @ views @ COSINES.T).reshape(len(views), -1))
    return found


def _codes(frequencies: Grey) -> Words:
    """Bits against the median, of the low ones and of the rest; shape (n, 4), the first word finds."""
    ordered = frequencies[:, ORDER]
    low, rest = ordered[:, : LOW * LOW], ordered[:, LOW * LOW :]
    bits = np.concatenate(
        [low > np.median(low[:, 1:], axis=1, keepdims=True), rest > np.median(rest, axis=1, keepdims=True)], axis=1
    )
    packed: Words = np.ascontiguousarray(np.packbits(bits, axis=1, bitorder="little")).view(np.uint64)
    return packed
