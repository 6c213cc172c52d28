"""Photos as evidence: judged by content, kept as they came in private, shown as copies without EXIF.

Files are named by the SHA-256 of the original, so that the same photo is kept once; the event that they belong to names
their digests, which ties them into the issue's chain.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Row, select

from weathermap.errors import PhotoRefused, UnknownName
from weathermap.evidence.develop import MOST_PIXELS, SIZES
from weathermap.evidence.reused import keep_prints
from weathermap.evidence.storage import open_storage
from weathermap.settings import Settings
from weathermap.store.people_tables import photo

LARGEST = 25_000_000  # bytes
MOST = 9  # photos of one move
PIECE = 1 << 20  # bytes read at once
MOST_PATCHES = 40
Patches = Sequence[Sequence[float]]
PATIENCE_S = 30.0
# No more at once than there are processors: a crowd of hostile ones shall not take all the memory.
DARKROOM = threading.BoundedSemaphore(os.cpu_count() or 1)
REASONS: dict[str, tuple[str, str, str]] = {
    "empty": ("is empty", "Choose it again.", "是空的，请重新选择。"),
    "bytes": ("is too large", f"At most {LARGEST // 1_000_000} MB.", f"过大，最多 {LARGEST // 1_000_000} MB。"),
    "no_photo": (
        "is no picture, whatever its name says",
        "Send a JPEG, PNG, WebP, HEIC or AVIF.",
        "不是照片。请传 JPEG、PNG、WebP、HEIC 或 AVIF。",
    ),
    "pixels": (
        "has too many pixels",
        f"At most {MOST_PIXELS // 1_000_000} million.",
        f"像素过多，最多 {MOST_PIXELS // 10_000} 万。",
    ),
    "damaged": (
        "is damaged",
        "Take it anew, or send it as an ordinary JPEG.",
        "已损坏。请重拍，或存为普通 JPEG 再传。",
    ),
    "patches": (
        "cannot be covered as was asked",
        f"Cover at most {MOST_PATCHES} places inside the picture.",
        f"的遮挡区域有误，最多 {MOST_PATCHES} 处。",
    ),
    "slow": ("takes too long to read", "Send it as an ordinary JPEG.", "读取过慢，请存为普通 JPEG 再传。"),
}


@dataclass(frozen=True)
class Developed:
    """A photo that was judged good: its original, its copies and what it says of itself."""

    sha256: bytes
    original: IO[bytes]  # open as long as the request that it came with
    length: int  # bytes of it
    copies: tuple[bytes, ...]  # in the order of SIZES
    head: dict[str, Any]
    covered: bool = False  # the copies have patches that the original has not


def develop_photo(original: IO[bytes], name: str, patches: Patches = ()) -> Developed:
    """Judge a photo and make its copies, in a process with bounded time, memory and pixels, which alone reads it whole.

    `patches` (of read_patches) are burned into the copies; the original stays as it came. Raises PhotoRefused.
    """
    length = original.seek(0, os.SEEK_END)
    if not length:
        raise _refused(name, "empty")
    if length > LARGEST:
        raise _refused(name, "bytes", f"{length / 1e6:.0f} MB")
    command = [sys.executable, "-m", "weathermap.evidence.develop", json.dumps(patches)]
    with DARKROOM, _opened(original) as file:
        try:
            ran = subprocess.run(command, stdin=file, capture_output=True, timeout=PATIENCE_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise _refused(name, "slow") from error
    line, _, rest = ran.stdout.partition(b"\n")
    if ran.returncode or not line:  # ended by a limit: of time (SIGXCPU, SIGKILL), or of memory
        raise _refused(name, "slow" if ran.returncode in (-9, -24) else "damaged", f"ended with {ran.returncode}")
    head = json.loads(line)
    if "refused" in head:
        raise _refused(name, head["refused"], head["why"])
    copies, at = [], 0
    for size in head["sizes"]:
        copies.append(rest[at : at + size])
        at += size
    original.seek(0)
    digest = hashlib.sha256()
    while piece := original.read(PIECE):
        digest.update(piece)
    return Developed(digest.digest(), original, length, tuple(copies), head, bool(patches))


def read_patches(text: str) -> Patches:
    """What a page says is to be covered: JSON, [[left, top, width, height], …], shares of 1. Raises PhotoRefused."""
    try:
        found = tuple(tuple(float(part) for part in patch) for patch in json.loads(text or "[]"))
    except (ValueError, TypeError) as error:
        raise _refused("", "patches") from error
    sound = all(len(patch) == 4 and all(0 <= part <= 1 for part in patch) for patch in found)
    if not sound or len(found) > MOST_PATCHES:
        raise _refused("", "patches")
    return found


def _opened(original: IO[bytes]) -> IO[bytes]:
    """The same file with a place of its own in it; one that is in memory goes to the disk."""
    original.seek(0)
    try:
        original.flush()
        return Path(f"/proc/self/fd/{original.fileno()}").open("rb")
    except OSError:  # io.UnsupportedOperation among them
        file = tempfile.TemporaryFile()  # noqa: SIM115
        shutil.copyfileobj(original, file)
        file.seek(0)
        return file


def _refused(name: str, reason: str, detail: str = "") -> PhotoRefused:
    what, remedy, zh = REASONS[reason]
    said = f"The photo {name[:80]!r} {what}{f' ({detail})' if detail else ''}."
    return PhotoRefused(said, remedy, reason, f"照片“{name[:80]}”{zh}")


def keep_photos(
    connection: Connection, settings: Settings, issue_id: int, seq: int, photos: Sequence[Developed]
) -> None:
    """Keep the files, then write the rows of one event's photos; the caller owns the transaction. Raises StoreError."""
    if not photos:
        return
    keep_files(settings, photos)
    keep_prints(connection, [(one.sha256, one.copies[1]) for one in photos])
    rows = [
        {
            "issue_id": issue_id,
            "seq": seq,
            "place": place,
            "sha256": one.sha256,
            "format": one.head["format"],
            "width": one.head["width"],
            "height": one.head["height"],
            "bytes": one.length,
            "taken": one.head.get("taken", ""),
            "lon": one.head.get("lon"),
            "lat": one.head.get("lat"),
            "stored_at": datetime.now(UTC),
        }
        for place, one in enumerate(photos)
    ]
    connection.execute(photo.insert(), rows)


