"""The legal moves of an issue, as data (GB/T 30428: 信息收集 案卷建立 任务派遣 任务处理 处理反馈 核查结案).

This table is the only place that names a move together with what it does; tests and pages are generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from weathermap.errors import IllegalMove

NEW = ""  # the state before the first event
OPEN = frozenset({"handling", "to_check", "suspended"})
STATES: dict[str, tuple[str, str]] = {
    "reported": ("待派遣", "To dispatch"),
    "rejected": ("不予受理", "Rejected"),
    "handling": ("处理中", "Being handled"),
    "to_check": ("待核查", "To be checked"),
    "rectified": ("已整改", "Rectified"),
    "suspended": ("挂账", "Suspended"),
    "void": ("作废", "Void"),
}


SAME = "="  # the target of a move that leaves the state as it is


@dataclass(frozen=True)
class Move:
    """One legal move: from any of `sources` to `target`; SAME: the state stays."""

    name: str
    zh: str
    en: str
    sources: frozenset[str]
    target: str


def _move(name: str, zh: str, en: str, sources: str, target: str) -> Move:
    return Move(name, zh, en, frozenset(sources.split("|")), target)


MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        _move("report", "上报", "Report", NEW, "reported"),
        _move("reject", "不予受理", "Reject", "reported", "rejected"),
        _move("dispatch", "派遣", "Dispatch", "reported", "handling"),
        _move("feed_back", "反馈", "Feed back", "handling", "to_check"),
        _move("check_pass", "核查通过", "Check passed", "to_check", "rectified"),
        _move("check_fail", "核查不通过（返工）", "Check failed", "to_check", "handling"),
        _move("reopen", "重开", "Reopen", "rectified", "handling"),
        _move("suspend", "挂账", "Suspend", "handling", "suspended"),
        _move("resume", "恢复", "Resume", "suspended", "handling"),
        _move("extend", "延期", "Extend", "handling", "handling"),
        _move("relocate", "重新定位", "Relocate", "reported|rejected|handling|to_check|rectified|suspended|void", SAME),
        _move("void", "作废", "Void", "reported|handling|to_check|suspended", "void"),
        _move("urge", "催办", "Urge", "handling|to_check|suspended", SAME),
        _move("order", "督办", "Order", "handling|to_check|suspended", SAME),
        _move("list_publicly", "挂牌督办", "List publicly", "handling|to_check|suspended", SAME),
        # who has fed back is judged by the check: it stays with him
        _move("reassign", "改派", "Reassign", "reported|handling|suspended", SAME),
    )
}
# What the program itself does to stored issues as borders or duties change: no source and no person makes these moves.
OWN = ("relocate", "reassign")
# What somebody in charge asked for, with a text and a term (`until`); settled by the next check passed, or by a void.
ASKED = ("urge", "order", "list_publicly")


def step(state: str, move: str) -> str:
    """The state after `move`. Raises IllegalMove, naming what would be legal."""
    known = MOVES.get(move)
    if known is None:
        raise IllegalMove(f"There is no move {move!r}.", f"Moves: {', '.join(MOVES)}.")
    if state not in known.sources:
        legal = ", ".join(name for name, entry in MOVES.items() if state in entry.sources and name not in OWN) or "none"
        raise IllegalMove(
            f"{move!r} is not possible while an issue is {state or 'not yet reported'}.", f"Possible: {legal}."
        )
    return state if known.target == SAME else known.target
