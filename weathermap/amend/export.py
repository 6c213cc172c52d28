"""The pack between store and folder: written out as files; and what loading a folder would undo of the pages."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, select

from weathermap.amend.history import differing, overwritten
from weathermap.city.pack import Pack
from weathermap.errors import OutputError, Refused
from weathermap.store import tables as t
from weathermap.store.registry import open_city
from weathermap.whole_file import write_whole

SHOWN = 20  # changes that are named one by one


def export_pack(connection: Connection, code: str | None, directory: Path, force: bool = False) -> str:
    """Write the files of a city's newest pack; loading the folder again changes nothing. Returns what was done.

    Raises OutputError for files that are there and differ (unless `force`), and for a folder that cannot be written.
    """
    city = open_city(connection, code)
    other = [name for name, content in city.pack.files.items() if _differs(directory / name, content)]
    if other and not force:
        named = ", ".join(other[:SHOWN])
        raise OutputError(f"{directory} holds other files: {named}.", "Name an empty folder, or replace with --force.")
    try:
        for name, content in city.pack.files.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content, 0o644)
    except OSError as error:
        raise OutputError(f"{error.filename or directory}: {error.strerror}.", "Name a folder of yours.") from error
    return f"{directory}: pack {city.pack_version} of {city.pack.config.name}, {len(city.pack.files)} files."


def _differs(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() != content


def check_overwritten(connection: Connection, pack: Pack, refuse: bool) -> list[str]:
    """Which changes made on the pages loading `pack` would undo, in words; none for a city that is not stored.

    With `refuse` raises Refused when there are any.
    """
    if connection.execute(select(t.city.c.city_id).where(t.city.c.code == pack.config.code)).first() is None:
        return []
    city = open_city(connection, pack.config.code)
    if city.pack.sha256 == pack.sha256:
        return []
    rows = overwritten(connection, city.city_id, city.pack, pack)
    lines = [
        f"{row.subject}.csv {row.target}, changed by {row.login} on {row.at:%Y-%m-%d}: "
        + ", ".join(f"{name} {before!r} → {after!r}" for name, before, after in differing(row.before, row.after))
        for row in rows
    ]
    if rows and refuse:
        named = "\n  ".join(lines[:SHOWN])
        raise Refused(
            f"Loading this would undo {len(rows)} change(s) made on the pages:\n  {named}",
            "Take them over (`weathermap city export DIR` writes the store's pack), or undo them with --overwrite.",
        )
    return [f"would undo: {line}" if not refuse else line for line in lines]
