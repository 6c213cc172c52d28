"""The desk's queues: what waits for whom, as the lists behind the numbers have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from weathermap.people.accounts import Account


@dataclass(frozen=True)
class Queue:
    """A queue: issues in a state of the lists; `own`: only those that the account's unit holds."""

    code: str
    zh: str
    en: str
    state: str
    roles: frozenset[str]  # for whom it is theirs to work off
    own: bool = False
    alert: bool = False

    def title(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


def _queue(code: str, zh: str, en: str, state: str, roles: str, own: bool = False, alert: bool = False) -> Queue:
    return Queue(code, zh, en, state, frozenset(roles.split()), own, alert)


UNIT = "head handler contractor"
QUEUES: dict[str, Queue] = {
    queue.code: queue
    for queue in (
        _queue("to_dispatch", "待派遣", "To dispatch", "reported", "dispatcher"),
        _queue("mine", "待我处理", "Mine to handle", "handling", UNIT, own=True),
        _queue("mine_overdue", "本单位逾期", "Overdue at my unit", "overdue", UNIT, own=True, alert=True),
        _queue("mine_to_check", "已反馈待核查", "Fed back, being checked", "to_check", UNIT, own=True),
        _queue("handed_back", "申请退回", "Handed back", "handed_back", "dispatcher"),
        _queue("to_check", "待核查", "To check", "to_check", "checker supervisor"),
        _queue("check_photo", "照片核查", "Check by photo", "to_check_photo", "checker supervisor"),
        _queue("check_visit", "现场核查", "Check on the spot", "to_check_visit", "checker supervisor"),
        _queue("overdue", "逾期", "Overdue", "overdue", "supervisor commander", alert=True),
        _queue("extension", "申请延期", "Extensions asked", "extension", "supervisor"),
        _queue("suspension", "申请挂账", "Suspensions asked", "suspension", "commander"),
        _queue("escalated", "提请督办", "Escalated", "escalated", "commander"),
        _queue("to_reopen", "市民要求重办", "Citizens ask to reopen", "to_reopen", "supervisor"),
        _queue("ordered", "督办", "Under order", "ordered", "commander supervisor"),
        _queue("listed", "挂牌督办", "Publicly listed", "listed", "commander"),
        _queue("review", "边界待复核", "Near a border", "review", "dispatcher supervisor"),
        _queue("handling", "处理中", "Being handled", "handling", "commander"),
        _queue("suspended", "挂账", "Suspended", "suspended", "commander supervisor"),
        _queue("returned", "挂账到期", "Back from suspension", "returned", "commander supervisor", alert=True),
        _queue("merged", "已并案", "Merged", "merged", ""),
        _queue("split", "已拆分", "Split", "split", "dispatcher"),
        _queue("open", "全部未整改", "All open", "open", "inspector assessor"),
    )
}
REQUESTED = frozenset({"handed_back", "extension", "suspension", "escalated", "to_reopen"})  # states of the lists
ALL = ("to_dispatch", "handling", "to_check", "overdue", "suspended", "ordered", "open")


def own_queues(account: Account) -> list[Queue]:
    """The queues that are this account's to work off, the first being where it begins."""
    found = [queue for queue in QUEUES.values() if queue.roles & set(account.roles)]
    return [queue for queue in found if not queue.own or account.unit_id is not None] or [QUEUES["open"]]


def other_queues(account: Account) -> list[Queue]:
    """What else it may look into. Who acts for a unit sees all the same, but can move only what the unit holds."""
    own = {queue.code for queue in own_queues(account)}
    return [QUEUES[code] for code in ALL if code not in own]


def meter(row: Any, now: datetime) -> Markup:
    """How much of a term is used, drawn: the tick at four fifths is the deadline, what lies past it is overdue."""
    start, end = row.notified_at or row.reported_at, row.fed_back_at or now
    whole = max((row.deadline - start).total_seconds(), 1.0)
    used = min(max((end - start).total_seconds() / whole, 0.0), 1.25) * 80
    over = f'<i class="over" style="left:80%;width:{used - 80:.0f}%"></i>' if used > 80 else ""
    return Markup(f'<i style="width:{min(used, 80):.0f}%"></i>{over}')


URGENCIES = ("overdue", "in_an_hour", "today", "later", "fed_late", "in_time", "no_term")


@dataclass(frozen=True)
class Group:
    """Rows of a queue that burn alike."""

    code: str  # of a word: one of URGENCIES
    rows: list[Any]


def grouped(rows: list[Any], now: datetime, midnight: datetime) -> list[Group]:
    """The groups that have rows, the most urgent first; in each the rows in the order given."""
    found: dict[str, list[Any]] = {code: [] for code in URGENCIES}
    for row in rows:
        found[urgency(row.deadline, row.fed_back_at, now, midnight)].append(row)
    return [Group(code, held) for code, held in found.items() if held]


def urgency(deadline: datetime | None, fed_back: datetime | None, now: datetime, midnight: datetime) -> str:
    """One of URGENCIES. What was fed back waits for its check: no clock of its unit's runs, late or in time."""
    if deadline is None:
        return "no_term"
    if fed_back is not None:
        return "fed_late" if fed_back > deadline else "in_time"
    if deadline < now:
        return "overdue"
    if deadline < now + timedelta(hours=1):
        return "in_an_hour"
    return "today" if deadline < midnight else "later"
