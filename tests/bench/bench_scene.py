"""make bench-scene: do photos before and after show one place? Recall and false alarms on real photographs.

Real pairs: one place from two viewpoints or at two times (photographs.py names them). Simulated: each photograph, and
what rectification may make of it: a step aside, 10 to 40 % covered by another sight or smoothed away, cut, another
exposure, haze and noise, resized, saved at quality 60. Other places: photographs of two of them, those of one campus
among them. The places are halved: thresholds are chosen on one half, what is stated comes from the other. Peer: ORB,
OpenCV's binary features, matched and counted in the same way. `ratio`: the share of real pairs that ours finds to the
share that the peer's finds, each at no more false alarms than WRONG on the half for choosing.
"""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.bench.photographs import PARTS, opened, scenes
from weathermap.evidence.pairs import NONE, POOR, SAME, said_of
from weathermap.evidence.scene import MOST, Look, grey_of, look_at, places

OTHERS = 1_500  # pairs of other places, of each half
WRONG = 0.001  # of these may be taken for the same place
HAZY = {frozenset(("red brick", "windows")), frozenset(("windows", "columns"))}  # of the walk: may see each other
Scene = tuple[list[Path], list[tuple[Path, Path]]]
Looked = dict[str, list[tuple[Look, Look]]]


def main() -> None:
    cv2.setNumThreads(1)
    halves: tuple[dict[str, Scene], dict[str, Scene]] = ({}, {})
    known = sorted(scenes().items(), key=lambda one: not one[1][1])  # with pairs, then without: halved each
    for turn, (name, scene) in enumerate(known):
        halves[turn % 2][name] = scene
    choosing, stating = (pairs_of(half, seed) for seed, half in enumerate(halves))
    ours, theirs = ((counted(choosing, look), counted(stating, look)) for look in (look_at, orb))
    chosen = threshold(ours[0]["other places"])
    print(
        f"same scene: {chosen} places chosen on the first half, {SAME} in force; none below {NONE}, poor below {POOR}"
    )
    assert chosen <= SAME
    shares = {}
    for name, counts in ours[1].items():
        said = [said_of(many, seen, "") for many, seen in counts]
        found = np.mean([many >= chosen for many, _ in counts])
        shares[name] = {one: said.count(one) / len(said) for one in ("same", "none", "unclear")}
        told = ", ".join(f"{one} {share:.2%}" for one, share in shares[name].items())
        print(f"stated on the second half: {name:14} n {len(said):5,}: {told} (at {chosen} places: same {found:.1%})")
    assert shares["real pairs"]["same"] > 0.5 and shares["other places"]["same"] < 0.01
    at = threshold(theirs[0]["other places"])
    peer = np.mean([many >= at for many, _ in theirs[1]["real pairs"]])
    print(f"peer: ORB, {at} places chosen: real pairs {peer:.1%}")
    print(f"ratio: {shares['real pairs']['same'] / peer:.2f}")


def threshold(others: Sequence[tuple[int, int]]) -> int:
    """The least number of places with which no more than WRONG of the pairs of other places are taken for one."""
    return next(many for many in range(4, MOST) if np.mean([found >= many for found, _ in others]) <= WRONG)


def pairs_of(half: dict[str, Scene], seed: int) -> dict[str, list[tuple[bytes, bytes]]]:
    """Pairs of pictures as they are stored, by kind."""
    chance, kept = random.Random(seed), {}
    for files, _ in half.values():
        kept |= {file: opened(file) for file in files}
    stored = {file: saved(picture) for file, picture in kept.items()}
    files, owner = list(kept), {file: name for name, (files, _) in half.items() for file in files}
    others = [
        (a, b)
        for a, b in combinations(files, 2)
        if owner[a] != owner[b] and frozenset((owner[a], owner[b])) not in HAZY
    ]
    near = [pair for pair in others if all(owner[file] in PARTS for file in pair)]  # one campus, two places
    chosen = near + chance.sample(others, min(OTHERS, len(others)))
    return {
        "real pairs": [(stored[a], stored[b]) for _, pairs in half.values() for a, b in pairs],
        "simulated": [
            (stored[file], altered(kept[file], kept[files[turn - 1]], chance)) for turn, file in enumerate(files)
        ],
        "other places": [(stored[a], stored[b]) for a, b in chosen],
    }


