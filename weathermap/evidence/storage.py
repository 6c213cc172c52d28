"""Where photos lie: a folder, or whatever fsspec reaches (S3 and what speaks like it), by one address."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from weathermap.errors import SettingError, StoreError, UnknownName
from weathermap.settings import Settings
from weathermap.store.room import folder_error
from weathermap.whole_file import write_whole

FOLDER = "file"
PIECE = 1 << 20  # bytes copied at once


class Storage:
    """Files by name under one address. What is there under a name stays: names are digests of what they show."""

    def __init__(self, url: str) -> None:
        """Raises SettingError for an address that nothing here understands."""
        import fsspec

        self.url = url
        try:
            found: tuple[Any, str] = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise SettingError(
                f"WEATHERMAP_PHOTOS is {url!r}: {error}",
                "Name a folder, or s3://BUCKET/FOLDER after `pip install 'weathermap[s3]'`.",
            ) from error
        self._files, self._root = found
        self._local = FOLDER in (self._files.protocol if not isinstance(self._files.protocol, str) else ())

    def put(self, name: str, content: IO[bytes], anew: bool = False) -> None:
        """Keep a file from its start, or `anew` over what is there; it lasts when this returns. Raises StoreError."""
        if self._local:
            _write(Path(self._root, name), content, anew)
            return
        try:
            if anew or not self._files.exists(self._path(name)):
                content.seek(0)
                with self._files.open(self._path(name), "wb") as kept:  # there whole once it is closed
                    shutil.copyfileobj(content, kept, PIECE)
        except Exception as error:  # each backend has errors of its own
            raise StoreError(
                f"Photos cannot be kept at {self.url}: {error}", "Look at WEATHERMAP_PHOTOS and what serves it."
            ) from error

    def get(self, name: str) -> bytes:
        """Raises UnknownName for what is not there, StoreError for storage that does not answer."""
        try:
            content: bytes = self._files.cat_file(self._path(name))
        except FileNotFoundError as error:
            raise UnknownName(f"The photo {name} is not here.", "It may lie in a backup of the photos.") from error
        except Exception as error:
            raise StoreError(f"Photos cannot be read at {self.url}: {error}", "Try again in a moment.") from error
        return content

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"


def open_storage(settings: Settings) -> Storage:
    """The storage that the settings name: a folder in the data folder unless WEATHERMAP_PHOTOS says another."""
    return _open(settings.photos or f"file://{settings.data_dir / 'photos'}")


@lru_cache(maxsize=8)
def _open(url: str) -> Storage:
    return Storage(url)


def _write(path: Path, content: IO[bytes], anew: bool) -> None:
    """What is there already is the same, unless it is to be put `anew`. Raises StoreError for a disk full or closed."""
    if path.exists() and not anew:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, content, 0o600, lasting=True)
    except OSError as error:
        raise folder_error(path.parent, error) from error
