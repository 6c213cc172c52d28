"""A file that appears whole or not at all: written beside its place and renamed into it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import IO


def write_whole(path: Path, content: bytes | IO[bytes], mode: int, lasting: bool = False) -> None:
    """Write `content` (a file: from its start) with these permissions; `lasting`: on the disk before it takes its name.

    Raises OSError when it cannot be written; then nothing of it stays.
    """
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                content.seek(0)
                shutil.copyfileobj(content, file)
            os.fchmod(file.fileno(), mode)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
