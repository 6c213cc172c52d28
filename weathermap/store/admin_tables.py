"""What administrators changed, as SQLAlchemy Core."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Integer, SmallInteger, Table, Text

from weathermap.store.tables import INSTANT, metadata

admin_change = Table(
    "admin_change",
    metadata,
    Column("change_id", BigInteger, primary_key=True),
    Column("at", INSTANT),
    Column("account_id", Integer),
    Column("login", Text),
    Column("city_id", SmallInteger),
    *(Column(name, Text) for name in ("subject", "target", "before", "after")),
    Column("valid_from", Date),
    Column("pack_version", Integer),
)
