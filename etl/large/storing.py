"""Storing a large ledger: new issues into partitions of their own, chunk by chunk, each for good once it is stored."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from etl.large.chunks import Chunk, Reader, divide
from etl.moves import later_moves, new_lives, new_reports
from etl.quarantine import store_rejected, stored_rejections, write_rejected
from etl.said import Said
from etl.statements import Statements
from etl.storing import log_load, published_of, store_rows
from weathermap.bulk.finish import finish_load
from weathermap.bulk.part import first_id, part
from weathermap.bulk.plan import plan_lives
from weathermap.bulk.work_list import LargeLoad, chunks_done, discard, note_chunk, open_load, pack_version
from weathermap.city.clock import local_days
from weathermap.errors import StoreError
from weathermap.issue.intake import stored_tracks
from weathermap.issue.numbering import reserve_numbers
from weathermap.store import binary

Shown = Callable[[int], None]  # a progress bar's: so many rows more
FORM = 1  # of what a chunk stores: a program that stores otherwise begins anew


def store_in_parts(
    engine: Engine, connection: Connection, reader: Reader, whole: Said, rejected: Path | None, shown: Shown
) -> tuple[Said, int | None]:
    """Store a ledger chunk by chunk, then show it all at once. Goes on where an earlier run of it was killed.

    `whole`: what the whole of the ledger says. Returns what was done and the load's id. Raises StoreError.
    """
    version = pack_version(connection, reader.city.city_id)
    load = open_load(connection, reader.city, _identity(reader))
    done = chunks_done(connection, load.load_no)
    connection.commit()
    said = Said()
    for _, before in done.values():
        said.add(Said.of_json(before))
    with ThreadPoolExecutor(1) as writer:  # one chunk is written while the next is planned
        _store_chunks(engine, connection, reader, load, sum(n for n, _ in done.values()), said, done, writer, shown)
    said.add(whole)
    if rejected is not None:
        write_rejected(rejected, reader.ledger.names, stored_rejections(connection, part("quarantine", load.load_no)))
    if said.stored == said.updated:
        return said, _nothing_new(connection, reader, load, said)
    connection.commit()
    try:
        load_id = finish_load(engine, reader.city, load, version, lambda c: _log(c, reader, said), reader.spent)
    except IntegrityError as error:
        discard(connection, load.load_no)
        connection.commit()
        raise StoreError(
            "Someone else stored issues of this ledger meanwhile.", "Nothing of it was stored; run the command again."
        ) from error
    return said, load_id


def _nothing_new(connection: Connection, reader: Reader, load: LargeLoad, said: Said) -> int | None:
    """What seemed new was rejected: there is no partition to keep."""
    load_id = log_load(connection, reader.city, reader.ledger, said)
    if load_id is not None:
        _join_quarantine(connection, part("quarantine", load.load_no), load_id)
    discard(connection, load.load_no)
    return load_id


def _join_quarantine(connection: Connection, aside: str, load_id: int) -> None:
    connection.exec_driver_sql(f"UPDATE {aside} SET load_id = {load_id}")
    connection.exec_driver_sql(f"INSERT INTO quarantine SELECT * FROM {aside}")


def _log(connection: Connection, reader: Reader, said: Said) -> int:
    load_id = log_load(connection, reader.city, reader.ledger, said)
    assert load_id is not None  # it brings new issues
    return load_id


def _identity(reader: Reader) -> str:
    """Of the ledger and of all that decides which rows are in which chunk, and what becomes of them."""
    known = (FORM, reader.ledger.sha256, reader.size, replace(reader.rules, file=Path()))
    return sha256(repr(known).encode()).hexdigest()


def _store_chunks(
    engine: Engine,
    connection: Connection,
    reader: Reader,
    load: LargeLoad,
    issues: int,
    said: Said,
    done: dict[int, object],
    writer: ThreadPoolExecutor,
    shown: Shown,
) -> None:
    writing: Future[None] | None = None
    for chunk in reader.chunks(frozenset(done)):
        if isinstance(chunk, int):
            shown(chunk)
            continue
        fresh, later, unchanged = divide(connection, reader.city, reader.rules.source, chunk.rows)
        tables = _tables(connection, reader, load, chunk, fresh, first_id(load.load_no) + issues)
        chunk.said.add(Said(stored=len(fresh), duplicates=unchanged))
        issues += len(fresh)
        if writing is not None:
            with reader.spent("waiting for the store"):
                writing.result()
        writing = writer.submit(_write, engine, reader, load, chunk, tables, later, len(fresh), said, shown)
    if writing is not None:
        writing.result()


def _tables(
    connection: Connection, reader: Reader, load: LargeLoad, chunk: Chunk, fresh: Statements, first: int
) -> dict[str, pa.Table]:
    """The rows to write of a chunk's new issues, whose ids are those from `first` on."""
    city, source = reader.city, reader.rules.source
    if not len(fresh):
        return {}
    ids = first + np.arange(len(fresh))
    reports = new_reports(fresh, source)
    with reader.spent("planning"):
        days = local_days(reports.reported_at, city.pack.config.timezone)
        numbers = reserve_numbers(connection, city, days, None)
        connection.commit()
        tables = plan_lives(reports, new_lives(fresh), city, ids, numbers, load.recorded).tables
        published = _published(reader, chunk, fresh, ids)
    return tables | ({"issue_published": published} if len(published) else {})


