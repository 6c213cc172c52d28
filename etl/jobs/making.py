"""The process that makes what waits: one job after the other until none is left, each with the rights of who asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, select

from etl.jobs.bulletins import make_bulletin
from etl.jobs.imports import make_import
from etl.jobs.reports import make_grid, make_issues
from etl.jobs.room import Readers, Room
from weathermap.errors import Refused, StoreError, WeathermapError
from weathermap.people.access_log import note
from weathermap.people.accounts import account_by_id
from weathermap.people.permissions import may
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.catalog import load_catalog
from weathermap.store.db import database_url, open_store
from weathermap.work.jobs import Job, Progress, claim, fail, finish, release

log = logging.getLogger(__name__)
Make = Callable[[Room], dict[str, Any]]
KINDS: Mapping[str, tuple[str, Make]] = {  # kind → the permission that it needs, and who makes it
    "grid_report": ("reports", make_grid),
    "issues": ("reports", make_issues),
    "import": ("import", make_import),
    "bulletin": ("bulletins_write", make_bulletin),
}


def make_waiting(settings: Settings, readers: Readers) -> int:
    """Make what waits. Returns how many jobs were at hand."""
    engine, url, count = open_store(settings), database_url(settings), 0
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        while (job := claim(session)) is not None:
            count += 1
            try:
                finish(session, job.job_id, _make(settings, engine, url, session, readers, job))
            except WeathermapError as error:
                log.warning("a job was not made", extra={"job": job.job_id, "error": str(error)})
                fail(session, job.job_id, error)
            except Exception as error:
                log.exception("a job failed", extra={"job": job.job_id})
                fail(session, job.job_id, StoreError(f"{type(error).__name__}: {error}"[:500], "See the worker's log."))
            finally:
                release(session, job.job_id)
    return count


def _make(
    settings: Settings, engine: Engine, url: str, session: Connection, readers: Readers, job: Job
) -> dict[str, Any]:
    needed, make = KINDS[job.kind]
    with engine.connect() as connection:
        account = account_by_id(connection, job.account_id)
        if account is None or account.disabled or not may(account.roles, needed):
            raise Refused("Whoever asked for this may no longer have it.", "Ask whoever administers the accounts.")
        code = connection.execute(select(t.city.c.code).where(t.city.c.city_id == job.city_id)).scalar_one()
        catalog = load_catalog(connection, code)
        progress = Progress(session, job.job_id)
        made = make(Room(settings, engine, url, readers, connection, catalog, job, progress))
    with engine.begin() as connection:
        note(connection, account, "export", f"job {job.job_id} {job.kind} {made.get('name', '')}")
    return made
