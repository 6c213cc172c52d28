"""What turns up where and when: the demo's knowledge of the national categories (GB/T 30428) and of kinds of places.

Keyed by words in the pack's own names, so that any city's pack will do; what no word fits is plain and steady.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Reals
from weathermap.city.pack import Pack

OPEN = "open"  # a spot in the street, no declared point
# Words in a point kind's name → class of place, first match wins; with the weight of one such point among all spots.
PLACES: tuple[tuple[str, str, float], ...] = (
    ("农贸市场", "market", 5.0),
    ("背街小巷", "lane", 2.6),
    ("小区", "estate", 2.0),
    ("城乡结合", "lane", 2.6),
    ("建成区外", "village", 1.6),
    ("村", "village", 1.6),
    ("主次干道", "street", 3.0),
    ("商业大街", "street", 3.4),
    ("路口", "street", 1.4),
    ("公交", "street", 0.8),
    ("车站", "street", 1.8),
    ("餐饮", "eatery", 1.6),
    ("宾馆", "eatery", 0.7),
    ("网吧", "eatery", 0.5),
    ("商场", "market", 1.8),
    ("超市", "market", 1.8),
    ("公园", "park", 1.6),
    ("广场", "park", 1.8),
    ("景区", "park", 1.4),
    ("公厕", "toilet", 0.8),
    ("工地", "works", 1.8),
    ("河", "river", 1.6),
    ("学校周边", "street", 1.8),
    ("社区", "estate", 1.2),
)
CLASSES = (*dict.fromkeys(name for _, name, _ in PLACES), "indoors", OPEN)
INDOORS_WEIGHT = 0.5


@dataclass(frozen=True)
class Habit:
    """`weight`: share of the year's issues before scaling. Seasons multiply it: storm, festive time, summer, winter."""

    weight: float
    where: dict[str, float] = field(default_factory=dict)  # class of place → factor; others 1
    storm: float = 1.0  # in and just after a storm
    festive: float = 1.0  # in the weeks before the Spring Festival
    summer: float = 1.0  # in July; the winter gets the inverse
    evening: float = 0.05  # share noticed after 19:00
    hard: float = 0.0  # logits added to lateness