def _published(reader: Reader, chunk: Chunk, fresh: Statements, ids: NDArray[np.int64]) -> pa.Table:
    """The areas that the source itself named."""
    found = []
    for level, codes in published_of(chunk.part, reader.rules, reader.city.pack).items():
        named = codes[fresh.row] != ""
        columns = {"issue_id": pa.array(ids[named]), "code": binary.texts(codes[fresh.row][named])}
        found.append(pa.table({**columns, "level": binary.constant(level, int(named.sum()), pa.string())}))
    return pa.concat_tables(found) if found else pa.table({})


def _write(
    engine: Engine,
    reader: Reader,
    load: LargeLoad,
    chunk: Chunk,
    tables: dict[str, pa.Table],
    later: Statements,
    issues: int,
    said: Said,
    shown: Shown,
) -> None:
    """One chunk, in a transaction of its own."""
    with reader.spent("writing"), engine.begin() as connection:
        for name, table in tables.items():
            binary.copy_table(connection, part(name, load.load_no), table)
        store_rejected(connection, 0, reader.ledger.names, chunk.rejected, part("quarantine", load.load_no))
        if len(later):
            chunk.said.add(store_rows(connection, reader.city, chunk.part, reader.rules, later))
        note_chunk(connection, load.load_no, chunk.number, issues, chunk.said.as_json())
    said.add(chunk.said)
    shown(len(chunk))


def store_in_one(
    connection: Connection, reader: Reader, whole: Said, rejected: Path | None, dry_run: bool, shown: Shown
) -> tuple[Said, int | None]:
    """Store a large ledger of which little is new, in the caller's transaction; `dry_run`: only say what would be."""
    said, aside = Said(), "quarantine_waiting"
    connection.exec_driver_sql(f"CREATE TEMP TABLE {aside} (LIKE quarantine) ON COMMIT DROP")
    for chunk in reader.chunks():
        assert isinstance(chunk, Chunk)
        fresh, later, unchanged = divide(connection, reader.city, reader.rules.source, chunk.rows)
        store_rejected(connection, 0, reader.ledger.names, chunk.rejected, aside)
        chunk.said.add(Said(duplicates=unchanged))
        with reader.spent("writing"):
            if dry_run:
                chunk.said.add(_would_store(connection, reader, fresh, later))
            else:
                begun = int(reader.now.timestamp() * 1e6)
                for rows in (fresh, later):
                    if len(rows):
                        found = store_rows(connection, reader.city, chunk.part, reader.rules, rows, begun)
                        chunk.said.add(found)
        said.add(chunk.said)
        shown(len(chunk))
    said.add(whole)
    load_id = log_load(connection, reader.city, reader.ledger, said)
    if rejected is not None:
        write_rejected(rejected, reader.ledger.names, stored_rejections(connection, aside))
    if load_id is not None:
        _join_quarantine(connection, aside, load_id)
    return said, load_id


def _would_store(connection: Connection, reader: Reader, fresh: Statements, later: Statements) -> Said:
    source = reader.rules.source
    tracks = stored_tracks(connection, reader.city, {(source, key) for key in later.key.tolist()})
    _, moving, stuck = later_moves(later, {key: track for (_, key), track in tracks.items()}, source)
    new = len(fresh) + len(moving)
    return Said(stored=new, updated=len(moving), duplicates=len(later) - len(moving), remarks=stuck)
