"""The legal moves of an issue, as data (GB/T 30428: 信息收集 案卷建立 任务派遣 任务处理 处理反馈 核查结案).

This table is the only place that names a move together with what it does; tests and pages are generated from it.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    "merged": ("已并案", "Merged"),
    "split": ("已拆分", "Split"),
}


SAME = "="  # the target of a move that leaves the state as it is
ANY, HOLDER, OUTSIDE = "any", "holder", "outside"  # whose unit: anyone's; the one that holds the issue; any other
NOTE, UNTIL, UNIT = "note", "until", "unit"  # what a move needs: words; a date; a unit;
INTO, PARTS, TO, TASK = "into", "parts", "to", "task"  # another issue; parts; whom outside; a task passed on
CATEGORY = "category"  # another one


@dataclass(frozen=True)
class Move:
    """One legal move: from any of `sources` to `target` (SAME: the state stays), by one of `roles`.

    `unit`: ANY | HOLDER (only of the unit that holds the issue) | OUTSIDE (of no unit that handled it, and not the
    person who fed back). `needs`: what must be given with it. Moves without a role are the program's own.
    """

    name: str
    zh: str
    en: str
    sources: frozenset[str]
    target: str
    roles: frozenset[str]
    unit: str
    needs: tuple[str, ...]


def _move(
    name: str, zh: str, en: str, sources: str, target: str, roles: str = "", unit: str = ANY, needs: str = ""
) -> Move:
    chosen = frozenset(roles.split("|")) if roles else frozenset()
    return Move(name, zh, en, frozenset(sources.split("|")), target, chosen, unit, tuple(needs.split()))


_OPEN, _UNIT = "handling|to_check|suspended", "head|handler|contractor"
_ANY = "reported|rejected|handling|to_check|rectified|suspended|void|merged|split"
_OFFICE, _CHECK = "supervisor|dispatcher", "checker|supervisor"
_DECIDE = "dispatcher|supervisor|commander"
MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        _move("report", "上报", "Report", NEW, "reported", "inspector|dispatcher|supervisor"),
        _move("reject", "不予受理", "Reject", "reported", "rejected", "dispatcher", needs=NOTE),
        _move("restore", "恢复受理", "Restore", "rejected", "reported", "dispatcher"),
        # what a citizen called "other" finds its kind, and with it its unit and its term
        _move("recategorise", "改类别", "Change the category", "reported", SAME, _OFFICE, needs=CATEGORY),
        # that it is one, of this kind and here; who dispatches says so too
        _move("file", "立案", "File", "reported", SAME, "dispatcher"),
        _move("dispatch", "派遣", "Dispatch", "reported", "handling", "dispatcher"),
        # the unit that holds an issue says that it has it, or asks for another decision; it answers for it meanwhile
        _move("accept", "签收", "Accept", "handling", SAME, _UNIT, HOLDER),
        _move("hand_back", "申请退回", "Hand back", "handling", SAME, _UNIT, HOLDER, NOTE),
        _move("ask_extension", "申请延期", "Ask for an extension", "handling", SAME, _UNIT, HOLDER, "note until"),
        _move("ask_suspension", "申请挂账", "Ask for a suspension", "handling", SAME, _UNIT, HOLDER, "note until"),
        _move("refuse", "不予同意", "Refuse", "handling|rectified", SAME, _DECIDE, OUTSIDE, NOTE),
        # 二次派遣: to whom has no account, by a link; the unit goes on answering for it
        _move("pass_on", "二次派遣", "Pass on", "handling", SAME, _UNIT, HOLDER, "to note until"),
        _move("answer", "二次派遣回复", "Answer to a task", "handling", SAME),
        _move("send_back", "退回重办", "Send the task back", "handling", SAME, _UNIT, HOLDER, "task note"),
        _move("take_back", "撤回二次派遣", "Take the task back", "handling", SAME, _UNIT, HOLDER, "task"),
        _move("feed_back", "反馈", "Feed back", "handling", "to_check", _UNIT, HOLDER, NOTE),
        _move("check_pass", "核查通过", "Check passed", "to_check", "rectified", _CHECK, OUTSIDE),
        _move("check_fail", "核查不通过（返工）", "Check failed", "to_check", "handling", _CHECK, OUTSIDE, NOTE),
        _move("reopen", "重开", "Reopen", "rectified", "handling", "supervisor", OUTSIDE, NOTE),
        _move("suspend", "挂账", "Suspend", "handling", "suspended", "commander", needs="note until"),
        _move("resume", "恢复", "Resume", "suspended", "handling", "commander|supervisor"),
        _move("extend", "延期", "Extend", "handling", "handling", "supervisor", OUTSIDE, "note until"),
        _move("relocate", "重新定位", "Relocate", _ANY, SAME),
        # another calendar: what a rule dated is dated anew, what a person or the source named stays
        _move("redate", "按日历重算期限", "Date anew", _OPEN, SAME),
        _move("void", "作废", "Void", f"reported|{_OPEN}", "void", _OFFICE, OUTSIDE, NOTE),
        # the same problem twice counts once; one for several units counts as its parts
        _move("merge", "并案", "Merge", "reported|handling|suspended", "merged", _OFFICE, OUTSIDE, INTO),
        _move("split", "拆分", "Split", "reported|handling", "split", "dispatcher", OUTSIDE, PARTS),
        _move("urge", "催办", "Urge", _OPEN, SAME, _OFFICE, OUTSIDE),
        _move("order", "督办", "Order", _OPEN, SAME, "commander", needs="note until"),
        _move("list_publicly", "挂牌督办", "List publicly", _OPEN, SAME, "commander", needs="note until"),
        # steps that reach beyond the issue: the program records the grounds, others act on them
        _move("circulate", "通报", "Circulate", _OPEN, SAME, "commander|supervisor", OUTSIDE, NOTE),
        _move("talk", "约谈", "Call in for a talk", _OPEN, SAME, "commander", needs=NOTE),
        _move("refer", "移送", "Refer", _OPEN, SAME, "commander", needs=NOTE),
        # what citizens say through their tickets: they have no account, and the program makes the move for them
        _move("follow", "市民关注", "Followed by a citizen", "reported|handling|to_check|suspended", SAME),
        _move("confirm", "市民说已解决", "A citizen says it is fixed", "to_check|rectified", SAME),
        _move("doubt", "市民说没有解决", "A citizen says it is not fixed", "to_check", SAME),
        _move("ask_reopen", "市民要求重办", "A citizen asks to reopen", "rectified", SAME),
        # who has fed back is judged by the check: it stays with him
        _move(
            "reassign",
            "改派",
            "Reassign",
            "reported|handling|suspended",
            SAME,
            "dispatcher|commander",
            needs="unit note",
        ),
        _move("escalate", "提请督办", "Escalate", _OPEN, SAME, "supervisor|dispatcher", OUTSIDE, NOTE),
    )
}
# What the program itself does to stored issues: as borders, duties or the calendar change, and for whom has no account.
OWN = ("relocate", "redate", "reassign", "recategorise", "answer")
ENDED = ("void", "merge", "split")  # what takes an issue out of all counts
# What is asked of somebody else: answered by a decision (refuse, or what was asked for) or by what ends the matter.
REQUESTS = ("hand_back", "ask_extension", "ask_suspension", "escalate", "ask_reopen")
ANSWERS = ("refuse", "reassign", "extend", "suspend", "order", "list_publicly", "feed_back", "reopen", *ENDED)
# What somebody in charge asked for, with a text and a term (`until`); settled by the next check passed or by an end.
ASKED = ("urge", "order", "list_publicly")


def is_reminder(move: str, actor: int) -> bool:
    """Whether a move is a reminder that nobody in person gave: it changes no state and stands in nobody's way."""
    return move == "urge" and actor == 0


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


def requested(moves: Sequence[str]) -> bool:
    """Whether the last request among an issue's moves, oldest first, waits for its answer."""
    last = max((at for at, move in enumerate(moves) if move in REQUESTS), default=-1)
    return last >= 0 and not set(ANSWERS) & set(moves[last + 1 :])
