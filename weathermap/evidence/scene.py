"""Whether two pictures show one place: what stands out in each (SIFT), matched, and a view that explains the matches.

Lowe, Distinctive Image Features from Scale-Invariant Keypoints, 2004, descriptors compared as Arandjelović and
Zisserman do (Three Things Everyone Should Know to Improve Object Retrieval, 2012). A match counts if each is the
other's best and the second best is worse by RATIO; then so many count as one affine map explains (RANSAC), loosely, for
a street is no plane. What was cleared away, another light and a step aside leave enough; another place leaves chance.

`python -m weathermap.evidence.scene` reads pictures from standard input and compares them in a process of bounded time
and memory: whatever goes wrong ends this process and no other.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]

EDGE = 1_024  # longest edge of a picture that is looked at, pixels
MOST = 800  # places of a picture, those of the strongest contrast
CONTRAST = 0.02  # weaker ones are noise
RATIO = 0.85
LOOSE = 0.03  # of the longest edge: how far from where the view puts it a place may lie
TURNS = 2_000
AREAS = (0.05, 20.0)  # a view may enlarge a picture so much; more is chance
MEMORY, SECONDS = 1_500_000_000, 60  # bytes of address space, processor time


@dataclass(frozen=True)
class Look:
    """What stands out in a picture: `points` in pixels, shape (n, 2); `forms`, unit vectors, shape (n, 128)."""

    points: Floats
    forms: Floats
    edge: int  # the longest, pixels


def grey_of(content: bytes) -> Grey:
    """The grey values of one of our own copies, no edge longer than EDGE."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("L")
    picture.thumbnail((EDGE, EDGE))
    return np.asarray(picture)


def look_at(grey: Grey) -> Look:
    """At a whole picture, shape (height, width)."""
    import cv2

    # opencv keeps more than asked where several are equally strong
    found, forms = cv2.SIFT_create(MOST, contrastThreshold=CONTRAST).detectAndCompute(grey, None)  # type: ignore[attr-defined]
    points = np.array([one.pt for one in found[:MOST]], dtype=np.float32).reshape(-1, 2)
    values = np.zeros((0, 128), np.float32) if forms is None else np.asarray(forms[:MOST], dtype=np.float32)
    roots = np.sqrt(values / np.maximum(values.sum(axis=1, keepdims=True), 1e-6))
    return Look(points, roots, max(grey.shape))


def places(one: Look, other: Look) -> int:
    """How many places both show, seen from somewhere else. The same answer each time."""
    import cv2

    if min(len(one.points), len(other.points)) < 8:
        return 0
    apart = np.sqrt(np.maximum(2 - 2 * (one.forms @ other.forms.T), 0))
    rows, best = np.arange(len(apart)), apart.argmin(axis=1)
    mutual, near = apart.argmin(axis=0)[best] == rows, apart[rows, best]
    apart[rows, best] = np.inf
    good = mutual & (near < RATIO * apart.min(axis=1))
    here, there = one.points[good], other.points[best[good]]
    # one place may have several forms, turned this way and that: it counts once
    first = np.unique(np.round(np.hstack([here, there])), axis=0, return_index=True)[1]
    if len(first) < 4:  # any three fit
        return 0
    cv2.setRNGSeed(1)
    view, fits = cv2.estimateAffine2D(
        here[first], there[first], ransacReprojThreshold=LOOSE * other.edge, maxIters=TURNS, confidence=0.999
    )
    if view is None or not AREAS[0] < np.linalg.det(view[:, :2]) < AREAS[1]:
        return 0
    return int(fits.sum())


def main() -> None:
    """Behind all who wait for an answer, and limited; the first argument: sizes in bytes, [before, after]."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    import cv2

    cv2.setNumThreads(1)
    before, after = ([*_looks(sizes)] for sizes in json.loads(sys.argv[1]))
    print(json.dumps([[_compared(one, other) for other in after] for one in before]))


def _looks(sizes: Sequence[int]) -> Iterator[Look | None]:
    """None: this one cannot be read, which costs the others nothing."""
    for size in sizes:
        content = sys.stdin.buffer.read(size)
        try:
            yield look_at(grey_of(content))
        except Exception as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            yield None


def _compared(one: Look | None, other: Look | None) -> tuple[int, int] | None:
    """(places that both show, places that the poorer of them shows at all)."""
    if one is None or other is None:
        return None
    return places(one, other), min(len(one.points), len(other.points))


if __name__ == "__main__":
    main()
