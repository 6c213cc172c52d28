"""The end of a large load: indexes on its partitions, its tallies, and one transaction that shows it to everybody."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy import Connection, Engine, text, update

from weathermap.bulk.part import MEMORY, PARTS, attach, join_waiting, missing_indexes
from weathermap.bulk.part import part as part_of
from weathermap.bulk.tally import tally_all
from weathermap.bulk.work_list import LargeLoad, counted_chunks, end_load, issues_of, without_waiting
from weathermap.progress import Spent
from weathermap.store import tables as t
from weathermap.store.packs import hold_pack
from weathermap.store.registry import City

INDEXERS = max(2, min(4, os.cpu_count() or 2))  # indexes built at a time; each takes MEMORY
NEVER_ASKED = {"hash", "data", "receipt", "geom", "address"}


def finish_load(
    engine: Engine, city: City, load: LargeLoad, version: int, log: Callable[[Connection], int], spent: Spent
) -> int:
    """Index, tally and attach a load whose chunks are all stored, decided by pack `version`.

    `log` notes the load in the last transaction and returns its id. Everything before that transaction may be done
    again; it shows all of the load or nothing. Raises StoreError if another pack was loaded meanwhile.
    """
    with ThreadPoolExecutor(INDEXERS) as pool, engine.begin() as connection:
        indexing = [pool.submit(_analyze, engine, "issue", load.load_no)]
        indexing += build_indexes(pool, engine, load.load_no, spent)
        indexing.append(pool.submit(_analyze, engine, "issue_event", load.load_no))
        hold_pack(connection, city.city_id, version)
        load_id = log(connection)
        with spent("keys"):
            join_waiting(connection, load.load_no, load_id)
        with spent("tallies"):
            tally_all(connection, city, counted_chunks(connection, load.load_no), issues_of(connection, load.load_no))
        with spent("waiting for indexes"):
            wait_for(indexing)
        attach(connection, load.load_no)
        if not load.was_live:
            connection.execute(
                update(t.city)
                .where(t.city.c.city_id == city.city_id, t.city.c.live_since.is_(None))
                .values(live_since=text("instant(:begun)").bindparams(begun=load.begun))
            )
        end_load(connection, load.load_no)
    return load_id


def build_indexes(pool: ThreadPoolExecutor, engine: Engine, load_no: int, spent: Spent) -> list[Future[None]]:
    """Begin to build the indexes of a load's partitions, as many at a time as `pool` has threads, each in its own
    transaction: the longest first, so that none is left over for one thread alone."""
    with engine.connect() as connection:
        missing = {table: missing_indexes(connection, table, load_no) for table in PARTS}
    wanted = [(table, index.statement) for table, indexes in missing.items() for index in indexes]
    wanted.sort(key=lambda each: (each[0] != "issue_event", " USING gin " not in each[1], "UNIQUE" in each[1]))
    return [pool.submit(_do, engine, statement, f"indexes of {table}", spent) for table, statement in wanted]


def _do(engine: Engine, statement: str, stage: str, spent: Spent) -> None:
    with spent(stage), engine.begin() as connection:
        without_waiting(connection)
        # several indexes at a time use the processors already: a parallel build of each takes more of them in all
        connection.execute(
            text(f"SET LOCAL maintenance_work_mem = '{MEMORY}'; SET LOCAL max_parallel_maintenance_workers = 0")
        )
        connection.execute(text(statement))


def _analyze(engine: Engine, table: str, load_no: int) -> None:
    """Statistics of what is asked for. They need no index, but wait while one of the table is being built."""
    columns = ", ".join(column.name for column in t.metadata.tables[table].columns if column.name not in NEVER_ASKED)
    with engine.begin() as connection:
        connection.execute(text(f"ANALYZE {part_of(table, load_no)} ({columns})"))


def wait_for(indexing: list[Future[None]]) -> None:
    """Until all have ended. Raises what any of them raised."""
    for each in indexing:
        each.result()
