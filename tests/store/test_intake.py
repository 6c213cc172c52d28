"""The intake on two packs, one of them without cells, duties or visits: `verify` recounts whatever comes in."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from tests.store.random_life import life
from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack
from weathermap.errors import IllegalMove, UnknownName
from weathermap.issue.batch import Batch, Moves, Reports
from weathermap.issue.intake import take_in
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import connect_engine, owner_url
from weathermap.store.registry import City, open_city
from weathermap.tally.fold import fold_once
from weathermap.tally.measures import M
from weathermap.tally.read import read_sums
from weathermap.tally.rebuild import rebuild_tallies
from weathermap.tally.verify import verify_city

PACKS = Path(__file__).parents[1] / "packs"
NOW_US = time.time_ns() // 1_000


@pytest.fixture(scope="module", params=["toy", "plain"])
def pack(request: pytest.FixtureRequest) -> Pack:
    return read_pack(PACKS / request.param)


@pytest.fixture
def city(connection: Connection, pack: Pack) -> City:
    return load(connection, pack)


def load(connection: Connection, pack: Pack) -> City:
    load_pack(connection, pack)
    return open_city(connection, pack.config.code)


def take_life(connection: Connection, city: City, seed: int, issues: int = 60) -> list[Batch]:
    batches = life(city.pack, seed, issues, NOW_US, handed_on=True)
    for batch in batches:
        take_in(connection, city, batch)
    return batches


def prefix(connection: Connection) -> list[tuple[object, ...]]:
    rows = connection.execute(text("SELECT * FROM tally_prefix ORDER BY subject_id, bucket")).all()
    return [(*row[:-1], sorted(bytes(row[-1])[i : i + 4] for i in range(0, len(row[-1]), 4))) for row in rows]


@pytest.mark.parametrize("seed", range(6))
def test_any_life_in_any_portions_is_recounted_alike(connection: Connection, city: City, seed: int) -> None:
    for batch in life(city.pack, seed, 80, NOW_US, handed_on=True):
        take_in(connection, city, batch)
        assert verify_city(connection, city.code) == []
        if seed % 2:
            fold_once(connection)
    fold_once(connection)
    assert verify_city(connection, city.code) == []


def test_at_once_and_one_by_one_are_the_same(clone: Callable[..., Settings], pack: Pack) -> None:
    with connect_engine(owner_url(clone()), pool=1).connect() as connection:
        at_once_and_one_by_one(connection, load(connection, pack))


def at_once_and_one_by_one(connection: Connection, city: City) -> None:
    whole = life(city.pack, 77, 30, NOW_US, handed_on=True)[0]
    take_in(connection, city, whole)
    columns = "number, state, seq, deadline, unit_id, area_id, places, position, address, receipt"
    rows = f"SELECT {columns} FROM issue ORDER BY 1"
    first = connection.execute(text(rows)).all()
    connection.execute(text("TRUNCATE issue, issue_event, issue_key, issue_number_day"))
    for i in range(len(whole.reports)):
        report = whole.reports.take(slice(i, i + 1))
        take_in(connection, city, Batch(report, whole.moves.take(whole.moves.source_key == report.source_key[0])))
    again = connection.execute(text(rows)).all()
    assert [row[1:] for row in first] and sorted(map(str, first)) == sorted(map(str, again))


def test_rebuilding_changes_nothing(connection: Connection, city: City) -> None:
    take_life(connection, city, 5)
    fold_once(connection)
    before = prefix(connection)
    rebuild_tallies(connection, city)
    assert verify_city(connection, city.code) == []
    netted = {row[:2]: row[2:-1] for row in before}
    for row in prefix(connection):  # buckets whose deltas cancel may be absent in one of them
        assert netted.get(row[:2], row[2:-1]) == row[2:-1]


def test_a_report_keeps_its_receipt(connection: Connection, city: City) -> None:
    take_life(connection, city, 8)
    for row in connection.execute(select(t.issue)):
        assert row.receipt["version"] == 1
        assert (row.area_id is None) == (row.receipt["area"] is None)
        if row.area_id is not None:
            assert row.receipt["border_m"] >= 0
            areas = connection.execute(
                text(
                    "SELECT count(*) FROM area, issue WHERE issue_id = :i AND area.area_id = ANY(:p)"
                    " AND ST_Covers(area.geom, issue.geom)"
                ),
                {"p": row.places, "i": row.issue_id},
            ).scalar_one()
            assert areas == len(row.places), "PostGIS does not agree"
        else:
            assert row.position in ("missing", "outside")


def test_an_illegal_move_names_the_issue(connection: Connection, city: City) -> None:
    report = life(city.pack, 1, 1, NOW_US)[0].reports
    move = Moves(
        report.source,
        report.source_key,
        *_texts("check_pass"),
        report.reported_at,
        *_texts(""),
        report.deadline,
        *_texts(""),
    )
    with pytest.raises(IllegalMove, match=r"'1-0'.*not possible while an issue is reported"):
        take_in(connection, city, Batch(report, move))
    unknown = Reports(
        *(getattr(report, f) if f != "category" else _texts("ZZZ")[0] for f in Reports.__dataclass_fields__)
    )
    with pytest.raises(UnknownName, match="no category 'ZZZ'"):
        take_in(connection, city, Batch(unknown, move))


def _texts(value: str) -> list[object]:
    import numpy as np

    return [np.array([value], dtype=object)]


def test_visits_are_stored_once(connection: Connection, city: City) -> None:
    batches = take_life(connection, city, 2, 5)
    if batches[0].visits is None:
        return
    again = Batch(batches[0].reports.take(slice(0, 0)), batches[0].moves.take(slice(0, 0)), batches[0].visits)
    assert take_in(connection, city, again).visits == 0
    assert verify_city(connection, city.code) == []


def test_numbers_count_each_day_of_the_city(connection: Connection, city: City) -> None:
    take_life(connection, city, 4)
    numbers = connection.execute(select(t.issue.c.number)).scalars().all()
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith(f"{city.code}-20") and len(number.rsplit("-", 1)[1]) == 6 for number in numbers)


def test_a_point_is_covered_only_while_it_is_declared(connection: Connection) -> None:
    toy = read_pack(PACKS / "toy")
    today = date.fromtimestamp(NOW_US // 1_000_000)
    ages = (0, 10, 29, 30, 31, 45)
    points = tuple(
        replace(point, declared_on=today - timedelta(days=ages[k % len(ages)])) for k, point in enumerate(toy.points)
    )
    load_pack(connection, replace(toy, points=points, sha256="0" * 64))
    city = open_city(connection, toy.config.code)
    for batch in life(city.pack, 3, 10, NOW_US):
        take_in(connection, city, batch)
        assert verify_city(connection, city.code) == []
    seconds = [NOW_US // 1_000_000 - hours * 3_600 for hours in range(0, 24 * 70, 6)]
    sums = read_sums(connection, city.city_id, [city.top_id], seconds)[0]
    assert (sums[:, M["covered"]] <= sums[:, M["declared"]]).all()
    assert sums[:, M["covered"]].max() > 0
    assert sums[sums[:, M["declared"]] == 0, M["visits"]].max() > 0  # visits of before covered nothing then
    rebuild_tallies(connection, city)
    assert verify_city(connection, city.code) == []
    assert (read_sums(connection, city.city_id, [city.top_id], seconds)[0] == sums).all()