def keep_files(settings: Settings, photos: Sequence[Developed]) -> None:
    """Originals and copies, where the settings say. Raises StoreError."""
    storage = open_storage(settings)
    for one in photos:
        storage.put(name_of(one.sha256, "original"), one.original)
        for which, content in zip(SIZES, one.copies, strict=True):
            storage.put(name_of(one.sha256, which), io.BytesIO(content), anew=one.covered)


def photos_of(connection: Connection, issue_id: int, seq: int | None = None) -> list[Row[Any]]:
    """All photos of an issue, in the order of its events; or those of one event."""
    asked = select(photo).where(photo.c.issue_id == issue_id).order_by(photo.c.seq, photo.c.place)
    return list(connection.execute(asked if seq is None else asked.where(photo.c.seq == seq)))


def repeat_photos(connection: Connection, rows: Sequence[Row[Any]], seq: int, first: int) -> None:
    """The same photos as those of event `seq` too, from place `first` on."""
    again = [{**row._mapping, "seq": seq, "place": first + place} for place, row in enumerate(rows)]
    if again:
        connection.execute(photo.insert(), again)


def copy_of(settings: Settings, sha256: bytes, which: str) -> bytes:
    """The WebP of a copy to show, by the digest of its original; never the original. Raises UnknownName, StoreError."""
    if which not in SIZES:
        raise UnknownName(f"There is no copy {which!r} of a photo.", f"Copies: {', '.join(SIZES)}.")
    return open_storage(settings).get(name_of(sha256, which))


def copy_left(settings: Settings, sha256: bytes, which: str) -> bytes | None:
    """As `copy_of`; None where the file is gone. Raises StoreError."""
    try:
        return copy_of(settings, sha256, which)
    except UnknownName:
        return None


def name_of(sha256: bytes, which: str) -> str:
    """How a photo's file is called; `which`: original, or one of SIZES."""
    digest = sha256.hex()
    return f"{which}/{digest[:2]}/{digest}"
