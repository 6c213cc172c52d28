"""Judge a pack's duties: patterns that match nothing, units that govern nothing, duties that tie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from weathermap.city.finding import Findings
from weathermap.city.pack import Duty, Pack
from weathermap.city.reading import Draft
from weathermap.city.references import few, pattern_matches

FILE = "duties.csv"


def check_duties(draft: Draft, findings: Findings) -> None:
    """Note every fault of the duties but plain references, which are judged before.

    What is missing in a file that was not read whole is not held against them.
    """
    pack, lines = draft.pack, draft.lines["duties"]
    codes = [category.code for category in pack.categories]
    chain = _Chain(draft)
    for duty, line in zip(pack.duties, lines, strict=True):
        if draft.whole("categories") and not pattern_matches(duty.category, codes):
            what = f"duty {duty.code!r} matches nothing: category {duty.category!r} fits no category."
            zh = f"职责 {duty.code} 匹配不到任何问题：没有符合 {duty.category} 的类别。请改正，或先添加类别。"
            findings.fault(FILE, line, what, "Mend the pattern, or add the category to categories.csv.", zh=zh)
        _area(duty, line, chain, findings)
        if draft.whole("units"):
            _unit(duty, line, pack, chain, findings)
        _person(duty, line, pack, findings)
        _standard(duty, line, pack, findings)
        if duty.valid_from and duty.valid_to and duty.valid_from > duty.valid_to:
            what = (
                f"duty {duty.code!r} matches nothing: valid_from {duty.valid_from} is after valid_to {duty.valid_to}."
            )
            zh = f"职责 {duty.code} 的生效日 {duty.valid_from} 晚于截止日 {duty.valid_to}。请改正日期。"
            findings.fault(FILE, line, what, "Mend the dates.", zh=zh)
    _ties(pack, lines, findings)
    if draft.whole("duties"):
        _uncovered(pack, codes, findings)


class _Chain:
    """The chain's levels: which codes there are, and what lies in what."""

    def __init__(self, draft: Draft) -> None:
        self.levels = draft.pack.config.levels
        self.whole = {level for level in self.levels if draft.whole_levels(level)}
        self.parents: Mapping[str, Mapping[str, str]] = {
            level: dict(zip(map(str, areas.codes), map(str, areas.parents), strict=True))
            for level, areas in draft.pack.areas.items()
        }

    def inside(self, level: str, code: str, area: str) -> bool:
        """Whether area `code` of `level` lies in `area` (`LEVEL:CODE`, '' = the city)."""
        wanted, _, target = area.partition(":")
        for k in range(self.levels.index(level), -1, -1):
            if self.levels[k] == wanted:
                return code == target
            code = self.parents[self.levels[k]].get(code, "")
        return not area


def _area(duty: Duty, line: int, chain: _Chain, findings: Findings) -> None:
    if not duty.area:
        return
    level, colon, code = duty.area.partition(":")
    if not colon or level not in chain.levels:
        remedy = f"Write LEVEL:CODE with a level of the chain: {', '.join(chain.levels)}."
        what = f"area {duty.area!r} of duty {duty.code!r} names no level of the chain."
        zh = f"职责 {duty.code} 的区域 {duty.area} 没有写层级。请写“层级:编码”，层级为 {'、'.join(chain.levels)}。"
        findings.fault(FILE, line, what, remedy, zh=zh)
    elif level in chain.whole and code not in chain.parents[level]:
        what = f"area {duty.area!r} of duty {duty.code!r} does not exist."
        zh = f"职责 {duty.code} 的区域 {duty.area} 不存在。请用 {level} 的区域编码。"
        findings.fault(FILE, line, what, f"Use a code of areas/{level}.geojson.", zh=zh)


