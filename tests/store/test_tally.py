"""Tallies against a plain recount: any deltas, posted in any order, folded in any portions, read at any second."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sqlalchemy import Connection, text

from weathermap.tally.fold import add, fold_once
from weathermap.tally.measures import MEASURES, Delta
from weathermap.tally.post import append_deltas, merge
from weathermap.tally.prefix import DAY_S, HOUR_S, Deltas, deltas_of, rows_of
from weathermap.tally.read import read_sums

START = 1_760_000_000
SUBJECTS = [[101, 103], [101, 104], [101, 103, 105]]
ALL = [101, 103, 104, 105]


@pytest.fixture
def city_id(connection: Connection) -> int:
    connection.execute(text("INSERT INTO city (code, name, name_en, timezone) VALUES ('t', 'T', 'T', 'UTC')"))
    found: int = connection.execute(text("SELECT city_id FROM city WHERE code = 't'")).scalar_one()
    for subject in ALL:
        size = DAY_S if subject == 105 else HOUR_S
        connection.execute(text("INSERT INTO tally_subject VALUES (:s, :c, :b)"), {"s": subject, "c": found, "b": size})
    return found


def some_deltas(seed: int, count: int) -> list[tuple[int, Delta]]:
    chance = random.Random(seed)
    return [
        (
            chance.randrange(len(SUBJECTS)),
            (START + chance.randrange(5 * DAY_S), chance.randrange(len(MEASURES)), chance.choice([1, 1, 1, -1, 3])),
        )
        for _ in range(count)
    ]


def expected(posted: list[tuple[int, Delta]], second: int) -> np.ndarray:
    sums = np.zeros((len(ALL), len(MEASURES)), dtype=np.int64)
    for holder, (at, measure, n) in posted:
        if at <= second:
            for subject in SUBJECTS[holder]:
                sums[ALL.index(subject), measure] += n
    return sums


def check(connection: Connection, city_id: int, posted: list[tuple[int, Delta]]) -> None:
    seconds = [START - 1, START + 7_203, START + 2 * DAY_S, START + 2 * DAY_S + 1, START + 9 * DAY_S]
    seconds += [at for _, (at, _, _) in posted[:5]] + [at - 1 for _, (at, _, _) in posted[:5]]
    read = read_sums(connection, city_id, ALL, seconds)
    for j, second in enumerate(seconds):
        assert (read[:, j] == expected(posted, second)).all(), second


def post(connection: Connection, city_id: int, some: list[tuple[int, Delta]]) -> None:
    append_deltas(connection, city_id, [d for _, d in some], [h for h, _ in some], SUBJECTS)


@pytest.mark.parametrize("portion", [1, 7, 60])
def test_any_order_and_portion_gives_the_plain_recount(connection: Connection, city_id: int, portion: int) -> None:
    posted = some_deltas(portion, 60)
    for start in range(0, len(posted), portion):
        post(connection, city_id, posted[start : start + portion])
        if start % 2:
            fold_once(connection)
    check(connection, city_id, posted)  # partly folded
    fold_once(connection)
    check(connection, city_id, posted)
    left = connection.execute(text("SELECT count(*) FROM tally_delta WHERE city_id = :c"), {"c": city_id}).scalar_one()
    assert left == 0


def test_merging_many_equals_folding_few(connection: Connection, city_id: int) -> None:
    posted = some_deltas(3, 200)
    post(connection, city_id, posted[:80])
    fold_once(connection)
    holder = np.array([h for h, _ in posted[80:]])
    merge(connection, city_id, Deltas.spread([d for _, d in posted[80:]], holder, SUBJECTS))
    check(connection, city_id, posted)
    add(connection, Deltas.spread([(START + 5, 0, 2)], np.array([1]), SUBJECTS))  # late, before everything
    check(connection, city_id, [*posted, (1, (START + 5, 0, 2))])


def test_what_lies_ahead_is_not_folded_but_can_be_asked(connection: Connection, city_id: int) -> None:
    ahead = 4_000_000_000
    posted = [(0, (ahead, 2, 1)), (0, (START, 0, 1)), (1, (START + 9, 0, -2)), (2, (ahead + 1, 3, 1))]
    post(connection, city_id, posted)  # holder 0 has one posting with a part in the past and one ahead
    for folded in (2, 0):
        check(connection, city_id, posted)
        seconds = [START, ahead - 1, ahead, ahead + 1]
        read = read_sums(connection, city_id, ALL, seconds)
        assert all((read[:, j] == expected(posted, second)).all() for j, second in enumerate(seconds))
        assert fold_once(connection) == folded
    left = connection.execute(text("SELECT subjects, entries FROM tally_delta ORDER BY entries[1]")).all()
    assert left == [([101, 103], [ahead << 6 | 4]), ([101, 103, 105], [ahead + 1 << 6 | 6])]


def test_prefix_rows_keep_every_delta() -> None:
    deltas = Deltas.spread([d for _, d in some_deltas(9, 100)], np.array([h for h, _ in some_deltas(9, 100)]), SUBJECTS)
    size = np.where(deltas.subject == 105, DAY_S, HOUR_S)
    rows = rows_of(deltas, size)
    back = deltas_of(rows.subject, rows.bucket, np.where(rows.subject == 105, DAY_S, HOUR_S), rows.detail)
    again = rows_of(back, np.where(back.subject == 105, DAY_S, HOUR_S))
    assert (again.sums == rows.sums).all() and again.detail == rows.detail
