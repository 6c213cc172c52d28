"""A workbook or another zip archive is looked at before it is opened: is it whole, and no bomb?"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from etl.read.extent import MOST_CELLS, Extent
from weathermap.errors import LedgerError

LARGEST = 768 << 20  # bytes unpacked that are read into memory: a sheet of 1,048,576 rows and ten columns or so
PACKED_MOST = 300  # times; sheets pack to a tenth or a thirtieth
CHUNK = 1 << 20
SMALL = 32 << 20  # bytes that any archive may unpack to


def check_archive(path: Path) -> None:
    """Raises LedgerError for an archive that is cut off, damaged, encrypted, too large or a bomb."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if size > max(SMALL, PACKED_MOST * path.stat().st_size):
                raise LedgerError(
                    f"{path} unpacks to {size >> 20:,} MiB, more than {PACKED_MOST} times its size.",
                    "No ledger does: is it damaged, or a trap?",
                )
            if size > LARGEST:
                raise LedgerError(
                    f"{path} unpacks to {size >> 20:,} MiB; workbooks are read up to {LARGEST >> 20} MiB.",
                    "Save the sheet as CSV (UTF-8), which is read at any size, and import that.",
                )
            for member in members:
                _read(archive, member, path)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise LedgerError(
            f"{path} cannot be opened: {error}.", "It is cut off or damaged: fetch or save it again."
        ) from error
    except (RuntimeError, NotImplementedError) as error:
        raise LedgerError(f"{path} cannot be opened: {error}.", "Save it without a password.") from error
    except OSError as error:
        raise LedgerError(f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    """Unpack a member, up to the size that it names: that checks it. A sheet must not reach too far."""
    extent = Extent() if member.filename.lower().endswith(".xml") else None
    with archive.open(member) as file:
        while chunk := file.read(CHUNK):
            if extent is not None:
                extent.feed(chunk)
    if extent is not None and extent.cells > MOST_CELLS:
        raise LedgerError(
            f"{path}: the cells of {member.filename} reach over {extent.cells:,} places;"
            f" {MOST_CELLS:,} are read. One far away from the others does that.",
            "Delete what stands beyond the table (Ctrl+End leads there), or save the sheet as CSV (UTF-8).",
        )
