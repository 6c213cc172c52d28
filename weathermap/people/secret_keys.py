"""The keys that reporters' identity is sealed and found with: one file, newest key first, never in the store.

Each line is a Fernet key (32 random bytes, URL-safe base64). The key of the index is derived from it (HKDF-SHA256, RFC
5869), so that one secret is to be kept. Older keys stay in the file: a backup of that time opens with them.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from weathermap.errors import KeyTrouble
from weathermap.settings import Settings
from weathermap.store.room import folder_error
from weathermap.whole_file import write_whole


@dataclass(frozen=True)
class Keys:
    """Newest first. Seals and marks with the newest, opens and finds with all."""

    file: Path
    texts: tuple[bytes, ...]

    def seal(self, clear: bytes) -> bytes:
        return Fernet(self.texts[0]).encrypt(clear)

    def open(self, sealed: bytes) -> bytes:
        """Raises KeyTrouble when none of the keys fits."""
        try:
            return MultiFernet([Fernet(text) for text in self.texts]).decrypt(sealed)
        except InvalidToken as error:
            raise KeyTrouble(
                f"No key in {self.file} opens what is stored of a reporter.",
                "Put back the key file that belongs to this store, or to the backup that was restored.",
            ) from error

    def marks(self, clear: bytes) -> list[bytes]:
        """What stands for `clear` in the index (HMAC-SHA256), under each key."""
        return [hmac.digest(_index_key(text), clear, "sha256") for text in self.texts]


def _index_key(text: bytes) -> bytes:
    derive = HKDF(hashes.SHA256(), 32, salt=None, info=b"weathermap reporter index")
    return derive.derive(base64.urlsafe_b64decode(text))


def key_file(settings: Settings) -> Path:
    """WEATHERMAP_REPORTER_KEYS, else a file of the data folder."""
    return settings.reporter_keys or settings.data_dir / "reporter.keys"


def read_keys(settings: Settings) -> Keys | None:
    """The keys, None while there is no file. Raises KeyTrouble for a file that holds no keys."""
    file = key_file(settings)
    try:
        lines = tuple(line.strip() for line in file.read_bytes().splitlines() if line.strip())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyTrouble(f"{file} cannot be read: {error.strerror}.", "Let the program's user read it.") from error
    try:
        for line in lines:
            Fernet(line)
    except ValueError as error:
        raise KeyTrouble(f"{file} holds a line that is no key.", "Put back the file as it was.") from error
    if not lines:
        raise KeyTrouble(f"{file} is empty.", "Put back the file as it was; delete it if no reporter is stored yet.")
    return Keys(file, lines)


def make_keys(settings: Settings) -> Keys:
    """A file with one new key, readable by its owner alone; that of a process that was quicker is taken as it is."""
    file = key_file(settings)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        own = file.with_name(f"{file.name}.{os.getpid()}")
        write_whole(own, Fernet.generate_key() + b"\n", 0o600, lasting=True)
        with contextlib.suppress(FileExistsError):
            os.link(own, file)
        own.unlink()
    except OSError as error:
        raise folder_error(file.parent, error) from error
    keys = read_keys(settings)
    assert keys is not None
    return keys


def add_key(keys: Keys) -> Keys:
    """The file with a new key on top. Written before anything is sealed with it, so that nothing is ever unopenable."""
    texts = (Fernet.generate_key(), *keys.texts)
    try:
        write_whole(keys.file, b"".join(text + b"\n" for text in texts), 0o600, lasting=True)
    except OSError as error:
        raise folder_error(keys.file.parent, error) from error
    return Keys(keys.file, texts)
