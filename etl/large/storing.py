"""Storing a large ledger: new issues into partitions of their own, chunk by chunk, each for good once it is stored."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from etl.large.chunks import Chunk, Raw, Reader, Terms, understand
from etl.large.profile import part_of
from etl.large.work import Hands, Ready, Work, by_itself
from etl.moves import later_moves
from etl.quarantine import store_rejected, stored_rejections, write_rejected
from etl.said import Said
from etl.storing import log_load, store_rows
from weathermap.bulk.finish import finish_load
from weathermap.bulk.numbers import with_numbers
from weathermap.bulk.part import first_id, part
from weathermap.bulk.work_list import (
    LargeLoad,
    chunks_done,
    discard,
    note_chunk,
    open_load,
    pack_version,
    without_waiting,
)
from weathermap.errors import StoreError
from weathermap.issue.intake import stored_tracks
from weathermap.store import binary
from weathermap.uncollected import uncollected

Shown = Callable[[int], None]  # a progress bar's: so many rows more
WRITERS = 2  # chunks written at a time, while the next is worked out: a store's session is one processor's
FORM = 3  # of what a chunk stores: a program that stores otherwise begins anew


def store_in_parts(
    engine: Engine,
    connection: Connection,
    reader: Reader,
    whole: Said,
    rejected: Path | None,
    shown: Shown,
    hands: Hands = by_itself,
) -> tuple[Said, int | None]:
    """Store a ledger chunk by chunk, then show it all at once. Goes on where an earlier run of it was killed.

    `whole`: what the whole of the ledger says; `hands`: who works chunks out. Returns what was done and the load's id.
    Raises StoreError.
    """
    version = pack_version(connection, reader.terms.city.city_id)
    load = open_load(connection, reader.terms.city, _identity(reader))
    done = chunks_done(connection, load.load_no)
    connection.commit()
    said = Said()
    for before in done.values():
        said.add(Said.of_json(before))
    chunks = reader.chunks(connection, frozenset(done))
    work = Work(reader.terms, first_id(load.load_no), reader.size, load.recorded)
    with uncollected(), ThreadPoolExecutor(WRITERS) as writers:
        _store_chunks(engine, connection, reader, load, hands(work, chunks, reader.spent), said, writers, shown)
    said.add(whole)
    if rejected is not None:
        write_rejected(
            rejected, reader.terms.ledger.names, stored_rejections(connection, part("quarantine", load.load_no))
        )
    if said.stored == said.updated:
        return said, _nothing_new(connection, reader, load, said)
    connection.commit()
    try:
        load_id = finish_load(engine, reader.terms.city, load, version, lambda c: _log(c, reader, said), reader.spent)
    except IntegrityError as error:
        discard(connection, load.load_no)
        connection.commit()
        raise StoreError(
            "Someone else stored issues of this ledger meanwhile.", "Nothing of it was stored; run the command again."
        ) from error
    return said, load_id


def _nothing_new(connection: Connection, reader: Reader, load: LargeLoad, said: Said) -> int | None:
    """What seemed new was rejected: there is no partition to keep."""
    load_id = log_load(connection, reader.terms.city, reader.terms.ledger, said)
    if load_id is not None:
        _join_quarantine(connection, part("quarantine", load.load_no), load_id)
    discard(connection, load.load_no)
    return load_id


def _join_quarantine(connection: Connection, aside: str, load_id: int) -> None:
    connection.exec_driver_sql(f"UPDATE {aside} SET load_id = {load_id}")
    connection.exec_driver_sql(f"INSERT INTO quarantine SELECT * FROM {aside}")


def _log(connection: Connection, reader: Reader, said: Said) -> int:
    load_id = log_load(connection, reader.terms.city, reader.terms.ledger, said)
    assert load_id is not None  # it brings new issues
    return load_id


def _identity(reader: Reader) -> str:
    """Of the ledger and of all that decides which rows are in which chunk, and what becomes of them."""
    known = (FORM, reader.terms.ledger.sha256, reader.size, replace(reader.terms.rules, file=Path()))
    return sha256(repr(known).encode()).hexdigest()


def _store_chunks(
    engine: Engine,
    connection: Connection,
    reader: Reader,
    load: LargeLoad,
    chunks: Iterator[Ready | int],
    said: Said,
    writers: ThreadPoolExecutor,
    shown: Shown,
) -> None:
    writing: deque[Future[Ready]] = deque()

    def wait(most: int) -> None:
        while len(writing) > most:
            with reader.spent("waiting for the store"):
                chunk = writing.popleft().result()
            said.add(chunk.said)
            shown(len(chunk))

    for chunk in chunks:
        if isinstance(chunk, int):
            shown(chunk)
            continue
        if chunk.issues:
            with reader.spent("numbering"):
                without_waiting(connection)
                chunk.tables["issue"] = with_numbers(connection, reader.terms.city, chunk.tables["issue"])
        connection.commit()
        wait(0 if len(chunk.later) else WRITERS - 1)  # moves lock issues that are stored: not two at a time
        writing.append(writers.submit(_write, engine, reader, load, chunk))
        if len(chunk.later):
            wait(0)
        gc.collect(0)  # of this chunk alone
    wait(0)


def _write(engine: Engine, reader: Reader, load: LargeLoad, chunk: Ready) -> Ready:
    """One chunk, in a transaction of its own."""
    terms = reader.terms
    with reader.spent("writing"), engine.begin() as connection:
        without_waiting(connection)
        for name, table in chunk.tables.items():
            binary.copy_table(connection, part(name, load.load_no), table)
        store_rejected(connection, 0, terms.ledger.names, chunk.rejected, part("quarantine", load.load_no))
        if len(chunk.later):
            rows = part_of(terms.ledger, chunk.piece)
            chunk.said.add(store_rows(connection, terms.city, rows, terms.rules, chunk.later))
        note_chunk(connection, load.load_no, chunk.number, chunk.issues, chunk.said.as_json(), chunk.counted)
    return chunk


def store_in_one(
    connection: Connection, reader: Reader, whole: Said, rejected: Path | None, dry_run: bool, shown: Shown
) -> tuple[Said, int | None]:
    """Store a large ledger of which little is new, in the caller's transaction; `dry_run`: only say what would be."""
    said, aside = Said(), "quarantine_waiting"
    connection.exec_driver_sql(f"CREATE TEMP TABLE {aside} (LIKE quarantine) ON COMMIT DROP")
    for raw in reader.chunks(connection):
        assert isinstance(raw, Raw)
        chunk = understand(reader.terms, raw, reader.spent)
        store_rejected(connection, 0, reader.terms.ledger.names, chunk.rejected, aside)
        with reader.spent("writing"):
            if dry_run:
                chunk.said.add(_would_store(connection, reader.terms, chunk))
            else:
                begun = int(reader.terms.now.timestamp() * 1e6)
                for rows in (chunk.fresh, chunk.later):
                    if len(rows):
                        found = store_rows(connection, reader.terms.city, chunk.part, reader.terms.rules, rows, begun)
                        chunk.said.add(found)
        said.add(chunk.said)
        shown(len(chunk))
    said.add(whole)
    load_id = log_load(connection, reader.terms.city, reader.terms.ledger, said)
    if rejected is not None:
        write_rejected(rejected, reader.terms.ledger.names, stored_rejections(connection, aside))
    if load_id is not None:
        _join_quarantine(connection, aside, load_id)
    return said, load_id


def _would_store(connection: Connection, terms: Terms, chunk: Chunk) -> Said:
    source, later = terms.rules.source, chunk.later
    tracks = stored_tracks(connection, terms.city, {(source, key) for key in later.key.tolist()})
    _, moving, stuck = later_moves(later, {key: track for (_, key), track in tracks.items()}, source)
    new = len(chunk.fresh) + len(moving)
    return Said(stored=new, updated=len(moving), duplicates=len(later) - len(moving), remarks=stuck)