def _unit(duty: Duty, line: int, pack: Pack, chain: _Chain, findings: Findings) -> None:
    if not duty.unit.startswith("@"):
        if duty.unit not in {unit.code for unit in pack.units}:
            remedy = f"Add {duty.unit!r} to units.csv, or write @LEVEL for the unit that governs the place."
            what = f"unit {duty.unit!r} of duty {duty.code!r} is not in units.csv."
            zh = f"职责 {duty.code} 的单位 {duty.unit} 不在单位表中。请先添加，或写 @层级（该层级的属地单位）。"
            findings.fault(FILE, line, what, remedy, zh=zh)
        return
    level = duty.unit[1:]
    if level not in chain.levels:
        remedy = f"Use one of {', '.join(f'@{name}' for name in chain.levels)}."
        what = f"unit {duty.unit!r} of duty {duty.code!r} names no level of the chain."
        zh = f"职责 {duty.code} 的 {duty.unit} 不是层级。请用 {'、'.join(f'@{name}' for name in chain.levels)} 之一。"
        findings.fault(FILE, line, what, remedy, zh=zh)
        return
    if not chain.whole.issuperset(chain.levels):
        return
    governed = {unit.area for unit in pack.units}
    lone = [code for code in chain.parents[level] if code not in governed and chain.inside(level, code, duty.area)]
    if lone:
        what = f"duty {duty.code!r} asks for the unit that governs each {level}, but none governs {few(lone)}."
        zh = f"职责 {duty.code} 派给各 {level} 的属地单位，但 {few(lone)} 没有管辖单位。请在单位表中补上。"
        findings.fault(FILE, line, what, "Give units.csv a unit with that area.", zh=zh)


def _person(duty: Duty, line: int, pack: Pack, findings: Findings) -> None:
    units = {person.code: person.unit for person in pack.people}
    if duty.person in units and units[duty.person] != duty.unit:
        what = f"person {duty.person!r} of duty {duty.code!r} is of unit {units[duty.person]!r}, not {duty.unit!r}."
        zh = (
            f"{duty.person} 是 {units[duty.person]} 的人，不是 {duty.unit} 的。请选该单位的人，或留空由单位负责人负责。"
        )
        findings.fault(FILE, line, what, "Name a person of that unit, or nobody: then its head answers.", zh=zh)


def _standard(duty: Duty, line: int, pack: Pack, findings: Findings) -> None:
    kinds = {standard.code: standard.point_kind for standard in pack.standards}
    kind = kinds.get(duty.standard, "")
    if duty.point_kind and kind and kind != duty.point_kind:
        what = f"standard {duty.standard!r} of duty {duty.code!r} is for {kind!r}, the duty for {duty.point_kind!r}."
        zh = f"标准 {duty.standard} 适用于 {kind}，职责 {duty.code} 针对 {duty.point_kind}。请选同类点位的标准。"
        findings.fault(FILE, line, what, "Use a standard of the same kind of point.", zh=zh)


def _ties(pack: Pack, lines: Sequence[int], findings: Findings) -> None:
    """Duties tie when their keys of specificity are equal and one issue can match both.

    Equal keys mean areas of one level, and categories both exact, both prefixes of one length or both any: such
    patterns have an issue in common only if they are the same. So ties have equal patterns and common days.
    """
    seen: dict[tuple[str, str, str, str], list[tuple[Duty, int]]] = {}
    for duty, line in zip(pack.duties, lines, strict=True):
        for other, before in seen.setdefault((duty.area, duty.category, duty.point_kind, duty.source), []):
            if _common_day(duty, other):
                what = f"duties {other.code!r} and {duty.code!r} tie: lines {before} and {line} match the same issues."
                remedy = "Narrow one of them (category, area, point kind, source) or its dates."
                zh = f"职责 {other.code} 与 {duty.code} 冲突：第 {before} 行和第 {line} 行匹配同样的问题。"
                zh += "请收窄其中一条（类别、区域、点位类型、来源）或改日期。"
                findings.fault(FILE, line, what, remedy, zh=zh)
        seen[duty.area, duty.category, duty.point_kind, duty.source].append((duty, line))


def _common_day(one: Duty, other: Duty) -> bool:
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first <= min(one.valid_to or date.max, other.valid_to or date.max)


def _uncovered(pack: Pack, codes: Sequence[str], findings: Findings) -> None:
    """A category for which no duty holds everywhere: some of its issues may have nobody."""
    everywhere = [duty for duty in pack.duties if not (duty.area or duty.point_kind or duty.source)]
    lone = [code for code in codes if not any(pattern_matches(duty.category, [code]) for duty in everywhere)]
    if pack.duties and lone:
        what = f"no duty holds everywhere for {few(lone)}: such issues may have no unit."
        findings.warn(FILE, 0, what, "Add a duty without area, point kind and source, e.g. for unit @town.")
