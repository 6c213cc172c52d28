"""Which of several duties that match an issue wins: the most specific one."""

from __future__ import annotations

from collections.abc import Sequence

from weathermap.city.pack import Duty

Specificity = tuple[int, tuple[int, int], int, int]


def specificity(duty: Duty, levels: Sequence[str]) -> Specificity:
    """A sort key: of the duties that match an issue the one with the largest key answers.

    The finer area wins (`levels` are coarse to fine, no area is coarsest); among equals the category, exact before
    prefix before any, the longer prefix first; then a point kind; then a source. Two duties with equal keys that match
    one issue are a fault of the pack, which the checker names.
    """
    level = duty.area.partition(":")[0]
    return (
        levels.index(level) + 1 if level in levels else 0,
        category_specificity(duty.category),
        int(bool(duty.point_kind)),
        int(bool(duty.source)),
    )


def decided_by(winner: Duty, other: Duty, levels: Sequence[str]) -> str:
    """What makes `winner` the more specific: area | category | point_kind | source; '' where they tie."""
    pairs = zip(specificity(winner, levels), specificity(other, levels), strict=True)
    names = ("area", "category", "point_kind", "source")
    return next((name for name, (one, two) in zip(names, pairs, strict=True) if one != two), "")


def category_specificity(pattern: str) -> tuple[int, int]:
    """(0 any | 1 prefix | 2 exact, length of the prefix) of a category pattern."""
    if not pattern:
        return 0, 0
    return (1, len(pattern) - 1) if pattern.endswith("*") else (2, 0)
