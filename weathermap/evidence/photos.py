"""Photos as evidence: judged by content, kept as they came in private, shown as copies without EXIF.

Files lie under the data folder by the SHA-256 of the original, so that the same photo is kept once; the event that they
belong to names their digests, which ties them into the issue's chain.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from weathermap.errors import PhotoRefused, UnknownName
from weathermap.evidence.develop import MOST_PIXELS, SIZES
from weathermap.settings import Settings
from weathermap.store.people_tables import photo
from weathermap.store.room import folder_error
from weathermap.whole_file import write_whole

LARGEST = 25_000_000  # bytes
MOST = 9  # photos of one move
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Developed:
    """A photo that was judged good: its original, its copies and what it says of itself."""

    sha256: bytes
    original: bytes
    copies: tuple[bytes, ...]  # in the order of SIZES
    head: dict[str, Any]


def develop_photo(content: bytes, name: str) -> Developed:
    """Judge a photo and make its copies, in a process with bounded time, memory and pixels. Raises PhotoRefused."""
    if not content:
        raise PhotoRefused(f"The photo {name!r} is empty.", "Choose it again.")
    if len(content) > LARGEST:
        raise PhotoRefused(f"The photo {name!r} has {len(content) / 1e6:.0f} MB.", f"At most {LARGEST / 1e6:.0f} MB.")
    command = [sys.executable, "-m", "weathermap.evidence.develop"]
    try:
        ran = subprocess.run(command, input=content, capture_output=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise PhotoRefused(f"The photo {name!r} takes too long to read.", "Send it as an ordinary JPEG.") from error
    if ran.returncode:
        why = ran.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200] or f"ended with {ran.returncode}"
        remedy = f"Send a JPEG, PNG, WebP or HEIC of at most {MOST_PIXELS // 1_000_000} million pixels."
        raise PhotoRefused(f"The photo {name!r} cannot be used: {why}.", remedy)
    line, _, rest = ran.stdout.partition(b"\n")
    head = json.loads(line)
    copies, at = [], 0
    for size in head["sizes"]:
        copies.append(rest[at : at + size])
        at += size
    return Developed(hashlib.sha256(content).digest(), content, tuple(copies), head)


def keep_photos(
    connection: Connection, settings: Settings, issue_id: int, seq: int, photos: Sequence[Developed]
) -> None:
    """Write the files, then the rows of one event's photos; the caller owns the transaction. Raises StoreError."""
    for one in photos:
        for which, content in zip(("original", *SIZES), (one.original, *one.copies), strict=True):
            _write(file_of(settings, one.sha256, which), content)
    rows = [
        {
            "issue_id": issue_id,
            "seq": seq,
            "place": place,
            "sha256": one.sha256,
            "format": one.head["format"],
            "width": one.head["width"],
            "height": one.head["height"],
            "bytes": len(one.original),
            "taken": one.head.get("taken", ""),
            "lon": one.head.get("lon"),
            "lat": one.head.get("lat"),
            "stored_at": datetime.now(UTC),
        }
        for place, one in enumerate(photos)
    ]
    if rows:
        connection.execute(photo.insert(), rows)


def photos_of(connection: Connection, issue_id: int) -> list[Row[Any]]:
    """All photos of an issue, in the order of its events."""
    asked = select(photo).where(photo.c.issue_id == issue_id).order_by(photo.c.seq, photo.c.place)
    return list(connection.execute(asked))


def file_of(settings: Settings, sha256: bytes, which: str) -> Path:
    """`which`: original | shown | thumb. Raises UnknownName for another."""
    if which not in ("original", *SIZES):
        raise UnknownName(f"There is no copy {which!r} of a photo.", f"Copies: {', '.join(SIZES)}.")
    digest = sha256.hex()
    return settings.data_dir / "photos" / which / digest[:2] / digest


def _write(path: Path, content: bytes) -> None:
    """What is there already is the same. Raises StoreError for a disk that is full or closed."""
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, content, 0o600, lasting=True)
    except OSError as error:
        raise folder_error(path.parent, error) from error
