"""The end of a large load: indexes on its partitions, its tallies, and one transaction that shows it to everybody."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy import Connection, Engine, text, update

from weathermap.bulk.part import MEMORY, PARTS, attach, join_waiting, missing_indexes
from weathermap.bulk.part import part as part_of
from weathermap.bulk.tally import tally_all
from weathermap.bulk.work_list import LargeLoad, counted_chunks, end_load
from weathermap.progress import Spent
from weathermap.store import tables as t
from weathermap.store.packs import hold_pack
from weathermap.store.registry import City


def finish_load(
    engine: Engine, city: City, load: LargeLoad, version: int, log: Callable[[Connection], int], spent: Spent
) -> int:
    """Index, tally and attach a load whose chunks are all stored, decided by pack `version`.

    `log` notes the load in the last transaction and returns its id. Everything before that transaction may be done
    again; it shows all of the load or nothing. Raises StoreError if another pack was loaded meanwhile.
    """
    with ThreadPoolExecutor(len(PARTS)) as pool, engine.begin() as connection:
        indexing = [pool.submit(_index, engine, table, load.load_no, spent) for table in PARTS]
        hold_pack(connection, city.city_id, version)
        load_id = log(connection)
        with spent("keys"):
            join_waiting(connection, load.load_no, load_id)
        with spent("tallies"):
            tally_all(connection, city, counted_chunks(connection, load.load_no))
        with spent("waiting for indexes"):
            _wait_for(indexing)
        attach(connection, load.load_no)
        if not load.was_live:
            connection.execute(
                update(t.city)
                .where(t.city.c.city_id == city.city_id, t.city.c.live_since.is_(None))
                .values(live_since=text("instant(:begun)").bindparams(begun=load.begun))
            )
        end_load(connection, load.load_no)
    return load_id


def _index(engine: Engine, table: str, load_no: int, spent: Spent) -> None:
    """Build the indexes of a load's partition, each in a transaction of its own, and its statistics."""
    with spent(f"indexes of {table}"), engine.connect() as connection:
        for statement in missing_indexes(connection, table, load_no):
            connection.execute(text(f"SET LOCAL maintenance_work_mem = '{MEMORY}'"))
            connection.execute(text(statement))
            connection.commit()
        connection.execute(text(f"ANALYZE {part_of(table, load_no)}"))
        connection.commit()


def _wait_for(indexing: list[Future[None]]) -> None:
    for each in indexing:
        each.result()
