"""The job that imports a ledger which was uploaded on the desk, or tries it without storing anything."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from etl.importing import run_import
from etl.jobs.room import Room
from etl.large.importing import Sizes
from weathermap.errors import UnknownName
from weathermap.progress import followed
from weathermap.settings import Settings

ENDING = "xlsx"
SIZES = Sizes(large=1_000, chunk=2_500, parts=Sizes().large)  # in pieces: its progress shows, and it can be stopped
MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def make_import(room: Room) -> dict[str, Any]:
    """`asked`: `upload` (its folder), `mapping` (TOML), `dry_run`. Its file holds the rows that are not stored."""
    ledger = uploaded(room.settings, str(room.job.asked["upload"]))
    room.progress.of(0)  # told to stop before anything was begun
    room.connection.rollback()  # the import reads and writes by connections of its own
    with TemporaryDirectory(prefix="weathermap-") as folder, room.file(ENDING) as path:
        city = Path(folder)
        city.joinpath("city.toml").write_text(f"[city]\ncode = {json.dumps(room.catalog.code)}\n", encoding="utf-8")
        mapping = city / "mapping.toml"
        mapping.write_text(str(room.job.asked["mapping"]), encoding="utf-8")
        rejected = city / f"rejected.{ENDING}"
        dry_run = bool(room.job.asked.get("dry_run"))
        with followed(room.progress):
            outcome = run_import(room.settings, ledger, city, {}, mapping, rejected, dry_run, sizes=SIZES)
        left = outcome.rejected + outcome.repeats
        path.write_bytes(rejected.read_bytes() if rejected.is_file() else b"")
    lines = [line.strip() for line in outcome.lines()]
    counts = {name: getattr(outcome, name) for name in ("read", "stored", "rejected", "duplicates", "updated")}
    told = {"said": lines[0], "result": {"lines": lines, "dry_run": dry_run, **counts}}
    if not left:
        room.path(ENDING).unlink(missing_ok=True)
        return told
    name = f"{ledger.stem}_未入库.{ENDING}"
    return told | {key: value for key, value in room.made(ENDING, name, MIMETYPE).items() if key != "said"}


def uploaded(settings: Settings, upload: str) -> Path:
    """The ledger of an upload. Raises UnknownName when it is not kept any more."""
    folder = settings.upload_folder / upload
    if upload.isalnum() and folder.is_dir():
        for path in folder.iterdir():
            if path.name != "mapping.toml":
                return path
    raise UnknownName("The ledger that was uploaded is not kept any more.", "Upload it again.")
