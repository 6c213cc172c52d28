"""Receipts of whole columns: how each decision was made, as `weathermap.issue.writer` writes them one by one."""

from __future__ import annotations

import pyarrow as pa

from weathermap.bulk.texts import chosen, joined, named, quoted, rounded
from weathermap.issue.decide import Decisions
from weathermap.store import binary as b
from weathermap.store.registry import City


def receipts(decided: Decisions, city: City) -> pa.Array:
    """JSON of each issue's boundary version, rule, distance to the border and runner-up."""
    pack = city.pack
    areas, units = pack.finest.codes, [unit.code for unit in pack.units]
    border = joined(', "border_m": ', rounded(decided.border_m, 2))
    other = joined(
        ', "runner_up": {"area": ',
        named(areas, decided.runner_up),
        ', "distance_m": ',
        rounded(decided.runner_up_m, 2),
        ', "unit": ',
        named(units, decided.runner_up_unit),
        "}",
    )
    written: pa.Array | str = ""
    if decided.written is not None:
        kept = joined(', "written": ', quoted(b.texts(decided.written)))
        written = chosen(decided.written != "", kept, "")
    return joined(
        f'{{"version": {city.version}, "position": ',
        quoted(b.texts(decided.position)),
        ', "area": ',
        named(areas, decided.area),
        ', "error_m": ',
        rounded(decided.error_m, 1),
        ', "rule": ',
        quoted(b.texts(decided.rule)),
        ', "duty": ',
        named([duty.code for duty in pack.duties], decided.duty),
        ', "unit": ',
        named(units, decided.unit),
        chosen(decided.area >= 0, border, ""),
        chosen(decided.runner_up >= 0, other, ""),
        written,
        "}",
    )
