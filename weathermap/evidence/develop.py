"""Turns the bytes of a photo into copies to show, in a process of its own: `python -m weathermap.evidence.develop`.

Reads the photo from standard input, writes one JSON line and the copies to standard output. What a photo is, its
content says; orientation is applied, and no copy carries EXIF. Whatever goes wrong ends this process and no other.
"""

from __future__ import annotations

import io
import json
import resource
import sys

MOST_PIXELS = 60_000_000
MEMORY = 1_500_000_000  # bytes of address space
SECONDS = 15  # of processor time
SIZES = {"shown": 1_600, "thumb": 320}  # longest edge, pixels
KINDS = ("JPEG", "PNG", "WEBP", "HEIF", "GIF", "BMP", "TIFF")


def main() -> None:
    """Limits first, libraries second: a hostile photo meets both."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    head, copies = develop(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    for copy in copies:
        sys.stdout.buffer.write(copy)


def develop(content: bytes) -> tuple[dict[str, object], list[bytes]]:
    """({format, width, height, taken, lon, lat, sizes}, copies in the order of SIZES). Raises whatever Pillow does."""
    from PIL import Image, ImageOps
    from pillow_heif import register_heif_opener

    register_heif_opener()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow raises at twice this
    with Image.open(io.BytesIO(content), formats=KINDS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError(f"{opened.width} × {opened.height} pixels are too many")
        exif = opened.getexif()
        head: dict[str, object] = {"format": opened.format, **_told(exif)}
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    head |= {"width": picture.width, "height": picture.height}
    copies = []
    for edge in SIZES.values():
        small = picture.copy()
        small.thumbnail((edge, edge))
        kept = io.BytesIO()
        small.save(kept, "WEBP", quality=80, exif=b"", icc_profile=None)
        copies.append(kept.getvalue())
    head["sizes"] = [len(copy) for copy in copies]
    return head, copies


def _told(exif: object) -> dict[str, object]:
    """When and where the camera says that it was taken; nothing where it says nothing that can be read."""
    told: dict[str, object] = {}
    try:
        inner = exif.get_ifd(0x8769)  # type: ignore[attr-defined]
        taken = inner.get(36867) or exif.get(306)  # type: ignore[attr-defined]
        if isinstance(taken, str):
            told["taken"] = taken[:19]
    except Exception:
        pass
    try:
        place = exif.get_ifd(0x8825)  # type: ignore[attr-defined]
        lat, lon = _degrees(place[2], place[1] == "S"), _degrees(place[4], place[3] == "W")
        if abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0):
            told |= {"lat": lat, "lon": lon}
    except Exception:
        pass
    return told


def _degrees(parts: tuple[float, float, float], negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    found = degrees + minutes / 60 + seconds / 3600
    return -found if negative else found


if __name__ == "__main__":
    main()
