"""A file that appears whole or not at all: written beside its place and renamed into it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int, lasting: bool = False) -> None:
    """Write `content` with these permissions; `lasting`: it is on the disk before it takes its name.

    Raises OSError when it cannot be written; then nothing of it stays.
    """
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
