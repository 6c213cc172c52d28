"""The set-shaped and spatial questions: one .sql file each, that an editor or psql can run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, TextClause, text

Statement = tuple[str, list[Any]]  # with %s for each value, and the values
NOTHING: Statement = ("", [])


@cache
def query(name: str) -> TextClause:
    """The statement in `name`.sql, with its :parameters."""
    return text(source_of(name))


@cache
def source_of(name: str) -> str:
    """The text of `name`.sql: for questions that are put together from parts."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")


def ask_often(connection: Connection, name: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of `name`.sql for questions that every wall asks all day: parsed and planned once a session."""
    statement, names = _numbered(name)
    prepared = connection.info.setdefault("prepared", set())  # lives as long as the session
    cursor = connection.connection.cursor()
    if name not in prepared:
        cursor.execute(f"PREPARE {name} AS {statement}")
        prepared.add(name)
    given = f" ({', '.join(['%s'] * len(names))})" if names else ""
    cursor.execute(f"EXECUTE {name}{given}", [values[each] for each in names])
    rows = list(cursor.fetchall())
    cursor.close()
    return rows


def ask_after(connection: Connection, first: str, name: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of `name`.sql after the statement `first`, in one round trip: for what a transaction locks.

    To the end of the transaction whatever is prepared is planned once a session, for all values alike.
    """
    asked, given = statement_of(connection, name, values)
    cursor = writing(connection)
    cursor.execute(f"SET LOCAL plan_cache_mode = force_generic_plan;{first};{asked}", given)
    return list(cursor.fetchall())


def statement_of(connection: Connection, name: str, values: Mapping[str, Any]) -> Statement:
    """The statement that runs `name`.sql in this session, prepared: to be sent together with others."""
    statement, names = _numbered(name)
    prepared = connection.info.setdefault("prepared", set())
    if name not in prepared:
        writing(connection).execute(f"PREPARE {name} AS {statement}")
        prepared.add(name)
    marks = ", ".join(["%s"] * len(names))
    return f"EXECUTE {name} ({marks})", [values[each] for each in names]


def writing(connection: Connection) -> Any:
    """A cursor past SQLAlchemy, which is told that a transaction is under way: else it would have nothing to commit."""
    if not connection.in_transaction():
        connection.begin()
    cursor = connection.info.get("cursor")  # lives as long as the session
    if cursor is None or cursor.closed:
        cursor = connection.info["cursor"] = connection.connection.cursor()
    return cursor


def execute_often(connection: Connection, name: str, values: Mapping[str, Any]) -> CursorResult[Any]:
    """As `connection.execute(query(name), values)`, for what every move asks: parsed once a session, planned rarely."""
    statement, names = _numbered(name)
    prepared = connection.info.setdefault("prepared", set())
    if name not in prepared:
        connection.exec_driver_sql(f"PREPARE {name} AS {statement}")
        prepared.add(name)
    given = ", ".join(["%s"] * len(names))
    return connection.exec_driver_sql(f"EXECUTE {name} ({given})", tuple(values[each] for each in names))


@cache
def _numbered(name: str) -> tuple[str, list[str]]:
    """The statement with $1, $2, … for its :parameters, and their names in that order."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    statement = re.sub(r"(?<!:):([a-z_]+)", number, re.sub(r"--.*", "", source_of(name)))
    return statement, names
