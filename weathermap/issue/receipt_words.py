"""A receipt in sentences, Chinese and English."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from weathermap.issue.changed import Changed
from weathermap.issue.receipt import Receipt

NOT_USED = {
    "missing": ("来源没有给出坐标", "the source gave no coordinates"),
    "default": ("坐标是来源的默认点", "the coordinates are a default point of the source"),
    "swapped": ("经纬度颠倒", "the coordinates are swapped"),
    "outside": ("该点在城市界线之外", "the point lies outside the city"),
}
KINDS = {
    "clock_hours": ("紧急工作时", "clock hours"),
    "work_hours": ("工作时", "working hours"),
    "workdays": ("工作日", "workdays"),
}
WON_BY = {
    "area": ("区域更细", "its area is finer"),
    "category": ("类别更具体", "its category is more exact"),
    "point_kind": ("指明了点位类型", "it names the kind of point"),
    "source": ("指明了来源", "it names the source"),
}


def sentences(receipt: Receipt, lang: str) -> list[str]:
    """What was decided and why, in order: the report, the place, the next place, the duty, the term, the review."""
    tell = _zh if lang == "zh" else _en
    return [sentence for sentence in tell(receipt) if sentence]


def _zh(r: Receipt) -> list[str]:
    place = "未定位：" + NOT_USED[r.position][0] + "。" if r.position in NOT_USED else _place_zh(r)
    return [
        f"{r.number}：{r.category.said('zh')}，来源 {r.source.said('zh')}，来源编号 {r.source_key}。",
        place,
        f"来源原文坐标：{r.written}。" if r.written else "",
        _next_zh(r) if r.chain else "",
        _duty_zh(r),
        _term_zh(r),
        "待复核：位置误差不小于到次近区域的距离，而次近区域归另一单位。" if r.review else "",
        *(_since_zh(each, r.timezone) for each in r.since),
    ]


def _since_zh(each: Changed, zone: str) -> str:
    at = _minute(each.at, zone)
    if each.version:
        return f"{at} 起按第 {each.version} 版界线{f'落在 {each.area}' if each.area else '不在任何区域'}。"
    why = f"职责 {each.duty}" if each.duty else "由人指定"
    return f"{at} 由 {each.before or '无'} 改派 {each.unit}：{why}；时限不变。"


def _place_zh(r: Receipt) -> str:
    above = "、".join(area.said("zh") for _, area in r.chain[1:-1])
    where = f"落在 {r.chain[-1][1].said('zh')}" if r.chain else "没有区域"
    border = f"，距其界线 {r.border_m:.0f} 米" if r.border_m is not None else ""
    inside = f"，属 {above}" if above else ""
    return (
        f"位置 {r.lon:.6f}, {r.lat:.6f}（误差 {r.error_m:g} 米）按第 {r.version} 版界线"
        f"{f'（{_day(r)} 起）' if _day(r) else ''}{where}{inside}{border}。"
    )


def _next_zh(r: Receipt) -> str:
    if r.runner_up is None:
        return "150 米内没有会改变责任的另一区域。"
    unit = f"，归 {r.runner_up_unit.said('zh')}" if r.runner_up_unit else ""
    return f"次近：{r.runner_up.said('zh')}，相距 {r.runner_up_m:.0f} 米{unit}。"


def _duty_zh(r: Receipt) -> str:
    unit = r.unit.said("zh") if r.unit else "无"
    if r.rule == "given":
        return f"责任单位 {unit}：来源已指定，不再查职责表。"
    if r.rule == "none":
        return "没有匹配的职责：由派遣员决定。"
    clause = f"，依据 {r.duty.clause}" if r.duty and r.duty.clause else ""
    kept = "" if r.duty else "（现行职责表中已没有）"
    won = f"；另有 {r.others} 条匹配，胜过 {r.won_over}：{WON_BY[r.won_by][0]}" if r.won_by else ""
    return f"责任单位 {unit}：职责 {r.duty_code}{kept}{clause}{won}。"


def _term_zh(r: Receipt) -> str:
    if r.deadline is None:
        return "没有时限。"
    at = _minute(r.deadline, r.timezone)
    if r.limit is None:
        return f"时限 {at}：来源给定。"
    amount, kind, pattern = r.limit
    return f"时限 {at}：时限表 {pattern}，{amount:g} {KINDS[kind][0]}，或来源、延期另定。"


def _en(r: Receipt) -> list[str]:
    place = f"Not located: {NOT_USED[r.position][1]}." if r.position in NOT_USED else _place_en(r)
    return [
        f"{r.number}: {r.category.said('en')}, from {r.source.said('en')} as {r.source_key}.",
        place,
        f"The source wrote {r.written}." if r.written else "",
        _next_en(r) if r.chain else "",
        _duty_en(r),
        _term_en(r),
        "To be reviewed: the position's error reaches the next area, which answers to another unit."
        if r.review
        else "",
        *(_since_en(each, r.timezone) for each in r.since),
    ]


def _since_en(each: Changed, zone: str) -> str:
    at = _minute(each.at, zone)
    if each.version:
        return f"Since {at} it lies in {each.area or 'no area'}, by boundary version {each.version}."
    why = f"duty {each.duty}" if each.duty else "a person named it"
    return f"On {at} it went from {each.before or 'nobody'} to {each.unit}: {why}; its deadline stayed."


def _place_en(r: Receipt) -> str:
    above = ", ".join(area.said("en") for _, area in r.chain[1:-1])
    where = f"lies in {r.chain[-1][1].said('en')}" if r.chain else "lies in no area"
    border = f", {r.border_m:.0f} m from its border" if r.border_m is not None else ""
    inside = f", in {above}" if above else ""
    return (
        f"The position {r.lon:.6f}, {r.lat:.6f} (error {r.error_m:g} m) {where}{inside}{border}, "
        f"by boundary version {r.version}{f' (since {_day(r)})' if _day(r) else ''}."
    )


def _next_en(r: Receipt) -> str:
    if r.runner_up is None:
        return "Within 150 m there is no other area that would change who answers."
    unit = f", which answers to {r.runner_up_unit.said('en')}" if r.runner_up_unit else ""
    return f"Next is {r.runner_up.said('en')}, {r.runner_up_m:.0f} m away{unit}."


def _duty_en(r: Receipt) -> str:
    unit = r.unit.said("en") if r.unit else "none"
    if r.rule == "given":
        return f"Unit {unit}: named by the source, so no duty was looked up."
    if r.rule == "none":
        return "No duty matched: the dispatchers decide."
    clause = f", by {r.duty.clause}" if r.duty and r.duty.clause else ""
    kept = "" if r.duty else " (no longer in the pack)"
    won = f"; {r.others} more match, it won over {r.won_over}: {WON_BY[r.won_by][1]}" if r.won_by else ""
    return f"Unit {unit}: duty {r.duty_code}{kept}{clause}{won}."


def _term_en(r: Receipt) -> str:
    if r.deadline is None:
        return "There is no deadline."
    at = _minute(r.deadline, r.timezone)
    if r.limit is None:
        return f"Deadline {at}: given by the source."
    amount, kind, pattern = r.limit
    return f"Deadline {at}: limit {pattern}, {amount:g} {KINDS[kind][1]}, unless source or extension set another."


def _day(r: Receipt) -> str:
    """Since when the boundaries count, '' from the beginning."""
    return f"{r.valid_from.astimezone(ZoneInfo(r.timezone)):%Y-%m-%d}" if r.version > 1 else ""


def _minute(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
