"""Boston's own judgement of what was on time is ours, after its requests went through the life of an issue."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import Connection, select

from tests.boston import FOLDER, STEPS, judged, replay, said, statements
from weathermap.store import tables as t
from weathermap.tally.verify import verify_city


@pytest.mark.skipif(not FOLDER.is_dir(), reason="Boston's requests are not on this machine")
def test_on_time_is_what_the_city_says(connection: Connection) -> None:
    """Every fiftieth request; `make bench-boston` replays all of them."""
    city, rows = statements(connection, every=50)
    replay(connection, city, rows)
    oracle, mine = said(rows), judged(connection, city)
    assert len(oracle) > 700
    assert Counter(oracle.values())["OVERDUE"] > 50
    assert {key: (mine.get(key), word) for key, word in oracle.items() if mine.get(key) != word} == {}
    e = t.issue_event.c
    moves = Counter(connection.execute(select(e.move).where(e.city_id == city.city_id)).scalars())
    assert moves["report"] == len(rows) == moves["dispatch"]
    assert set(moves) == {"report", *STEPS}
    assert verify_city(connection, city.code) == []
