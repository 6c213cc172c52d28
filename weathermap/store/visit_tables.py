"""The tables of what is seen at points: visits, observations, shots, citizens' rounds; as SQLAlchemy Core."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Double, Integer, LargeBinary, SmallInteger, Table, Text

from weathermap.store.tables import INSTANT, metadata

visit = Table(
    "visit",
    metadata,
    Column("visit_id", BigInteger, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, Text) for name in ("key", "kind")),
    Column("point_id", Integer),
    Column("person_id", Integer),
    *(Column(name, INSTANT) for name in ("started_at", "ended_at", "told_start", "told_end")),
    Column("note", Text),
    Column("digest", LargeBinary),
    Column("round_id", Integer),
)
observation = Table(
    "observation",
    metadata,
    Column("visit_id", BigInteger, primary_key=True),
    Column("standard", Text, primary_key=True),
    *(Column(name, Text) for name in ("edition", "result", "note")),
    Column("issue_id", BigInteger),
)
shot = Table(
    "shot",
    metadata,
    Column("city_id", SmallInteger, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("account_id", Integer),
    Column("sha256", LargeBinary),
    Column("format", Text),
    *(Column(name, Integer) for name in ("width", "height", "bytes")),
    Column("taken", Text),
    *(Column(name, Double) for name in ("lon", "lat")),
    *(Column(name, INSTANT) for name in ("told_at", "received_at")),
    Column("visit_id", BigInteger),
    Column("standard", Text),
    Column("issue_id", BigInteger),
    Column("aside_at", INSTANT),
)
round_ = Table(
    "round",
    metadata,
    Column("round_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, Text) for name in ("key", "name")),
    Column("held_on", Date),
    Column("person_id", Integer),
    Column("follow_up", Text),
)
round_member = Table(
    "round_member",
    metadata,
    *(Column(name, Integer, primary_key=True) for name in ("round_id", "place")),
    *(Column(name, Text) for name in ("name", "kind")),
)
round_point = Table(
    "round_point", metadata, *(Column(name, Integer, primary_key=True) for name in ("round_id", "point_id"))
)
