"""Words of the desk's pages about visits: the form, the coverage ledger, citizens' rounds. Chinese first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

Pair = tuple[Any, Any]
WORDS: dict[str, Pair] = {
    "coverage": ("巡查台账", "Coverage ledger"),
    "coverage_text": (
        "每个申报点位每月至少到一次。这里数的就是天气图上“未巡查”所依据的巡查。",
        "Every declared point at least once a month. These are the visits behind “not visited” on the wall.",
    ),
    "rounds": ("市民巡访", "Citizens' rounds"),
    "visit": ("登记巡查", "Enter a visit"),
    "point": ("点位", "Point"),
    "kind": ("类别", "Kind"),
    "keeper": ("定人", "Kept by"),
    "patrol": ("督查组", "Group"),
    "nobody": ("未定人", "nobody"),
    "last": ("上次", "Last"),
    "never": ("从未", "never"),
    "this_month": ("本月", "This month"),
    "points": ("点位", "Points"),
    "missing": ("本月还要去", "To go this month"),
    "all_done": ("本月已到齐", "all visited"),
    "only_missing": ("只看本月未到", "Only those to go"),
    "any_patrol": ("督查组：全部", "Any group"),
    "any_person": ("定人：全部", "Anybody"),
    "any_area": ("镇街：全部", "Any town"),
    "apply": ("筛选", "Filter"),
    "walk": ("排步行顺序", "Walking order"),
    "walking": (
        lambda n, km: f"按步行顺序：{n} 点，直线约 {km} 公里",
        lambda n, km: f"In walking order: {n} points, about {km} km as the crow flies",
    ),
    "groups": ("今天各组还要去哪里", "Where each group still has to go"),
    "shown": (lambda n, of: f"显示 {n} / {of} 点", lambda n, of: f"{n} of {of} points"),
    "nothing": ("没有符合的点位", "No point fits"),
    "choose_point": ("点位编号", "Code of the point"),
    "open": ("打开", "Open"),
    "start": ("开始", "Began"),
    "end": ("结束", "Ended"),
    "official": (
        "正式时间以服务器收到为准，这里填的时间记在旁边。",
        "The official time is that of the receipt; what you say stands beside it.",
    ),
    "result": ("结论", "Result"),
    "pass": ("合格", "Pass"),
    "fail": ("不合格", "Fail"),
    "na": ("不适用", "N/A"),
    "unjudged": ("未判", "Not judged"),
    "category": ("问题类别", "Category"),
    "known": ("已有未整改", "Open already"),
    "new_issue": ("新问题", "New issue"),
    "words": ("说明", "Words"),
    "photos": ("照片", "Photos"),
    "again": ("有照片时请重新选择照片。", "Choose the photos again."),
    "store": ("存下巡查", "Store the visit"),
    "stored": (
        lambda n: f"巡查已存下{f'，生成问题 {n} 件' if n else ''}。",
        lambda n: f"The visit is stored{f'; {n} issues made' if n else ''}.",
    ),
    "meanwhile": (
        lambda by, fails: f"{by} 今天已巡查此点，{fails} 项不合格",
        lambda by, fails: f"{by} visited this point today, {fails} failed",
    ),
    "anyway": ("看过了，仍然存下", "Seen, store mine too"),
    "no_standards": ("这类点位没有检查标准。", "This kind of point has no checklist."),
    "new_round": ("新建巡访", "New round"),
    "round_name": ("名称", "Name"),
    "held_on": ("日期", "Day"),
    "members": ("成员", "Members"),
    "members_hint": ("每行一人：姓名，种类", "One a line: name, kind"),
    "points_hint": ("点位编号，空格或换行分开", "Codes of points, divided by blanks or lines"),
    "create": ("建立", "Create"),
    "leader": ("带队", "Led by"),
    "visited": ("已走访", "Visited"),
    "found": ("发现", "Found"),
    "rectified": ("已整改", "Rectified"),
    "follow_up": ("后续", "Follow-up"),
    "save": ("保存", "Save"),
    "saved": ("已保存。", "Saved."),
    "no_rounds": ("还没有巡访", "No round yet"),
    "no_rounds_text": ("建立一次巡访：谁去、去哪些点位。", "Make one: who goes, and to which points."),
    "enter": ("登记", "Enter"),
    "clean": ("未发现问题", "nothing found"),
    "to_visit": ("未走访", "not visited yet"),
    "refused": ("没有存下：", "Not stored:"),
}


def visit_words(lang: str) -> SimpleNamespace:
    """The words of one language."""
    return SimpleNamespace(**{name: pair[1 if lang == "en" else 0] for name, pair in WORDS.items()})
