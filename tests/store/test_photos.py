"""Photos are judged by content in a process of their own; copies are turned upright and carry nothing of the camera."""

from __future__ import annotations

import hashlib
import io
import math
import os
import struct
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from PIL import Image
from pillow_heif import register_heif_opener
from s3fs import S3FileSystem

from weathermap.errors import PhotoRefused, StoreError, UnknownName
from weathermap.evidence.photos import LARGEST, REASONS, copy_of, develop_photo, keep_files, keep_photos
from weathermap.settings import read_settings

SHARED = Path(__file__).parents[3] / "shared" / "data" / "photos"


def jpeg(
    width: int = 640, height: int = 400, orientation: int = 1, spot: tuple[float, float] | None = (118.65, 24.73)
) -> bytes:
    """A picture, red on its left edge, that the camera held in some way; `spot`: degrees east and north."""
    picture = Image.new("RGB", (width, height), "white")
    picture.paste((255, 0, 0), (0, 0, width // 4, height))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRET-CAMERA"
    if spot:
        lon, lat = ((math.floor(x), math.floor(x % 1 * 60), round(x * 60 % 1 * 60, 4)) for x in spot)
        exif.get_ifd(0x8825).update({1: "N", 2: lat, 3: "E", 4: lon})
    kept = io.BytesIO()
    picture.save(kept, "JPEG", exif=exif)
    return kept.getvalue()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_copies_are_upright_and_say_nothing(orientation: int) -> None:
    content = jpeg(orientation=orientation)
    made = develop_photo(io.BytesIO(content), "a.png")  # the name says nothing either
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
        (b"<script>alert(1)</script>", "no_photo"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "no_photo"),
        (whole[: len(whole) // 2], "damaged"),
        (bytes(LARGEST + 1), "bytes"),
        (bomb(), "pixels"),
    ):
        with pytest.raises(PhotoRefused) as refused:
            develop_photo(io.BytesIO(content), "庭院.jpg")
        assert "庭院.jpg" in refused.value.what
        assert refused.value.reason == why
        assert refused.value.remedy
        assert set(REASONS) >= {why}


def test_what_hangs_on_a_photo_is_not_served() -> None:
    """A picture that is a page as well is a picture: its copies are made of pixels alone."""
    tail = b"<html><script>alert(1)</script>PK\x03\x04"
    made = develop_photo(io.BytesIO(jpeg() + tail), "a.html")
    made.original.seek(0)
    assert made.original.read().endswith(tail)
    assert all(b"script" not in copy and copy[:4] == b"RIFF" for copy in made.copies)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_kinds_are_told_by_content(kind: str) -> None:
    register_heif_opener()
    kept = io.BytesIO()
    Image.new("RGB", (64, 40), "red").save(kept, kind)
    made = develop_photo(io.BytesIO(kept.getvalue()), "a.txt")
    assert (made.head["format"], made.head["width"], made.head["height"]) == (kind, 64, 40)


def bomb() -> bytes:
    """A PNG of 100,000 × 100,000 pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1_000))) + chunk(b"IEND", b"")
    )


def test_photos_lie_at_a_store_of_objects_as_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real server that speaks S3, and a folder with a Chinese name: the same bytes; one that is gone is said."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in (
        ("AWS_ENDPOINT_URL", f"http://{host}:{port}"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    objects = S3FileSystem()
    objects.mkdir("evidence")
    made = develop_photo(io.BytesIO(jpeg()), "a.jpg")
    stores = [read_settings({"WEATHERMAP_PHOTOS": at}) for at in ("s3://evidence/照片", f"{tmp_path}/照片")]
    for settings in stores:
        keep_files(settings, [made])
        assert copy_of(settings, made.sha256, "thumb") == made.copies[1]
        with pytest.raises(UnknownName):
            copy_of(settings, bytes(32), "shown")
        with pytest.raises(UnknownName):
            copy_of(settings, made.sha256, "original")
    assert len(objects.find("evidence")) == 3
    server.stop()
    with pytest.raises(StoreError, match="s3://evidence"):
        keep_files(stores[0], [develop_photo(io.BytesIO(jpeg(80, 50)), "b.jpg")])


def test_a_disk_that_takes_nothing_is_named_and_nothing_stays(tmp_path: Path) -> None:
    settings = replace(read_settings({}), data_dir=tmp_path)
    (tmp_path / "photos").write_bytes(b"")  # where a folder should be: root may write anywhere else
    with pytest.raises(StoreError, match="photos"):
        keep_photos(None, settings, 1, 1, [develop_photo(io.BytesIO(jpeg()), "a.jpg")])  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.rglob("*")] == ["photos"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared photos are not beside this checkout")
def test_real_and_hostile_photos_are_judged_each_for_itself() -> None:
    """Every real photograph is taken, HEIC too; the hostile ones are taken or refused in words, and none hangs."""
    placed = 0
    for path in sorted((SHARED / "exif").iterdir())[:: 1 if os.environ.get("ALL_PHOTOS") else 5]:
        made = develop_photo(io.BytesIO(path.read_bytes()), path.name)
        placed += "lon" in made.head
        if path.name.startswith("landscape_"):
            assert (made.head["width"], made.head["height"]) == (600, 450)
        for copy in made.copies:
            with Image.open(io.BytesIO(copy)) as shown:
                assert not shown.getexif()
            assert b"Exif" not in copy and b"ns.adobe.com" not in copy
    assert placed
    for path in sorted((SHARED / "broken").iterdir()):
        begun = time.monotonic()
        try:
            assert develop_photo(io.BytesIO(path.read_bytes()), path.name).copies
        except PhotoRefused as refused:
            assert path.name in refused.what
            assert refused.reason in REASONS
        assert time.monotonic() - begun < 20  # 0.1 s on a calm machine
