"""What columns of ledgers are usually called, in Chinese and English: role → names, the likeliest first."""

from __future__ import annotations

import re
import unicodedata


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(" | "))


ROLES: dict[str, tuple[str, ...]] = {
    "key": _names(
        "编号 | 问题编号 | 案件编号 | 案卷编号 | 案卷号 | 工单编号 | 工单号 | 任务号 | 受理编号 | 事件编号 | "
        "流水号 | 单号 | key | id | unique key | case id | case enquiry id | case number | record id | "
        "sr record id | request id | request number | service request number | ticket number | ticket id | "
        "序号"
    ),
    "category": _names(
        "类别 | 问题类别 | 案件类别 | 问题类型 | 案件类型 | 事件类型 | 小类 | 小类名称 | 类型 | category | "
        "type | sr type | complaint type | request type | case type | service name | problem | 大类 | 问题"
    ),
    "reported_at": _names(
        "上报时间 | 受理时间 | 登记时间 | 立案时间 | 创建时间 | 发现时间 | 来电时间 | 报案时间 | 提交时间 | "
        "上报日期 | 时间 | 日期 | created date | created | created at | open dt | opened | open date | "
        "reported at | reported | received | date | requested datetime"
    ),
    "closed_at": _names(
        "办结时间 | 结案时间 | 完成时间 | 处置完成时间 | 整改时间 | 整改完成时间 | 关闭时间 | 办结日期 | "
        "closed date | close date | closed dt | closed | closed at | completed | resolved at | date closed"
    ),
    "deadline": _names(
        "截止时间 | 处置截止时间 | 办理期限 | 处理期限 | 整改期限 | 期限 | 应办结时间 | 时限 | due date | due | "
        "target dt | target date | deadline | expected datetime"
    ),
    "status_at": _names(
        "状态时间 | 状态更新时间 | 更新时间 | status date | status changed | updated | updated at | "
        "last updated | resolution action updated date"
    ),
    "lon": _names(
        "经度 | lon | lng | long | longitude | x坐标 | 坐标x | x | x coordinate | x coordinate (state plane)"
    ),
    "lat": _names("纬度 | lat | latitude | y坐标 | 坐标y | y | y coordinate | y coordinate (state plane)"),
    "status": _names(
        "状态 | 案件状态 | 办理状态 | 处理状态 | 处置状态 | 整改状态 | 当前状态 | 是否办结 | status | "
        "case status | sr status | state"
    ),
    "unit": _names(
        "责任单位 | 处置单位 | 承办单位 | 主办单位 | 办理单位 | 处置部门 | 责任部门 | 单位 | agency | "
        "department | responsible unit | owner"
    ),
    "address": _names(
        "地址 | 详细地址 | 事发地址 | 问题地址 | 位置描述 | 地点 | 位置 | 事发地点 | address | "
        "incident address | location | street address"
    ),
}
STATES: tuple[tuple[str, str], ...] = (
    ("void", r"作废|撤销|重复|无效|退回|不予|误报|duplicat|cancel|void|transferred|withdrawn|invalid"),
    ("reported", r"待派|未派|待受理|未受理|待立案|unassigned"),
    ("open", r"未(办结|整改|完成|处理)|(办理|处理|处置|整改)中|待|否|progress|open|new|pending|assigned|started"),
    ("closed", r"办结|结案|完成|已(处理|整改|处置)|关闭|是|closed|resolved|complete|done|finished"),
)


def plain(name: str) -> str:
    """A column's name for comparing: case, width, marks and words written together do not count."""
    text = unicodedata.normalize("NFKC", name.rpartition("/")[2] or name)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return " ".join(re.sub(r"[_\-.:：\s]+", " ", text).casefold().split())


def likeness(name: str, role: str) -> float:
    """How much a column's name speaks for a role: 1 its usual name, 0 nothing."""
    names, asked = ROLES[role], plain(name)
    if asked in names:
        return 1.0 - 0.3 * names.index(asked) / len(names)
    held = [known for known in names if len(known) > 1 and known in asked and (not known.isascii() or len(known) > 3)]
    return 0.5 * max((len(known) / len(asked) for known in held), default=0.0)


def state_of(value: str) -> str:
    """What a status probably means, '' for a word that is not known."""
    return next((state for state, words in STATES if re.search(words, value.casefold())), "")
