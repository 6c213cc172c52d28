"""The tables of bulletins and of objections to them, as SQLAlchemy Core."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from weathermap.store.tables import INSTANT, metadata

bulletin = Table(
    "bulletin",
    metadata,
    Column("bulletin_id", BigInteger, primary_key=True),
    Column("city_id", SmallInteger),
    Column("kind", Text),
    *(Column(name, JSONB) for name in ("head", "facts")),
    Column("picture", Text),
    Column("units", ARRAY(Text)),
    Column("at", INSTANT),
    Column("state", Text),
    Column("created_by", Integer),
    *(Column(name, INSTANT) for name in ("created_at", "shown_at", "open_until", "published_at")),
    Column("published_by", Integer),
    Column("job_id", BigInteger),
)
bulletin_objection = Table(
    "bulletin_objection",
    metadata,
    Column("objection_id", BigInteger, primary_key=True),
    Column("bulletin_id", BigInteger),
    *(Column(name, Integer) for name in ("unit_id", "account_id")),
    Column("at", INSTANT),
    *(Column(name, Text) for name in ("said", "answer")),
    Column("answered_by", Integer),
    Column("answered_at", INSTANT),
)
