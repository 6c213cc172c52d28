"""Words of the administrators' pages beside the tables: the calendar's, and what accounts are bound to."""

from __future__ import annotations

from typing import Any

MORE: dict[str, tuple[Any, Any]] = {
    "redated": (
        lambda n, a, b: f"在办 {n:,} 件的期限会变：{a:,} 件提前，{b:,} 件推后",
        lambda n, a, b: f"{n:,} open deadlines would move: {a:,} earlier, {b:,} later",
    ),
    "redated_span": (
        lambda first, last: f"这些期限现在在 {first} 至 {last} 之间；变动最大的：",
        lambda first, last: f"They lie between {first} and {last} now; those that move most:",
    ),
    "redated_none": (
        lambda n: f"在办 {n:,} 件按规则定的期限都不变",
        lambda n: f"None of {n:,} open deadlines given by rule would move",
    ),
    "redated_how": (
        "确认后逐件记入“按日历重算期限”并当即生效；人工指定的、来源给定的、已结案的不变。",
        "Done, each gets an event and the new deadline at once. "
        "What a person or the source named stays; so does what is closed.",
    ),
    "unknown_year": (
        lambda year, n: f"{year} 年法定节假日尚不知道，按周一至周五计；有 {n:,} 件未结问题的期限落在该年。",
        lambda year, n: (
            f"The statutory days of {year} are not known yet: Monday to Friday count. {n:,} open deadlines lie in it."
        ),
    ),
    "unknown_remedy": (
        "公布后在此逐日登记放假日与调休上班日（或升级日历库），未结期限随之重算。",
        "Once they are published, enter the days off and the days worked instead here "
        "(or update the calendar library): "
        "open deadlines follow.",
    ),
    "bound_area": ("辖区", "Bound to an area"),
    "bound_hint": (
        "层级:编码，如 town:350581001；只看、只办、只导出该区域内的问题。留空为全市。",
        "LEVEL:CODE, e.g. town:350581001: it sees, moves and exports the issues in it alone. Empty: the whole city.",
    ),
    "recount": ("按现行日历核对未结期限", "Check open deadlines against the calendar"),
    "recount_title": ("未结期限与现行日历", "Open deadlines and the calendar"),
    "recount_text": (
        "日历库更新后，在这里把未结期限按现行日历重算一遍；先看，再确认。",
        "After the calendar library was updated: count open deadlines anew by the calendar that holds now. Look first.",
    ),
    "recounted": (lambda n: f"已重算 {n:,} 件期限。", lambda n: f"{n:,} deadlines moved."),
}
