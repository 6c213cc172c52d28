"""PostgreSQL's own errors that are no fault of the program, in words."""

from __future__ import annotations

import psycopg2
from psycopg2 import errors
from sqlalchemy.exc import DBAPIError

from weathermap.errors import StoreError


def as_store_error(error: BaseException) -> StoreError | None:
    """A full disk, a server that went away or takes no more: StoreError. None for what is the program's own fault."""
    found = error.orig if isinstance(error, DBAPIError) else error
    said = str(found).strip()
    if isinstance(found, errors.DiskFull):
        return StoreError(
            f"The disk that holds the store is full: {said.splitlines()[0]}",
            "Make room there and try again. What was under way is undone, nothing that was stored is lost.",
        )
    if isinstance(found, psycopg2.OperationalError | psycopg2.InterfaceError):
        return StoreError(
            f"The store broke off: {said}",
            "Is PostgreSQL running (`make run`)? What was under way is undone; try again.",
        )
    return None
