"""The bytes of a text ledger: unpacked, scanned once for their digest and encoding, then read as blocks of UTF-8.

Nothing holds the whole file: a ledger may be larger than memory.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from etl.read.encodings import fitting
from etl.read.ledger import digest
from weathermap.errors import LedgerError

BLOCK = 4 << 20  # bytes that are read at a time
LONGEST = 16 << 20  # bytes of one line: a longer one is no line of a ledger
PACKED_MOST = 200  # times: a text ledger packs to a tenth; what unpacks to more than this and SMALL is a trap
SMALL = 1 << 30  # bytes that any packed file may unpack to
SAMPLE = 64 << 10  # bytes of lines beyond ASCII that decide on the encoding
UTF8 = "Save it as CSV in UTF-8"
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or another Office file"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3", "an SQLite or GeoPackage file"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "packed with gzip twice"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class TextFile:
    """A text file whose encoding is known and holds throughout."""

    path: Path
    encoding: str
    sha256: str

    def blocks(self) -> Iterator[tuple[bytes, float]]:
        """(UTF-8 text of whole lines, share of the file read so far); no mark. The last line may lack its end."""
        size = max(self.path.stat().st_size, 1)
        with _unpacked(self.path) as (content, packed):
            decode = codecs.getincrementaldecoder(self.encoding)().decode
            plain = self.encoding in ("utf-8", "utf-8-sig")
            rest, first = b"", self.encoding == "utf-8-sig"
            while chunk := content.read(BLOCK):
                if first:
                    chunk, first = chunk.removeprefix(codecs.BOM_UTF8), False
                rest += chunk if plain else decode(chunk).encode()
                end = rest.rfind(b"\n") + 1
                if end:
                    yield rest[:end], min(packed.tell() / size, 1.0)
                    rest = rest[end:]
                elif len(rest) > LONGEST:
                    raise _endless(self.path)
            rest += b"" if plain else decode(b"", True).encode()
            if rest:
                yield rest, 1.0


def open_text(path: Path, encoding: str = "") -> TextFile:
    """Scan the file once. `encoding` '' finds it: byte order mark, UTF-16, UTF-8, then what fits like a text.

    Raises LedgerError for what is no text, with the line where it breaks.
    """
    scan = _Scan(path)
    if not encoding:
        encoding = scan.encoding()
    if encoding not in ("utf-8", "utf-8-sig") or scan.broken:
        _check(path, encoding)
    return TextFile(path, encoding, scan.digest)


class _Scan:
    """One walk through a file: its digest, whether it is UTF-8 without NUL, and samples of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.broken = 0  # line where it stops being UTF-8
        self._nul = 0  # line of the first NUL
        self._sample = b""
        self._first = b""
        hashed = sha256()
        with _unpacked(path) as (content, packed):
            decode, size, line = codecs.getincrementaldecoder("utf-8")().decode, 0, 1
            while chunk := content.read(BLOCK):
                self._first = self._first or _plain(chunk, path)
                size += len(chunk)
                if path.suffix.lower() != ".gz":
                    hashed.update(chunk)
                elif size > max(SMALL, PACKED_MOST * packed.tell()):
                    raise LedgerError(
                        f"{path} unpacks to more than {PACKED_MOST} times its size.",
                        "No ledger does: is it damaged, or a trap?",
                    )
                if not self._nul and 0 in chunk:
                    self._nul = line + chunk.count(b"\n", 0, chunk.index(0))
                if not self.broken:
                    try:
                        decode(chunk)
                    except UnicodeDecodeError as error:
                        self.broken = line + chunk.count(b"\n", 0, error.start)
                if self.broken and len(self._sample) < SAMPLE:
                    self._sample += b"\n".join(words for words in chunk.split(b"\n") if not words.isascii())[:SAMPLE]
                line += chunk.count(b"\n")
            if not self.broken:
                try:
                    decode(b"", True)
                except UnicodeDecodeError:
                    self.broken = line
        self.digest = digest(path) if path.suffix.lower() == ".gz" else hashed.hexdigest()

    def encoding(self) -> str:
        """The encoding; raises LedgerError when none fits."""
        for mark, name in MARKS:
            if self._first.startswith(mark):
                return name
        if self._nul:
            return self._utf16()
        if not self.broken:
            return "utf-8"
        found = fitting(self._sample)
        if found:
            return found
        raise LedgerError(
            f"{self._path}:{self.broken}: the text is neither UTF-8 nor GB18030, Big5 or cp1252.",
            f'{UTF8}, or name its encoding in the mapping, e.g. [file] encoding = "cp1250".',
        )

    def _utf16(self) -> str:
        """Bytes with NUL and without a mark: UTF-16 if one byte order gives line ends and no NUL."""
        even = self._first[: len(self._first) // 2 * 2]
        for name in ("utf-16-le", "utf-16-be"):
            text = even.decode(name, "replace")
            if "\n" in text and "\0" not in text and "\ufffd" not in text[:-1]:
                return name
        raise LedgerError(f"{self._path}:{self._nul}: the file holds NUL bytes: it is no CSV file.", f"{UTF8}.")


def _check(path: Path, encoding: str) -> None:
    """Decode everything once. Raises LedgerError with the line where the text is not in `encoding`, or holds NUL."""
    line = 1
    try:
        decode = codecs.getincrementaldecoder(encoding)().decode
        with _unpacked(path) as (content, _):
            while chunk := content.read(BLOCK):
                try:
                    text = decode(chunk)
                except UnicodeDecodeError as error:
                    at = line + chunk.count(b"\n", 0, error.start)
                    raise LedgerError(
                        f"{path}:{at}: the text is not in {encoding}.", f"{UTF8}, or name its encoding."
                    ) from error
                if "\0" in text:
                    at = line + text.count("\n", 0, text.index("\0"))
                    raise LedgerError(f"{path}:{at}: the file holds NUL bytes: it is no CSV file.", f"{UTF8}.")
                line += text.count("\n")
            decode(b"", True)
    except LookupError as error:
        raise LedgerError(
            f"{path}: there is no encoding {encoding!r}.", "Known are utf-8, gb18030, big5, utf-16, cp1252 …"
        ) from error
    except UnicodeDecodeError as error:
        raise LedgerError(
            f"{path}:{line}: the text ends in the middle of a character of {encoding}.",
            "Fetch the file again; it may be cut off.",
        ) from error


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """(the content, the file itself); one whose name ends in .gz is unpacked."""
    try:
        with path.open("rb") as file:
            if path.suffix.lower() == ".gz":
                with gzip.open(file) as content:
                    yield content, file  # type: ignore[misc]
            else:
                yield file, file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise LedgerError(f"{path} cannot be unpacked: {error}.", "Fetch the file again; it may be cut off.") from error
    except OSError as error:
        raise LedgerError(f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error


def _plain(start: bytes, path: Path) -> bytes:
    """The beginning of a file, which must not be that of another kind."""
    for signature, what in SIGNATURES:
        if start.startswith(signature):
            raise LedgerError(
                f"{path} is no CSV file: it is {what}.",
                f"Give it the ending of its kind, or open it in its program. {UTF8}, and import that.",
            )
    return start


def _endless(path: Path) -> LedgerError:
    return LedgerError(f"{path}: a line is longer than {LONGEST >> 20} MiB.", "Is this a table? Export it again.")
