"""A store of a million issues with an office's daily work in it: every queue of the desk holds its share."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, select, text

from etl.importing import run_import
from tests.bench.ledgers import MAPPING, write_ledger
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Batch, Moves, Reports, empty_reports
from weathermap.issue.intake import take_in
from weathermap.people.accounts import create_account
from weathermap.people.demo import DEMO_PASSWORD, make_demo_accounts
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_directory
from weathermap.store.db import open_store
from weathermap.store.registry import City, open_city
from weathermap.tally.fold import fold

PACK = Path(__file__).parents[2] / "gis_data/shishi"
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
AT_ONCE = 5_000
POINTED = 3_000  # issues at declared points, on top
# of what is being handled: moves, one after the other, and the share that makes them
WAYS: tuple[tuple[tuple[str, ...], float], ...] = (
    (("feed_back",), 0.15),
    (("accept", "hand_back"), 0.02),
    (("accept", "ask_extension"), 0.02),
    (("ask_suspension",), 0.01),
    (("suspend",), 0.03),
    (("accept", "extend"), 0.02),
    (("escalate",), 0.01),
    (("order",), 0.015),
    (("list_publicly",), 0.003),
    (("urge",), 0.1),
    (("accept",), 0.4),
)
UNTIL = ("suspend", "extend", "ask_extension", "ask_suspension", "order", "list_publicly")


def fill(settings: Settings, folder: Path, rows: int) -> None:
    """Store the pack, `rows` issues by the bulk load, points' issues and the office's moves; with demo accounts."""
    pack = read_pack(PACK)
    engine = open_store(settings)
    load_directory(engine, PACK, {})
    now = np.datetime64(int(time.time()), "s")
    mapping = folder / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    ledger = write_ledger(folder / "ledger.csv", pack, rows, until=now)
    run_import(settings, ledger, PACK, {}, mapping=mapping)
    ledger.unlink()
    with engine.begin() as connection:
        city = open_city(connection, pack.config.code)
        _at_points(connection, city)
    handled = _handled(engine.connect(), city)
    np.random.default_rng(3).shuffle(handled)
    taken = 0
    for way, share in WAYS:
        n = int(share * len(handled))
        _move(engine, city, handled[taken : taken + n], way)
        taken += n
    fold(engine)
    with engine.begin() as connection:
        make_demo_accounts(connection, city.city_id)
        create_account(connection, "demo-assessor", "demo-assessor", ["assessor"], city.city_id, password=DEMO_PASSWORD)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE issue"))
        connection.execute(text("VACUUM ANALYZE issue_event"))
    engine.dispose()


def _at_points(connection: Connection, city: City) -> None:
    chance, n = np.random.default_rng(5), POINTED

    def texts(values: list[str]) -> np.ndarray:
        return np.array(values, dtype=object)

    points = [city.pack.points[k].code for k in chance.integers(0, len(city.pack.points), n).tolist()]
    categories = [city.pack.categories[k].code for k in chance.integers(0, len(city.pack.categories), n).tolist()]
    at = time.time_ns() // 1_000 - (chance.exponential(3, n) * DAY_US).astype(np.int64) - HOUR_US
    empty, unknown = texts([""] * n), np.full(n, np.nan)
    keys = texts([f"P{k:06d}" for k in range(n)])
    source = texts([city.pack.sources[0].code] * n)
    address = texts([f"门口东侧 {k % 40} 米" for k in range(n)])
    reports = Reports(
        source, keys, texts(categories), unknown, unknown, at, address, texts(points), empty, np.full(n, NONE), unknown,
        empty, np.zeros(n, dtype=bool),
    )  # fmt: skip
    moves = Moves(source, keys, texts(["dispatch"] * n), at + HOUR_US // 2, empty, np.full(n, NONE), empty)
    take_in(connection, city, Batch(reports, moves))


def _handled(connection: Connection, city: City) -> list[tuple[str, str]]:
    k, s, i = t.issue_key.c, t.source.c, t.issue.c
    asked = (
        select(s.code, k.source_key)
        .join_from(t.issue_key, t.issue, i.issue_id == k.issue_id)
        .join(t.source, s.source_id == k.source_id)
        .where(k.city_id == city.city_id, i.state == "handling")
        .order_by(k.issue_id)
    )
    with connection:
        return [(row.code, row.source_key) for row in connection.execute(asked)]


def _move(engine, city: City, keys: list[tuple[str, str]], way: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    for first in range(0, len(keys), AT_ONCE):
        chosen = keys[first : first + AT_ONCE]
        now = time.time_ns() // 1_000
        rows = [(source, key, move) for source, key in chosen for move in way]
        source, key, move = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
        until = np.where(np.isin(move.astype(str), UNTIL), now + 9 * DAY_US, NONE)
        n, empty = len(rows), np.full(len(rows), "", dtype=object)
        moves = Moves(source, key, move, np.full(n, now), empty, until, np.full(n, "现场情况说明", dtype=object))
        with engine.begin() as connection:
            take_in(connection, city, Batch(empty_reports(), moves))


def settings_of(settings: Settings, url: str, folder: Path) -> Settings:
    """For a store at `url`, with its files in `folder`."""
    return replace(settings, database_url=url, data_dir=folder, log_level="WARNING")
