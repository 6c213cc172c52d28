"""Which event tells whom: one table. Whoever did it is not told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from weathermap.issue.workflow import is_reminder


@dataclass(frozen=True)
class Kind:
    """A kind of notice, and the roles that get it: `unit`, those who act for the unit that it concerns; `office`,
    everyone of the city."""

    code: str
    zh: str
    en: str
    unit: frozenset[str]
    office: frozenset[str]
    alert: bool


def _kind(code: str, zh: str, en: str, unit: str = "", office: str = "", alert: bool = False) -> Kind:
    return Kind(code, zh, en, frozenset(unit.split()), frozenset(office.split()), alert)


_UNIT = "head handler contractor"
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        _kind("dispatched", "新任务", "New task", _UNIT),
        _kind("due_soon", "即将到期", "Due soon", _UNIT),
        _kind("overdue", "已经逾期", "Overdue", _UNIT, alert=True),
        _kind("urged", "催办", "Urged", _UNIT, alert=True),
        _kind("ordered", "督办", "Ordered", _UNIT, "supervisor", alert=True),
        _kind("listed", "挂牌督办", "Publicly listed", _UNIT, "supervisor", alert=True),
        _kind("circulated", "通报", "Circulated", "head", alert=True),
        _kind("talk", "约谈", "Called in for a talk", "head", alert=True),
        _kind("referred", "移送", "Referred", "head", alert=True),
        _kind("failed", "核查不通过，返工", "Check failed: rework", _UNIT, alert=True),
        _kind("reopened", "重开", "Reopened", _UNIT, alert=True),
        _kind("extended", "延期已同意", "Extension granted", _UNIT),
        _kind("suspended", "挂账已同意", "Suspension granted", _UNIT),
        _kind("refused", "申请未获同意", "Request refused", _UNIT),
        _kind("resumed", "恢复计时", "Resumed", _UNIT),
        _kind("task_answered", "二次派遣已回复", "A task was answered", _UNIT),
        _kind("handed_back", "申请退回", "Hand-back asked", office="dispatcher"),
        _kind("extension", "申请延期", "Extension asked", office="supervisor"),
        _kind("suspension", "申请挂账", "Suspension asked", office="commander"),
        _kind("escalated", "提请督办", "Escalated", office="commander"),
        _kind("proposed", "阶梯建议待决定", "Next step proposed", office="commander"),
        _kind("proposed_office", "阶梯建议待决定", "Next step proposed", office="supervisor"),
        _kind("unit_ordered", "对本单位督办", "Your unit is under order", "head", "supervisor", alert=True),
        _kind("unit_answered", "督办令已答复", "Order answered", office="commander"),
        _kind("unit_returned", "督办令退回重办", "Answer not accepted", "head", alert=True),
        _kind("unit_closed", "督办令销号", "Order closed", "head"),
        _kind("bulletin_drafted", "定时通报已起草", "A bulletin was drafted", office="supervisor"),
        _kind("bulletin_shown", "通报征求意见", "A bulletin names your unit", _UNIT, alert=True),
        _kind("bulletin_objected", "对通报有意见", "Objection to a bulletin", office="supervisor", alert=True),
        _kind("bulletin_answered", "通报意见已答复", "Objection answered", _UNIT),
        _kind("bulletin_published", "通报已发布", "Bulletin published", _UNIT),
    )
}
OF_MOVE: dict[str, str] = {
    "dispatch": "dispatched",
    "reassign": "dispatched",
    "urge": "urged",
    "order": "ordered",
    "list_publicly": "listed",
    "circulate": "circulated",
    "talk": "talk",
    "refer": "referred",
    "check_fail": "failed",
    "reopen": "reopened",
    "extend": "extended",
    "suspend": "suspended",
    "refuse": "refused",
    "resume": "resumed",
    "answer": "task_answered",
    "hand_back": "handed_back",
    "ask_extension": "extension",
    "ask_suspension": "suspension",
    "escalate": "escalated",
}
OF_ORDER: dict[str, str] = {
    "give": "unit_ordered",
    "answer": "unit_answered",
    "return": "unit_returned",
    "close": "unit_closed",
    "withdraw": "unit_closed",
}
OF_BULLETIN: dict[str, str] = {
    "draft": "bulletin_drafted",
    "show": "bulletin_shown",
    "object": "bulletin_objected",
    "answer": "bulletin_answered",
    "publish": "bulletin_published",
}
assert set(OF_MOVE.values()) | set(OF_ORDER.values()) | set(OF_BULLETIN.values()) <= set(KINDS)


def kind_of(move: str, actor: int, at: int, deadline: int) -> str:
    """The kind of notice that a move on an issue brings, '' for none; instants in µs."""
    if is_reminder(move, actor):
        return "overdue" if deadline <= at else "due_soon"
    return OF_MOVE.get(move, "")


def proposal_kind(decider: str) -> str:
    """The kind that tells of a proposal whoever decides on it."""
    return "proposed" if decider == "commander" else "proposed_office"


def kinds_for(roles: Iterable[str]) -> tuple[list[str], list[str]]:
    """The kinds that somebody with these roles is told: of their unit, and of the whole city."""
    held = set(roles)
    own = [kind.code for kind in KINDS.values() if kind.unit & held]
    return own, [kind.code for kind in KINDS.values() if kind.office & held]
