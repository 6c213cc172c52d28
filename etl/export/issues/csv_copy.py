"""Issues as CSV, written by PostgreSQL itself (COPY … TO STDOUT), straight into the file."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from sqlalchemy import Connection, text

from etl.export.issues.files import Written
from etl.export.issues.stream import FIELDS, statement_of
from etl.export.tick import Tick
from weathermap.issue.listing import Filter

ENCODINGS = {"csv": ("UTF8", "utf-8-sig"), "csv-gb18030": ("GB18030", "gb18030")}


class _Counted:
    """A binary file that tells how many lines went in."""

    def __init__(self, file: IO[bytes], tick: Tick) -> None:
        self._file, self._tick = file, tick

    def write(self, piece: bytes) -> int:
        self._tick(piece.count(b"\n"))
        return self._file.write(piece)


def write_csv(
    connection: Connection, chosen: Filter, timezone: str, path: Path, about: Written, tick: Tick, kind: str = "csv"
) -> None:
    """UTF-8 with a byte-order mark or GB 18030; after the rows the stamp, each line beginning with '#'."""
    server, own = ENCODINGS[kind]
    connection.execute(text("SELECT set_config('timezone', :timezone, true)"), {"timezone": timezone})
    rows = statement_of(connection, chosen, guard=True)
    with path.open("wb") as file:
        file.write(",".join(field.head(about.lang) for field in FIELDS).encode(own) + b"\r\n")
        counted = _Counted(file, tick)
        cursor = connection.connection.cursor()
        cursor.copy_expert(f"COPY ({rows}) TO STDOUT WITH (FORMAT csv, ENCODING '{server}')", counted, size=1 << 18)
        cursor.close()
        for name, words in [*about.stamp, (about.title, "")]:
            told = [f"# {name}", words.replace('"', "'")]
            file.write(f'"{told[0]}","{told[1]}"\r\n'.encode(own.replace("-sig", "")))
