"""make bench-weather: the weather of any level, window and instant at 41,516, 1,000,000 and 10,000,000 issues.

Beside it, in the same run and on the same rows: a plain GROUP BY in PostgreSQL and DuckDB (columns in memory), both on
a lean table without text or geometry. The question put to all three: of every town, notified, rectified, due, on time
and late up to an instant, and in the seven days before it. Prints p50 and p99 in milliseconds; asserts equal answers.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import duckdb
import numpy as np
from sqlalchemy import Connection, Engine, text

from tests.bench.database import bench_database
from tests.bench.synthetic import END, TOWNS, Year, make_year, store_city, store_issues, store_tallies
from weathermap.store.catalog import load_catalog
from weathermap.tally.measures import M
from weathermap.tally.read import read_sums
from weathermap.weather.board import Asked, board

SIZES = tuple(int(s) for s in os.environ.get("BENCH_SIZES", "41516,1000000,10000000").split(","))
WEEK_S = 7 * 86_400
ASKED = ("notified", "rectified", "due", "on_time", "late")

PLAIN = """
SELECT town,
       count(*) FILTER (WHERE notified_at <= {t}), count(*) FILTER (WHERE rectified_at <= {t}),
       count(*) FILTER (WHERE deadline <= {t}),
       count(*) FILTER (WHERE deadline <= {t} AND fed_back_at <= deadline),
       count(*) FILTER (WHERE fed_back_at <= {t} AND fed_back_at > deadline),
       count(*) FILTER (WHERE notified_at <= {w}), count(*) FILTER (WHERE rectified_at <= {w}),
       count(*) FILTER (WHERE deadline <= {w}),
       count(*) FILTER (WHERE deadline <= {w} AND fed_back_at <= deadline),
       count(*) FILTER (WHERE fed_back_at <= {w} AND fed_back_at > deadline)
FROM plain GROUP BY town ORDER BY town
"""


def timed(run: Callable[[], object], times: int) -> tuple[float, float]:
    """p50 and p99 of `times` runs after five warm ones, milliseconds."""
    for _ in range(5):
        run()
    gc.collect()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1000)
    return float(np.percentile(taken, 50)), float(np.percentile(taken, 99))


def duck(year: Year) -> duckdb.DuckDBPyConnection:
    """The same rows as columns in memory, two threads like the machine's cores."""
    import pandas as pd

    def column(values: np.ndarray) -> pd.Series:
        return pd.Series(pd.to_datetime(np.where(values < 0, np.iinfo(np.int64).min, values * 10**9)))

    base = duckdb.connect(config={"threads": 2})
    frame = pd.DataFrame(
        {
            "town": year.town.astype(np.int16),
            "notified_at": column(year.notified),
            "deadline": column(year.deadline),
            "fed_back_at": column(year.feedback),
            "rectified_at": column(year.rectified),
        }
    )
    base.register("frame", frame)
    base.execute("CREATE TABLE plain AS SELECT * FROM frame")
    base.unregister("frame")
    return base


def run_size(engine: Engine, n: int) -> float:
    """One size. Returns the ratio to the faster peer."""
    year = make_year(n)
    base = duck(year)
    with engine.begin() as connection:
        ids = store_city(connection)
        rows = store_tallies(connection, year, ids)
        store_issues(connection, base)
    del year
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE tally_prefix"))
        connection.execute(text("ANALYZE plain"))
        connection.execute(text("SET jit = off"))
        return _measure(connection, engine, base, ids["town"].tolist(), n, rows)


def _measure(
    connection: Connection, engine: Engine, base: duckdb.DuckDBPyConnection, towns: list[int], n: int, rows: int
) -> float:
    catalog = load_catalog(connection, None)
    columns = [M[name] for name in ASKED]
    now = END - 3 * 86_400 - 1_234  # a past instant, inside a bucket

    def ours() -> np.ndarray:
        sums = read_sums(connection, catalog.city_id, towns, [now, now - WEEK_S])[:, :, columns]
        return sums.reshape(TOWNS, -1)

    def plain() -> np.ndarray:
        instants = {"t": f"to_timestamp({now})", "w": f"to_timestamp({now - WEEK_S})"}
        return np.array(connection.execute(text(PLAIN.format(**instants))).all())[:, 1:]

    def columnar() -> np.ndarray:
        instants = {k: f"make_timestamp({v}::BIGINT * 1000000)" for k, v in (("t", now), ("w", now - WEEK_S))}
        return np.array(base.execute(PLAIN.format(**instants)).fetchall())[:, 1:]

    expected = plain()
    assert (ours() == expected).all(), "prefix sums and GROUP BY disagree"
    assert (columnar() == expected).all(), "DuckDB and GROUP BY disagree"
    print(f"\n{n:>10,} issues ({rows:,} prefix rows)        p50 ms    p99 ms")
    found = {}
    for name, run, times in (("prefix sums", ours, 500), ("GROUP BY", plain, 20), ("DuckDB", columnar, 50)):
        found[name] = timed(run, times)
        print(f"  towns, two instants, {name:<14} {found[name][0]:>12.3f} {found[name][1]:>9.3f}")
    _levels(connection, catalog, now)
    _request(engine)
    base.close()
    return min(found["GROUP BY"][0], found["DuckDB"][0]) / found["prefix sums"][0]


def _levels(connection: Connection, catalog: object, now: int) -> None:
    """Whole boards: sums at nine instants, weather, why, what would turn it."""
    moments = {"now": END, "past instant": now, "a year ago": END - 360 * 86_400}
    town = catalog.areas[1, "town"][0].code  # type: ignore[attr-defined]
    for name, second in moments.items():
        at = datetime.fromtimestamp(second, UTC)
        seconds = [second - hold - back for hold in (0, 7200) for back in (0, WEEK_S, 2 * WEEK_S, 4 * WEEK_S)]
        towns = [place.id for place in catalog.areas[1, "town"]]  # type: ignore[attr-defined]
        p50, p99 = timed(lambda t=towns, s=seconds: read_sums(connection, 1, t, s), 300)  # type: ignore[misc]
        print(f"  towns in the store, eight instants, {name:<13} {p50:>11.3f} {p99:>9.3f}")
        for level, parent in (("town", None), ("community", None), ("cell", town)):
            asked = Asked(level, parent, "place", at, None)
            p50, p99 = timed(lambda a=asked: board(connection, catalog, a), 40)  # type: ignore[misc,arg-type]
            print(f"  board of {level + (' in one town' if parent else ''):<24} {name:<13} {p50:>9.3f} {p99:>9.3f}")


def _request(engine: Engine) -> None:
    """The whole request through Flask, from the parsed address to the JSON."""
    from weathermap.settings import read_settings
    from web.app import create_app

    client = create_app(read_settings({}), engine=engine, url="").test_client()
    assert client.get("/api/v1/weather?level=town").status_code == 200
    p50, p99 = timed(lambda: client.get("/api/v1/weather?level=town"), 300)
    print(f"  whole request, towns                              {p50:>9.3f} {p99:>9.3f}")


def main() -> None:
    ratios = {}
    for n in SIZES:
        with bench_database() as engine:
            ratios[n] = run_size(engine, n)
            sys.stdout.flush()
    chosen = 1_000_000 if 1_000_000 in ratios else SIZES[-1]
    print(f"\nratio: {ratios[chosen]:.1f}  (faster peer's p50 ÷ ours, {chosen:,} issues)")


if __name__ == "__main__":
    main()
