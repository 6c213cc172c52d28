"""The city's ladder (督办阶梯): what its rows may say, and which steps an issue has come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row

from weathermap.city.finding import Findings
from weathermap.city.ladder import LadderStep
from weathermap.city.reading import Draft
from weathermap.issue.workflow import MOVES
from weathermap.store.sql import query

FILE = "ladder.csv"
HOUR_S = 3600


def check_ladder(draft: Draft, findings: Findings) -> None:
    """Note every fault of ladder.csv that a single cell does not show."""
    for step, line in zip(draft.pack.ladder, draft.lines["ladder"], strict=True):
        if step.overdue_hours is None and step.reworked is None:
            what = f"step {step.code!r} has neither overdue_hours nor reworked: it would be taken at once."
            findings.fault(FILE, line, what, "Say when it is due.")
        if step.move == "urge":
            if step.decider:
                findings.fault(
                    FILE, line, f"reminder {step.code!r} has a decider.", "Leave it empty: it goes out alone."
                )
            continue
        if not step.decider:
            findings.fault(FILE, line, f"step {step.code!r} has no decider.", "Name who decides on it.")
        elif step.decider not in MOVES[step.move].roles:
            who = " or ".join(sorted(MOVES[step.move].roles))
            findings.fault(FILE, line, f"a {step.decider} may not {step.move} ({step.code!r}).", f"Name a {who}.")


@dataclass(frozen=True)
class Due:
    """A step that an issue has come to. `taken`: reminders before it that are passed over, it among them."""

    issue: Row[Any]  # of ladder_due.sql
    step: LadderStep
    taken: tuple[LadderStep, ...]

    @property
    def reminder(self) -> bool:
        return self.step.move == "urge"


def due_steps(
    connection: Connection, city_id: int, ladder: Sequence[LadderStep], now: datetime, most: int
) -> list[Due]:
    """The steps of at most about `most` issues, which are locked until the transaction ends; those that somebody else
    works on are left for the next look. Of several reminders the last, of several proposals the first."""
    if not ladder:
        return []
    hours = [step.overdue_hours for step in ladder]
    asked = {
        "city_id": city_id,
        "now": now,
        "ahead_s": -min(h for h in hours if h is not None) * HOUR_S if None not in hours else None,
        "place": list(range(len(ladder))),
        "code": [step.code for step in ladder],
        "move": [step.move for step in ladder],
        "reminder": [step.move == "urge" for step in ladder],
        "overdue_s": [None if h is None else h * HOUR_S for h in hours],
        "red_line": [step.red_line for step in ladder],
        "reworked": [step.reworked for step in ladder],
        "pause_s": [(step.pause_hours or 0.0) * HOUR_S for step in ladder],
        "most": most,
    }
    rows = connection.execute(query("ladder_due"), asked).all()
    found = []
    for _, each in groupby(rows, key=lambda row: row.issue_id):
        came = list(each)
        steps = [ladder[row.place] for row in came]
        reminders = tuple(step for step in steps if step.move == "urge")
        if reminders:
            found.append(Due(came[0], reminders[-1], reminders))
        proposals = [step for step in steps if step.move != "urge"]
        if proposals:
            found.append(Due(came[0], proposals[0], (proposals[0],)))
    return found


def take_steps(connection: Connection, city_id: int, due: Sequence[Due], now: datetime) -> list[Due]:
    """Record them. Returns those that nobody had recorded before: the store's key decides, whoever else looks."""
    rows = [
        (each, step, "open" if not each.reminder else "sent" if step is each.step else "passed")
        for each in due
        for step in each.taken
    ]
    if not rows:
        return []
    asked = {
        "city_id": city_id,
        "now": now,
        "issue": [each.issue.issue_id for each, _, _ in rows],
        "deadline": [each.issue.deadline for each, _, _ in rows],
        "step": [step.code for _, step, _ in rows],
        "move": [step.move for _, step, _ in rows],
        "reworked": [each.issue.failed for each, _, _ in rows],
        "state": [state for _, _, state in rows],
    }
    taken = {tuple(row) for row in connection.execute(query("ladder_take"), asked)}
    return [each for each in due if (each.issue.issue_id, each.step.code) in taken]


def settle_steps(connection: Connection, city_id: int, now: datetime) -> int:
    """Close proposals whose issue is done or has another deadline. Returns their number."""
    return connection.execute(query("ladder_settle"), {"city_id": city_id, "now": now}).rowcount


def step_names(ladder: Sequence[LadderStep], lang: str) -> dict[str, str]:
    """Each step's name by its code; `lang`: zh or en."""
    return {step.code: step.name_en if lang == "en" and step.name_en else step.name for step in ladder}
