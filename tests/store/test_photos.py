"""Photos are judged by content in a process of their own; copies are turned upright and carry nothing of the camera."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from weathermap.errors import PhotoRefused, StoreError
from weathermap.evidence.photos import LARGEST, develop_photo, keep_photos
from weathermap.settings import read_settings

SHARED = Path(__file__).parents[3] / "shared" / "data" / "photos"


def jpeg(width: int = 640, height: int = 400, orientation: int = 1) -> bytes:
    """A picture, red on its left edge, that the camera held in some way."""
    picture = Image.new("RGB", (width, height), "white")
    picture.paste((255, 0, 0), (0, 0, width // 4, height))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRET-CAMERA"
    exif.get_ifd(0x8825).update({1: "N", 2: (24.0, 43.0, 48.0), 3: "E", 4: (118.0, 39.0, 0.0)})
    kept = io.BytesIO()
    picture.save(kept, "JPEG", exif=exif)
    return kept.getvalue()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_copies_are_upright_and_say_nothing(orientation: int) -> None:
    content = jpeg(orientation=orientation)
    made = develop_photo(content, "a.png")  # the name says nothing either
    assert made.sha256 == hashlib.sha256(content).digest()
    assert made.head["format"] == "JPEG"
    assert made.head["lat"] == pytest.approx(24.73)
    assert made.head["lon"] == pytest.approx(118.65)
    for copy in made.copies:
        assert b"SECRET-CAMERA" not in copy
        with Image.open(io.BytesIO(copy)) as shown:
            assert not shown.getexif()
            assert (shown.width > shown.height) == (orientation in (1, 3))
            red = {1: (5, 50), 3: (shown.width - 5, 50), 6: (50, 5), 8: (50, shown.height - 5)}[orientation]
            assert shown.convert("RGB").getpixel(red)[1] < 90  # type: ignore[index]
    assert max(Image.open(io.BytesIO(made.copies[1])).size) == 320


def test_what_is_no_photo_is_refused_by_name() -> None:
    whole = jpeg()
    for content, why in (
        (b"", "empty"),
        (b"<script>alert(1)</script>", "cannot identify"),
        (whole[: len(whole) // 2], "truncated"),
        (bytes(LARGEST + 1), "MB"),
        (bomb(), "pixels"),
    ):
        with pytest.raises(PhotoRefused) as refused:
            develop_photo(content, "庭院.jpg")
        assert "庭院.jpg" in refused.value.what
        assert why in refused.value.what, refused.value.what
        assert refused.value.remedy


def bomb() -> bytes:
    """A PNG of 100,000 × 100,000 pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1_000))) + chunk(b"IEND", b"")
    )


def test_a_disk_that_takes_nothing_is_named_and_nothing_stays(tmp_path: Path) -> None:
    settings = replace(read_settings({}), data_dir=tmp_path)
    (tmp_path / "photos").write_bytes(b"")  # where a folder should be: root may write anywhere else
    with pytest.raises(StoreError, match="photos"):
        keep_photos(None, settings, 1, 1, [develop_photo(jpeg(), "a.jpg")])  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.rglob("*")] == ["photos"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared photos are not beside this checkout")
def test_real_and_hostile_photos_are_judged_each_for_itself() -> None:
    """Every real photograph is taken, HEIC too; the hostile ones are taken or refused in words, and none hangs."""
    for path in sorted((SHARED / "exif").iterdir())[:: 1 if os.environ.get("ALL_PHOTOS") else 5]:
        assert develop_photo(path.read_bytes(), path.name).copies
    for path in sorted((SHARED / "broken").iterdir()):
        try:
            assert develop_photo(path.read_bytes(), path.name).copies
        except PhotoRefused as refused:
            assert path.name in refused.what
