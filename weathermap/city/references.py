"""Do a pack's tables agree with each other: unique keys, references that exist, patterns that match something?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import shapely

from weathermap.city.clock import FIRST_YEAR, LAST_YEAR
from weathermap.city.columns import Table
from weathermap.city.finding import Findings
from weathermap.city.pack import Pack
from weathermap.city.reading import Draft
from weathermap.city.schema import TABLES
from weathermap.duty.routing import matches


def check_references(draft: Draft, findings: Findings) -> None:
    """Note every fault between the tables, and between tables and areas.

    Nothing is said to be missing in a file that could not be read whole: mending it comes first.
    """
    pack = draft.pack
    for table in TABLES.values():
        _unique(table, pack, draft.lines, findings)
        _refer(table, draft, findings)
    if draft.whole("categories", "sources"):
        _snap(pack, findings)
    _units(draft, findings)
    _heads(pack, draft.lines["people"], findings)
    if draft.whole("limits", "categories"):
        _limits(pack, draft.lines["limits"], findings)
    if draft.whole_levels(pack.config.levels[0]):
        _points(pack, draft.lines["points"], findings)
    for holiday, line in zip(pack.holidays, draft.lines["holidays"], strict=True):
        if not FIRST_YEAR <= holiday.day.year <= LAST_YEAR:
            what = f"{holiday.day} lies outside the calendar."
            zh = f"{holiday.day} 超出日历范围，请用 {FIRST_YEAR} 至 {LAST_YEAR} 年的日子。"
            findings.fault("holidays.csv", line, what, f"Use days from {FIRST_YEAR} to {LAST_YEAR}.", zh=zh)


def pattern_matches(pattern: str, codes: Iterable[str]) -> bool:
    """Whether a category pattern matches any of `codes`; an empty one matches even none."""
    return not pattern or any(matches(pattern, code) for code in codes)


def few(names: Sequence[str], most: int = 5) -> str:
    """The first of `names` for a message."""
    return ", ".join(names[:most]) + (f" … ({len(names)} in all)" if len(names) > most else "")


def _unique(table: Table, pack: Pack, lines: Mapping[str, tuple[int, ...]], findings: Findings) -> None:
    first: dict[str, int] = {}
    for row, line in zip(getattr(pack, table.name), lines[table.name], strict=True):
        key = str(getattr(row, table.key))
        if key in first:
            what = f"{table.key} {key!r} is there twice: in lines {first[key]} and {line}."
            zh = f"「{table.key}」{key} 重复：第 {first[key]} 行和第 {line} 行。请删去一行，或换一个编码。"
            findings.fault(table.file, line, what, "Remove one of the rows or give it another code.", zh=zh)
        first.setdefault(key, line)


def _refer(table: Table, draft: Draft, findings: Findings) -> None:
    pack = draft.pack
    for column in table.columns:
        if not column.refers or not draft.whole(column.refers):
            continue
        target = TABLES[column.refers]
        known = {getattr(row, target.key) for row in getattr(pack, target.name)}
        for row, line in zip(getattr(pack, table.name), draft.lines[table.name], strict=True):
            value = getattr(row, column.name)
            # '@LEVEL' stands in duties.unit only, which weathermap.duty.faults judges.
            if value and value not in known:
                what = f"{column.name} {value!r} is not in {target.file}."
                zh = f"「{column.name}」的 {value} 不在 {target.file} 中。请先在那里添加，或改正编码。"
                findings.fault(table.file, line, what, f"Add {value!r} to {target.file} or mend the code.", zh=zh)


def _snap(pack: Pack, findings: Findings) -> None:
    codes = pack.config.snap_categories
    for code in sorted(set(codes) - {category.code for category in pack.categories}):
        what = f"snap_categories names {code!r}, which is not in categories.csv."
        zh = f"随手拍的类别 {code} 不在问题类别表中，不能去掉它。"
        findings.fault("city.toml", 0, what, "Add it there, or mend the code.", zh=zh)
    if codes and not any(source.kind == "snapshot" for source in pack.sources):
        remedy = "Add a source of kind snapshot, or leave snap_categories out."
        findings.fault("city.toml", 0, "snap_categories is given, but no source brings citizens' reports.", remedy)


def _units(draft: Draft, findings: Findings) -> None:
    pack = draft.pack
    codes = {str(code) for areas in pack.areas.values() for code in areas.codes}
    whole = draft.whole_levels(*pack.config.levels, *pack.config.overlays)
    governs: dict[str, int] = {}
    for unit, line in zip(pack.units, draft.lines["units"], strict=True):
        if unit.area and unit.area not in codes:
            if not whole:
                continue
            remedy = "Use the code of an area of any level, or leave it empty."
            zh = f"没有编码为 {unit.area} 的区域。请填任一层级的区域编码，或留空。"
            findings.fault("units.csv", line, f"area {unit.area!r} is in no area file.", remedy, zh=zh)
        elif unit.area in governs:
            what = f"area {unit.area!r} is governed twice: in lines {governs[unit.area]} and {line}."
            zh = f"区域 {unit.area} 有两个管辖单位：第 {governs[unit.area]} 行和第 {line} 行。请把不管辖的那个留空。"
            findings.fault("units.csv", line, what, "Leave area empty for the unit that does not govern it.", zh=zh)
        if unit.area:
            governs.setdefault(unit.area, line)


def _heads(pack: Pack, lines: Sequence[int], findings: Findings) -> None:
    heads: dict[str, int] = {}
    for person, line in zip(pack.people, lines, strict=True):
        if person.role != "head":
            continue
        if person.unit in heads:
            what = f"unit {person.unit!r} has two heads: in lines {heads[person.unit]} and {line}."
            zh = f"单位 {person.unit} 有两名负责人：第 {heads[person.unit]} 行和第 {line} 行。请把其中一名改为副职。"
            findings.fault("people.csv", line, what, "Make one of them a deputy.", zh=zh)
        heads.setdefault(person.unit, line)


def _limits(pack: Pack, lines: Sequence[int], findings: Findings) -> None:
    codes = [category.code for category in pack.categories]
    for limit, line in zip(pack.limits, lines, strict=True):
        if not pattern_matches(limit.category, codes):
            remedy = "Mend the pattern, or add the category to categories.csv."
            zh = f"类别 {limit.category} 匹配不到任何类别。请改正编码或前缀。"
            findings.fault("limits.csv", line, f"category {limit.category!r} matches no category.", remedy, zh=zh)
        if limit.kind == "workdays" and not float(limit.amount).is_integer():
            remedy = "Use a whole number, or work_hours for parts of a day."
            zh = f"工作日须是整数，不能是 {limit.amount:g}。不足一天请用 work_hours（工作时）。"
            findings.fault("limits.csv", line, f"amount {limit.amount:g} workdays is not whole.", remedy, zh=zh)
    if not pack.limits:
        return
    for code in codes:
        if not any(pattern_matches(limit.category, [code]) for limit in pack.limits):
            remedy = f'Add a row for it, or one for "*" (all): {code},5,workdays.'
            zh = f"类别 {code} 没有办理时限。请为它加一行，或加一行“*”（全部）。"
            findings.fault("limits.csv", 0, f"category {code!r} has no limit.", remedy, zh=zh)


def _points(pack: Pack, lines: Sequence[int], findings: Findings) -> None:
    if not pack.points:
        return
    lon = np.array([point.lon for point in pack.points])
    lat = np.array([point.lat for point in pack.points])
    inside = np.zeros(len(lon), dtype=bool)
    for geom in pack.areas[pack.config.levels[0]].geoms:
        inside |= shapely.intersects_xy(geom, lon, lat)
    for row in np.flatnonzero(~inside).tolist():
        point = pack.points[row]
        what = f"point {point.code!r} ({point.lon:.6f}, {point.lat:.6f}) lies outside the city."
        findings.fault("points.csv", lines[row], what, "Mend lon and lat (longitude first), or the pack's crs.")
    places = Counter((point.lon, point.lat) for point in pack.points)
    crowded = [place for place, count in places.items() if count > 1]
    if crowded:
        rows = [i for i, point in enumerate(pack.points) if (point.lon, point.lat) in set(crowded)]
        what = f"points stand at one and the same place: {few([pack.points[i].code for i in rows])}."
        findings.warn("points.csv", lines[rows[0]], what, "Look whether one of them has a default position.")
