"""Where a report goes: the format by name or by the file's ending, and a file that appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from etl.export.csv_file import write_csv, write_gb18030
from etl.export.docx_file import write_docx
from etl.export.geo_files import write_fgb, write_geoparquet, write_gpkg
from etl.export.geojson_file import write_geojson
from etl.export.grid_report import Report
from etl.export.html_file import write_html
from etl.export.pdf_file import write_pdf
from etl.export.shapes import Shapes
from etl.export.tick import Tick
from etl.export.xlsx_file import write_xlsx
from weathermap.errors import OutputError, UnknownName


@dataclass(frozen=True)
class Format:
    """A kind of file. `drawn`: shows the areas' shapes; `layered`: and cells, points, issues and days beside them."""

    name: str
    mimetype: str
    drawn: bool
    write: Callable[[Report, Shapes, IO[bytes], Tick], None]
    layered: bool = False

    @property
    def ending(self) -> str:
        """Of the file's name, as the programs that read it want it."""
        return {"geoparquet": "parquet", "csv-gb18030": "csv"}.get(self.name, self.name)


FORMATS: Mapping[str, Format] = {
    found.name: found
    for found in (
        Format("csv", "text/csv; charset=utf-8", False, write_csv),
        Format("csv-gb18030", "text/csv; charset=gb18030", False, write_gb18030),
        Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", False, write_xlsx),
        Format("geojson", "application/geo+json", True, write_geojson),
        Format("gpkg", "application/geopackage+sqlite3", True, write_gpkg),
        Format("geoparquet", "application/vnd.apache.parquet", True, write_geoparquet),
        Format("fgb", "application/vnd.flatgeobuf", True, write_fgb),
        Format("pdf", "application/pdf", True, write_pdf),
        Format("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", True, write_docx),
        Format("html", "text/html; charset=utf-8", True, write_html, layered=True),
    )
}


def format_of(name: str | None, file: Path | None = None) -> Format:
    """The format called `name`, or that of the file's ending. Raises UnknownName."""
    asked = (name or (file.suffix.lstrip(".") if file else "")).lower()
    asked = "geoparquet" if asked == "parquet" else asked
    if asked not in FORMATS:
        what = f"{asked!r} is no format of a report." if asked else "No format was named."
        raise UnknownName(what, f"Use one of {', '.join(FORMATS)}.")
    return FORMATS[asked]


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A binary file to write to; only when all is written does it take the name `path`, else nothing stays.

    Raises OutputError with what is wrong: no such folder, not writable, no room.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder.", "Name a file in it.")
    if not path.absolute().parent.is_dir():
        raise OutputError(f"The folder {path.absolute().parent} does not exist.", "Make it, or name another file.")
    part = None
    try:
        with NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name}.", delete=False) as file:
            part = Path(file.name)
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o666 & ~_umask())
        part.replace(path)
        part = None
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}. Nothing of it was kept.",
            "Make room or name a file in a folder that this user may write.",
        ) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _umask() -> int:
    """The process's file mode mask, which a temporary file ignores."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
