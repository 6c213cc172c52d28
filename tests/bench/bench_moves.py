"""make bench-moves: moves a second with everything on, beside the bare writing of a move.

Eight writers, each a process, move issues that a unit holds, each move in a transaction of its own, on a durable
cluster: as the desk makes them (who may, what changed meanwhile, event, seal, tallies, notice, check), with a worker
beside that folds, spreads notices to a channel and marks them sent; and bare: one UPDATE of the issue's row and one
INSERT of the event, in the same tables with all their indexes, by the same driver, a commit each. In turns, each in a
copy of one database; the recount of everything from the events must agree after each round of the first kind. Prints
moves/s of each, then `ratio: X`.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.synchronize import Barrier, Event

import psycopg2
from sqlalchemy import Engine, func, select, text

from tests.bench.database import bench_cluster, new_database
from tests.store.standing import PACK, WAYS, put
from weathermap.issue.given import Wish
from weathermap.issue.hands import make_moves
from weathermap.notice.channels import set_channel
from weathermap.notice.outbox import PACE_S, Outbox
from weathermap.people.accounts import create_account, find_account
from weathermap.settings import read_settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.cluster import Cluster
from weathermap.store.db import connect_engine
from weathermap.store.notice_tables import notice
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_store
from weathermap.work.worker import pause_after

WRITERS = 8
SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
EACH = 40  # issues of a writer
TURN = ("feed_back", "check_fail")
WHO = {"feed_back": "head", "check_fail": "check"}


def fill(engine: Engine) -> None:
    """The toy city, a head and a checker, a channel, and the writers' issues."""
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        units = dict(connection.execute(select(t.unit.c.code, t.unit.c.unit_id)).all())  # type: ignore[arg-type]
        for login, role, unit, person in (("head", "head", "T001", "P001"), ("check", "checker", "B01", "PI1")):
            create_account(connection, login, login, [role], city.city_id, units[unit], people[person])
        set_channel(connection, city.city_id, "hook", "webhook", "http://127.0.0.1:9/")
        for key in range(WRITERS * EACH):
            put(connection, city, f"bench-{key}", WAYS["handling"], time.time_ns() // 1_000)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def ours(url: str, number: int, start: Barrier, results: mp.Queue[float]) -> None:
    """Moves as the desk makes them."""
    engine = connect_engine(url, pool=1)
    settings = read_settings({})
    with engine.connect() as connection:
        city = open_city(connection)
        assert city.book
        accounts = {move: find_account(connection, login) for move, login in WHO.items()}
        rows = connection.execute(mine(number)).all()
        for row in rows[:8]:  # as a server that has been running: everything is loaded and prepared
            make_moves(connection, settings, city, accounts["feed_back"], [Wish(row.number, row.seq, "feed_back", "x")])
        connection.rollback()
        start.wait()
        done, until = 0, time.perf_counter() + SECONDS
        while time.perf_counter() < until:
            lap, place = divmod(done, len(rows))
            move = TURN[lap % 2]
            wish = Wish(rows[place].number, rows[place].seq + lap, move, "已清理，附近一并查过")
            (answer,) = make_moves(connection, settings, city, accounts[move], [wish])
            connection.commit()
            assert answer.error is None, answer.error
            done += 1
    results.put(done / SECONDS)


def bare(url: str, number: int, start: Barrier, results: mp.Queue[float]) -> None:
    """The same rows, written and nothing else."""
    engine = connect_engine(url, pool=1)
    with engine.connect() as connection:
        rows = connection.execute(mine(number)).all()
        city_id = connection.execute(select(t.city.c.city_id)).scalar_one()
    engine.dispose()
    with closing(psycopg2.connect(url)) as raw, raw.cursor() as cursor:
        start.wait()
        done, until = 0, time.perf_counter() + SECONDS
        while time.perf_counter() < until:
            lap, place = divmod(done, len(rows))
            fed, issue_id, seq = lap % 2 == 0, rows[place].issue_id, rows[place].seq + lap + 1
            cursor.execute(
                "UPDATE issue SET state = %s, seq = %s, hash = %s, last_at = now(),"
                " fed_back_at = CASE WHEN %s THEN now() END WHERE issue_id = %s AND seq = %s",
                ("to_check" if fed else "handling", seq, bytes(32), fed, issue_id, seq - 1),
            )
            cursor.execute(
                "INSERT INTO issue_event (issue_id, seq, city_id, at, move, actor, data, hash)"
                " VALUES (%s, %s, %s, now(), %s, %s, %s, %s)",
                (issue_id, seq, city_id, TURN[lap % 2], 1, '{"note":"已清理，附近一并查过"}', bytes(32)),
            )
            raw.commit()
            done += 1
    results.put(done / SECONDS)


def mine(number: int):  # type: ignore[no-untyped-def]
    i = t.issue.c
    return select(i.number, i.issue_id, i.seq).order_by(i.issue_id).offset(number * EACH).limit(EACH)


def worker(url: str, stop: Event) -> None:
    """Each at its own pace: folding; notices spread to the channel and marked, the sending itself left out."""
    engine = connect_engine(url, pool=10)
    out, due = Outbox(engine, lambda *_: None, {}, ""), 0.0
    while not stop.is_set():
        started = time.monotonic()
        fold(engine)
        if started >= due:
            out.once()
            due = started + PACE_S
        time.sleep(pause_after(time.monotonic() - started))


def run(url: str, full: bool) -> float:
    """Moves a second of all writers together."""
    start, results, stop = mp.Barrier(WRITERS), mp.Queue(), mp.Event()
    writers = [mp.Process(target=ours if full else bare, args=(url, i, start, results)) for i in range(WRITERS)]
    helper = mp.Process(target=worker, args=(url, stop))
    if full:
        helper.start()
    for process in writers:
        process.start()
    rate = sum(results.get() for _ in writers)
    for process in writers:
        process.join()
    stop.set()
    if full:
        helper.join()
    check(url, full, round(rate * SECONDS))
    return rate


def check(url: str, full: bool, done: int) -> None:
    """Every move is an event; with everything on also a notice or a check, and the recount agrees."""
    engine = connect_engine(url, pool=2)
    with engine.connect() as connection:
        e = t.issue_event.c
        moves = dict(
            connection.execute(select(e.move, func.count()).where(e.move.in_(TURN)).group_by(e.move)).all()  # type: ignore[arg-type]
        )
        assert sum(moves.values()) == done, (moves, done)
        if full:
            told = connection.execute(select(func.count()).where(notice.c.kind == "failed")).scalar_one()
            assert told == moves.get("check_fail", 0)
    if full:
        while fold(engine):
            pass
        assert verify_store(engine, None) == []
    engine.dispose()


def copies(cluster: Cluster, template: str) -> Iterator[str]:
    """One database after another, each a copy."""
    number = 0
    while True:
        number += 1
        with closing(psycopg2.connect(cluster.url("postgres"))) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(f'CREATE DATABASE "moves_{number}" TEMPLATE "{template}"')
        yield cluster.url(f"moves_{number}")


def main() -> None:
    rates: dict[bool, list[float]] = {True: [], False: []}
    with bench_cluster() as cluster:
        engine = connect_engine(new_database(cluster, "filled"), pool=1)
        fill(engine)
        engine.dispose()
        urls = copies(cluster, "filled")
        for turn in range(ROUNDS):
            for full in (True, False) if turn % 2 else (False, True):
                rates[full].append(run(next(urls), full))
    all_on, alone = statistics.median(rates[True]), statistics.median(rates[False])
    print(f"{WRITERS} writers, {EACH} issues each, moves/s: {all_on:,.0f} with everything on, {alone:,.0f} bare")
    ratio = statistics.median(a / b for a, b in zip(rates[True], rates[False], strict=True))
    print(f"ratio: {ratio:.2f}  (everything on ÷ UPDATE + INSERT, median of {ROUNDS})")


if __name__ == "__main__":
    main()
