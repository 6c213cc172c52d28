"""make bench-reassign: borders and duties of a filled city change: loading the pack, a dry run, re-routing.

BENCH_ISSUES issues (default 100,000) of a year, one in ten still open, in the project's own pack. Then one cell in
thirty belongs to a community of another town, and every other duty that names a unit names the next one. Asserted: what
the dry run said is what was done, and the tallies carried over are those of a recount of everything. `ratio`: the
seconds of that recount to those of the whole load. BENCH_RECOUNT=0 leaves the recount away, and the ratio with it.
"""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text

from tests.bench.database import bench_database
from weathermap.bulk.finish import finish_load
from weathermap.bulk.numbers import with_numbers
from weathermap.bulk.part import first_id, part
from weathermap.bulk.plan import plan_lives
from weathermap.bulk.work_list import note_chunk, open_load
from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack, read_pack_files
from weathermap.issue.batch import NONE, Reports
from weathermap.issue.lives import Lives
from weathermap.issue.reassign import reassign
from weathermap.progress import Spent
from weathermap.settings import read_settings
from weathermap.store import tables as t
from weathermap.store.binary import copy_table
from weathermap.store.cities import load_pack
from weathermap.store.registry import City, open_city
from weathermap.tally.fold import fold
from weathermap.tally.read import read_sums
from weathermap.tally.rebuild import rebuild_tallies

ISSUES = int(os.environ.get("BENCH_ISSUES", "100000"))
RECOUNT = os.environ.get("BENCH_RECOUNT", "1") != "0"
PART, OPEN, MOVED = 100_000, 0.1, 30
HOUR_US = 3_600_000_000


def issues(pack: Pack, first: int, n: int, now: int) -> tuple[Reports, Lives]:
    """`n` issues: reported, handed over, and but for one in ten fed back and passed."""
    chance = np.random.default_rng(first)
    spots = np.array([[p.x, p.y] for p in (geom.representative_point() for geom in pack.finest.geoms)])
    where = spots[chance.integers(0, len(spots), n)] + chance.normal(0, 2e-4, (n, 2))
    text_, nothing = np.array([""] * n, dtype=object), np.full(n, NONE)
    keys = np.array([f"b-{first + k}" for k in range(n)], dtype=object)
    source = np.array([pack.sources[k % len(pack.sources)].code for k in range(n)], dtype=object)
    category = np.array([pack.categories[k].code for k in chance.integers(0, len(pack.categories), n)], dtype=object)
    reported = now - (chance.random(n) * 360 * 24 * HOUR_US).astype(np.int64) - 24 * HOUR_US
    reports = Reports(
        *(source, keys, category, where[:, 0], where[:, 1], reported, text_, text_, text_, nothing),
        *(np.full(n, np.nan), text_, np.zeros(n, dtype=bool)),
    )
    shape = np.where(chance.random(n) > OPEN, "closed", "open").astype(object)
    end = np.where(shape == "closed", reported + 9 * HOUR_US, NONE)
    return reports, Lives(shape, end, text_, text_)


