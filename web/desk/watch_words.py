"""The words of inbox, proposals and orders on units, Chinese first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

WORDS: dict[str, tuple[Any, Any]] = {
    "inbox": ("收件箱", "Inbox"),
    "unread": (lambda n: f"{n} 条未读", lambda n: f"{n} unread"),
    "read_all": ("全部标为已读", "Mark all as read"),
    "read_one": ("标为已读", "Mark as read"),
    "seen": ("已读", "Read"),
    "no_notices": ("没有消息", "Nothing here"),
    "no_notices_text": (
        "派遣、催办、督办、返工和申请的答复会出现在这里，保留六十天。",
        "What is dispatched, urged, ordered, failed or decided for you stands here for sixty days.",
    ),
    "older": ("更早", "Older"),
    "by": (lambda who: f"{who}", lambda who: f"{who}"),
    "until": (lambda at: f"期限 {at}", lambda at: f"until {at}"),
    "proposals": ("阶梯建议", "Proposed steps"),
    "proposals_text": (
        "系统按督办阶梯提出下一步，由您决定；采纳即以您的名义办理，不采纳请写明理由。",
        "The program proposes the ladder's next step; you decide. Taken, it is your own act; else say why.",
    ),
    "no_proposals": ("没有待您决定的建议", "Nothing waits for your decision"),
    "no_proposals_text": (
        "问题逾期、反复返工或触及红线时，系统会按城市的督办阶梯提出下一步。",
        "As issues run late, fail again or touch a red line, the city's ladder proposes what follows.",
    ),
    "take": ("采纳", "Take"),
    "dismiss": ("不采纳", "Dismiss"),
    "why_not": ("不采纳的理由", "Why nothing follows"),
    "taken": ("已采纳。", "Taken."),
    "dismissed": ("已记录不采纳的理由。", "Dismissed; the reason is kept."),
    "clause": ("依据", "Ground"),
    "reworked": (lambda n: f"返工 {n} 次", lambda n: f"{n} failed checks"),
    "step": ("阶梯", "Step"),
    "issue": ("问题", "Issue"),
    "late": ("逾期", "Late"),
    "decision": ("决定", "Decision"),
    "orders": ("督办令", "Orders"),
    "orders_text": (
        "指挥长对单位或镇（街道）下达的督办与挂牌督办，由单位负责人答复，由指挥长销号。",
        "What commanders order of units and towns: answered by the unit's head, closed by the commander.",
    ),
    "give": ("下达督办令", "Give an order"),
    "unit": ("责任单位", "Unit"),
    "place": ("针对的镇（街道）", "About the town"),
    "whole_unit": ("单位本身", "The unit itself"),
    "kind": ("方式", "Kind"),
    "text": ("要求", "Instruction"),
    "text_hint": (
        "写明要办什么、办到什么程度；不写个人信息。",
        "Say what is to be done, and how far; no personal data.",
    ),
    "term": ("期限", "Until"),
    "new_term": ("新期限（可不填）", "New term (optional)"),
    "note": ("说明", "Words"),
    "running": ("正在督办", "Running"),
    "done": ("已了结", "Done"),
    "listed": ("挂牌督办", "Publicly listed"),
    "on_issues": ("对问题的督办", "Orders on issues"),
    "no_orders": ("没有督办令", "No order"),
    "no_orders_text": ("指挥长可在大屏、晨报或这里下达。", "Commanders give them from the wall, the brief, or here."),
    "draft": (
        lambda n: f"限期办结逾期 {n} 件，逐件销号，举一反三。" if n else "限期整改到位，举一反三。",
        lambda n: f"Clear the {n} overdue issues one by one by this date." if n else "Put this right by this date.",
    ),
    "given": ("督办令已下达。", "The order is given."),
    "moved": ("已记录。", "Done."),
    "refused": ("没有办成", "Not done"),
    "kept": ("您写的内容还在。", "What you wrote is still here."),
    "cancel": ("取消", "Cancel"),
    "all_orders": ("全部督办令", "All orders"),
}


def watch_words(lang: str) -> SimpleNamespace:
    """All words of a language: zh or en."""
    at = 1 if lang == "en" else 0
    return SimpleNamespace(**{name: pair[at] for name, pair in WORDS.items()})
