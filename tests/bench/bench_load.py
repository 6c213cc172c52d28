"""make bench-load: a large ledger end to end beside the plain path, and the writing alone beside other ways to write.

1. Copy: issues of 14 attributes and a point into a table without an index. `COPY` of a ready binary file is the limit;
   ours encodes Arrow columns while it copies. Slow peers write fewer rows; rates are compared.
2. All-in: whole issues into a table that has all indexes of `issue`, beside filling a partition that is indexed then,
   which is ours: two sessions at a time in both steps, as a load has them.
3. End to end: a CSV file → cleaned, located, routed, dated, stored with sealed events, tallied, shown. The plain path:
   read_csv, a three-level sjoin, to_postgis of issues with the same columns and indexes, COPY of as many events of the
   same columns, chained, GROUP BY day of the same subjects. It cleans nothing, dates and routes by one rule, knows no
   distances and no instant within a day. It takes as many rows; its cells must be ours.
Prints where our seconds go, how many of a processor both ways take (ours uses two at a time), our peak memory (of the
importing process), and `ratio: X` of the third last.
BENCH_ROWS (default 1,000,000) and BENCH_PLAIN (as many) change the sizes.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, Engine, text

from etl.large.storing import WRITERS
from tests.bench.database import bench_cluster, new_database
from tests.bench.ledgers import MAPPING, write_ledger
from tests.bench.plain_load import all_ways, plain_load
from weathermap.bulk.finish import INDEXERS, build_indexes, wait_for
from weathermap.bulk.numbers import with_numbers
from weathermap.bulk.part import drop_parts, first_id, make_parts, missing_indexes, part
from weathermap.bulk.plan import plan_lives
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Reports
from weathermap.issue.lives import Lives
from weathermap.progress import Spent
from weathermap.store.binary import copy_table
from weathermap.store.cities import load_directory
from weathermap.store.cluster import Cluster
from weathermap.store.db import connect_engine
from weathermap.store.registry import City, open_city

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
PLAIN = int(os.environ.get("BENCH_PLAIN", ROWS))
PACK = Path(__file__).parents[2] / "gis_data/shishi"
COLUMNS = (
    "issue_id", "number", "source_id", "category_id", "state", "last_at", "reported_at", "notified_at", "deadline",
    "rectified_at", "unit_id", "area_id", "address", "position", "geom",
)  # fmt: skip
ROUNDS = 9  # of the fast ways
LOAD = 9  # number of the load of section 2
CHILD = """
import resource, sys, time
from dataclasses import replace
from pathlib import Path
from etl.importing import run_import
from weathermap.settings import read_settings
url, data, ledger, city, mapping = sys.argv[1:]
settings = replace(read_settings({}), database_url=url, data_dir=Path(data))
started = time.perf_counter()
outcome = run_import(settings, Path(ledger), Path(city), {}, mapping=Path(mapping))
seconds = time.perf_counter() - started
of_memory = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
peak = int(of_memory["VmHWM"].split()[0]) / 1024  # ru_maxrss would count the process that started this one
print(f"DONE {seconds} {peak} {outcome.stored}")
"""


def issues(connection: Connection, city: City, n: int) -> pa.Table:
    """Planned issues as the importer plans them, inside the city."""
    chance = np.random.default_rng(7)
    west, south, east, north = city.pack.areas[city.pack.config.levels[0]].geoms[0].bounds
    words = np.full(n, "", dtype=object)
    at = 1_760_000_000_000_000 + (chance.random(n) * 3e13).astype(np.int64) // 1_000_000 * 1_000_000
    codes = np.array([category.code for category in city.pack.categories], dtype=object)
    reports = Reports(
        source=np.full(n, "hotline", dtype=object),
        source_key=np.array([f"R{k:09d}" for k in range(n)], dtype=object),
        category=codes[chance.integers(0, len(codes), n)],
        lon=west + chance.random(n) * (east - west),
        lat=south + chance.random(n) * (north - south),
        reported_at=at,
        address=np.array([f"第{k % 900}路{k % 389}号" for k in range(n)], dtype=object),
        point=words, unit=words, deadline=np.full(n, NONE), error_m=np.full(n, np.nan), flag=words,
        closed_early=np.zeros(n, dtype=bool),
    )  # fmt: skip
    lives = Lives(np.full(n, "closed", dtype=object), at + 86_400_000_000, words, words)
    planned = plan_lives(reports, lives, city, np.arange(1, n + 1)).tables["issue"]
    return with_numbers(connection, city, planned)


def bare_table(connection: Connection, name: str) -> None:
    connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
    connection.execute(text(f"CREATE TABLE {name} AS SELECT {', '.join(COLUMNS)} FROM issue LIMIT 0"))
    connection.commit()


def copying(engine: Engine, table: pa.Table, folder: Path) -> None:
    """Section 1: rates in interleaved rounds; ours ÷ limit is of the medians."""
    found: dict[str, list[float]] = {}
    ways = all_ways(engine, table, folder)
    for round_ in range(ROUNDS):
        for name, (rows, write) in ways.items():
            if round_ and rows < len(table):
                continue  # slow peers once
            with engine.connect() as connection:
                bare_table(connection, "spot")
                started = time.perf_counter()
                with connection.begin():
                    write(connection)
                found.setdefault(name, []).append(rows / (time.perf_counter() - started))
                stored = connection.execute(text("SELECT count(*), count(geom) FROM spot")).one()
                assert tuple(stored) == (rows, rows), (name, stored)
    limit = statistics.median(found["COPY of a ready file (limit)"])
    print(f"1. {len(table):,} rows of 14 attributes and a point, no index (rows/s; share of the limit)")
    for name, rates in sorted(found.items(), key=lambda entry: -statistics.median(entry[1])):
        rate = statistics.median(rates)
        print(f"   {name:32} {rate:>10,.0f}   {rate / limit:.2f}")


def all_in(engine: Engine, table: pa.Table) -> None:
    """Section 2: whole issues of load LOAD."""
    with engine.connect() as connection:
        connection.execute(text("DROP TABLE IF EXISTS spot; CREATE TABLE spot (LIKE issue INCLUDING ALL)"))
        connection.commit()
        at_rest(engine)
        started = time.perf_counter()
        with connection.begin():
            copy_table(connection, "spot", table)
        indexed = time.perf_counter() - started
        count = connection.execute(
            text("SELECT count(*) FROM pg_index WHERE indrelid = CAST('spot' AS regclass)")
        ).scalar_one()
        connection.execute(text("DROP TABLE spot"))
        make_parts(connection, LOAD)
        connection.commit()
        at_rest(engine)
        halves = [table.slice(0, len(table) // 2), table.slice(len(table) // 2)]
        started = time.perf_counter()
        with ThreadPoolExecutor(max(INDEXERS, WRITERS)) as pool:
            wait_for([pool.submit(_fill, engine, half) for half in halves])
            wait_for(build_indexes(pool, engine, LOAD, Spent()))
        after = time.perf_counter() - started
        assert not missing_indexes(connection, "issue", LOAD)
        drop_parts(connection, LOAD)
        connection.commit()
    rows = len(table)
    print(f"2. {rows:,} issues, {count} indexes: COPY into the indexed table {rows / indexed:,.0f} rows/s,")
    print(f"   filled first and indexed then {rows / after:,.0f} rows/s: {indexed / after:.1f} times")


def at_rest(engine: Engine) -> None:
    """Nothing is left to be written of what was measured before."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))


