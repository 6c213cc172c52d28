"""The ladder (督办阶梯) as data: a step, and the columns of ladder.csv."""

from __future__ import annotations

from dataclasses import dataclass

from weathermap.city.columns import CODE, NAME, NAME_EN, Column, Table, may

LADDER_MOVES = ("urge", "order", "list_publicly", "circulate", "talk", "refer")
DECIDERS = ("supervisor", "commander")


@dataclass(frozen=True)
class LadderStep:
    """One step of the ladder (督办阶梯). None where nothing is said; hours of the clock."""

    code: str
    name: str
    name_en: str
    move: str  # of LADDER_MOVES
    overdue_hours: float | None  # past the deadline; negative: before it
    red_line: bool  # red-line categories only
    reworked: float | None  # failed checks, at least
    pause_hours: float | None  # after the step before it was decided
    decider: str  # of DECIDERS; '' for reminders
    text: str
    days: float | None  # suggested term
    clause: str


LADDER = Table(
    "ladder",
    LadderStep,
    "What follows when an issue is not dealt with (督办阶梯), step by step in the file's order. Reminders go out "
    "by themselves; of every other step the next one due is proposed to a person, who takes it or dismisses it. All "
    "conditions of a row must hold while the unit has the issue in hand: what waits for its check or is suspended "
    "rests. Each step is taken once for a deadline. Without this file nothing is urged or proposed.",
    (
        CODE,
        NAME,
        NAME_EN,
        Column(
            "move",
            "urge 催办, order 督办, list_publicly 挂牌督办, circulate 通报, talk 约谈, refer 移送",
            values=LADDER_MOVES,
        ),
        may("overdue_hours", "so many hours (of the clock) past the deadline; negative: before it", kind="number"),
        may("red_line", "1: only categories that are a red line", kind="flag"),
        may("reworked", "failed checks, at least", kind="number", positive=True),
        may("pause_hours", "at the earliest so many hours after the step before it was decided", kind="number"),
        may("decider", "who decides on a proposal; empty for reminders", values=("", *DECIDERS)),
        may("text", "what is said; a proposal's wording, which its decider may change"),
        may("days", "term that a proposal suggests, days", kind="number", positive=True),
        may("clause", "document, clause and edition that the step rests on"),
    ),
    "code",
)
