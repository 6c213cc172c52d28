"""What is made in the background: asked for, claimed by one process, counted as it goes on, kept for a while, cleared.

Who works on a job holds an advisory lock on it in a session of its own. A process that dies lets the lock go, and the
job, still `running`, is claimed again: making it anew gives the same file, so nothing of the first try need be kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, or_, select, text, update

from weathermap.errors import UnknownName, WeathermapError
from weathermap.store.job_tables import job as t

KEPT = timedelta(days=7)  # a finished file
ATTEMPTS = 3  # a job whose maker dies each time is given up
OPEN = ("waiting", "running")
LOCKS = 0x4A4F4273  # class of the advisory locks
BEAT_S = 0.5  # between two notes of how far a job is
Job = Row[Any]


class Cancelled(WeathermapError):
    """A job was told to stop."""


def ask(
    connection: Connection,
    city_id: int,
    account_id: int,
    kind: str,
    title: str,
    asked: Mapping[str, Any],
    due: tuple[int, datetime] | None = None,
) -> int | None:
    """Put a job into the queue; `due`: (schedule, instant) that it is made for. Returns its number, None if it was put
    there already."""
    from sqlalchemy.dialects.postgresql import insert

    row = {"city_id": city_id, "account_id": account_id, "kind": kind, "title": title, "asked": dict(asked)}
    row |= {"created_at": datetime.now(UTC)} | ({"schedule_id": due[0], "due_at": due[1]} if due else {})
    statement = insert(t).values(row).on_conflict_do_nothing(index_elements=["schedule_id", "due_at"])
    found: int | None = connection.execute(statement.returning(t.c.job_id)).scalar()
    return found


def waits(connection: Connection) -> bool:
    """Whether a job waits for somebody: new, or left behind by who worked on it."""
    ids = connection.execute(select(t.c.job_id).where(t.c.state.in_(OPEN)).order_by(t.c.job_id)).scalars().all()
    for number in ids:
        if _lock(connection, number):
            connection.execute(text("SELECT pg_advisory_unlock(:class, :job)"), _key(number))
            return True
    return False


def claim(session: Connection) -> Job | None:
    """The oldest job that nobody works on, now ours for as long as this session lives; None when there is none.

    `session` commits each statement by itself (AUTOCOMMIT).
    """
    ids = session.execute(select(t.c.job_id).where(t.c.state.in_(OPEN)).order_by(t.c.job_id)).scalars().all()
    for number in ids:
        if not _lock(session, number):
            continue
        row = session.execute(select(t).where(t.c.job_id == number, t.c.state.in_(OPEN))).one_or_none()
        if row is not None and row.cancel:
            _end(session, number, "cancelled", "")
        elif row is not None and row.attempts >= ATTEMPTS:
            _end(session, number, "failed", f"The process that made it ended {ATTEMPTS} times in the middle.")
        elif row is not None:
            begun = {"state": "running", "attempts": row.attempts + 1, "started_at": datetime.now(UTC), "done": 0}
            taken = update(t).where(t.c.job_id == number).values(begun).returning(t)
            return session.execute(taken).one()
        release(session, number)
    return None


def release(session: Connection, number: int) -> None:
    """Let go of a job that was claimed."""
    session.execute(text("SELECT pg_advisory_unlock(:class, :job)"), _key(number))


def _lock(session: Connection, number: int) -> bool:
    return bool(session.execute(text("SELECT pg_try_advisory_lock(:class, :job)"), _key(number)).scalar())


def _key(number: int) -> dict[str, int]:
    return {"class": LOCKS, "job": number % 2**31}


class Progress:
    """How far a job is, told to the store at most twice a second. Raises Cancelled where it was told to stop."""

    def __init__(self, session: Connection, number: int) -> None:
        self._session, self._number = session, number
        self._done, self._total, self._told = 0, 0, 0.0
        self._one = threading.Lock()  # the session is one, those who work may be several

    def of(self, total: int) -> None:
        """So much there is to do."""
        with self._one:
            self._done, self._total = 0, total
            self._tell()

    def __call__(self, done: int) -> None:
        """So much more is done."""
        with self._one:
            self._done += done
            if time.monotonic() - self._told >= BEAT_S:
                self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        told = {"done": self._done, "total": self._total or None}
        statement = update(t).where(t.c.job_id == self._number).values(told).returning(t.c.cancel)
        if self._session.execute(statement).scalar_one():
            raise Cancelled("The job was cancelled.")


def finish(session: Connection, number: int, made: Mapping[str, Any]) -> None:
    """It is made: `said`, `result`, and of a file `file`, `name`, `mimetype`, `bytes`; a file is kept for a week."""
    now = datetime.now(UTC)
    values = {"state": "done", "ended_at": now, "done": func.coalesce(t.c.total, t.c.done), **made}
    if made.get("file"):
        values["expires_at"] = now + KEPT
    session.execute(update(t).where(t.c.job_id == number).values(values))


def fail(session: Connection, number: int, error: WeathermapError) -> None:
    """It could not be made, or was told to stop."""
    if isinstance(error, Cancelled):
        _end(session, number, "cancelled", "")
    else:
        _end(session, number, "failed", error.what, error.remedy or "")


def _end(session: Connection, number: int, state: str, said: str, remedy: str = "") -> None:
    values = {"state": state, "said": said, "remedy": remedy, "ended_at": datetime.now(UTC)}
    session.execute(update(t).where(t.c.job_id == number).values(values))


def cancel(connection: Connection, number: int) -> None:
    """Ask that a job stops; one that nobody has begun is over at once."""
    connection.execute(update(t).where(t.c.job_id == number, t.c.state.in_(OPEN)).values(cancel=True))
    ended = {"state": "cancelled", "ended_at": datetime.now(UTC)}
    connection.execute(update(t).where(t.c.job_id == number, t.c.state == "waiting").values(ended))


def list_jobs(connection: Connection, city_id: int, account_id: int | None, limit: int = 100) -> list[Job]:
    """The newest jobs of an account, or of everybody in a city."""
    statement = select(t).where(t.c.city_id == city_id).order_by(t.c.job_id.desc()).limit(limit)
    if account_id is not None:
        statement = statement.where(t.c.account_id == account_id)
    return list(connection.execute(statement).all())


def find_job(connection: Connection, number: int) -> Job:
    """One job. Raises UnknownName."""
    row = connection.execute(select(t).where(t.c.job_id == number)).one_or_none()
    if row is None:
        raise UnknownName(f"There is no job {number}.", "See /jobs.")
    return row


def expire(engine: Engine, folder: Path, now: datetime) -> int:
    """Take away the files whose time is over, and what no job names. Returns how many."""
    with engine.begin() as connection:
        gone = update(t).where(t.c.file != "", or_(t.c.expires_at <= now)).values(file="").returning(t.c.job_id)
        count = len(connection.execute(gone).all())
        kept = set(connection.execute(select(t.c.file).where(t.c.file != "")).scalars())
        busy = set(connection.execute(select(t.c.job_id).where(t.c.state.in_(OPEN))).scalars())
    if folder.is_dir():
        for path in folder.iterdir():
            owner = path.name.lstrip(".").partition("-")[0]
            if path.name not in kept and not (owner.isdigit() and int(owner) in busy):
                path.unlink(missing_ok=True)
    return count
