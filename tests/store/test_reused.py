"""A picture used before is found again, however it was cropped, turned about or saved; what is odd is said, no more."""

from __future__ import annotations

import io
import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import Connection, select

from tests.store.standing import PACK, WAYS, put
from weathermap.evidence.advice import doubts_of
from weathermap.evidence.photos import develop_photo, keep_photos
from weathermap.evidence.prints import asked_prints, prints_of
from weathermap.evidence.reuse import ALIKE, Prints
from weathermap.evidence.reused import Known
from weathermap.settings import read_settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.registry import open_city


def scene(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Something like a photograph: blots of every size, the larger the stronger."""
    chance, width, height = np.random.default_rng(seed), *size
    found = np.zeros((height, width))
    for k in (3, 5, 9, 17, 33, 65):
        blots = Image.fromarray(chance.normal(0, 60 / k**0.7, (k, k)).astype(np.float32))
        found += np.asarray(blots.resize(size, Image.Resampling.BICUBIC))
    return Image.fromarray(np.clip(128 + 1.4 * found, 0, 255).astype(np.uint8)).convert("RGB")


def altered(picture: Image.Image, chance: random.Random) -> Image.Image:
    width, height = picture.size
    left, top, right, bottom = (chance.random() * 0.1 for _ in range(4))
    found = picture.crop((int(left * width), int(top * height), int(width * (1 - right)), int(height * (1 - bottom))))
    found = found.resize((int(found.width * 0.6), int(found.height * 0.6)))
    if chance.random() < 0.5:
        found = found.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return Image.open(io.BytesIO(saved(found, 60)))


def saved(picture: Image.Image, quality: int = 90) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=quality)
    return kept.getvalue()


def grey(picture: Image.Image) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    made = picture.convert("L")
    made.thumbnail((256, 256))
    return np.asarray(made, dtype=np.float32)


def test_altered_pictures_are_found_and_others_are_not() -> None:
    chance, scenes = random.Random(5), [scene(seed) for seed in range(40)]
    known = Prints(np.concatenate([prints_of(grey(one)) for one in scenes]), np.repeat(np.arange(40), 2))
    found = [known.find(asked_prints(grey(altered(one, chance))), ALIKE) for one in scenes]
    right = sum(bool(one) and one[0][0] == owner for owner, one in enumerate(found))
    assert right >= 38  # of 40
    assert sum(len(one) for one in found) == sum(owner in dict(one) for owner, one in enumerate(found))
    assert not any(known.find(asked_prints(grey(scene(seed))), ALIKE) for seed in range(100, 120))
    cropped = Prints(
        np.concatenate([prints_of(grey(altered(one, chance))) for one in scenes[:20]]), np.repeat(np.arange(20), 2)
    )
    again = [cropped.find(asked_prints(grey(one)), ALIKE) for one in scenes[:20]]  # the crop came first
    assert sum(bool(one) and one[0][0] == owner for owner, one in enumerate(again)) >= 18


def test_what_is_odd_about_photos_is_said(connection: Connection, tmp_path: Path) -> None:
    settings = replace(read_settings({}), data_dir=tmp_path)
    load_pack(connection, PACK)
    city, now = open_city(connection, PACK.config.code), time.time_ns() // 1_000
    one, two = (put(connection, city, f"p{k}", WAYS["to_check"], now, area=k) for k in range(2))
    i = t.issue.c
    ids = dict(connection.execute(select(i.number, i.issue_id)).all())  # type: ignore[arg-type]
    before, after = scene(1), scene(2)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[36867] = "2024:05:01 08:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (10.0, 0.0, 0.0), 3: "E", 4: (100.0, 0.0, 0.0)})
    kept = io.BytesIO()
    before.save(kept, "JPEG", exif=exif)
    photos = [(ids[one], 1, kept.getvalue()), (ids[one], 3, saved(after)), (ids[two], 1, saved(scene(3)))]
    photos += [(ids[two], 3, saved(altered(after, random.Random(1))))]
    for issue_id, seq, content in photos:
        keep_photos(connection, settings, issue_id, seq, [develop_photo(io.BytesIO(content), "a.jpg")])
    known = Known()

    def said(number: str) -> list[tuple[str, str]]:
        seen, doubts = doubts_of(connection, settings, known, ids[number], PACK.config.timezone)
        assert seen >= 2
        return sorted((doubt.what, doubt.number) for doubt in doubts)

    assert said(one) == [("far", ""), ("old", ""), ("used", two)]
    assert said(two) == [("used", one)]
    keep_photos(connection, settings, ids[two], 4, [develop_photo(io.BytesIO(saved(scene(3), 70)), "b.jpg")])
    assert ("same", "") in said(two)  # the picture of before, shown as after; found though it came just now
