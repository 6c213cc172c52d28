"""Two roles of the database: the owner's, who migrates, and the program's, which appends events and rewrites none."""

from __future__ import annotations

from sqlalchemy import Connection, text

from weathermap.store.sql import query


def grant_use(connection: Connection, role: str | None) -> None:
    """Give `role` what server, worker and imports need, and no more. None, or the owner himself: nothing to give.

    Done anew after every migration, by the owner; the caller owns the transaction.
    """
    if role is None or role == connection.execute(text("SELECT current_user")).scalar():
        return
    for statement in connection.execute(query("grant_use"), {"role": role}).scalars().all():
        connection.exec_driver_sql(statement)


def may_rewrite(connection: Connection) -> bool:
    """Whether whoever is connected could change events by SQL."""
    asked = text("SELECT has_table_privilege('issue_event', 'UPDATE') OR has_table_privilege('issue_event', 'DELETE')")
    return bool(connection.execute(asked).scalar())
