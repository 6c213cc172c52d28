"""The bytes of a ledger file → its text: unpacked, and in an encoding that was found, not guessed at random."""

from __future__ import annotations

import codecs
import gzip
import zlib
from itertools import islice
from pathlib import Path

from weathermap.errors import LedgerError

LARGEST = 1 << 30  # bytes of an unpacked ledger that are read; a small file that unpacks to more is not a ledger
SAMPLE = 5_000  # characters beyond ASCII that are looked at
FAMILIAR = 0.9  # share of them that must be everyday Chinese for GB18030 to be believed
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


def read_bytes(path: Path) -> bytes:
    """The file's content; one whose name ends in .gz is unpacked. Raises LedgerError for what is no text at all."""
    try:
        if path.suffix.lower() == ".gz":
            with gzip.open(path) as packed:
                content = packed.read(LARGEST + 1)
        else:
            with path.open("rb") as plain:
                content = plain.read(LARGEST + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise LedgerError(f"{path} cannot be unpacked: {error}.", "Fetch the file again; it may be cut off.") from error
    except OSError as error:
        raise LedgerError(f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error
    if len(content) > LARGEST:
        raise LedgerError(f"{path} holds more than {LARGEST >> 20:,} MiB.", "Split it into smaller files.")
    for signature, what in SIGNATURES:
        if content.startswith(signature):
            raise LedgerError(
                f"{path} is no CSV file: it is {what}.", f"Open it in its program. {UTF8}, and import that."
            )
    return content


def decode(content: bytes, path: Path, encoding: str = "") -> tuple[str, str]:
    """The text and its encoding. `encoding` '' finds it: byte order mark, UTF-16, UTF-8, then GB18030.

    GB18030 accepts almost any bytes, so it is believed only if the text beyond ASCII comes out as everyday Chinese.
    Raises LedgerError, naming the line where the text breaks.
    """
    if encoding:
        return _decoded(content, encoding, path), encoding
    for mark, name in MARKS:
        if content.startswith(mark):
            return _decoded(content, name, path), name
    if b"\0" in content:
        return _utf16(content, path)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if text and _everyday(text) >= FAMILIAR:
        return text, "gb18030"
    raise LedgerError(
        f"{path}:{line}: the text is neither UTF-8 nor GB18030.",
        f'{UTF8}, or name its encoding in the mapping, e.g. [file] encoding = "cp1252".',
    )


def _decoded(content: bytes, encoding: str, path: Path) -> str:
    try:
        text = content.decode(encoding)
    except LookupError as error:
        raise LedgerError(
            f"{path}: there is no encoding {encoding!r}.", "Known are utf-8, gb18030, utf-16, cp1252 …"
        ) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LedgerError(f"{path}:{line}: the text is not in {encoding}.", f"{UTF8}, or name its encoding.") from error
    return _whole(text, path)


def _whole(text: str, path: Path) -> str:
    """The text, which must not hold NUL: no text has it and no database stores it."""
    at = text.find("\0")
    if at < 0:
        return text
    raise LedgerError(
        f"{path}:{text.count(chr(10), 0, at) + 1}: the file holds NUL bytes: it is no CSV file.", f"{UTF8}."
    )


def _utf16(content: bytes, path: Path) -> tuple[str, str]:
    """Bytes with NUL and without a mark: UTF-16 if one byte order gives line ends and no NUL."""
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if "\n" in text and "\0" not in text:
            return text, name
    return _whole(content.decode("latin-1"), path), "latin-1"  # raises: there is a NUL


def _everyday(text: str) -> float:
    """Share of the characters beyond ASCII that GB 2312 (6,763 common characters) knows."""
    foreign = list(islice((c for c in text if c > "\x7f"), SAMPLE))
    known = sum(1 for c in foreign if c.encode("gb2312", "ignore"))
    return known / len(foreign) if foreign else 1.0
