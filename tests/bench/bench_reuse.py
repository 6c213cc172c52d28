"""make bench-reuse: a picture used before is found among a million others.

Recall and false alarms on real photographs (photographs.py; PICTURES=… another folder): each is asked about twice,
cropped by up to 10 % a side, resized, re-saved, half mirrored, with the prints of 1,000,000 further pictures in the
store; a false alarm is a query that any other picture answers. The photographs are halved: how many bits may differ is
chosen on the queries of one half (the most without a false alarm), recall and false alarms are stated on the other's,
for what was chosen and for what is in force. Times: taking the prints of what is asked about, and finding them. Peer:
looking at every stored code (numpy). `ratio`: peer's time to ours.
"""

from __future__ import annotations

import os
import random
import time
from itertools import count
from pathlib import Path

import numpy as np
from PIL import Image

from tests.bench.photographs import opened, photographs
from tests.store.test_reused import altered, grey
from weathermap.evidence.prints import FINE, Words, _codes, asked_prints, prints_of
from weathermap.evidence.reuse import ALIKE, Prints

MANY, TURNS = 1_000_000, 2
WIDE = 100  # bits that are looked at for choosing


def pictures() -> list[Image.Image]:
    """Those of the folder, none of them twice by name; else those that packages hold."""
    folder = os.environ.get("PICTURES")
    files = sorted(Path(folder).rglob("*")) if folder else photographs()
    return [opened(file) for file in files if file.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")]


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
    nearest: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])  # bits to its own and to any other, by half
    taking, finding, peer = [], [], []
    for turn, (owner, picture) in zip(count(), [*enumerate(shown)] * TURNS, strict=False):
        values = grey(altered(picture, chance))
        at = time.perf_counter()
        asked = asked_prints(values)
        taken = time.perf_counter()
        known.find(asked, ALIKE)
        done = time.perf_counter()
        taking.append(taken - at)
        finding.append(done - taken)
        found = dict(known.find(asked, WIDE))
        other = min((bits for one, bits in found.items() if one != owner), default=WIDE + 1)
        nearest[owner % 2].append((found.get(owner, WIDE + 1), other))
        if turn < 3:  # each code of each window against each stored one
            at = time.perf_counter()
            for code in asked[:10]:
                np.bitwise_count(codes[:, 0] ^ code[0]).min()
            peer.append((time.perf_counter() - at) / 10 * len(asked))
    chosen = max(bits for bits in range(WIDE) if not any(other <= bits for _, other in nearest[0]))
    print(f"{len(shown)} photographs, {MANY:,} others; {chosen} of 256 bits chosen, {ALIKE} in force")
    for name, half in zip(("chosen on", "stated on"), nearest, strict=True):
        for bits in (chosen, ALIKE):
            hits, false = (np.mean([one[k] <= bits for one in half]) for k in (0, 1))
            print(f"{name} {len(half)} queries, {bits} bits: recall {hits:.1%}, false alarms {false:.2%}")
    assert np.mean([own <= ALIKE for own, _ in nearest[1]]) >= 0.9
    for name, times in (("taking prints", taking), ("finding", finding), ("peer: every code", peer)):
        p50, p95 = np.percentile(times, [50, 95]) * 1000
        print(f"{name:18} p50 {p50:8.1f} ms   p95 {p95:8.1f} ms")
    print(f"ratio: {np.median(peer) / np.median(finding):.0f}")


if __name__ == "__main__":
    main()
