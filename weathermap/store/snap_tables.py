"""The tables of what citizens send, as SQLAlchemy Core."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from weathermap.store.tables import INSTANT, metadata

snap = Table(
    "snap",
    metadata,
    Column("snap_id", BigInteger, primary_key=True),
    Column("city_id", SmallInteger),
    Column("client", Uuid),
    Column("issue_id", BigInteger),
    Column("seq", Integer),
    Column("follows", Boolean),
    Column("words", Text),
    Column("salt", LargeBinary),
    *(Column(name, Text) for name in ("place_from", "suspect")),
    Column("refused", JSONB),
    Column("spam", Boolean),
    Column("reporter_id", BigInteger),
    Column("code", Text),
    Column("sent_at", INSTANT),
    Column("erased_at", INSTANT),
)
snap_link = Table(
    "snap_link",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("snap_id", BigInteger),
    Column("made_at", INSTANT),
)
snap_answer = Table(
    "snap_answer",
    metadata,
    *(Column(name, BigInteger, primary_key=True) for name in ("snap_id", "issue_id")),
    Column("seq", Integer, primary_key=True),
    Column("fixed", Boolean),
    Column("words", Text),
    Column("at", INSTANT),
)
