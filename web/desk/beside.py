"""What stands beside an issue on its page: others that it has to do with, and tasks that its unit passed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from weathermap.evidence.photos import photos_of
from weathermap.issue.kin import done_parts, kin_of, near_duplicates, survivor_of
from weathermap.issue.tasks import ANSWERS, TASK_STATES, Task, tasks_of
from weathermap.issue.workflow import Move
from weathermap.people.accounts import Account


@dataclass(frozen=True)
class TaskLine:
    """A task as the issue's page shows it."""

    task: Task
    state: str
    answer: str
    photos: list[str]  # digests of the answer's
    ours: bool  # this account's unit passed it on and may end it or send it back


@dataclass(frozen=True)
class Beside:
    """Rows of issue_kin.sql and issue_duplicates.sql; tasks, the newest first."""

    survivor: Any
    duplicates: Sequence[Any]
    parts: Sequence[Any]
    done: int  # of the parts
    wholes: Sequence[Any]
    near: Sequence[Any]
    tasks: Sequence[TaskLine]

    @property
    def answered(self) -> list[TaskLine]:
        """Tasks whose photos can be taken as evidence."""
        return [line for line in self.tasks if line.task.state == "answered" and line.photos]


def beside(connection: Connection, account: Account, issue: Any, moves: Sequence[Move], lang: str) -> Beside:
    """Possible duplicates are looked for where this account may merge."""
    which = 1 if lang == "en" else 0
    kin = kin_of(connection, issue.issue_id)
    may = {move.name for move in moves}
    pictures = photos_of(connection, issue.issue_id)
    lines = [
        TaskLine(
            task,
            TASK_STATES[task.state][which],
            ANSWERS[task.link.answer][which] if task.link.answer else "",
            [row.sha256.hex() for row in pictures if task.link.answer and row.seq == task.link.answer_seq],
            "take_back" in may and task.link.unit_id == account.unit_id,
        )
        for task in tasks_of(connection, issue)
    ]
    return Beside(
        survivor=survivor_of(connection, issue.issue_id) if issue.state == "merged" else None,
        duplicates=kin["duplicate"],
        parts=kin["part"],
        done=done_parts(kin["part"]),
        wholes=kin["whole"],
        near=near_duplicates(connection, issue.issue_id) if "merge" in may else [],
        tasks=lines,
    )