def _fill(engine: Engine, rows: pa.Table) -> None:
    with engine.begin() as connection:
        copy_table(connection, part("issue", LOAD), rows)


def processor(cluster: Cluster) -> float:
    """Seconds of a processor that were used by this process, its children and sessions of the store that have ended."""
    time.sleep(0.5)  # those that are just ending
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    of_store = Path(f"/proc/{cluster.pid()}/stat").read_text().rsplit(")", 1)[1].split()[13:15]
    ticks = sum(int(each) for each in of_store) / os.sysconf("SC_CLK_TCK")
    return ticks + sum(each.ru_utime + each.ru_stime for each in spent)


def end_to_end(cluster: Cluster, folder: Path) -> float:
    """Section 3. Returns ours ÷ plain, rows a second."""
    pack = read_pack(PACK)
    ledger, mapping = write_ledger(folder / "ledger.csv", pack, ROWS), folder / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    part = folder / "part.csv"
    with ledger.open(encoding="utf-8") as whole:
        part.write_text("".join(line for line, _ in zip(whole, range(PLAIN + 1), strict=False)), encoding="utf-8")
    url = new_database(cluster, "ours")
    engine = connect_engine(url, pool=1)
    load_directory(engine, PACK, {})
    arguments = [url, folder / "data", ledger, PACK, mapping]
    at_rest(engine)
    engine.dispose()
    beside = connect_engine(new_database(cluster, "plain"), pool=1)
    before = processor(cluster)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, arguments)], cwd=PACK.parents[1], capture_output=True, text=True
    )
    assert "DONE" in done.stdout, done.stderr
    between = processor(cluster)
    seconds, peak, stored = (float(word) for word in done.stdout.split("DONE ")[1].split())
    assert stored == ROWS
    print(f"3. {ROWS:,} rows end to end: ours {seconds:.1f} s, {ROWS / seconds:,.0f} rows/s, peak {peak:,.0f} MB")
    print("  " + next(line for line in done.stderr.splitlines() if "Seconds by stage" in line))
    at_rest(engine)
    plain, cells = plain_load(beside, pack, part)
    stages = ", ".join(f"{name} {took:.1f} s" for name, took in plain.items())
    total = sum(plain.values())
    print(f"   plain, {PLAIN:,} rows: {total:.1f} s, {PLAIN / total:,.0f} rows/s ({stages})")
    ours_used, plain_used = between - before, processor(cluster) - between
    print(f"   seconds of a processor: ours {ours_used:.1f}, plain {plain_used:.1f}")
    with engine.connect() as connection:
        ours = connection.execute(
            text(
                "SELECT k.source_key, a.code FROM issue_key AS k JOIN issue AS i USING (issue_id)"
                " LEFT JOIN area AS a USING (area_id)"
            )
        )
        found = {row[0]: row[1] for row in ours}
        shown = connection.execute(
            text("SELECT sum(notified) FROM (SELECT DISTINCT ON (subject_id) notified FROM tally_prefix AS p JOIN area"
                 " ON area_id = subject_id WHERE level = 'city' ORDER BY subject_id, bucket DESC) AS last")
        ).scalar_one()  # fmt: skip
    assert len(found) == ROWS, len(found)
    different = {key: (found[key], code) for key, code in cells.items() if found[key] != code}
    assert not different, different
    assert 0.9 * ROWS < shown <= ROWS, shown  # those void were taken back
    return (ROWS / seconds) / (PLAIN / total)


def main() -> None:
    with bench_cluster() as cluster, tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        engine = connect_engine(new_database(cluster, "copy"), pool=1 + INDEXERS)
        load_directory(engine, PACK, {})
        with engine.connect() as connection:
            table = issues(connection, open_city(connection), 200_000)
        copying(engine, table.select(COLUMNS), Path(folder))
        ids = [first_id(LOAD) + k * len(table) + np.arange(len(table)) for k in range(5)]
        shifted = [table.set_column(0, "issue_id", pa.array(some)) for some in ids]
        all_in(engine, pa.concat_tables(shifted))
        engine.dispose()
        print(f"ratio: {end_to_end(cluster, Path(folder)):.2f}")


if __name__ == "__main__":
    main()
