"""The tables of what is made in the background, and of saved views; as SQLAlchemy Core."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, SmallInteger, Table, Text, Time
from sqlalchemy.dialects.postgresql import JSONB

from weathermap.store.tables import INSTANT, metadata

report_view = Table(
    "report_view",
    metadata,
    Column("view_id", BigInteger, primary_key=True),
    Column("account_id", Integer),
    *(Column(name, Text) for name in ("name", "query")),
    Column("saved_at", INSTANT),
)
schedule = Table(
    "schedule",
    metadata,
    Column("schedule_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    Column("account_id", Integer),
    *(Column(name, Text) for name in ("kind", "title")),
    Column("asked", JSONB),
    Column("rhythm", Text),
    Column("clock", Time),
    *(Column(name, INSTANT) for name in ("next_at", "created_at")),
)
job = Table(
    "job",
    metadata,
    Column("job_id", BigInteger, primary_key=True),
    Column("city_id", SmallInteger),
    Column("account_id", Integer),
    *(Column(name, Text) for name in ("kind", "title")),
    Column("asked", JSONB),
    Column("state", Text),
    Column("cancel", Boolean),
    Column("attempts", Integer),
    *(Column(name, BigInteger) for name in ("done", "total")),
    *(Column(name, Text) for name in ("said", "remedy")),
    Column("result", JSONB),
    *(Column(name, Text) for name in ("file", "name", "mimetype")),
    Column("bytes", BigInteger),
    *(Column(name, INSTANT) for name in ("created_at", "started_at", "ended_at", "expires_at")),
    Column("schedule_id", Integer),
    Column("due_at", INSTANT),
)
