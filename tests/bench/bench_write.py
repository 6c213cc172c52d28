"""make bench-write: what tallying costs the writers.

Eight writers store single reports, each in a transaction of its own, on a durable cluster: once with their deltas and
the folder at work, once with tallying removed, in turns, each in a database of its own. Measured are the whole intake
(decide, plan, write, commit) of reports as they are made, which is what a writer does; the same of reports that come
up to 40 days late, which change all prefix rows since; and the bare writing of reports planned beforehand.
Prints the rates and the ratio of each, then `ratio: X` of the whole intake (with ÷ without, median).
"""

from __future__ import annotations

import multiprocessing as mp
import os
import statistics
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from tests.bench.database import bench_cluster, new_database
from tests.store.random_life import life
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Batch, Moves
from weathermap.issue.intake import plan_batch, take_in
from weathermap.issue.plan import Plan
from weathermap.issue.writer import write_plan
from weathermap.store.cities import load_pack
from weathermap.store.db import connect_engine
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold
from weathermap.work.worker import pause_after

WRITERS = 8
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
PLANNED = 900  # reports that a writer has ready
TOY = Path(__file__).parents[1] / "packs" / "toy"


CASES = {"bare": "bare writing", "late": "whole intake, late reports", "live": "whole intake"}


def writer(url: str, number: int, tallied: bool, case: str, start: Barrier, results: mp.Queue[float]) -> None:
    """Make reports ready (and plan them, if bare), wait for the others, then store until the time is over."""
    engine = connect_engine(url, pool=1)
    with engine.connect() as connection:
        city = open_city(connection)
        now = time.time_ns() // 1_000
        reports = life(city.pack, number, PLANNED, now)[0].reports
        if case != "late":
            reports = replace(reports, reported_at=np.full(PLANNED, now))
        ready: list[Batch | Plan] = []
        for i in range(PLANNED):
            one = reports.take(slice(i, i + 1))
            key, at = (one.source, one.source_key), one.reported_at
            batch = Batch(one, Moves(*key, words("dispatch"), at, words(""), one.deadline, words("")))
            ready.append(plan_batch(connection, city, batch) if case == "bare" else batch)
            connection.commit()
        assert city.book
    start.wait()
    done, until = 0, time.perf_counter() + SECONDS
    with engine.connect() as connection, patch_tallying(tallied):
        while time.perf_counter() < until and done < PLANNED:
            each = ready[done]
            if isinstance(each, Batch):
                take_in(connection, city, each, NONE)  # as reports that come in when they happen
            else:
                write_plan(connection, city, each)
            connection.commit()
            done += 1
    results.put(done / (SECONDS - max(until - time.perf_counter(), 0.0)))


def words(value: str) -> NDArray[np.object_]:
    """A column of one text."""
    return np.array([value], dtype=object)


def patch_tallying(tallied: bool) -> AbstractContextManager[object]:
    """Nothing, or the writer without its deltas."""
    if tallied:
        return nullcontext()
    return patch("weathermap.issue.writer.post_deltas", lambda *_: None)


def folder(url: str, stop: Event) -> None:
    """The worker's folding at its own pace."""
    engine = connect_engine(url, pool=1)
    while not stop.is_set():
        started = time.monotonic()
        fold(engine)
        time.sleep(pause_after(time.monotonic() - started))


def run(url: str, tallied: bool, case: str) -> float:
    """Reports a second of all writers together."""
    start, results, stop = mp.Barrier(WRITERS), mp.Queue(), mp.Event()
    writers = [mp.Process(target=writer, args=(url, i, tallied, case, start, results)) for i in range(WRITERS)]
    helper = mp.Process(target=folder, args=(url, stop))
    if tallied:
        helper.start()
    for process in writers:
        process.start()
    rate = sum(results.get() for _ in writers)
    for process in writers:
        process.join()
    stop.set()
    if tallied:
        helper.join()
        check(url)
    return rate


def check(url: str) -> None:
    """Everything written is counted."""
    from weathermap.tally.read import read_sums

    engine = connect_engine(url, pool=1)
    with engine.connect() as connection:
        city = open_city(connection)
        counted = read_sums(connection, city.city_id, [city.top_id], [int(time.time()) + 1])[0, 0, 0]
        stored = connection.execute(text("SELECT count(*) FROM issue")).scalar_one()
        assert counted == stored, f"{counted} counted, {stored} stored"
    engine.dispose()


def main() -> None:
    pack = read_pack(TOY)
    ratios = {}
    with bench_cluster() as cluster:
        for case, name in CASES.items():
            rates: dict[bool, list[float]] = {True: [], False: []}
            for turn in range(ROUNDS):
                for tallied in (True, False) if turn % 2 else (False, True):
                    url = new_database(cluster, f"write_{turn}_{int(tallied)}_{case}")
                    engine = connect_engine(url, pool=1)
                    with engine.begin() as connection:
                        load_pack(connection, pack)
                    engine.dispose()
                    rates[tallied].append(run(url, tallied, case))
            with_, without = statistics.median(rates[True]), statistics.median(rates[False])
            ratios[case] = with_ / without
            print(
                f"{name}, {WRITERS} writers, reports/s: {with_:,.0f} with, {without:,.0f} without: {ratios[case]:.2f}"
            )
    print(f"ratio: {ratios['live']:.2f}  (whole intake, with ÷ without, median of {ROUNDS})")


if __name__ == "__main__":
    main()