def store(engine: Engine, city: City, pack: Pack, now: int) -> None:
    """As a large ledger is loaded."""
    with engine.begin() as connection:
        load = open_load(connection, city, "bench")
    for first in range(0, ISSUES, PART):
        reports, lives = issues(pack, first, min(PART, ISSUES - first), now)
        with engine.begin() as connection:
            ids = first_id(load.load_no) + first + np.arange(len(reports))
            planned = plan_lives(reports, lives, city, ids)
            tables = planned.tables
            tables["issue"] = with_numbers(connection, city, tables["issue"])
            for name, table in tables.items():
                copy_table(connection, part(name, load.load_no), table)
            note_chunk(connection, load.load_no, first // PART, len(ids), {}, planned.counted.packed())
    finish_load(engine, city, load, 1, lambda connection: _logged(connection, city), Spent())


def _logged(connection: Connection, city: City) -> int:
    values = {"city_id": city.city_id, "name": "bench", "sha256": "", "loaded_at": datetime.now(UTC)}
    counts = {"read": ISSUES, "stored": ISSUES, "rejected": 0, "duplicates": 0}
    row = connection.execute(t.load.insert().values(**values, **counts).returning(t.load.c.load_id))
    return int(row.scalar_one())


def changed(pack: Pack) -> Pack:
    """Every thirtieth cell in the community that is half the list away; every other named unit is the next one."""
    level = pack.config.levels[-1]
    name = f"areas/{level}.geojson"
    cells = json.loads(pack.files[name])
    parents = [feature["properties"]["parent"] for feature in cells["features"]]
    for k in range(0, len(parents), MOVED):
        cells["features"][k]["properties"]["parent"] = parents[(k + len(parents) // 2) % len(parents)]
    rows = list(csv.DictReader(io.StringIO(pack.files["duties.csv"].decode("utf-8-sig"))))
    units = [unit.code for unit in pack.units]
    for row in rows[::2]:
        if row["unit"] in units:
            row["unit"], row["person"] = units[(units.index(row["unit"]) + 1) % len(units)], ""
    written = io.StringIO()
    writer = csv.DictWriter(written, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    files = {
        **pack.files,
        name: json.dumps(cells, ensure_ascii=False).encode(),
        "duties.csv": written.getvalue().encode(),
    }
    return read_pack_files(files)


def timed(what: str, run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = run()
    took = time.perf_counter() - start
    print(f"{what:<44} {took:8.1f} s", flush=True)
    return took, found


def within(engine: Engine, run: Callable[[Any], Any]) -> Any:
    with engine.begin() as connection:
        return run(connection)


def holders(connection: Connection) -> list[Any]:
    return list(connection.execute(text("SELECT issue_id, unit_id FROM issue ORDER BY issue_id")).all())


def sums(connection: Connection, now: int) -> Any:
    """The sums of every area and unit at some instants."""
    city = open_city(connection)
    subjects = [int(i) for ids in (*city.area_ids.values(), city.unit_ids) for i in ids]
    return read_sums(connection, city.city_id, subjects, [now // 1_000_000 - days * 86_400 for days in (0, 3, 40, 200)])


def main() -> None:
    directory = read_settings({}).city_dir
    assert directory is not None
    pack = read_pack(directory)
    with bench_database() as engine:
        within(engine, lambda connection: load_pack(connection, pack))
        city, now = within(engine, open_city), time.time_ns() // 1_000
        timed(f"storing {ISSUES:,} issues", lambda: store(engine, city, pack, now))
        while fold(engine):
            pass
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
        other = changed(pack)
        load_s, said = timed("loading the changed pack", lambda: within(engine, lambda c: load_pack(c, other)))
        print(said)
        _, asked = timed("dry run", lambda: within(engine, lambda c: reassign(c, None, dry_run=True)))
        before = within(engine, holders)
        _, done = timed("re-routing", lambda: within(engine, lambda c: reassign(c, None)))
        assert [tuple(row) for row in asked.rows] == [tuple(row) for row in done.rows]
        assert asked.moved == sum(a != b for a, b in zip(before, within(engine, holders), strict=True)) > 0
        print(f"{asked.moved:,} open issues went to another unit, in {len(asked.rows):,} rows of the table")
        timed("folding what that posted", lambda: [None for _ in iter(lambda: fold(engine), 0)])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{ISSUES:,} issues; this process at most {peak:.1f} GB")
        if not RECOUNT:
            return
        carried = within(engine, lambda c: sums(c, now))
        recount_s, _ = timed(
            "a recount of everything", lambda: within(engine, lambda c: rebuild_tallies(c, open_city(c)))
        )
        assert (within(engine, lambda c: sums(c, now)) == carried).all()
    print(f"ratio: {recount_s / load_s:.2f}")


if __name__ == "__main__":
    main()
