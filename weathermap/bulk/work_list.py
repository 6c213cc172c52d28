"""What a large load has done so far: kept in the store, chunk by chunk, until it is complete."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from weathermap.bulk.counted import Counted
from weathermap.bulk.part import drop_parts, make_parts
from weathermap.issue.batch import NONE
from weathermap.issue.intake import was_live
from weathermap.issue.track import SECOND_US
from weathermap.store import tables as t
from weathermap.store.registry import City

large_load = Table(
    "large_load",
    t.metadata,
    Column("load_no", Integer, primary_key=True),
    Column("city_id", SmallInteger),
    Column("sha256", Text),
    Column("pack_version", Integer),
    Column("begun", BigInteger),
    Column("was_live", Boolean),
)
large_chunk = Table(
    "large_chunk",
    t.metadata,
    *(Column(name, Integer, primary_key=True) for name in ("load_no", "chunk")),
    Column("issues", Integer),
    Column("said", JSONB),
    Column("counted", LargeBinary),
)


@dataclass(frozen=True)
class LargeLoad:
    """One large load on its way."""

    load_no: int
    begun: int  # µs since 1970Z: when its issues become known
    was_live: bool

    @property
    def recorded(self) -> int:
        """As `plan` takes it: NONE when no wall had shown anything yet."""
        return self.begun if self.was_live else NONE


def open_load(connection: Connection, city: City, sha256: str) -> LargeLoad:
    """The load of this ledger as far as it came, or a new one. What another pack decided is thrown away first."""
    version = pack_version(connection, city.city_id)
    for other in connection.execute(select(large_load).where(large_load.c.city_id == city.city_id)).all():
        if other.sha256 == sha256 and other.pack_version == version:
            return LargeLoad(other.load_no, other.begun, other.was_live)
        if other.sha256 == sha256:
            discard(connection, other.load_no)
    begun = time.time_ns() // 1_000
    live = was_live(connection, city, begun // SECOND_US * SECOND_US)
    values = {"city_id": city.city_id, "sha256": sha256, "pack_version": version}
    number = connection.execute(
        large_load.insert().values(**values, begun=begun, was_live=live).returning(large_load.c.load_no)
    ).scalar_one()
    make_parts(connection, number)
    return LargeLoad(number, begun, live)


def pack_version(connection: Connection, city_id: int) -> int:
    """The number of the city's latest pack."""
    v = t.pack_version.c
    found: int = connection.execute(select(func.max(v.pack_version)).where(v.city_id == city_id)).scalar_one()
    return found


def without_waiting(connection: Connection) -> None:
    """The end of this transaction does not wait for the disk. What a crash of the store loses are the last ones, which
    are then done again; the transaction that shows the load waits, and no earlier one can be lost once it is kept."""
    connection.execute(text("SET LOCAL synchronous_commit = off"))


def note_chunk(
    connection: Connection, load_no: int, chunk: int, issues: int, said: Mapping[str, Any], counted: bytes
) -> None:
    """In the transaction that stores the chunk: it is done, what it adds to the report and to what is counted."""
    values = {"load_no": load_no, "chunk": chunk, "issues": issues, "said": said, "counted": counted}
    connection.execute(large_chunk.insert().values(values))


def chunks_done(connection: Connection, load_no: int) -> dict[int, Mapping[str, Any]]:
    """Chunk → its part of the report."""
    c = large_chunk.c
    rows = connection.execute(select(c.chunk, c.said).where(c.load_no == load_no)).all()
    return {row.chunk: row.said for row in rows}


def counted_chunks(connection: Connection, load_no: int) -> Iterator[Counted]:
    """What is to be counted of a load, chunk after chunk."""
    c = large_chunk.c
    chosen = select(c.chunk).where(c.load_no == load_no, c.issues > 0).order_by(c.chunk)
    for chunk in connection.execute(chosen).scalars().all():
        held = select(c.counted).where(c.load_no == load_no, c.chunk == chunk)
        yield Counted.unpacked(connection.execute(held).scalar_one())


def issues_of(connection: Connection, load_no: int) -> int:
    """How many issues the chunks of a load have stored."""
    c = large_chunk.c
    found: int = connection.execute(
        select(func.coalesce(func.sum(c.issues), 0)).where(c.load_no == load_no)
    ).scalar_one()
    return found


def discard(connection: Connection, load_no: int) -> None:
    """Throw away what a load has stored; nobody has seen it."""
    drop_parts(connection, load_no)
    connection.execute(large_load.delete().where(large_load.c.load_no == load_no))


def end_load(connection: Connection, load_no: int) -> None:
    """The load is complete: its work list goes."""
    connection.execute(large_load.delete().where(large_load.c.load_no == load_no))
