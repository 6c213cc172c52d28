"""Read one level's area file into Areas: any plain GeoJSON, its properties mapped, its coordinates in degrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from weathermap.city.crs import to_degrees
from weathermap.city.features import Features, read_features
from weathermap.city.finding import Findings
from weathermap.city.pack import AreaFields, Areas, Config
from weathermap.errors import CrsError

_OURS = AreaFields()


def area_file(level: str) -> str:
    """The name in the pack of a level's area file."""
    return f"areas/{level}.geojson"


def read_areas(
    level: str, content: bytes, config: Config, coarser: Areas | None, shown: str, findings: Findings
) -> Areas | None:
    """The areas of `level`, sorted by code, in degrees (EPSG:4326); None when nothing could be read.

    `coarser`: the next coarser level, whose only area may stand in for a parent; None for overlays and the top.
    `shown`: the file's name for people. Raises CrsError if `findings` is strict and the coordinates are not what they
    are said to be.
    """
    features = read_features(shown, content, findings)
    if features is None:
        return None
    if not len(features.lines):
        findings.fault(shown, 1, f"level {level!r} has no area.", "Put at least one feature in it.")
        return None
    fields = config.area_fields.get(level, _OURS)
    geoms = _degrees(level, features, config, shown, findings)
    kept, codes = _codes(features, fields, shown, findings)
    if geoms is None or not codes:
        return None
    features, geoms = features.take(kept), geoms[kept]
    if level in config.repair:
        geoms = _repaired(geoms, codes, features, shown, findings)
    order = np.array(sorted(range(len(codes)), key=codes.__getitem__), dtype=np.intp)
    names = [_first(entry, fields.name, "name") for entry in features.properties]
    only = str(coarser.codes[0]) if coarser is not None and len(coarser) == 1 else ""
    return Areas(
        level=level,
        codes=_column(codes, order),
        names=_column([name or code for name, code in zip(names, codes, strict=True)], order),
        names_en=_column([_first(entry, fields.name_en, "name_en") for entry in features.properties], order),
        parents=_column([_parent(entry, fields) or only for entry in features.properties], order),
        geoms=geoms[order],
        file=Path(shown),
        lines=features.lines[order],
    )


def derived_top(config: Config, finer: Areas) -> Areas:
    """The city as the union of the next level: for a pack without a file for the top level."""
    return Areas(
        level=config.levels[0],
        codes=np.array([config.code], dtype=object),
        names=np.array([config.name], dtype=object),
        names_en=np.array([config.name_en], dtype=object),
        parents=np.array([""], dtype=object),
        geoms=np.array([_union(finer.geoms)], dtype=object),
        file=finer.file,
        lines=np.array([1], dtype=np.int64),
    )


def in_city(finer: Areas, config: Config) -> Areas:
    """`finer` with the derived city as the parent of every area that names none."""
    parents = np.array([parent or config.code for parent in finer.parents], dtype=object)
    return replace(finer, parents=parents)


def _union(geoms: NDArray[np.object_]) -> Any:
    """Union of a level; exact where borders share their vertices, so that no new vertex appears."""
    if shapely.is_valid(geoms).all() and shapely.coverage_is_valid(geoms):
        return shapely.coverage_union_all(geoms)
    return shapely.union_all(shapely.make_valid(geoms))


def _codes(features: Features, fields: AreaFields, shown: str, findings: Findings) -> tuple[list[int], list[str]]:
    """(rows of the features that have a code, the codes)."""
    names = {fields.code, _OURS.code}
    if not any(names & entry.keys() for entry in features.properties):
        has = ", ".join(features.properties[0]) or "no property"
        remedy = f"Say which property holds it: code in [area_fields] of city.toml. The first feature has: {has}."
        findings.fault(shown, int(features.lines[0]), f"no feature has a property {fields.code!r}.", remedy)
        return [], []
    kept: list[int] = []
    codes: list[str] = []
    for i, (entry, line) in enumerate(zip(features.properties, features.lines.tolist(), strict=True)):
        raw = entry.get(fields.code, entry.get(_OURS.code))
        try:
            code = _code(raw, fields.code_format)
        except (ValueError, IndexError, KeyError, AttributeError):
            what = f"code {raw!r} does not fit code_format {fields.code_format!r}."
            findings.fault(shown, line, what, "Mend code_format in [area_fields] of city.toml.")
            continue
        if code:
            kept.append(i)
            codes.append(code)
        else:
            findings.fault(shown, line, f"the feature has no {fields.code!r}.", "Give it a code.")
    return kept, codes


def _code(raw: Any, code_format: str) -> str:
    text = _plain(raw)
    if not code_format or not text:
        return text
    number = int(text) if text.isdigit() else text
    return code_format.format(number)


def _plain(raw: Any) -> str:
    """A property as text; 3.0 (as some programs write whole numbers) is 3."""
    if raw is None or isinstance(raw, bool):
        return ""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return str(raw).strip()


def _first(entry: Any, mapped: str, ours: str) -> str:
    return _plain(entry.get(mapped, entry.get(ours)))


def _parent(entry: Any, fields: AreaFields) -> str:
    return _first(entry, fields.parent, "parent") if fields.parent else ""


def _repaired(
    geoms: NDArray[np.object_], codes: Sequence[str], features: Features, shown: str, findings: Findings
) -> NDArray[np.object_]:
    """`geoms` with the polygons that each invalid one stands for: holes outside and crossed ends fall away."""
    bad = np.flatnonzero(~shapely.is_valid(geoms))
    for row in bad.tolist():
        what = f"{codes[row]!r} had an invalid ring, which was repaired: {shapely.is_valid_reason(geoms[row])}."
        remedy = "Mend the ring in the file, or look at the map whether the repair did well."
        findings.warn(shown, int(features.lines[row]), what, remedy)
    mended = geoms.copy()
    mended[bad] = shapely.make_valid(geoms[bad], method="structure", keep_collapsed=False)
    return mended


def _column(values: Sequence[str], order: NDArray[np.intp]) -> NDArray[np.object_]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column[order]


def _degrees(
    level: str, features: Features, config: Config, shown: str, findings: Findings
) -> NDArray[np.object_] | None:
    """The geometries in degrees; None when their coordinate system is wrong."""
    crs = config.area_fields.get(level, _OURS).crs or features.crs or config.crs
    xy = shapely.get_coordinates(features.geoms)
    if not len(xy):
        return features.geoms
    try:
        degrees = to_degrees(xy, crs, config.metric_crs, shown)
    except CrsError as error:
        line = int(features.lines[0])
        findings.fault(shown, line, error.what.removeprefix(f"{shown}: "), error.remedy, CrsError)
        return None
    if degrees is xy:
        return features.geoms
    return np.asarray(shapely.set_coordinates(features.geoms.copy(), degrees), dtype=object)
