"""A pack as one byte string: what was loaded can be read again, on any machine."""

from __future__ import annotations

import io
import zipfile

from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack_files
from weathermap.uncollected import uncollected

EPOCH = (1980, 1, 1, 0, 0, 0)  # equal packs give equal archives


def to_archive(pack: Pack) -> bytes:
    """The pack's files as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
        for name in sorted(pack.files):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), pack.files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def from_archive(content: bytes) -> Pack:
    """The pack of a zip written by `to_archive`."""
    with uncollected(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        return read_pack_files({name: archive.read(name) for name in archive.namelist()})


def archived_file(content: bytes, name: str) -> bytes | None:
    """One file of an archived pack, None when it is not in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name) if name in archive.namelist() else None
