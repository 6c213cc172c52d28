"""What a move brings with it: what somebody wrote or chose, and whether it does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from weathermap.errors import Refused, UnknownName
from weathermap.evidence.photos import Developed
from weathermap.issue.batch import NONE
from weathermap.issue.held import Hands
from weathermap.issue.workflow import CATEGORY, ENDED, INTO, MOVES, NOTE, PARTS, STATES, TASK, TO, UNIT, UNTIL
from weathermap.people.accounts import Account
from weathermap.store.registry import City

NOTE_LENGTH = 500
ARBITRATED = 3  # hand-backs, from which on the commander alone decides who handles an issue
ALIVE = ("reported", "handling", "to_check", "suspended")  # what another issue can be merged into
FEWEST, MOST = 2, 6  # parts


@dataclass(frozen=True)
class Part:
    """One part of an issue that is split: a category, the unit that handles it (codes), and its task in words."""

    category: str
    unit: str
    note: str = ""


@dataclass(frozen=True)
class Wish:
    """A move that somebody wants on an issue that they saw at event number `seq`.

    `until` in µs or NONE; `unit`: code of the unit that it goes to, where the move names one; `into`: number of the
    issue that it is merged into; `evidence`: number of the event whose photos count as this one's too, 0: none;
    `category`: code of the one that it is changed to; `by`: how a check was made, '' as it is wanted; `facts`: what
    else the event says.
    """

    number: str
    seq: int
    move: str
    note: str = ""
    until: int = NONE
    unit: str = ""
    photos: tuple[Developed, ...] = ()
    into: str = ""
    parts: tuple[Part, ...] = ()
    evidence: int = 0
    by: str = ""
    category: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def check_given(
    wish: Wish,
    row: Hands,
    account: Account,
    city: City,
    now: int,
    rows: Mapping[str, Hands],
    gone: Collection[str],
) -> None:
    """Whether a move on the issue of `row` brings what it needs. `rows`: the locked issues by number; `gone`: those
    that the same batch ends. Raises Refused, UnknownName."""
    move = MOVES[wish.move]
    if wish.move == "file" and "file" in row.moves:
        raise Refused(f"{wish.number} was filed already.", "Dispatch it.", f"{wish.number} 已立案，可派遣。")
    if NOTE in move.needs and not wish.note.strip():
        raise Refused(f"{move.en} needs a note.", "Say what was done, or why.", f"{move.zh}须写说明。")
    if len(wish.note) > NOTE_LENGTH:
        length = len(wish.note)
        zh = f"说明有 {length} 个字，最多 {NOTE_LENGTH} 个。"
        raise Refused(f"The note has {length} characters.", f"At most {NOTE_LENGTH} are kept.", zh)
    if UNTIL in move.needs and wish.until <= now:
        raise Refused(f"{move.en} needs a date ahead.", "Choose a day after today.", f"{move.zh}须选今天以后的日期。")
    if (UNIT in move.needs or wish.unit) and wish.unit not in city.book.units:
        zh = f"{move.zh}须选定单位。"
        raise Refused(f"{move.en} needs the code of a unit, not {wish.unit!r}.", "Choose one of the list.", zh)
    if UNIT in move.needs and row.unit_id == int(city.unit_ids[city.book.units[wish.unit]]):
        zh = f"{wish.number} 已在 {wish.unit}，请选别的单位。"
        raise Refused(f"{wish.number} is with {wish.unit} already.", "Choose another unit.", zh)
    if wish.move == "ask_extension" and (row.deadline is None or int(row.deadline.timestamp()) * 1_000_000 <= now):
        zh = f"{wish.number} 已过期限；延期须在期限前申请。"
        raise Refused(f"The term of {wish.number} is over.", "An extension is asked for before the deadline.", zh)
    times = row.moves.count("hand_back")
    if (
        wish.move in ("reassign", "refuse")
        and row.state != "rectified"
        and times >= ARBITRATED
        and "commander" not in account.roles
    ):
        zh = f"{wish.number} 已退回 {times} 次，由指挥长裁定。"
        raise Refused(f"{wish.number} was handed back {times} times.", "Now the commander decides.", zh)
    longest = city.pack.config.backlog_days
    if wish.move in ("ask_suspension", "suspend") and wish.until > now + longest * 86_400_000_000:
        zh = f"挂账最长 {longest} 天。"
        raise Refused(f"A suspension lasts {longest} days at most.", "Choose an earlier day.", zh)
    if wish.evidence and row.moves[wish.evidence - 1 : wish.evidence] != ["answer"]:
        raise Refused("There is no such answer to take photos from.", "Look again.", "没有这份回复可采用。")
    if (TO in move.needs or TASK in move.needs) and not wish.facts:
        raise Refused(f"{move.en} names a task that was passed on.", "Do it on the issue's page.", "请在问题页面办理。")
    if wish.move in ("merge", "split") and _under_order(row.moves):
        zh = f"{wish.number} 正在督办，不能{move.zh}；可把另一件并入本件。"
        raise Refused(f"{wish.number} is under a leader's order.", "Merge the other issue into this one.", zh)
    if CATEGORY in move.needs and (wish.category not in city.book.categories or wish.category == row.category):
        what = f"{move.en} needs another category, not {wish.category!r}."
        raise Refused(what, "Choose one of the list.", f"{move.zh}须另选一个类别。")
    if INTO in move.needs:
        _check_into(wish, rows.get(wish.into), gone)
    if PARTS in move.needs:
        _check_parts(wish, city)


def _under_order(moves: list[str]) -> bool:
    for move in reversed(moves):
        if move in ("order", "list_publicly"):
            return True
        if move == "check_pass" or move in ENDED:
            return False
    return False


def _check_into(wish: Wish, other: Hands | None, gone: Collection[str]) -> None:
    if other is None:
        zh = f"没有编号为 {wish.into or '（空）'} 的问题。"
        raise UnknownName(f"There is no issue {wish.into!r} to merge into.", "Give the number of the other one.", zh)
    if other.number == wish.number or other.number in gone:
        raise Refused("An issue is not merged into itself.", "Give the number of the other one.", "不能并入自身。")
    if other.state not in ALIVE:
        zh = f"{other.number} {STATES[other.state][0]}，不能并入。"
        what = f"{other.number} is {STATES[other.state][1].lower()}: nothing can be merged into it."
        raise Refused(what, "Choose one that is still under way.", zh)


def _check_parts(wish: Wish, city: City) -> None:
    if not FEWEST <= len(wish.parts) <= MOST:
        zh = f"拆分为 {FEWEST} 至 {MOST} 件，每件选定类别和单位。"
        raise Refused(f"An issue is split into {FEWEST} to {MOST} parts.", "Each has a category and a unit.", zh)
    for part in wish.parts:
        if part.category not in city.book.categories or part.unit not in city.book.units:
            zh = "每一件都要选定类别和责任单位。"
            raise Refused(f"A part names {part.category!r} and {part.unit!r}.", "Choose both from the lists.", zh)
        if len(part.note) > NOTE_LENGTH:
            zh = f"任务最多 {NOTE_LENGTH} 个字。"
            raise Refused(f"A task has {len(part.note)} characters.", f"At most {NOTE_LENGTH} are kept.", zh)
