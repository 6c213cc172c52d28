"""Do the areas of each level divide the one above: valid, inside, without overlap, without gap?

Shapes are compared in degrees, where shared borders have identical numbers; sizes are square metres in the city's
metric_crs. Up to ROUNDING_M2 a difference is rounding. Above it: a warning up to the city's `coverage_tolerance_m2`
and for `unpartitioned` levels (real layers of different departments never fit), else a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray

from weathermap.city.crs import WGS84, transformer
from weathermap.city.finding import Findings
from weathermap.city.pack import Areas, Config
from weathermap.city.reading import Draft

ROUNDING_M2 = 0.5
_HAIR_DEG = 1e-9  # nearer than this (0.1 mm) areas touch
Shapes = NDArray[np.object_]
Size = Callable[[Shapes], NDArray[np.float64]]


@dataclass(frozen=True)
class _Misfit:
    """One overlap or gap. Real layers have hundreds that nobody reads, so its words are found when they are needed."""

    m2: float
    tell: Callable[[], tuple[int, str]]  # line and words


def check_borders(draft: Draft, derived: bool, findings: Findings) -> None:
    """Note every fault of the areas' shapes. `derived`: the city's shape is the union of the next level.

    References between levels are `check_chain`'s work; areas whose parent is unknown are left out here, and levels
    that were not read whole.
    """
    pack, config = draft.pack, draft.pack.config
    size = _metres(config)
    sound = {level: _valid(areas, findings) and draft.whole_levels(level) for level, areas in pack.areas.items()}
    if not sound.get(config.levels[0]):
        return
    top = pack.areas[config.levels[0]]
    for level, areas in pack.areas.items():
        if level == config.levels[0] or not sound[level] or not _here(areas, top, findings):
            continue
        k = config.levels.index(level) if level in config.levels else 0
        if k and not sound.get(config.levels[k - 1]):
            continue
        coarser = pack.areas[config.levels[k - 1]] if k else top
        clean = bool(shapely.coverage_is_valid(areas.geoms))
        misfits = [] if clean else _overlaps(areas, size)
        misfits += _against_parents(areas, coarser, bool(k), clean, size)
        if derived and k == 1:
            misfits += _holes(areas, top, size)
        _report(areas, config, misfits, findings)
        if not clean and not misfits:
            _unshared(areas, findings)


def _valid(areas: Areas, findings: Findings) -> bool:
    """Whether all shapes of a level are valid; those that are not are noted."""
    bad = np.flatnonzero(~shapely.is_valid(areas.geoms))
    for row in bad.tolist():
        what = f"{areas.level} {areas.codes[row]!r} has an invalid ring: {shapely.is_valid_reason(areas.geoms[row])}."
        remedy = "Mend the ring there (a program's “fix geometries” does it)."
        findings.fault(str(areas.file), int(areas.lines[row]), what, remedy)
    return not len(bad)


def _here(areas: Areas, top: Areas, findings: Findings) -> bool:
    """Whether any area of the level touches the city at all; if not, its coordinate system is likely wrong."""
    city = shapely.union_all(top.geoms)
    shapely.prepare(city)
    if shapely.intersects(city, areas.geoms).any():
        return True
    west, south, east, north = shapely.total_bounds(areas.geoms)
    what = f"no {areas.level} touches the city: the file lies in {west:.4f}–{east:.4f}, {south:.4f}–{north:.4f}."
    findings.fault(str(areas.file), int(areas.lines[0]), what, "Mend its crs, or take the file of the right city.")
    return False


def _overlaps(areas: Areas, size: Size) -> list[_Misfit]:
    one, other = shapely.STRtree(areas.geoms).query(areas.geoms, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    m2 = size(shapely.intersection(areas.geoms[one], areas.geoms[other]))
    return [
        _Misfit(m, partial(_overlap, areas, i, j, m))
        for i, j, m in zip(one.tolist(), other.tolist(), m2.tolist(), strict=True)
        if m > ROUNDING_M2
    ]


def _overlap(areas: Areas, one: int, other: int, m2: float) -> tuple[int, str]:
    names = f"{areas.level} {areas.codes[one]!r} and {areas.codes[other]!r}"
    lines = sorted((int(areas.lines[one]), int(areas.lines[other])))
    return lines[1], f"{names} overlap by {_m2(m2)} (lines {lines[0]} and {lines[1]})."


def _against_parents(areas: Areas, coarser: Areas, chained: bool, clean: bool, size: Size) -> list[_Misfit]:
    """What each parent has more than its children (gaps), and each child more than its parent."""
    found = []
    for row, code in enumerate(coarser.codes):
        children = np.flatnonzero(areas.parents == code) if chained else np.arange(len(areas))
        if not len(children):
            continue
        parent = coarser.geoms[row]
        union = shapely.coverage_union_all(areas.geoms[children]) if clean else shapely.union_all(areas.geoms[children])
        if shapely.equals(union, parent):
            continue
        whole = f"{coarser.level} {code!r}"
        gaps = shapely.get_parts(shapely.difference(parent, union))
        found += _gaps(areas, children, gaps, whole, size)
        outside = size(shapely.difference(areas.geoms[children], parent))
        for child, m2 in zip(children.tolist(), outside.tolist(), strict=True):
            if m2 > ROUNDING_M2:
                found.append(_Misfit(m2, partial(_beyond, areas, child, whole, m2)))
    return found


def _beyond(areas: Areas, child: int, whole: str, m2: float) -> tuple[int, str]:
    name = f"{areas.level} {areas.codes[child]!r}"
    return int(areas.lines[child]), f"{name} is not inside its {whole}: {_m2(m2)} too much."


def _holes(areas: Areas, top: Areas, size: Size) -> list[_Misfit]:
    """Gaps inside a city whose shape is the union of its parts: its interior rings."""
    parts = shapely.get_parts(top.geoms)
    holes = np.array([shapely.Polygon(ring) for part in parts for ring in part.interiors], dtype=object)
    return _gaps(areas, np.arange(len(areas)), holes, "the city", size)


def _gaps(areas: Areas, rows: NDArray[np.intp], gaps: Shapes, whole: str, size: Size) -> list[_Misfit]:
    """Those of `gaps` between `rows` of `areas` that are more than rounding."""
    return [
        _Misfit(m2, partial(_gap, areas, rows, gap, whole, m2))
        for gap, m2 in zip(gaps, size(gaps).tolist(), strict=True)
        if m2 > ROUNDING_M2
    ]


def _gap(areas: Areas, rows: NDArray[np.intp], gap: shapely.Geometry, whole: str, m2: float) -> tuple[int, str]:
    """Names the two areas that have most of their border with the gap."""
    near = rows[shapely.dwithin(areas.geoms[rows], gap, _HAIR_DEG)]
    shared = shapely.length(shapely.intersection(shapely.boundary(areas.geoms[near]), shapely.boundary(gap)))
    first = near[np.argsort(-shared, kind="stable")][:2]
    names = " and ".join(f"{areas.codes[i]!r}" for i in first) or "nothing"
    line = int(areas.lines[first[0]]) if len(first) else 0
    point = shapely.point_on_surface(gap)
    place = f"{point.x:.6f}, {point.y:.6f}"
    return line, f"{whole} has a gap of {_m2(m2)} at {place}, beside {areas.level} {names}."


def _report(areas: Areas, config: Config, misfits: list[_Misfit], findings: Findings) -> None:
    """Each misfit that is too large is a fault; the others together are one warning."""
    limit = np.inf if areas.level in config.unpartitioned else config.coverage_tolerance_m2
    misfits = sorted(misfits, key=lambda misfit: -misfit.m2)
    small = [misfit for misfit in misfits if misfit.m2 <= limit]
    for misfit in misfits[: len(misfits) - len(small)]:
        line, what = misfit.tell()
        remedy = (
            "Mend the border so that neighbours share its vertices; for a real layer that cannot be mended, raise "
            f'coverage_tolerance_m2 or add "{areas.level}" to unpartitioned in city.toml.'
        )
        findings.fault(str(areas.file), line, what, remedy)
    if small:
        line, what = small[0].tell()
        counted = f"{len(small)} overlap(s) or gap(s) are let pass; the largest: {what}"
        remedy = "Where areas overlap the smallest code has the place; what lies in a gap counts as outside."
        findings.warn(str(areas.file), line, counted, remedy)


def _unshared(areas: Areas, findings: Findings) -> None:
    edges = shapely.coverage_invalid_edges(areas.geoms)
    rows = np.flatnonzero(~shapely.is_empty(edges))
    names = ", ".join(repr(areas.codes[row]) for row in rows[:4].tolist())
    what = f"neighbours do not share the vertices of their border ({len(rows)} areas, e.g. {names})."
    line = int(areas.lines[rows[0]]) if len(rows) else 0
    findings.warn(str(areas.file), line, what, "No number changes; hairlines may show on the map.")


def _metres(config: Config) -> Size:
    """Areas of shapes in degrees, m²."""
    forward = transformer(WGS84, config.metric_crs)

    def project(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(forward.transform(xy[:, 0], xy[:, 1]))

    def size(shapes: Shapes) -> NDArray[np.float64]:
        return np.asarray(shapely.area(shapely.transform(shapes, project)), dtype=np.float64)

    return size


def _m2(value: float) -> str:
    return f"{value:,.1f} m²" if value < 100 else f"{value:,.0f} m²"