def counted(
    pairs: dict[str, list[tuple[bytes, bytes]]], look: Callable[[np.ndarray], Look]
) -> dict[str, list[tuple[int, int]]]:
    """(places that both show, that the poorer shows at all), by kind; and what that takes."""
    looks: dict[bytes, Look] = {}
    looking = time.process_time()
    for one in {one for found in pairs.values() for pair in found for one in pair}:
        looks[one] = look(grey_of(one))
    comparing = time.process_time()
    counts = {
        kind: [(places(looks[a], looks[b]), min(len(looks[a].points), len(looks[b].points))) for a, b in found]
        for kind, found in pairs.items()
    }
    done, many = time.process_time(), sum(map(len, pairs.values()))
    each, pair = (comparing - looking) / len(looks) * 1000, (done - comparing) / many * 1000
    print(f"{look.__name__:8} {each:6.1f} ms a photo, {pair:5.1f} ms a pair (processor)")
    return counts


def orb(grey: np.ndarray) -> Look:
    """ORB's bits as unit vectors: their angle grows with the bits that differ, as SIFT's with what differs."""
    found, forms = cv2.ORB_create(MOST).detectAndCompute(grey, None)
    bits = np.zeros((0, 256)) if forms is None else np.unpackbits(forms[:MOST], axis=1)
    points = np.array([one.pt for one in found[:MOST]], dtype=np.float32).reshape(-1, 2)
    return Look(points, ((bits.astype(np.float32) * 2 - 1) / 16).reshape(-1, 256), max(grey.shape))


def saved(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "WEBP", quality=80)
    return kept.getvalue()


def altered(picture: Image.Image, other: Image.Image, chance: random.Random) -> bytes:
    """The same place after the work, as far as that can be played."""
    width, height = picture.size
    now, between = np.asarray(picture).copy(), chance.uniform
    share = between(0.1, 0.4) ** 0.5
    wide, high = int(width * share), int(height * share)
    x, y = chance.randint(0, width - wide), chance.randint(0, height - high)
    put = (
        np.asarray(other.resize((width, height)))
        if chance.random() < 0.5
        else cv2.GaussianBlur(now, (0, 0), width / 25)
    )
    now[y : y + high, x : x + wide] = put[y : y + high, x : x + wide]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + np.array(
        [[between(-0.12, 0.12) * width, between(-0.12, 0.12) * height] for _ in range(4)], np.float32
    )
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), between(-8, 8), between(0.8, 1.25)), [0, 0, 1]])
    view = turn @ cv2.getPerspectiveTransform(corners, moved)
    now = cv2.warpPerspective(now, view, (width, height), borderMode=cv2.BORDER_REFLECT)
    left, top, right, bottom = (between(0, 0.12) for _ in range(4))
    now = now[int(top * height) : int(height * (1 - bottom)), int(left * width) : int(width * (1 - right))]
    light = (now / 255.0) ** between(0.6, 1.7) * between(0.6, 1.2)
    light = light * between(0.55, 1) + between(0, 0.15)  # haze
    light += np.random.default_rng(chance.randrange(1 << 30)).normal(0, between(0, 0.03), light.shape)
    if chance.random() < 0.3:
        light = cv2.GaussianBlur(light, (0, 0), between(0.5, 1.5))
    after = Image.fromarray((np.clip(light, 0, 1) * 255).astype(np.uint8))
    kept = io.BytesIO()
    after.resize((int(after.width * 0.6), int(after.height * 0.6))).save(kept, "JPEG", quality=60)
    with Image.open(kept) as again:
        return saved(again.convert("RGB"))


if __name__ == "__main__":
    main()
