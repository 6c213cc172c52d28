"""Citizens' rounds of a demo as the desk keeps them: who went, where, what broke which standard, what became of it.

Drawn from the visits and issues of a round that are stored already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from etl.demo.chance import Chance
from etl.demo.clauses import Clauses
from weathermap.city.pack import Pack
from weathermap.visit.past_rounds import Held
from weathermap.visit.rounds import Round

KINDS = ("veteran", "veteran", "delegate", "delegate", "volunteer", "volunteer", "volunteer", "other")
FAMILY = "林陈蔡王吴李黄许郑施邱卢洪杨曾"
GIVEN = ("秀英", "国强", "丽华", "建明", "美玲", "志伟", "淑贞", "文辉", "雅婷", "金水", "玉珍", "俊杰", "宝珠", "海峰")
TOLD = "发现问题 {found} 件，当日全部交办，整改后由巡访成员到现场看过。"
TOLD_CLEAN = "所到点位未发现问题。"


def draw_rounds(pack: Pack, seed: int, visits: Sequence[Any]) -> list[Held]:
    """A round for each day of `visits` (as past_rounds.loose_visits gives them)."""
    chance, clauses = Chance(seed), Clauses(pack)
    return [_held(pack, chance, clauses, day, list(rows)) for day, rows in groupby(visits, key=lambda row: row.day)]


def _held(pack: Pack, chance: Chance, clauses: Clauses, day: date, visits: list[Any]) -> Held:
    found = sum(len(row.found) for row in visits)
    members = tuple(zip(_names(chance, day), KINDS, strict=True))
    points = tuple(row.point for row in visits)
    leaders = [person.code for person in pack.people if person.role in ("supervisor", "inspector")] or [""]
    return Held(
        Round(f"demo-{day:%Y%m%d}", f"{day.year} 年 {day.month} 月市民巡访", day, members, points),
        leaders[int(chance.whole("round/leader", day.toordinal(), len(leaders)))],
        TOLD.format(found=found) if found else TOLD_CLEAN,
        tuple(row.visit_id for row in visits),
        tuple(line for row in visits for line in _seen(clauses, row)),
    )


def _seen(clauses: Clauses, row: Any) -> list[tuple[int, str, str, int | None]]:
    """The whole checklist of one point: each standard with the issue of the finding that breaks it, None for a pass."""
    broken = clauses.broken(row.kind, [category for _, category in row.found])
    issues = {one.code: issue for one, (issue, _) in zip(broken, row.found, strict=True) if one is not None}
    return [(row.visit_id, one.code, one.edition, issues.get(one.code)) for one in clauses.of(row.kind)]


def _names(chance: Chance, day: date) -> list[str]:
    drawn = [int(chance.whole("round/name", day.toordinal(), len(FAMILY) * len(GIVEN), turn)) for turn in range(8)]
    return [FAMILY[n // len(GIVEN)] + GIVEN[(n + turn) % len(GIVEN)] for turn, n in enumerate(drawn)]
