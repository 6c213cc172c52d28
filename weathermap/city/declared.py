"""An area file that is taken from elsewhere, with the coordinate system that a person declares for it: FILE@CRS."""

from __future__ import annotations

import json
from pathlib import Path

from weathermap.city.crs import parse


def split_declared(path: Path) -> tuple[Path, str]:
    """(the file, its declared system): `borders.geojson@EPSG:2249`; '' for a plain path. Raises CrsError."""
    name, at, crs = path.name.rpartition("@")
    if not at or path.is_file():
        return path, ""
    parse(crs, str(path))
    return path.with_name(name), crs


def area_bytes(path: Path) -> bytes:
    """The file's content; a declared system becomes its last `crs` member, which counts, and so goes into the store."""
    file, crs = split_declared(path)
    content = file.read_bytes()
    if not crs:
        return content
    member = json.dumps({"type": "name", "properties": {"name": crs}})
    head, brace, tail = content.rstrip().rpartition(b"}")
    return head + b', "crs": ' + member.encode() + brace + tail if brace else content
