"""The tables of the days' roots, as SQLAlchemy Core."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Integer, LargeBinary, SmallInteger, Table

from weathermap.store.tables import INSTANT, metadata

event_root = Table(
    "event_root",
    metadata,
    Column("city_id", SmallInteger, primary_key=True),
    Column("root_no", Integer, primary_key=True),
    Column("day", Date),
    Column("leaves", Integer),
    *(Column(name, LargeBinary) for name in ("tree", "hash")),
    Column("made_at", INSTANT),
)
event_leaf = Table(
    "event_leaf",
    metadata,
    Column("city_id", SmallInteger, primary_key=True),
    *(Column(name, kind, primary_key=True) for name, kind in (("root_no", Integer), ("issue_id", BigInteger))),
    Column("seq", Integer),
    Column("hash", LargeBinary),
)
