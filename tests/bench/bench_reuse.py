"""make bench-reuse: a picture used before is found among a million others.

Recall and false alarms on the pictures of a folder (PICTURES=…, at least 100 wanted, each another one; without it,
scenes drawn here): each is asked about twice, cropped by up to 10 % a side, resized, re-saved, half mirrored, with
the prints of 1,000,000 further pictures in the store; a false alarm is a query that any other picture answers. Times:
taking the prints of what is asked about, and finding them. Peer: looking at every stored code (numpy). `ratio`: peer's
time to ours.
"""

from __future__ import annotations

import os
import random
import time
from itertools import count
from pathlib import Path

import numpy as np
from PIL import Image

from tests.store.test_reused import altered, grey, scene
from weathermap.evidence.prints import FINE, Words, _codes, asked_prints, prints_of
from weathermap.evidence.reuse import ALIKE, Prints

MANY, DRAWN, TURNS = 1_000_000, 120, 2


def pictures() -> list[Image.Image]:
    """Those of the folder, none of them twice by name; else drawn ones."""
    folder = os.environ.get("PICTURES")
    if not folder:
        return [scene(seed) for seed in range(DRAWN)]
    found = []
    for file in sorted(Path(folder).rglob("*")):
        if file.suffix.lower() not in (".jpg", ".jpeg", ".png", ".webp"):
            continue
        with Image.open(file) as opened:
            picture = opened.convert("RGB")
        picture.thumbnail((1600, 1600))
        found.append(picture)
    return found


def others(many: int) -> Words:
    """Prints of so many pictures that never were: cosine frequencies as of photographs, weaker the higher."""
    chance = np.random.default_rng(1)
    rows, columns = np.divmod(np.arange(FINE * FINE), FINE)
    strength = (1 / (1 + np.hypot(rows, columns)) ** 1.2).astype(np.float32)
    parts = [
        _codes(chance.standard_normal((50_000, FINE * FINE), dtype=np.float32) * strength)
        for _ in range(0, 2 * many, 50_000)
    ]
    return np.concatenate(parts)


def main() -> None:
    shown, chance = pictures(), random.Random(3)
    own = np.concatenate([prints_of(grey(picture)) for picture in shown])
    codes = np.concatenate([own, others(MANY)])
    known = Prints(codes, np.repeat(np.arange(len(codes) // 2), 2))
    known.find(asked_prints(grey(shown[0])), ALIKE)  # compiled
    hits = false = 0
    taking, finding, peer = [], [], []
    for turn, (owner, picture) in zip(count(), [*enumerate(shown)] * TURNS, strict=False):
        values = grey(altered(picture, chance))
        at = time.perf_counter()
        asked = asked_prints(values)
        taken = time.perf_counter()
        found = known.find(asked, ALIKE)
        done = time.perf_counter()
        taking.append(taken - at)
        finding.append(done - taken)
        hits += owner in dict(found)
        false += any(one != owner for one, _ in found)
        if turn < 3:  # each code of each window against each stored one
            at = time.perf_counter()
            for code in asked[:10]:
                np.bitwise_count(codes[:, 0] ^ code[0]).min()
            peer.append((time.perf_counter() - at) / 10 * len(asked))
    n = len(shown) * TURNS
    print(f"{len(shown)} pictures, {n} queries, {MANY:,} others: recall {hits / n:.1%}, false alarms {false / n:.2%}")
    for name, times in (("taking prints", taking), ("finding", finding), ("peer: every code", peer)):
        p50, p95 = np.percentile(times, [50, 95]) * 1000
        print(f"{name:18} p50 {p50:8.1f} ms   p95 {p95:8.1f} ms")
    print(f"ratio: {np.median(peer) / np.median(finding):.0f}")


if __name__ == "__main__":
    main()
