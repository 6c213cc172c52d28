"""The partitions of a large load: filled with few indexes, then indexed, then attached. Nobody sees them before.

What goes into tables without partitions waits beside and joins them in the last transaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, text

PARTS = ("issue", "issue_event")
OF_MANY = {"issue_rectified", "issue_late"}  # partial indexes of most rows of a usual ledger
WAITING = ("issue_key", "issue_published", "event_late", "tally_late", "quarantine")
BLOCK = 1 << 40  # issue ids of one load
MEMORY = "256MB"  # for building an index


def part(table: str, load_no: int) -> str:
    """The name of a load's own table for `table`."""
    return f"{table}_load_{load_no}"


def first_id(load_no: int) -> int:
    """The first issue id of a load."""
    return load_no * BLOCK


def make_parts(connection: Connection, load_no: int) -> None:
    """Empty tables for a load. Not vacuumed before they are attached: they only grow.

    Indexes of few rows are there from the beginning: asking of each row whether it belongs there costs a tenth of the
    reading of the whole table that each of them would take at the end.
    """
    quiet = "WITH (autovacuum_enabled = off)"
    for table in PARTS:
        name, (low, high) = part(table, load_no), _bounds(load_no)
        connection.execute(
            text(
                f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING CONSTRAINTS,"
                f" CONSTRAINT {name}_ids CHECK (issue_id >= {low} AND issue_id < {high})) {quiet}"
            )
        )
    for table in WAITING:
        connection.execute(text(f"CREATE TABLE {part(table, load_no)} (LIKE {table} INCLUDING STORAGE) {quiet}"))
    for table in PARTS:
        for index in missing_indexes(connection, table, load_no):
            if index.of_few:
                connection.execute(text(index.statement))


def drop_parts(connection: Connection, load_no: int) -> None:
    """Throw a load's own tables away."""
    for table in (*PARTS, *WAITING):
        connection.execute(text(f"DROP TABLE IF EXISTS {part(table, load_no)}"))


@dataclass(frozen=True)
class Missing:
    """An index that a load's partition lacks."""

    statement: str  # that builds it
    of_few: bool  # whether it holds few of the rows


def missing_indexes(connection: Connection, table: str, load_no: int) -> list[Missing]:
    """The indexes of a table that a load's partition of it lacks, the primary key first."""
    name = part(table, load_no)
    rows = connection.execute(
        text(
            "SELECT i.relname, x.indisprimary, pg_get_indexdef(x.indexrelid) AS definition,"
            " x.indpred IS NOT NULL AS partial FROM pg_index AS x"
            " JOIN pg_class AS i ON i.oid = x.indexrelid WHERE x.indrelid = CAST(:t AS regclass) ORDER BY 2 DESC, 4, 1"
        ),
        {"t": table},
    ).all()
    there = set(
        connection.execute(text("SELECT indexname FROM pg_indexes WHERE tablename = :t"), {"t": name}).scalars()
    )
    found = []
    for row in rows:
        index = part(row.relname, load_no)
        if index not in there:
            using = re.sub(r"^.*? USING ", "", row.definition)
            unique = "UNIQUE " if row.indisprimary else ""
            statement = f"CREATE {unique}INDEX {index} ON {name} USING {using}"
            found.append(Missing(statement, row.partial and row.relname not in OF_MANY))
    return found


def join_waiting(connection: Connection, load_no: int, load_id: int) -> None:
    """Let what waited join its tables; quarantined rows are of load `load_id`."""
    connection.execute(text(f"SET LOCAL work_mem = '{MEMORY}'"))
    for table in WAITING:
        name = part(table, load_no)
        if table == "quarantine":
            connection.execute(text(f"UPDATE {name} SET load_id = :id"), {"id": load_id})
        order = " ORDER BY source_key" if table == "issue_key" else ""  # grows the index at its ends
        connection.execute(text(f"INSERT INTO {table} SELECT * FROM {name}{order}"))
        connection.execute(text(f"DROP TABLE {name}"))


def attach(connection: Connection, load_no: int) -> None:
    """Make a load's partitions part of their tables: from the end of this transaction on everybody sees them.

    A function of the owner's: from here on they are his, and the program's role cannot rewrite them either.
    """
    connection.execute(text("SELECT attach_load(:load_no)"), {"load_no": load_no})


def _bounds(load_no: int) -> tuple[int, int]:
    return first_id(load_no), first_id(load_no + 1)
