"""Photos before and after are compared by what they show; whatever goes wrong costs advice, and is tried again."""

from __future__ import annotations

import io
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw
from sqlalchemy import delete, select

from tests.store.standing import PACK, WAYS, put
from tests.store.test_reused import saved
from weathermap.cli import main
from weathermap.evidence.catch_up import CatchUp
from weathermap.evidence.develop import SIZES
from weathermap.evidence.pairs import likeness_of
from weathermap.evidence.photos import Developed, develop_photo, keep_photos, name_of
from weathermap.evidence.reused import Known
from weathermap.evidence.storage import open_storage
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import photo_pair, photo_print
from weathermap.store.registry import open_city


def street(seed: int) -> Image.Image:
    """Fronts, windows and wares of a street that never was."""
    chance, picture = np.random.default_rng(seed), Image.new("RGB", (960, 720), "#b8b0a4")
    draw = ImageDraw.Draw(picture)
    for _ in range(260):
        x, y, wide, high = chance.integers((0, 0, 8, 8), (960, 720, 120, 90)).tolist()
        draw.rectangle((x, y, x + wide, y + high), fill=tuple(chance.integers(20, 235, 3).tolist()))
    return picture


def cleared(picture: Image.Image) -> Image.Image:
    """The same place after the work: from a step aside, darker, a third of it another sight."""
    width, height = picture.size
    picture = picture.copy()
    picture.paste("#8a8a86", (0, height // 2, width * 2 // 3, height))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    aside = corners + np.array([[60, 40], [-20, 0], [-70, -50], [30, -10]], np.float32)
    view = cv2.getPerspectiveTransform(corners, aside)
    seen = cv2.warpPerspective(np.asarray(picture), view, (width, height), borderMode=cv2.BORDER_REFLECT)
    return Image.fromarray((seen * 0.7).astype(np.uint8)).resize((800, 600))


def made(picture: Image.Image) -> Developed:
    return develop_photo(io.BytesIO(saved(picture)), "a.jpg")


def test_photos_before_and_after_are_compared_once(fresh: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, now = open_store(fresh), time.time_ns() // 1_000
    before, aside, lost = made(street(1)), made(street(2)), made(street(3))
    plain = made(Image.new("RGB", (960, 720), "#303030"))
    sides: dict[str, tuple[list[Developed], list[Developed]]] = {
        "same": ([aside, before], [made(cleared(street(1)))]),  # the second of those before
        "none": ([before], [aside]),
        "unclear": ([plain], [aside]),
        "failed": ([lost], [before]),
        "copy": ([aside], [aside]),
        "alone": ([before], []),
    }
    ids: dict[str, int] = {}
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection, PACK.config.code)
        for name, (first, last) in sides.items():
            number = put(connection, city, name, WAYS["to_check"], now)
            ids[name] = connection.execute(select(t.issue.c.issue_id).where(t.issue.c.number == number)).scalar_one()
            keep_photos(connection, fresh, ids[name], 1, first)
            keep_photos(connection, fresh, ids[name], 3, last)
        connection.execute(delete(photo_print))  # as of photos stored before there were prints
    root = Path(open_storage(fresh).url.removeprefix("file://"))
    lying = {root / name_of(lost.sha256, which): content for which, content in zip(SIZES, lost.copies, strict=True)}
    shown, thumb = lying
    shown.write_bytes(b"no picture")
    thumb.unlink()

    def said() -> dict[str, tuple[str, str]]:
        with engine.connect() as connection:
            found = likeness_of(connection, list(ids.values()))
        return {name: (found[one].said, found[one].before) for name, one in ids.items() if one in found}

    assert {one for one, _ in said().values()} == {"waiting", "copy"}
    worker = CatchUp(engine, fresh)
    assert worker.once() == 5 + 5 and worker.once() == 0  # pairs, photos
    told = said()
    assert {name: one for name, (one, _) in told.items()} == {name: name for name in sides if name != "alone"}
    assert told["same"][1] == before.sha256.hex()
    with engine.connect() as connection:
        whys = connection.scalars(select(photo_print.c.why)).all()
        assert [bits for _, bits in Known().alike(connection, before.copies[1])] == [0]
    assert sorted(whys) == [""] * 3 + ["gone", "plain"]

    for file, content in lying.items():
        file.write_bytes(content)
    with engine.begin() as connection:
        connection.execute(delete(photo_pair).where(photo_pair.c.after == aside.sha256))
        connection.execute(delete(photo_print).where(photo_print.c.sha256 == before.sha256))
    for name in ("DATABASE", "OWNER"):
        monkeypatch.setenv(f"WEATHERMAP_{name}_URL", getattr(fresh, f"{name.lower()}_url") or "")
    monkeypatch.setenv("WEATHERMAP_DATA", str(fresh.data_dir))
    ran = CliRunner().invoke(main, ["photos", "--again"])
    assert ran.exit_code == 0, ran.output
    assert "2 photos without a print: 2 printed." in ran.output
    assert "3 pairs not compared: 3 compared." in ran.output
    assert said()["failed"][0] == "none"  # it could be compared, and is another place
    engine.dispose()
