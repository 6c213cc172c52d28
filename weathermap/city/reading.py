"""Read a city pack: from its folder, or from its files kept elsewhere. Judging is `weathermap.city.check`'s work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from weathermap.city import config as city_toml
from weathermap.city.areas import area_file, derived_top, in_city, read_areas
from weathermap.city.config import read_config
from weathermap.city.crs import to_degrees
from weathermap.city.declared import area_bytes
from weathermap.city.finding import Findings
from weathermap.city.pack import Areas, Config, Pack
from weathermap.city.schema import TABLES
from weathermap.city.tables import Rows, read_table
from weathermap.errors import CrsError, PackError

MAPPING = "mapping.toml"


@dataclass(frozen=True)
class Draft:
    """A pack as far as it could be read, with what the checker needs to name lines and files.

    Levels whose area file cannot be read are missing in `pack.areas`, rows that cannot be read in its tables.
    """

    pack: Pack
    lines: Mapping[str, tuple[int, ...]]  # table → line of each of its rows
    unread: frozenset[str]  # files in the pack that could not be read, or not whole

    def whole(self, *tables: str) -> bool:
        """Whether these tables were read whole, so that what is missing in them is really missing."""
        return not any(TABLES[name].file in self.unread for name in tables)

    def whole_levels(self, *levels: str) -> bool:
        """The same for the area files of levels."""
        return all(level in self.pack.areas and area_file(level) not in self.unread for level in levels)


def read_pack(directory: Path, areas: Mapping[str, Path] | None = None) -> Pack:
    """The pack in `directory`, the area files of some levels replaced by `areas` (level → GeoJSON file).

    Coordinates come back as degrees (EPSG:4326). Raises PackError (CrsError for coordinates) at the first thing that
    cannot be read, with file, line and remedy. References, geometry and duties are not judged: see `check_pack`.
    """
    draft = draft_pack(pack_files(directory, areas), areas, directory, Findings(strict=True))
    if draft is None:
        raise PackError(f"{directory}: the pack cannot be read.", f"Run `weathermap city check {directory}`.")
    return draft.pack


def read_pack_files(
    files: Mapping[str, bytes], areas: Mapping[str, Path] | None = None, directory: Path = Path()
) -> Pack:
    """The pack whose files are `files` (name in the pack → content), e.g. `Pack.files`; see `read_pack`."""
    replaced = {area_file(level): area_bytes(path) for level, path in (areas or {}).items()}
    draft = draft_pack({**files, **replaced}, areas, directory, Findings(strict=True))
    if draft is None:
        raise PackError("The pack cannot be read.", "Check the pack it was made from.")
    return draft.pack


def pack_files(directory: Path, areas: Mapping[str, Path] | None = None) -> dict[str, bytes]:
    """The content of every pack file in `directory`, by name; `areas` under the names that they replace.

    Raises PackError for a folder without city.toml and for a file that cannot be opened.
    """
    if not (directory / city_toml.FILE).is_file():
        remedy = "Name a folder with a city.toml; gis_data/README.md says what belongs into it."
        raise PackError(f"{directory} is no city pack: it has no {city_toml.FILE}.", remedy)
    names = [city_toml.FILE, MAPPING, *(table.file for table in TABLES.values())]
    paths = [directory / name for name in names]
    paths += sorted([*(directory / "areas").glob("*.geojson"), *directory.glob("*.geojson")])
    found = {path.relative_to(directory).as_posix(): path for path in paths if path.is_file()}
    found = {name: path for name, path in found.items() if name not in map(area_file, areas or {})}
    try:
        content = {name: path.read_bytes() for name, path in found.items()}
        content |= {area_file(level): area_bytes(path) for level, path in (areas or {}).items()}
        return {name: content[name] for name in sorted(content)}
    except OSError as error:
        raise PackError(f"{error.filename}: {error.strerror}.", "Name a file that can be read.") from error


def draft_pack(
    files: Mapping[str, bytes], areas: Mapping[str, Path] | None, directory: Path, findings: Findings
) -> Draft | None:
    """The pack as far as it can be read; None without a usable city.toml. Faults go to `findings`."""
    shown = {area_file(level): str(path) for level, path in (areas or {}).items()}
    config = read_config(files.get(city_toml.FILE, b""), findings)
    if config is None:
        return None
    declared = (*config.levels, *config.overlays)
    for level in areas or {}:
        if level not in declared:
            findings.fault(
                shown[area_file(level)], 0, f"{level!r} is no level of this city.", f"Levels are {', '.join(declared)}."
            )
    kept = {name: files[name] for name in sorted(files) if _belongs(name, config, declared)}
    levels = _read_levels(config, kept, shown, findings)
    tables = _read_tables(config, kept, findings)
    pack = Pack(
        directory=directory,
        config=config,
        areas=levels,
        **{name: rows.rows for name, rows in tables.items()},
        sha256=_sha256(kept.items()),
        boundary_sha256=_boundary_sha256(config, kept),
        files=kept,
    )
    broken = {fault.file for fault in findings.faults}
    names = {*map(area_file, declared), *(table.file for table in TABLES.values())}
    unread = frozenset(name for name in names if shown.get(name, name) in broken)
    return Draft(pack, {name: rows.lines for name, rows in tables.items()}, unread)


def draft_tables(pack: Pack, files: Mapping[str, bytes], findings: Findings) -> Draft:
    """A pack whose tables are read anew from `files`; city.toml and the area files are those of `pack`."""
    kept = {name: files[name] for name in sorted(files)}
    tables = _read_tables(pack.config, kept, findings)
    found: dict[str, Any] = {name: rows.rows for name, rows in tables.items()}
    drafted = replace(pack, **found, sha256=_sha256(kept.items()), files=kept)
    broken = frozenset(fault.file for fault in findings.faults)
    return Draft(drafted, {name: rows.lines for name, rows in tables.items()}, broken)


def _read_tables(config: Config, files: Mapping[str, bytes], findings: Findings) -> dict[str, Rows]:
    tables = {name: _read_table(name, files, findings) for name in TABLES}
    tables["points"] = _degrees(tables["points"], config, findings)
    return tables


def _belongs(name: str, config: Config, declared: Iterable[str]) -> bool:
    known = {city_toml.FILE, MAPPING, config.neighbours, *(table.file for table in TABLES.values())}
    return name in known or name in {area_file(level) for level in declared}


def _read_levels(
    config: Config, files: Mapping[str, bytes], shown: Mapping[str, str], findings: Findings
) -> dict[str, Areas]:
    """The areas of every level that can be read."""
    found: dict[str, Areas] = {}
    derive = len(config.levels) > 1 and area_file(config.levels[0]) not in files
    coarser: Areas | None = None
    for level in (*config.levels, *config.overlays):
        name = area_file(level)
        if level in config.overlays:
            coarser = None
        if name not in files:
            if not (derive and level == config.levels[0]):
                remedy = f"Add it, or give the level's areas with --areas {level}=FILE."
                findings.fault(name, 0, f"level {level!r} has no area file.", remedy)
            continue
        areas = read_areas(level, files[name], config, coarser, shown.get(name, name), findings)
        if areas is not None:
            found[level] = areas
        coarser = areas
    if derive and config.levels[1] in found:
        finer = found[config.levels[1]]
        found = {config.levels[0]: derived_top(config, finer), **found, config.levels[1]: in_city(finer, config)}
    return found


def _read_table(name: str, files: Mapping[str, bytes], findings: Findings) -> Rows:
    table = TABLES[name]
    if table.file in files:
        return read_table(table, files[table.file], findings)
    if table.needed:
        header = ",".join(column.name for column in table.columns)
        findings.fault(table.file, 0, "the file is missing.", f"Add it, with the header {header}.")
    return Rows((), ())


def _degrees(points: Rows, config: Config, findings: Findings) -> Rows:
    """The declared points with longitude and latitude in degrees, whatever the pack's `crs`."""
    if not points.rows:
        return points
    xy = np.array([(point.lon, point.lat) for point in points.rows], dtype=np.float64)
    file = TABLES["points"].file
    try:
        degrees = to_degrees(xy, config.crs, config.metric_crs, file)
    except CrsError as error:
        findings.fault(file, points.lines[0], error.what.removeprefix(f"{file}: "), error.remedy, CrsError)
        return Rows((), ())
    rows: list[Any] = [
        replace(point, lon=lon, lat=lat) for point, (lon, lat) in zip(points.rows, degrees.tolist(), strict=True)
    ]
    return Rows(tuple(rows), points.lines)


def _sha256(files: Iterable[tuple[str, bytes]]) -> str:
    """Hash over names and contents, each with its length, so that no two sets of files give the same bytes."""
    digest = hashlib.sha256()
    for name, content in files:
        for part in (name.encode(), content):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def _boundary_sha256(config: Config, files: Mapping[str, bytes]) -> str:
    """Hash over the area files, and over what city.toml says of how they are read."""
    names = [area_file(level) for level in (*config.levels, *config.overlays)]
    manner = repr((config.levels, config.overlays, config.crs, config.repair, sorted(config.area_fields.items())))
    derived = repr((config.code, config.name, config.name_en)) if names[0] not in files else ""
    found = [(name, files[name]) for name in names if name in files]
    return _sha256([("manner", (manner + derived).encode()), *found])
