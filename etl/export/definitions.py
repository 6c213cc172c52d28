"""What each number of a report means, in Chinese and English (DOMAIN: definitions of every count and rate)."""

from __future__ import annotations

from etl.export.grid_report import Report

MEANT: dict[str, tuple[str, str]] = {
    "notified": ("交办给责任单位的有效问题，不含不予受理、作废与重复", "valid issues handed to units"),
    "rectified": ("已反馈并经核查通过的问题", "fed back and then passed by the check"),
    "open": ("已通报、尚未整改且未作废的问题，数据时刻的存量", "notified, neither rectified nor void, at the instant"),
    "overdue": ("过了时限仍未反馈的未整改问题", "open and not fed back past its deadline"),
    "due": ("时限落在区间内的问题", "issues whose deadline lies in the window"),
    "on_time": ("时限前作出、后来核查通过（或待核查）的反馈", "fed back before the deadline, until a check fails"),
    "late": ("过了时限才作出有效反馈的问题", "fed back after the deadline"),
    "long_overdue": ("逾期超过其本身时限且不少于 10 天的问题", "overdue by its own limit again and at least ten days"),
    "red_overdue": ("红线类别逾期 24 小时以上的问题", "a red-line category overdue for 24 hours"),
    "suspended": ("经批准挂账或缓办的问题", "on a long-term account or deferred, with approval"),
    "extended": ("经批准延期、尚未整改的问题", "open with an approved extension"),
    "ordered": ("领导督办、尚未办结的问题", "open under a leader's supervised order"),
    "listed": ("挂牌督办、尚未办结的问题", "open and publicly listed"),
    "declared": ("申报的点位", "points declared for the evaluation"),
    "covered": ("近 30 日巡查过的申报点位", "declared points visited within 30 days"),
    "rectification_rate": ("整改率 = 已整改 ÷ 通报", "rectified ÷ notified"),
    "on_time_rate": ("按期率 = 按期 ÷ 到期", "on time ÷ due"),
    "weather": ("取流量、存量、时长三道关口中最差的一道", "the worst of three gates: flow, stock and age"),
}  # fmt: skip


def definitions_of(report: Report) -> list[tuple[str, str]]:
    """(heading, meaning) of the report's columns, in its language."""
    en = report.lang != "zh"
    return [(column.head(report.lang), MEANT[column.key][en]) for column in report.columns if column.key in MEANT]
