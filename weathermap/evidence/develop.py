"""Turns the bytes of a photo into copies to show, in a process of its own: `python -m weathermap.evidence.develop`.

Reads the photo from standard input, writes one JSON line and the copies to standard output. What a photo is, its
content says; orientation is applied, and no copy carries EXIF. Whatever goes wrong ends this process and no other.
"""

from __future__ import annotations

import io
import json
import math
import resource
import sys
from collections.abc import Sequence

MOST_PIXELS = 60_000_000
MEMORY = 1_500_000_000  # bytes of address space
CELLS = 5  # of a covered patch, across: too few to know anyone by
SECONDS = 15  # of processor time
SIZES = {"shown": 1_600, "thumb": 320}  # longest edge, pixels
ORIENTATION, LYING = 0x0112, (5, 6, 7, 8)  # EXIF 2.3: how the camera was held; those that swap width and height
KINDS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF")


def main() -> None:
    """Limits first, libraries second: a hostile photo meets both."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    content = sys.stdin.buffer.read()
    patches = json.loads(sys.argv[1]) if len(sys.argv) > 1 else []
    try:
        head, copies = develop(content, patches)
    except Exception as error:
        print(json.dumps({"refused": reason_of(error), "why": f"{type(error).__name__}: {error}"[:200]}))
        return
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    for copy in copies:
        sys.stdout.buffer.write(copy)


def reason_of(error: Exception) -> str:
    """Which of weathermap.evidence.photos.REASONS it is: what went wrong, in one word."""
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "no_photo"
    if isinstance(error, MemoryError | TooManyPixels | Image.DecompressionBombError):
        return "pixels"
    return "damaged"


class TooManyPixels(ValueError):
    """More than are decoded."""


def develop(content: bytes, patches: Sequence[Sequence[float]] = ()) -> tuple[dict[str, object], list[bytes]]:
    """({format, width, height, taken, lon, lat, sizes}, copies in the order of SIZES). Raises whatever Pillow does.

    `patches`: what is covered on every copy: left, top, width, height, as shares of the upright picture.
    """
    from PIL import Image, ImageOps
    from pillow_heif import register_heif_opener

    register_heif_opener()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow raises at twice this
    with Image.open(io.BytesIO(content), formats=KINDS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise TooManyPixels(f"{opened.width} × {opened.height}")
        head: dict[str, object] = {"format": opened.format, **_told(opened)}
        opened.draft("RGB", (SIZES["shown"], SIZES["shown"]))  # a JPEG is decoded hardly larger than it is shown
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    for left, top, wide, high in patches:
        x, y = int(left * picture.width), int(top * picture.height)
        box = (
            x,
            y,
            max(x + 1, math.ceil((left + wide) * picture.width)),
            max(y + 1, math.ceil((top + high) * picture.height)),
        )
        coarse = picture.crop(box).resize((CELLS, CELLS), Image.Resampling.BOX)  # too few to know anyone by
        picture.paste(coarse.resize((box[2] - x, box[3] - y), Image.Resampling.NEAREST), (x, y))
    copies = []
    for edge in SIZES.values():
        picture.thumbnail((edge, edge))  # the largest comes first
        kept = io.BytesIO()
        picture.save(kept, "WEBP", quality=80, exif=b"", icc_profile=None)
        copies.append(kept.getvalue())
    head["sizes"] = [len(copy) for copy in copies]
    return head, copies


def _told(opened: object) -> dict[str, object]:
    """Its size when upright; when and where the camera says that it was taken, where that can be read."""
    told: dict[str, object] = {"width": opened.width, "height": opened.height}  # type: ignore[attr-defined]
    try:
        exif = opened.getexif()  # type: ignore[attr-defined]
    except Exception:
        return told
    if exif.get(ORIENTATION) in LYING:
        told["width"], told["height"] = told["height"], told["width"]
    try:
        taken = exif.get_ifd(0x8769).get(36867) or exif.get(306)
        if isinstance(taken, str):
            told["taken"] = taken[:19]
    except Exception:
        pass
    try:
        place = exif.get_ifd(0x8825)
        lat, lon = _degrees(place[2], place[1] == "S"), _degrees(place[4], place[3] == "W")
        if abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0):
            told |= {"lat": lat, "lon": lon}
    except Exception:
        pass
    return told


def _degrees(parts: tuple[float, float, float], negative: bool) -> float:
    """Raises ValueError for what is no number, for a camera may write 0/0."""
    degrees, minutes, seconds = (float(part) for part in parts)
    found = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(found):
        raise ValueError(found)
    return -found if negative else found


if __name__ == "__main__":
    main()
