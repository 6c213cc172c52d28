"""Orders are events: what came of each is told for any instant, and no state, tally or seal is touched by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.store.random_life import columns, position
from weathermap.city.reading import read_pack
from weathermap.errors import IllegalMove
from weathermap.issue.batch import NONE, Batch, Moves, Reports, empty_reports
from weathermap.issue.intake import take_in
from weathermap.issue.listing import Filter, count_issues, list_issues
from weathermap.issue.orders import OrderFilter, count_orders, list_orders, supervised
from weathermap.store.cities import load_pack
from weathermap.store.registry import City, open_city
from weathermap.tally.verify import verify_city

PACK = Path(__file__).parents[1] / "packs" / "toy"
START = datetime(2026, 6, 1, 2, tzinfo=UTC)
TEXT = "清淤并改坡，拍照回传"


def hours(n: float) -> int:
    return int((START + timedelta(hours=n)).timestamp()) * 1_000_000


@pytest.fixture
def city(connection: Connection) -> City:
    load_pack(connection, read_pack(PACK))
    return open_city(connection, "990101")


# name → what happens, in hours; the order is always given at 10 with its term at 50
LIVES: dict[str, list[tuple[str, float]]] = {
    "in_term": [("feed_back", 40), ("check_pass", 60)],  # the checker's time is not the unit's
    "late": [("feed_back", 40), ("check_fail", 45), ("feed_back", 55), ("check_pass", 58)],
    "overdue": [],
    "to_check": [("feed_back", 30)],
    "failed": [("feed_back", 30), ("check_fail", 52)],
    "void": [("void", 20)],
    "again": [("feed_back", 20), ("check_pass", 21), ("reopen", 54)],
}
EXPECTED = {
    30.5: {"overdue": 0, "open": 3, "to_check": 2, "in_term": 1, "late": 0, "void": 1},
    49: {"overdue": 0, "open": 2, "to_check": 3, "in_term": 1, "late": 0, "void": 1},
    53: {"overdue": 3, "open": 0, "to_check": 2, "in_term": 1, "late": 0, "void": 1},
    70: {"overdue": 2, "open": 0, "to_check": 1, "in_term": 2, "late": 1, "void": 1},
}


def ordered(connection: Connection, city: City) -> None:
    import random

    pack, chance, reports, moves = city.pack, random.Random(3), [], []
    for name, steps in LIVES.items():
        lon, lat = float("nan"), float("nan")
        while lon != lon or lon < 1:
            lon, lat = position(pack, chance)
        category = pack.categories[0].code
        reports.append(("patrol", name, category, lon, lat, hours(0), "东街", "", "", NONE, float("nan"), "", False))
        asked = ("order", 10, hours(50), TEXT) if name != "overdue" else ("list_publicly", 10, hours(50), TEXT)
        for move, at, until, note in [("dispatch", 1, NONE, ""), asked, *((m, at, NONE, "") for m, at in steps)]:
            moves.append(("patrol", name, move, hours(at), pack.people[0].code if note else "", until, note))
    take_in(connection, city, Batch(columns(Reports, reports), columns(Moves, moves)))  # type: ignore[arg-type]


@pytest.mark.parametrize("hour", EXPECTED)
def test_what_came_of_each_order_at_any_instant(connection: Connection, city: City, hour: float) -> None:
    ordered(connection, city)
    chosen = OrderFilter(city.city_id, START + timedelta(hours=hour))
    assert count_orders(connection, chosen) == EXPECTED[hour]
    told = {row.number: row.outcome for row in list_orders(connection, chosen, 500, None)}
    assert len(told) == len(LIVES)
    at = START + timedelta(hours=hour)
    current = OrderFilter(city.city_id, at, "current")
    listed = [row.until for row in list_orders(connection, current, 500, None)]
    assert len(listed) == sum(EXPECTED[hour][name] for name in ("overdue", "open", "to_check"))
    # the issues under order are those whose order still runs: in lists, and in every place that holds them
    issues = [Filter(city.city_id, state, at) for state in ("ordered", "listed")]
    assert sum(count_issues(connection, each) for each in issues) == len(listed)
    flags = [(row.ordered, row.listed) for row in list_issues(connection, Filter(city.city_id, None, at), 500, None)]
    whole = supervised(connection, city.city_id, at)[city.area_ids["city"][0]]
    assert whole == (sum(o for o, _ in flags), sum(p for _, p in flags)) and whole[1] == 1


def test_orders_leave_state_tallies_and_chain_alone(connection: Connection, city: City) -> None:
    ordered(connection, city)
    assert verify_city(connection, city.code) == []
    at = START + timedelta(hours=15)  # a past instant: replayed from the events
    assert count_issues(connection, Filter(city.city_id, "open", at)) == len(LIVES)


def test_nothing_is_ordered_where_nothing_is_open(connection: Connection, city: City) -> None:
    ordered(connection, city)
    late = columns(Moves, [("patrol", "in_term", "order", hours(80), "", hours(90), TEXT)])
    with pytest.raises(IllegalMove, match="'order' is not possible while an issue is rectified"):
        take_in(connection, city, Batch(empty_reports(), late))  # type: ignore[arg-type]


def test_pages_of_orders_join_to_the_whole(connection: Connection, city: City) -> None:
    ordered(connection, city)
    chosen = OrderFilter(city.city_id, START + timedelta(hours=70))
    found, after = [], None
    while page := list_orders(connection, chosen, 2, after):
        found += [row.number for row in page]
        after = (page[-1].key, page[-1].issue_id, page[-1].seq)
    assert len(found) == len(set(found)) == len(LIVES)
