"""The tables as SQLAlchemy Core, for row-shaped questions. A test holds them against the migrated database."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from weathermap.tally.measures import MEASURES

metadata = MetaData()
INSTANT = TIMESTAMP(timezone=True)


def _point(name: str) -> Column[object]:
    return Column(name, Geometry("POINT", 4326, spatial_index=False))


city = Table(
    "city",
    metadata,
    Column("city_id", SmallInteger, primary_key=True),
    *(Column(name, Text) for name in ("code", "name", "name_en", "timezone")),
    Column("period_start", INSTANT),
    Column("demo", JSONB),
    Column("live_since", INSTANT),
)
boundary_version = Table(
    "boundary_version",
    metadata,
    Column("city_id", SmallInteger, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("valid_from", INSTANT),
    Column("sha256", Text),
)
pack_version = Table(
    "pack_version",
    metadata,
    Column("city_id", SmallInteger, primary_key=True),
    Column("pack_version", Integer, primary_key=True),
    Column("boundary_version", Integer),
    *(Column(name, kind) for name, kind in (("sha256", Text), ("config", JSONB), ("archive", LargeBinary))),
    *(Column(name, INSTANT) for name in ("loaded_at", "reassigned_at")),
)
area = Table(
    "area",
    metadata,
    Column("area_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    Column("version", Integer),
    *(Column(name, Text) for name in ("level", "code", "name", "name_en")),
    Column("parent_id", Integer),
    Column("path", ARRAY(Integer)),
    Column("geom", Geometry("MULTIPOLYGON", 4326, spatial_index=False)),
    _point("label"),
    *(Column(name, REAL) for name in ("label_width_m", "label_height_m")),
    Column("area_m2", Double),
)
unit = Table(
    "unit",
    metadata,
    Column("unit_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, Text) for name in ("code", "name", "name_en", "kind", "area", "parent")),
    Column("retired", Boolean),
)
person = Table(
    "person",
    metadata,
    Column("person_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, Text) for name in ("code", "name")),
    Column("unit_id", Integer),
    *(Column(name, Text) for name in ("role", "title")),
    Column("retired", Boolean),
    Column("patrol", Text),
)
category = Table(
    "category",
    metadata,
    Column("category_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, Text) for name in ("code", "name", "name_en", "kind", "special")),
    Column("red_line", Boolean),
    Column("retired", Boolean),
    Column("check_by", Text),
)
special = Table(
    "special",
    metadata,
    *(Column(name, kind, primary_key=True) for name, kind in (("city_id", SmallInteger), ("code", Text))),
    *(Column(name, Text) for name in ("name", "name_en")),
    Column("retired", Boolean),
)
source = Table(
    "source",
    metadata,
    Column("source_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, Text) for name in ("code", "name", "name_en", "kind")),
    Column("error_m", REAL),
    Column("retired", Boolean),
)
point = Table(
    "point",
    metadata,
    Column("point_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, Text) for name in ("code", "kind", "name", "name_en")),
    Column("unit_id", Integer),
    Column("area_id", Integer),
    Column("places", ARRAY(Integer)),
    _point("geom"),
    Column("address", Text),
    Column("declared_on", Date),
    Column("retired", Boolean),
    Column("person_id", Integer),
)
issue = Table(
    "issue",
    metadata,
    Column("issue_id", BigInteger, primary_key=True),
    Column("city_id", SmallInteger),
    Column("number", Text(collation="C")),
    Column("source_id", Integer),
    Column("category_id", Integer),
    Column("state", Text),
    Column("seq", Integer),
    Column("hash", LargeBinary),
    *(Column(name, INSTANT) for name in ("last_at", "reported_at", "notified_at", "deadline", "long_at", "red_at")),
    *(Column(name, INSTANT) for name in ("fed_back_at", "rectified_at", "suspended_at")),
    Column("extended", Boolean),
    *(Column(name, Integer) for name in ("unit_id", "person_id", "area_id")),
    Column("places", ARRAY(Integer)),
    Column("point_id", Integer),
    _point("geom"),
    *(Column(name, Text) for name in ("position", "address", "flag")),
    Column("review", Boolean),
    Column("receipt", JSONB),
)
issue_key = Table(
    "issue_key",
    metadata,
    *(Column(name, kind, primary_key=True) for name, kind in (("city_id", SmallInteger), ("source_id", Integer))),
    Column("source_key", Text(collation="C"), primary_key=True),
    Column("issue_id", BigInteger),
)
issue_number_day = Table(
    "issue_number_day",
    metadata,
    Column("city_id", SmallInteger, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer),
)
issue_event = Table(
    "issue_event",
    metadata,
    Column("issue_id", BigInteger, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    Column("at", INSTANT),
    Column("move", Text),
    Column("actor", BigInteger),
    Column("data", Text),
    Column("hash", LargeBinary),
)
issue_published = Table(
    "issue_published",
    metadata,
    Column("issue_id", BigInteger, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("code", Text),
)
load = Table(
    "load",
    metadata,
    Column("load_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, Text) for name in ("name", "sha256")),
    Column("loaded_at", INSTANT),
    *(Column(name, Integer) for name in ("read", "stored", "rejected", "duplicates")),
)
quarantine = Table(
    "quarantine",
    metadata,
    *(Column(name, Integer) for name in ("load_id", "line")),
    *(Column(name, Text) for name in ("field", "reason", "row")),
)
tally_subject = Table(
    "tally_subject",
    metadata,
    Column("subject_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    Column("bucket_s", Integer),
)
tally_slice = Table(
    "tally_slice",
    metadata,
    Column("subject_id", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    *(Column(name, Integer) for name in ("holder_id", "category_id", "source_id")),
)
tally_delta = Table(
    "tally_delta",
    metadata,
    Column("city_id", SmallInteger),
    Column("subjects", ARRAY(Integer)),
    Column("entries", ARRAY(BigInteger)),
)
tally_prefix = Table(
    "tally_prefix",
    metadata,
    Column("subject_id", Integer, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    *(Column(name, Integer) for name in MEASURES),
    Column("detail", LargeBinary),
)
fold_log = Table(
    "fold_log",
    metadata,
    Column("fold_id", BigInteger, primary_key=True),
    Column("city_id", SmallInteger),
    Column("folded_at", INSTANT),
    Column("subjects", ARRAY(Integer)),
)
