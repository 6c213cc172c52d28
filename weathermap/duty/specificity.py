"""How specific a duty is: the most specific one that matches an issue wins; two equally specific ones are a fault."""

from __future__ import annotations

from collections.abc import Sequence

from weathermap.city.pack import Duty

EXACT = 1_000  # longer than any prefix


def specificity(duty: Duty, levels: Sequence[str]) -> tuple[int, int, int, int]:
    """Greater is more specific: fineness of its area, then its category, then point kind, then source.

    `levels`: the pack's chain, coarse to fine. An exact category beats any prefix, a longer prefix a shorter one.
    """
    level = duty.area.partition(":")[0]
    category = 0 if not duty.category else len(duty.category) - 1 if duty.category.endswith("*") else EXACT
    return (levels.index(level) + 1 if level in levels else 0, category, bool(duty.point_kind), bool(duty.source))
