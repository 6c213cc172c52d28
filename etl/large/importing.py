"""`weathermap import` of a large ledger: its profile, then chunk by chunk; killed, it goes on where it stopped."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
from sqlalchemy import Connection, Engine, exists, select, text

from etl.categories import with_categories
from etl.codes import category_codes, limited
from etl.large.chunks import NO_SPOTS, Reader, Terms
from etl.large.early import early
from etl.large.profile import Profile, part_of, profile, settle_repeats
from etl.large.spread import Cluster
from etl.large.storing import store_in_one, store_in_parts
from etl.large.work import by_itself
from etl.outcome import Outcome
from etl.read import Ledger
from etl.rules import ColumnMapping
from etl.said import Said
from etl.statements import remarks_on
from weathermap.progress import Spent, bar, step
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.registry import City, open_city
from weathermap.store.sql import query


@dataclass(frozen=True)
class Sizes:
    """Rows from which on a ledger is read in pieces, rows of a piece, and new rows from which on they come into
    partitions of their own (None: `large`)."""

    large: int = 200_000
    chunk: int = 50_000
    parts: int | None = None

    def may_be_large(self, file: Path) -> bool:
        """Whether so many rows could be in a file of this size (two bytes a row, packed)."""
        return file.stat().st_size >= 2 * self.large


def import_large(
    engine: Engine,
    lock: int,
    ledger: Ledger,
    rules: ColumnMapping,
    city_of: Callable[[Connection, Ledger], City],
    sizes: Sizes,
    rejected: Path | None,
    dry_run: bool,
    cluster: Cluster | None = None,
) -> tuple[Outcome, int] | None:
    """Import a ledger if it is large; None if it is not. Returns the outcome and how many rows were set aside.

    `lock`: of all imports; `city_of` gives the city, loading it if need be, after a look at some rows; `cluster`: whose
    workers work the chunks out, if much is new. Raises as `run_import`.
    """
    spent = Spent()
    with step(f"reading {ledger.file.name} once"), spent("reading first"):
        found = profile(rules, early(ledger.batches()))
    if found.rows < sizes.large:
        return None
    with _alone(engine, lock) as connection:
        city, remarks = _with_categories(connection, city_of(connection, part_of(ledger, *found.sample)), rules, found)
        now = datetime.now(UTC)
        settle_repeats(found, ledger, rules, city.pack, now)
        if not dry_run:
            connection.commit()
        stored = _known(connection, city, rules, ledger)
        reader = Reader(Terms(ledger, rules, city, found.spots or NO_SPOTS, now), found, sizes.chunk, spent, stored)
        new = found.rows - stored
        alone = dry_run or new < (sizes.parts or sizes.large)
        if alone and cluster:
            click.echo("  Workers are not asked: this is a dry run, or little is new.", err=True)
            cluster = None
        with _shown(f"storing {ledger.file.name}", found.rows, cluster) as shown:
            if alone:
                said, load_id = store_in_one(connection, reader, Said(remarks=remarks), rejected, dry_run, shown)
            else:
                hands = cluster.work_out if cluster else by_itself
                said, load_id = store_in_parts(
                    engine, connection, reader, Said(remarks=remarks), rejected, shown, hands
                )
        if dry_run:
            connection.rollback()
        else:
            connection.commit()
    click.echo(f"  Seconds by stage (some overlap): {spent}.", err=True)
    return said.outcome(ledger.file, load_id, dry_run), said.rejected + len(found.repeated)


@contextmanager
def _alone(engine: Engine, lock: int) -> Iterator[Connection]:
    """A connection that holds the lock of imports, over many transactions."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": lock})
        connection.commit()
        try:
            yield connection
        finally:
            connection.invalidate()  # closing the session gives the lock back, whatever state it is in


def _with_categories(
    connection: Connection, city: City, rules: ColumnMapping, found: Profile
) -> tuple[City, Counter[str]]:
    """The city with the categories that the ledger adds to it, and what is to be said of the whole ledger."""
    values = np.array(sorted(found.categories), dtype=object)
    _, added = category_codes(values, rules.category, city.pack.categories)
    added = tuple(category for category in added if limited(city.pack, category.code))
    remarks = Counter(remarks_on(found.spots.found if found.spots else ()))
    if added:
        load_pack(connection, with_categories(city.pack, added))
        city = open_city(connection, city.code)
        remarks[f"categories were added to the pack: {', '.join(c.name for c in added[:5])}"] = len(added)
    return city, remarks


def _known(connection: Connection, city: City, rules: ColumnMapping, ledger: Ledger) -> int:
    """How many of the ledger's keys are stored already."""
    source_id = int(city.source_ids[city.book.sources[rules.source]])
    k = t.issue_key.c
    if not connection.execute(select(exists().where(k.city_id == city.city_id, k.source_id == source_id))).scalar_one():
        return 0
    found = 0
    with step(f"looking which rows of {ledger.file.name} are stored"):
        for piece in ledger.batches():
            asked = {"city_id": city.city_id, "source_id": source_id, "keys": piece.table[rules.key].to_pylist()}
            found += connection.execute(query("keys_known"), asked).scalar_one()
    return found


@contextmanager
def _shown(label: str, rows: int, cluster: Cluster | None) -> Iterator[Callable[[int], None]]:
    """A progress bar over rows, with their rate and how many workers work."""
    started = time.monotonic()
    done = 0
    with bar(label, rows) as shown:

        def more(n: int) -> None:
            nonlocal done
            done += n
            rate = f"{done / (time.monotonic() - started):,.0f} rows/s{f', {cluster.words}' if cluster else ''}"
            shown.update(n, rate if done < rows else "indexes, tallies")

        yield more
