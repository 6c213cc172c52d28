"""Reading from a streaming replica: the map server may, and then says how old what it shows is."""

from __future__ import annotations

from sqlalchemy import Connection

from weathermap.store.sql import ask_often


def behind_s(connection: Connection) -> float | None:
    """How many seconds the server is behind its primary, infinity when it cannot know; None: it is a primary."""
    ((behind,),) = ask_often(connection, "replica_behind", {})
    return None if behind is None else float(behind)
