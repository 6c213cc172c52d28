"""Large loads say the same as small ones: the same rows, whichever way they were planned and written."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from tests.store.random_life import columns, position
from weathermap.bulk import ordered, tally
from weathermap.bulk.counted import Counted
from weathermap.bulk.numbers import with_numbers
from weathermap.bulk.plan import plan_lives
from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Batch, Reports
from weathermap.issue.lives import SHAPES, Lives, moves_of
from weathermap.issue.plan import plan
from weathermap.issue.writer import write_plan
from weathermap.store.binary import copy_table
from weathermap.store.cities import load_pack
from weathermap.store.registry import City, open_city
from weathermap.tally import post
from weathermap.tally.verify import verify_city

PACKS = Path(__file__).parents[1] / "packs"
NOW_US = 1_780_000_000_000_000  # 2026-05-28
DAY_US = 86_400_000_000
TABLES = ("issue", "issue_event", "issue_key", "issue_number_day", "tally_prefix", "tally_delta", "event_late",
          "tally_late")  # fmt: skip
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)


@pytest.fixture(scope="module", params=["toy", "plain"])
def pack(request: pytest.FixtureRequest) -> Pack:
    return read_pack(PACKS / request.param)


@pytest.fixture
def city(connection: Connection, pack: Pack) -> City:
    load_pack(connection, pack)
    return open_city(connection, pack.config.code)


def lives_of(pack: Pack, seed: int, words: list[str]) -> tuple[Reports, Lives]:
    """New issues of every shape, with odd texts, on every kind of position, at odd instants."""
    chance = random.Random(seed)
    reports: list[tuple[object, ...]] = []
    lives: list[tuple[object, ...]] = []
    for k, word in enumerate(words):
        lon, lat = position(pack, chance)
        at = NOW_US + chance.choice([-1, 1]) * chance.randrange(400 * DAY_US)
        deadline = chance.choice([NONE, NONE, at + chance.randrange(-1, 900) * DAY_US // 7])
        point = chance.choice(pack.points).code if pack.points and chance.random() < 0.2 else ""
        unit = chance.choice(pack.units).code if pack.units and chance.random() < 0.3 else ""
        error = chance.choice([float("nan"), 0.25, 35.0, 1e3 * chance.random()])
        flag = chance.choice(["", "", "", "missing", "default", "swapped"])
        category, source = chance.choice(pack.categories).code, chance.choice(pack.sources).code
        early = chance.random() < 0.1
        reports.append((source, f"{k}{word}", category, lon, lat, at, word, point, unit, deadline, error, flag, early))
        shape = chance.choice(list(SHAPES))
        end = at + chance.choice([0, 1, 1_000_000, chance.randrange(90 * DAY_US)])
        lives.append((shape, end if shape in ("closed", "void") else NONE, chance.choice(["", word]), word[:3]))
    found: Any = columns(Lives, lives)
    kept: Any = columns(Reports, [(*row, chance.choice(["", str(row[1])])) for row in reports])
    return kept, Lives(found.shape, np.array([life[1] for life in lives], dtype=np.int64), found.note, found.end_note)


def one_by_one(connection: Connection, city: City, reports: Reports, lives: Lives, recorded: int) -> None:
    planned = plan(Batch(reports, moves_of(reports, lives)), city, list(range(1, len(reports) + 1)), {}, recorded)
    write_plan(connection, city, planned)


def in_columns(connection: Connection, city: City, reports: Reports, lives: Lives, recorded: int) -> None:
    planned = plan_lives(reports, lives, city, np.arange(1, len(reports) + 1), recorded)
    tables = planned.tables
    tables["issue"] = with_numbers(connection, city, tables["issue"])
    for name, table in tables.items():
        copy_table(connection, name, table)
    kept = Counted.unpacked(planned.counted.packed())
    half = np.arange(len(kept)) < len(kept) // 2  # as of two chunks
    tally.tally_all(connection, city, [kept.where(half), kept.where(~half)], len(kept))


def everything(connection: Connection, way: Callable[..., None], *arguments: Any) -> dict[str, list[Any]]:
    """All rows after storing one way; then nothing is stored any more."""
    with connection.begin_nested() as nested:
        way(connection, *arguments)
        found = {name: rows(connection, name) for name in TABLES}
        assert verify_city(connection, arguments[0].code) == []
        nested.rollback()
    return found


def rows(connection: Connection, table: str) -> list[Any]:
    return sorted(map(str, connection.execute(text(f"SELECT CAST(t AS text) FROM {table} AS t")).scalars()))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    seed=st.integers(0, 10**6),
    words=st.lists(WORDS, min_size=1, max_size=60),
    late=st.booleans(),
    bits=st.sampled_from([ordered.KEY_BITS, 30]),  # 30: chunks are counted one by one
    keys=st.sampled_from([tally.KEYS_AT_ONCE, 60]),  # 60: subjects of many are merged span after span
)
def test_both_ways_write_the_same_rows(
    connection: Connection,
    city: City,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    words: list[str],
    late: bool,
    bits: int,
    keys: int,
) -> None:
    monkeypatch.setattr(ordered, "KEY_BITS", bits)
    monkeypatch.setattr(tally, "KEYS_AT_ONCE", keys)
    monkeypatch.setattr(post, "MANY", 1)  # what has passed is merged at once, however little
    reports, lives = lives_of(city.pack, seed, words)
    recorded = NOW_US if late else NONE
    small = everything(connection, one_by_one, city, reports, lives, recorded)
    large = everything(connection, in_columns, city, reports, lives, recorded)
    for table in TABLES:
        assert small[table] == large[table], table
