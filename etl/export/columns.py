"""The columns of the grid report: key in the API, heading in Chinese and English, kind; absent without data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from etl.export.question import Question
from weathermap.issue.workflow import STATES
from weathermap.store.catalog import Catalog
from weathermap.weather.words import GATES, WEATHER

Row = Mapping[str, Any]  # of the board


@dataclass(frozen=True)
class Column:
    """One column. `kind`: text, count, rate (a share from 0 to 1), change (of a count) or points (change of a rate, as
    a share). `key`: as the API calls it; what is compared ends in `_before` and `_change`."""

    key: str
    zh: str
    en: str
    kind: str

    def head(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


BADGES = {
    "thunder": ("红线问题逾期", "red-line issue overdue"),
    "long_overdue": ("有长期逾期", "long overdue"),
    "small_sample": ("样本少", "small sample"),
    "unvisited_part": ("巡查不足", "too few visits"),
}
PLACE = (Column("code", "代码", "Code", "text"), Column("name", "名称", "Name", "text"))
PARENT = Column("parent", "上级", "Lies in", "text")
UNIT = (
    Column("unit", "责任单位代码", "Unit code", "text"),
    Column("unit_name", "责任单位", "Responsible unit", "text"),
)
SKY = (
    Column("weather", "天气", "Weather", "text"),
    Column("gate", "判定关口", "Deciding gate", "text"),
    Column("reason", "理由", "Why", "text"),
)
MARKS = Column("badges", "标记", "Marks", "text")
COUNTS = (
    Column("notified", "通报", "Notified", "count"),
    Column("rectified", "已整改", "Rectified", "count"),
    Column("open", "未整改", "Open", "count"),
    Column("overdue", "逾期", "Overdue", "count"),
    Column("due", "到期", "Due", "count"),
    Column("on_time", "按期", "On time", "count"),
    Column("late", "逾期整改", "Late", "count"),
    Column("long_overdue", "长期逾期", "Long overdue", "count"),
    Column("red_overdue", "红线逾期", "Red line overdue", "count"),
    Column("suspended", "挂账", "Suspended", "count"),
    Column("extended", "延期", "Extended", "count"),
    Column("ordered", "督办", "Under order", "count"),
    Column("listed", "挂牌督办", "Publicly listed", "count"),
)
POINTS = (
    Column("declared", "申报点位", "Declared points", "count"),
    Column("covered", "已巡查点位", "Points visited", "count"),
)
RATES = (
    Column("rectification_rate", "整改率", "Rectification rate", "rate"),
    Column("on_time_rate", "按期率", "On-time rate", "rate"),
)
COMPARED = ("notified", "rectified", "open", "overdue", "rectification_rate", "on_time_rate")
OTHER_STATES = {  # what a report may count beside the columns above and the states of issues
    "handed_back": ("申请退回", "Hand-back asked"),
    "extension": ("申请延期", "Extension asked"),
    "suspension": ("申请挂账", "Suspension asked"),
    "escalated": ("上报指挥长", "Escalated"),
    "unlocated": ("未定位", "Unlocated"),
    "review": ("边界待复核", "Near a border"),
    "to_check_photo": ("待核查（凭照片）", "To check by photo"),
    "to_check_visit": ("待核查（到场）", "To check by visit"),
    "returned": ("挂账到期", "Back from suspension"),
    "to_reopen": ("市民要求重办", "Citizens ask to reopen"),
}
TEXTS: Mapping[str, Callable[[Row, str], str]] = {
    "code": lambda row, lang: row["code"],
    "name": lambda row, lang: row["name"] if lang == "zh" else row["name_en"] or row["name"],
    "unit": lambda row, lang: row.get("unit", ""),
    "unit_name": lambda row, lang: TEXTS["name"](row, lang),
    "weather": lambda row, lang: WEATHER[row["weather"]][lang] if row["weather"] else "–",
    "gate": lambda row, lang: GATES[row["why"]["gate"]][lang] if row["why"] else "–",
    "reason": lambda row, lang: row["why"]["sentence"][lang] if row["why"] else "–",
    "badges": lambda row, lang: ("、" if lang == "zh" else ", ").join(
        BADGES[badge][lang != "zh"] for badge in row["badges"]
    ),
}


def state_column(state: str) -> Column:
    """The column that counts the issues in a state."""
    known = next((column for column in COUNTS if column.key == state), None)
    return known or Column(state, *{**STATES, **OTHER_STATES}.get(state, (state, state)), "count")


def columns_of(catalog: Catalog, question: Question) -> tuple[Column, ...]:
    """Those columns that the city and the level have data for."""
    asked, narrowed = question.asked, question.narrowed
    by_unit = asked.by == "responsibility"
    weather = not narrowed and (by_unit or catalog.role(asked.level) is not None)
    inner = asked.level in catalog.levels[2:]
    numbers = (state_column(narrowed.state),) if narrowed.state else (*COUNTS, *RATES)
    return (
        *PLACE,
        *((PARENT,) if inner and not by_unit else ()),
        *(UNIT if by_unit and asked.level != "unit" else ()),
        *(SKY if weather else ()),
        *(_compared(numbers) if question.compare else numbers),
        *(POINTS if catalog.coverage and not narrowed else ()),
        *(() if narrowed else (MARKS,)),
    )


def _compared(numbers: tuple[Column, ...]) -> list[Column]:
    found = []
    for column in numbers:
        found.append(column)
        if column.key in COMPARED or len(numbers) == 1:
            change = "points" if column.kind == "rate" else "change"
            found.append(Column(f"{column.key}_before", f"上期{column.zh}", f"{column.en}, before", column.kind))
            found.append(Column(f"{column.key}_change", f"{column.zh}增减", f"{column.en}, change", change))
    return found
