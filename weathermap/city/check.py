"""Name every fault of a city pack, each with file, line and remedy."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from weathermap.city import config as city_toml
from weathermap.city.areas import area_file
from weathermap.city.borders import check_borders
from weathermap.city.codes import check_chain
from weathermap.city.config import line_of
from weathermap.city.crs import to_degrees
from weathermap.city.features import read_features
from weathermap.city.finding import Fault, Findings
from weathermap.city.pack import Config, Pack
from weathermap.city.reading import MAPPING, Draft, draft_pack, draft_tables, pack_files
from weathermap.city.references import check_references
from weathermap.city.schema import TABLES
from weathermap.duty.faults import check_duties
from weathermap.errors import CrsError, PackError
from weathermap.judge.ladder import check_ladder
from weathermap.weather.rule import DEFAULT_WEATHER

__all__ = ["Fault", "Findings", "check_pack", "examine"]


def check_pack(directory: Path, areas: Mapping[str, Path] | None = None) -> list[Fault]:
    """Every fault of the pack in `directory`, its levels' area files replaced by `areas`. Empty: it can be loaded."""
    return examine(directory, areas).faults


def examine(directory: Path, areas: Mapping[str, Path] | None = None) -> Findings:
    """Faults and warnings of a pack. Never raises for what a file contains."""
    return examined(directory, areas)[0]


def examined(directory: Path, areas: Mapping[str, Path] | None = None) -> tuple[Findings, Draft | None]:
    """As `examine`, and what was read: without a fault it is the pack, so that nothing need be read twice."""
    findings = Findings()
    try:
        files = pack_files(directory, areas)
    except PackError as error:
        findings.fault(city_toml.FILE, 0, error.what, error.remedy)
        return findings, None
    draft = draft_pack(files, areas, directory, findings)
    if draft is not None:
        _strangers(directory, draft.pack.config, findings)
        _weather(files[city_toml.FILE], draft.pack.config, findings)
        _mapping(files, findings)
        _neighbours(draft.pack, findings)
        check_references(draft, findings)
        check_duties(draft, findings)
        check_ladder(draft, findings)
        check_chain(draft, findings)
        check_borders(draft, _derived(draft), findings)
    findings.faults.sort(key=lambda fault: (fault.file, fault.line))
    return findings, draft


def examined_tables(pack: Pack, files: Mapping[str, bytes]) -> tuple[Findings, Draft]:
    """As `examined`, of a pack without a fault whose tables are others now (`files`: name in the pack → content)."""
    findings = Findings()
    draft = draft_tables(pack, files, findings)
    check_references(draft, findings)
    check_duties(draft, findings)
    findings.faults.sort(key=lambda fault: (fault.file, fault.line))
    return findings, draft


def _derived(draft: Draft) -> bool:
    return area_file(draft.pack.config.levels[0]) not in draft.pack.files


def _strangers(directory: Path, config: Config, findings: Findings) -> None:
    """Tables and area files that nobody reads: most likely a slip in the name."""
    tables = {table.file for table in TABLES.values()}
    for path in sorted(directory.glob("*.csv")):
        if path.name not in tables:
            remedy = f"Rename or remove it; tables are {', '.join(sorted(tables))}."
            findings.fault(path.name, 0, f"{path.name} is no table of a pack.", remedy)
    declared = {*config.levels, *config.overlays}
    for path in sorted((directory / "areas").glob("*")):
        if path.suffix != ".geojson" or path.stem not in declared:
            remedy = f"Rename or remove it; levels are {', '.join(sorted(declared))}."
            findings.fault(f"areas/{path.name}", 0, f"areas/{path.name} belongs to no level.", remedy)


def _weather(content: bytes, config: Config, findings: Findings) -> None:
    for key, value in config.weather.items():
        line = line_of(content, f"{key} =") or line_of(content, f"{key}=")
        usual = DEFAULT_WEATHER.get(key)
        if usual is None:
            remedy = f"Use only {', '.join(DEFAULT_WEATHER)}."
            findings.fault(city_toml.FILE, line, f"[weather] has no threshold {key!r}.", remedy)
        elif not _same_shape(value, usual):
            findings.fault(city_toml.FILE, line, f"[weather] {key} {value!r} does not fit.", f"Write it like {usual}.")


def _same_shape(value: object, usual: object) -> bool:
    if isinstance(usual, list):
        return isinstance(value, list) and len(value) == len(usual) and all(map(_same_shape, value, usual))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mapping(files: Mapping[str, bytes], findings: Findings) -> None:
    """mapping.toml is the ledger's matter (etl); here it must only be TOML."""
    try:
        tomllib.loads(files.get(MAPPING, b"").decode("utf-8-sig"))
    except ValueError as error:
        findings.fault(MAPPING, 0, f"broken TOML: {error}.", "Mend the line; the file is UTF-8.")


def _neighbours(pack: Pack, findings: Findings) -> None:
    name = pack.config.neighbours
    if not name:
        return
    if name not in pack.files:
        findings.fault(name, 0, "the file is missing.", "Add it, or remove neighbours from city.toml.")
        return
    features = read_features(name, pack.files[name], findings)
    if features is None or not len(features.lines):
        return
    xy = np.concatenate([np.asarray(geom.envelope.exterior.coords) for geom in features.geoms])
    try:
        to_degrees(xy, features.crs or pack.config.crs, pack.config.metric_crs, name)
    except CrsError as error:
        findings.fault(name, int(features.lines[0]), error.what.removeprefix(f"{name}: "), error.remedy, CrsError)
