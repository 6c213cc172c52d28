"""make bench-lists: a page of each list and its total, on the demo year: now and thirty days ago, in all and of a town.

Prints p50 and p99 in milliseconds of a page (the first five) and of its total, as `/api/v1/issues` asks for both; every
total is asserted to be the length of the list. `ratio`: the aim (10 ms) to the p50 of the slowest page of now.
BENCH_COPIES=24 then stores every issue 24 times more (their rows alone: a million) and measures the pages of now again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from etl.demo.run import run_demo
from tests.bench.database import bench_cluster, new_database
from weathermap.issue.listing import STATES, Filter, list_issues
from weathermap.issue.moved import MOVED
from weathermap.settings import read_settings
from weathermap.store.catalog import Catalog, load_catalog
from weathermap.store.db import open_store
from weathermap.weather.board import period_start
from weathermap.weather.total import total_of

ROOT = Path(__file__).parents[2]
TIMES, PAGE, AIM_MS = int(os.environ.get("BENCH_TIMES", "40")), 5, 10.0
COPIES = int(os.environ.get("BENCH_COPIES", "0"))
AHEAD = timedelta(days=7)


def percentiles(run: Callable[[], Any]) -> tuple[float, float]:
    """p50 and p99 of some runs, milliseconds."""
    run()
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1000)
    p50, p99 = np.percentile(taken, [50, 99])
    return float(p50), float(p99)


def length(connection: Connection, chosen: Filter) -> int:
    """How many rows the pages of a list hold."""
    n, after = 0, None
    while rows := list_issues(connection, chosen, 500, after):
        n, after = n + len(rows), (rows[-1].key, rows[-1].tie)
    return n


def measure(connection: Connection, catalog: Catalog, what: str, at: datetime, totals: bool, **where: Any) -> float:
    """Every list at an instant. Returns the p50 of the slowest page."""
    slowest = 0.0
    for state in (None, *(state for state in STATES if state not in MOVED)):
        chosen = Filter(
            catalog.city_id, state, at, period_start(catalog), looked=catalog.shown_at(at), until=at + AHEAD, **where
        )
        p50, p99 = percentiles(lambda: list_issues(connection, chosen, PAGE, None))  # noqa: B023
        slowest = max(slowest, p50)
        line = f"{what:16} {state or 'all':13} page p50 {p50:6.1f}  p99 {p99:6.1f}"
        if totals:
            n = total_of(connection, catalog, chosen)
            assert n == length(connection, chosen), (what, state)
            p50, p99 = percentiles(lambda: total_of(connection, catalog, chosen))  # noqa: B023
            line += f"   total p50 {p50:6.1f}  p99 {p99:6.1f} ms   {n:7,} issues"
        print(line, flush=True)
    return slowest


def multiply(connection: Connection) -> None:
    """Every issue so many times more, under ids of their own and without receipts."""
    columns_of = (
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST('issue' AS regclass) AND attnum > 0 ORDER BY attnum"
    )
    named = connection.execute(text(columns_of)).scalars().all()
    taken = {"issue_id": "issue_id + k * 10000000", "receipt": "'{}'"}
    columns = ", ".join(taken.get(name, name) for name in named)
    connection.execute(
        text(f"INSERT INTO issue SELECT {columns} FROM issue CROSS JOIN generate_series(1, :k) AS k"), {"k": COPIES}
    )
    connection.execute(text("ANALYZE issue"))


def main() -> None:
    city = ROOT / "gis_data" / (ROOT / "gis_data" / "default.txt").read_text(encoding="utf-8").strip()
    with bench_cluster() as cluster:
        settings = replace(read_settings({}), database_url=new_database(cluster, "lists"), log_level="WARNING")
        run_demo(settings, city, 1, None, False, 1)
        engine = open_store(settings)
        with engine.begin() as connection:
            connection.execute(text("ANALYZE issue"))
            catalog = load_catalog(connection, None)
            now = datetime.now(UTC).replace(microsecond=0)
            town = catalog.areas[catalog.versions[-1][0], catalog.levels[1]][0]
            slowest = measure(connection, catalog, "now", now, True)
            slowest = max(slowest, measure(connection, catalog, "now, a town", now, True, area_id=town.id))
            measure(connection, catalog, "30 days ago", now - timedelta(days=30), True)
            if COPIES:
                multiply(connection)
                n = connection.execute(text("SELECT count(*) FROM issue")).scalar_one()
                print(f"{n:,} issues")
                measure(connection, catalog, "now", now, False)
                measure(connection, catalog, "now, a town", now, False, area_id=town.id)
        engine.dispose()
    print(f"ratio: {AIM_MS / slowest:.1f}  (the aim of 10 ms ÷ the slowest page of now, p50)")


if __name__ == "__main__":
    main()
