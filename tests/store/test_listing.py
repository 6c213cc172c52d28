"""Lists: a total is the number of rows that the pages hold, and of issues that are replayed one by one."""

from __future__ import annotations

import random
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests.store.random_life import life
from weathermap.city.reading import read_pack
from weathermap.issue import listing
from weathermap.issue.intake import take_in
from weathermap.issue.listing import STATES, URGENT, Filter, count_issues, list_issues
from weathermap.issue.moved import MOVED
from weathermap.store.catalog import Catalog, load_catalog
from weathermap.store.cities import load_pack
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold_once
from weathermap.weather.total import TALLIED, total_of

TOY = Path(__file__).parents[1] / "packs" / "toy"
DAY_S = 86_400


@pytest.fixture
def catalog(connection: Connection) -> Catalog:
    """Forty days of lives in three batches: what moves in the later ones of an earlier day is known late."""
    pack = read_pack(TOY)
    load_pack(connection, pack)
    city = open_city(connection, pack.config.code)
    now = int(time.time()) - 2 * DAY_S
    for days, batch in enumerate(life(pack, 5, 250, now * 1_000_000)):
        take_in(connection, city, batch, (now + days * DAY_S) * 1_000_000)
    fold_once(connection)
    connection.execute(text("ANALYZE issue"))
    return load_catalog(connection, None)


def pages(connection: Connection, chosen: Filter) -> list[Any]:
    found: list[Any] = []
    while page := list_issues(connection, chosen, 150, (found[-1].key, found[-1].tie) if found else None):
        found += page
    return found


def test_totals_are_the_lengths_of_the_lists(connection: Connection, catalog: Catalog) -> None:
    chance, now = random.Random(8), int(time.time())
    towns = catalog.areas[1, catalog.levels[1]]
    places: list[dict[str, Any]] = [
        {},
        {"area_id": chance.choice(towns).id},
        {"unit_id": chance.choice(catalog.units).id},
    ]
    seen = dict.fromkeys(STATES, 0)
    for second in (now, now - DAY_S // 2, now - 2 * DAY_S, now - 20 * DAY_S):
        at = datetime.fromtimestamp(second, UTC)
        for state in (s for s in STATES if s not in MOVED):
            for place in places:
                for since in (None, datetime.fromtimestamp(second - 9 * DAY_S, UTC)):
                    if since is not None and state not in TALLIED:
                        continue
                    looked = chance.random() < 0.5 and catalog.shown_at(at)
                    chosen = Filter(catalog.city_id, state, at, since, looked=looked, until=at, **place)
                    rows = pages(connection, chosen)
                    assert len(rows) == len({row.issue_id for row in rows}) == count_issues(connection, chosen), chosen
                    assert len(rows) == total_of(connection, catalog, chosen), chosen
                    keys = [row.deadline if state in URGENT else row.notified_at or row.reported_at for row in rows]
                    assert keys == sorted(keys, reverse=state not in URGENT), chosen
                    seen[state] += len(rows)
    assert all(seen[state] for state in TALLIED if state not in ("red_overdue", "long_overdue"))


@pytest.mark.parametrize(
    ("state", "index"),
    [
        ("notified", "(city_id, COALESCE(notified_at, reported_at), issue_id)"),
        ("open", "deadline, issue_id"),
        ("overdue", "deadline, issue_id"),
    ],
)
def test_a_page_is_read_in_the_order_of_an_index(
    connection: Connection, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, state: str, index: str
) -> None:
    """Of what is unchanged a page is read off an index and never sorted, however few issues the toy city has."""
    for setting in ("seqscan", "bitmapscan", "sort"):
        connection.execute(text(f"SET LOCAL enable_{setting} = off"))
    monkeypatch.setattr(listing, "text", lambda statement: text(f"EXPLAIN {statement}"))
    listing._question.cache_clear()
    rows = list_issues(connection, Filter(catalog.city_id, state, datetime.now(UTC)), 5, None)
    listing._question.cache_clear()
    plan = "\n".join(row[0] for row in rows)
    read = re.search(r"Limit [^\n]*\n *-> +Index Scan (?:Backward )?using (\w+) on issue_live", plan)
    assert read, plan
    stated = text("SELECT indexdef FROM pg_indexes WHERE indexname = :name")
    assert index in connection.execute(stated, {"name": read[1]}).scalar_one()
