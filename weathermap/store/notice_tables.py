"""The tables of who is told what, and of what leaders order of units; as SQLAlchemy Core."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Integer, SmallInteger, Table, Text

from weathermap.store.tables import INSTANT, metadata

ladder_step = Table(
    "ladder_step",
    metadata,
    Column("city_id", SmallInteger),
    Column("issue_id", BigInteger, primary_key=True),
    Column("deadline", INSTANT, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("move", Text),
    Column("noticed_at", INSTANT),
    Column("reworked", Integer),
    Column("state", Text),
    Column("decided_at", INSTANT),
    Column("decided_by", Integer),
    Column("note", Text),
)
notice = Table(
    "notice",
    metadata,
    Column("notice_id", BigInteger, primary_key=True),
    Column("city_id", SmallInteger),
    Column("kind", Text),
    Column("at", INSTANT),
    Column("issue_id", BigInteger),
    Column("seq", Integer),
    Column("order_id", BigInteger),
    Column("unit_id", Integer),
    Column("actor", BigInteger),
    Column("step", Text),
    Column("spread", Boolean),
    Column("bulletin_id", BigInteger),
)
notice_read = Table(
    "notice_read",
    metadata,
    Column("account_id", Integer, primary_key=True),
    Column("notice_id", BigInteger, primary_key=True),
)
channel = Table(
    "channel",
    metadata,
    Column("channel_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, Text) for name in ("code", "service", "url", "sender")),
    *(Column(name, ARRAY(Text)) for name in ("recipients", "kinds")),
    Column("unit_id", Integer),
    Column("enabled", Boolean),
    Column("since", INSTANT),
)
outbox = Table(
    "outbox",
    metadata,
    Column("notice_id", BigInteger, primary_key=True),
    Column("channel_id", Integer, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("attempts", Integer),
    *(Column(name, INSTANT) for name in ("next_at", "sent_at", "dead_at")),
    Column("error", Text),
)
unit_order = Table(
    "unit_order",
    metadata,
    Column("order_id", BigInteger, primary_key=True),
    Column("city_id", SmallInteger),
    Column("move", Text),
    Column("unit_id", Integer),
    Column("place", Text),
    Column("seq", Integer),
)
unit_order_event = Table(
    "unit_order_event",
    metadata,
    Column("order_id", BigInteger, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", INSTANT),
    Column("move", Text),
    Column("actor", Integer),
    Column("note", Text),
    Column("until", INSTANT),
)
