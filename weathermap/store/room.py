"""Room on the disk, and the words for a folder that cannot be written."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from weathermap.errors import StoreError


def check_room(folder: Path, needed: int) -> None:
    """Raises StoreError when fewer than `needed` bytes are free where `folder` lies."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise disk_full(folder, f"{free >> 20} MB are free, {needed >> 20} MB are needed")


def disk_full(folder: Path, detail: str) -> StoreError:
    """The one answer to a full disk."""
    return StoreError(
        f"The disk that holds {folder} is full ({detail}).",
        "Make room there, or set WEATHERMAP_DATA to a folder on another disk. Nothing that was stored is lost.",
    )


def folder_error(folder: Path, error: OSError) -> StoreError:
    """A data folder that cannot be made or written."""
    if error.errno == errno.ENOSPC:
        return disk_full(folder, "nothing can be written")
    return StoreError(
        f"The data folder {folder} cannot be written: {error.strerror}.",
        "Give this user that folder, or set WEATHERMAP_DATA to one that it may write.",
    )
