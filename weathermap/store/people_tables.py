"""The tables of people who sign in, and of what they bring: checks, photos, tasks passed on; as SQLAlchemy Core."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Double, Integer, LargeBinary, SmallInteger, Table, Text

from weathermap.store.tables import INSTANT, metadata

account = Table(
    "account",
    metadata,
    Column("account_id", Integer, primary_key=True),
    *(Column(name, Text) for name in ("login", "name")),
    Column("city_id", SmallInteger),
    Column("roles", ARRAY(Text)),
    *(Column(name, Integer) for name in ("unit_id", "person_id")),
    Column("password", Text),
    Column("failed", Integer),
    Column("locked_until", INSTANT),
    Column("disabled", Boolean),
    Column("created_at", INSTANT),
    Column("area", Text),
)
session = Table(
    "session",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("account_id", Integer),
    Column("csrf", Text),
    *(Column(name, INSTANT) for name in ("begun_at", "seen_at")),
)
invitation = Table(
    "invitation",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("account_id", Integer),
    Column("until", INSTANT),
)
access_log = Table(
    "access_log",
    metadata,
    Column("access_id", BigInteger, primary_key=True),
    Column("at", INSTANT),
    Column("account_id", Integer),
    *(Column(name, Text) for name in ("login", "what", "target", "address")),
)
issue_check = Table(
    "issue_check",
    metadata,
    Column("issue_id", BigInteger, primary_key=True),
    *(Column(name, Integer, primary_key=name == "seq") for name in ("seq", "checker", "checker_unit")),
    Column("handler", BigInteger),
    Column("handler_unit", Integer),
)
photo_print = Table(
    "photo_print",
    metadata,
    Column("print_id", BigInteger, primary_key=True),
    *(Column(name, LargeBinary) for name in ("sha256", "codes")),
    Column("why", Text),
)
photo_pair = Table(
    "photo_pair",
    metadata,
    *(Column(name, LargeBinary, primary_key=True) for name in ("before", "after")),
    *(Column(name, Integer) for name in ("places", "seen")),
    Column("why", Text),
    Column("compared_at", INSTANT),
)
photo = Table(
    "photo",
    metadata,
    Column("issue_id", BigInteger, primary_key=True),
    *(Column(name, Integer, primary_key=True) for name in ("seq", "place")),
    Column("sha256", LargeBinary),
    Column("format", Text),
    *(Column(name, Integer) for name in ("width", "height", "bytes")),
    Column("taken", Text),
    *(Column(name, Double) for name in ("lon", "lat")),
    Column("stored_at", INSTANT),
)
reporter = Table(
    "reporter",
    metadata,
    Column("reporter_id", BigInteger, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, LargeBinary) for name in ("mark", "sealed")),
    Column("created_at", INSTANT),
)
issue_reporter = Table(
    "issue_reporter",
    metadata,
    Column("issue_id", BigInteger, primary_key=True),
    Column("reporter_id", BigInteger),
)
task_link = Table(
    "task_link",
    metadata,
    Column("issue_id", BigInteger, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    Column("token", LargeBinary),
    Column("unit_id", Integer),
    Column("salt", LargeBinary),
    Column("to_whom", Text),
    *(Column(name, INSTANT) for name in ("until", "given_at", "opened_at", "taken_back_at")),
    Column("answer", Text),
    Column("answer_seq", Integer),
    Column("answered_at", INSTANT),
    *(Column(name, Text) for name in ("words", "returned")),
)