STREETS = {"street": 2.2, OPEN: 1.6, "lane": 1.2, "estate": 0.4, "toilet": 0.2, "indoors": 0.3, "river": 0.2}
HOMES = {"estate": 3.0, "lane": 2.0, "village": 1.5, "street": 0.6, "river": 0.1}
TABLES = {"eatery": 5.0, "market": 1.8, "street": 1.2, "river": 0.1, "toilet": 0.1, "estate": 0.4}
# Words in a category's name → its habit, first match wins.
HABITS: tuple[tuple[str, Habit], ...] = (
    ("暴露垃圾", Habit(9, {"market": 2.2, "lane": 2.4, "village": 2.2}, festive=2.6, summer=1.2, hard=-0.2)),
    ("积存垃圾", Habit(4, {"lane": 2.4, "village": 2.5, "works": 2}, festive=2.4, hard=0.2)),
    ("道路保洁", Habit(6, STREETS, storm=1.8, festive=1.3, hard=-0.5)),
    ("绿地保洁", Habit(2.5, {"park": 5, "street": 1.4, "indoors": 0.1}, storm=1.8, hard=-0.4)),
    ("河道", Habit(1.4, {"river": 14, OPEN: 0.5, "indoors": 0.05}, storm=2.2, summer=1.4, hard=0.3)),
    ("水域", Habit(1.0, {"river": 14, OPEN: 0.5, "indoors": 0.05}, storm=2.2, summer=1.4, hard=0.3)),
    ("废弃车辆", Habit(1.3, HOMES, hard=0.4)),
    ("废弃家具", Habit(1.6, HOMES, festive=2.4)),
    ("树挂", Habit(0.8, STREETS, storm=6, summer=1.4)),
    ("积水", Habit(1.2, STREETS, storm=10, summer=1.8)),
    ("小广告", Habit(5.0, {"lane": 2.4, "estate": 2.0, "street": 1.2}, festive=1.3, hard=-0.3)),
    ("广告牌", Habit(1.8, STREETS, storm=2.5)),
    ("占道广告", Habit(1.4, STREETS)),
    ("公益广告", Habit(3.2, {"market": 1.6, "street": 1.5, "park": 1.6, "works": 2.5}, storm=2.0)),
    ("标语", Habit(1.0, {"works": 2.0}, storm=3.0)),
    ("宣传", Habit(1.2, {"estate": 1.6}, storm=2.0)),
    ("扰民", Habit(0.8, {"works": 8, "estate": 1.5, "indoors": 0.1}, evening=0.35, hard=0.3)),
    ("扬尘", Habit(1.0, {"works": 10, "indoors": 0.05}, hard=0.2)),
    ("渣土", Habit(1.4, {"works": 6, OPEN: 1.6, "village": 2}, evening=0.3, hard=0.4)),
    ("遗撒", Habit(1.0, STREETS)),
    ("施工", Habit(0.8, {"works": 9, "indoors": 0.05})),
    ("工地", Habit(0.8, {"works": 10, "indoors": 0.05})),
    ("道路破损", Habit(2.2, STREETS, storm=2.0, hard=0.5)),
    ("塌陷", Habit(0.2, STREETS, storm=5, hard=0.2)),
    ("水管", Habit(0.3, STREETS, hard=-0.4)),
    ("燃气", Habit(0.05, {"eatery": 2}, hard=-2.0)),
    ("下水道", Habit(1.6, HOMES, storm=4, summer=1.3)),
    ("线缆", Habit(5.5, {"lane": 3.4, "estate": 1.4}, storm=2.2, hard=0.5)),
    ("飞线", Habit(2.2, {"estate": 3.4, "lane": 2.4}, summer=1.2, hard=0.3)),
    ("火灾", Habit(0.02, hard=-3.0)),
    (
        "游商",
        Habit(5.0, {"market": 2.8, "street": 1.8, "park": 1.6, "indoors": 0.2}, festive=1.4, evening=0.2, hard=-0.2),
    ),
    ("流浪", Habit(0.3, {"street": 2, "park": 2, "market": 2})),
    ("废品", Habit(0.8, {"lane": 2.4})),
    ("店外经营", Habit(6.5, {"market": 2.4, "street": 1.8, "lane": 1.5, "park": 0.2}, festive=1.3, evening=0.12)),
    ("占道经营", Habit(6.0, {"market": 3.0, "street": 1.8, "lane": 1.4}, festive=1.4, evening=0.15)),
    ("机动车乱停", Habit(9.0, {"street": 2.0, "estate": 1.6, "lane": 1.4, "market": 1.4}, evening=0.12)),
    ("停车", Habit(3.5, {"estate": 2.0, "market": 1.8, "street": 1.2}, evening=0.1)),
    ("乱堆", Habit(5.0, HOMES, festive=1.4)),
    ("噪音", Habit(0.8, {"eatery": 2, "street": 1.5}, summer=1.3, evening=0.5)),
    ("烧烤", Habit(1.6, TABLES, summer=3.2, evening=0.8, hard=0.2)),
    ("盲道", Habit(2.4, STREETS)),
    ("消防通道", Habit(0.35, {"estate": 4, "market": 1.5}, hard=-1.2)),
    ("消防", Habit(1.6, {"estate": 2.2, "market": 2, "eatery": 2.0})),
    ("井盖", Habit(0.28, STREETS, storm=3.0, hard=-0.8)),
    ("箅", Habit(0.3, STREETS, storm=4.0)),
    ("路灯", Habit(1.2, STREETS, storm=2.5, evening=0.6)),
    ("门前三包", Habit(4.5, {"street": 2.4, "market": 1.6, "eatery": 2, "park": 0.2})),
    ("油烟", Habit(2.2, TABLES, hard=0.2)),
    ("餐", Habit(2.4, TABLES)),
    ("燃放", Habit(0.4, HOMES, festive=5, evening=0.5)),
    ("交通", Habit(2.0, {"street": 4.0, "indoors": 0.2})),
    ("公厕", Habit(1.6, {"toilet": 18, "market": 2.0, "park": 1.8})),
    ("公共厕所", Habit(1.6, {"toilet": 18, "market": 2.0, "park": 1.8})),
    ("垃圾分类", Habit(2.4, {"estate": 3})),
    ("垃圾", Habit(1.6, HOMES, festive=1.4)),
    ("楼道", Habit(2.0, {"estate": 6, OPEN: 0.2})),
    ("吸烟", Habit(1.0, {"indoors": 4, "eatery": 4, OPEN: 0.1})),
    ("私搭", Habit(1.2, HOMES, hard=0.7)),
    ("新增建筑", Habit(0.4, HOMES, hard=0.9)),
    ("毁绿", Habit(1.3, HOMES)),
    ("绿地", Habit(1.6, {"park": 6, "street": 1.6, "estate": 1.4, "indoors": 0.1}, storm=2.5)),
    ("行道树", Habit(1.4, STREETS, storm=4.0)),
    ("健身", Habit(0.9, {"park": 6, "estate": 3, "village": 2})),
    ("无障碍", Habit(0.9, {"street": 1.6, "indoors": 2.5})),
    ("志愿服务", Habit(1.2, {"estate": 1.5, "indoors": 3.0, OPEN: 0.05})),
)
PLAIN = Habit(0.5)
RED_LINE = Habit(0.22, hard=-1.2)
SPECIAL_SHARE = 0.015  # every special work has at least this share of the year's issues


def place_class(kind_name: str) -> tuple[str, float]:
    """Class and weight of a declared point, by its kind's name."""
    return next(((name, weight) for words, name, weight in PLACES if words in kind_name), ("indoors", INDOORS_WEIGHT))


def habits_of(pack: Pack) -> list[Habit]:
    """The habit of each category of the pack, in its order."""
    return [
        next((habit for words, habit in HABITS if words in category.name), RED_LINE if category.red_line else PLAIN)
        for category in pack.categories
    ]


def shares(pack: Pack, habits: list[Habit]) -> Reals:
    """Share of each category, all together 1, every special work at least SPECIAL_SHARE; shape (n categories,)."""
    weight = np.array([habit.weight for habit in habits])
    weight = weight / weight.sum()
    for special in pack.specials:
        own = np.array([category.special == special.code for category in pack.categories])
        if own.any() and weight[own].sum() < SPECIAL_SHARE:
            weight[own] *= SPECIAL_SHARE / weight[own].sum()
    return weight / weight.sum()


def affinity(habits: list[Habit]) -> NDArray[np.float64]:
    """How much more (or less) a category turns up at a class of place; shape (n classes, n categories)."""
    return np.array([[habit.where.get(name, 1.0) for habit in habits] for name in CLASSES])
