"""Do the codes of a pack's areas hold together: unique in their level, with a parent that exists, as codes are made?"""

from __future__ import annotations

import re
from itertools import pairwise

from weathermap.city.finding import Findings
from weathermap.city.pack import Areas
from weathermap.city.reading import Draft
from weathermap.city.references import few

_CELL = re.compile(r"\d{15}")
_COMMUNITY = re.compile(r"\d{12}")


def check_chain(draft: Draft, findings: Findings) -> None:
    """Note duplicate codes, unknown parents, parents without children, and cell codes that break the national rule."""
    pack, levels = draft.pack, draft.pack.config.levels
    for areas in pack.areas.values():
        _unique(areas, findings)
    top = pack.areas.get(levels[0])
    if top is not None and len(top) != 1:
        what = f"level {top.level!r} has {len(top)} areas; the first level is the city and has one."
        findings.fault(str(top.file), int(top.lines[1]), what, "Put a level with the one city above it.")
    for coarser, finer in pairwise(levels):
        if draft.whole_levels(coarser, finer):
            _parents(pack.areas[finer], pack.areas[coarser], findings)
    if len(levels) > 1 and levels[-1] in pack.areas:
        _cell_codes(pack.finest, findings)


def _unique(areas: Areas, findings: Findings) -> None:
    first: dict[str, int] = {}
    for code, line in zip(areas.codes, areas.lines.tolist(), strict=True):
        if code in first:
            before, after = sorted((first[code], line))
            what = f"code {code!r} is there twice: in lines {before} and {after}."
            findings.fault(str(areas.file), after, what, "Give one of the areas another code.")
        first.setdefault(code, line)


def _parents(areas: Areas, coarser: Areas, findings: Findings) -> None:
    known = set(coarser.codes.tolist())
    for code, parent, line in zip(areas.codes, areas.parents, areas.lines.tolist(), strict=True):
        if parent not in known:
            says = f"parent {parent!r} is no {coarser.level}" if parent else f"no parent, but there are {len(known)}"
            what = f"{areas.level} {code!r}: {says}."
            findings.fault(str(areas.file), line, what, f"Name the code of the {coarser.level} that it lies in.")
    childless = sorted(known - set(areas.parents.tolist()))
    if childless:
        what = f"{coarser.level} {few(childless)} has no {areas.level} in it."
        findings.fault(str(areas.file), 0, what, f"Give each {coarser.level} at least one {areas.level}.")


def _cell_codes(cells: Areas, findings: Findings) -> None:
    """GB/T 30428: a cell's code is its community's 12 digits and a serial 001–999. Judged where codes look so."""
    alike = sum(1 for code in cells.codes if _CELL.fullmatch(code))
    if 2 * alike <= len(cells) or not any(_COMMUNITY.fullmatch(parent) for parent in cells.parents):
        return
    for code, parent, line in zip(cells.codes, cells.parents, cells.lines.tolist(), strict=True):
        if not _CELL.fullmatch(code):
            problem = "has not 15 digits"
        elif code[:12] != parent:
            problem = f"does not start with its parent's code {parent}"
        elif code[12:] == "000":
            problem = "has the serial 000; serials run from 001 to 999"
        else:
            continue
        remedy = "Write the community's 12 digits and a serial from 001 to 999."
        findings.fault(str(cells.file), line, f"cell code {code!r} {problem}.", remedy)
