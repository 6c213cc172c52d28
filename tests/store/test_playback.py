"""Replayed frames equal the board at their instants; what moved a gate and what lies ahead is listed as counted."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection

from tests.store.random_life import life
from tests.store.test_late import TOY, live, other, told
from weathermap.city.reading import read_pack
from weathermap.errors import TooMuch
from weathermap.issue.intake import take_in
from weathermap.issue.listing import Filter, count_issues
from weathermap.issue.moved import MOVED
from weathermap.store.catalog import Catalog, load_catalog
from weathermap.store.cities import load_pack
from weathermap.store.registry import open_city
from weathermap.tally import series
from weathermap.tally.ahead import ahead
from weathermap.tally.measures import MEASURES
from weathermap.tally.prefix import DAY_S
from weathermap.weather.board import board
from weathermap.weather.playback import LETTERS, Film, playback
from weathermap.weather.rule import DEFAULT_WEATHER, judge
from weathermap.weather.skies import CODES, NONE, skies

PLAIN = Path(__file__).parents[1] / "packs" / "plain"
SKY = dict(zip(LETTERS, CODES, strict=True)) | {"-": None}
NUMBERS = ("open", "overdue", "notified", "rectified", "due", "on_time", "long_overdue")


def compare(connection: Connection, catalog: Catalog, film: Film) -> set[Any]:
    """Every frame beside the board at its instant; returns the skies seen."""
    parts = playback(connection, catalog, film)["parts"]
    steps = [(part, i) for part in parts for i in range(part["steps"])]
    assert len(steps) == len(film.steps)
    seen: set[Any] = set()
    for at, (part, i) in zip(film.steps, steps, strict=True):
        shown = board(connection, catalog, film.asked(at))
        assert part["boundary_version"] == shown["version"]
        totals, areas = part["totals"], part["areas"]
        for name in (*NUMBERS, "red_overdue", "suspended", "extended"):
            assert totals[name][0][i] == shown["totals"][name], (name, at)
        if "unlocated" in shown["totals"]:
            assert totals["unlocated"][0][i] == shown["totals"]["unlocated"]
        assert SKY[totals["weather"][0][i]] == shown["totals"]["weather"], at
        assert {lang: totals["sentence"][lang][i] for lang in ("zh", "en")} == shown["totals"]["sentence"]
        rows = {row["code"]: row for row in shown["areas"]}
        for k, code in enumerate(areas["code"]):
            row = rows.pop(code)
            assert areas["id"][k] == row["id"]
            for name in NUMBERS if "weather" in areas else NUMBERS[:2]:
                assert areas[name][k][i] == row[name], (code, name, at)
            if "weather" in areas:
                assert SKY[areas["weather"][k][i]] == row["weather"], (code, at)
                assert (areas["thunder"][k][i] != "0") == ("thunder" in row["badges"]), (code, at)
                seen.add(row["weather"])
        assert all(row["open"] == row["overdue"] == 0 for row in rows.values())  # left out
    return seen


@pytest.mark.parametrize("directory", [TOY, PLAIN])
@pytest.mark.parametrize("many", [False, True])
def test_every_frame_is_the_board_of_its_instant(
    connection: Connection, directory: Path, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if many:  # as for very many areas and instants
        monkeypatch.setattr(series, "LOOKUPS", 0)
    pack = read_pack(directory)
    load_pack(connection, pack)
    city = open_city(connection, pack.config.code)
    live(connection, city)
    tight = {"flow": [0.8, 0.5, 0.3], "stock": [2.0, 9.0, 20.0], "sample": 3}
    load_pack(connection, other(pack, weather=tight))
    catalog = load_catalog(connection, pack.config.code)
    chance, now = random.Random(5), int(time.time())
    steps = tuple(
        datetime.fromtimestamp(second, UTC)
        for second in sorted({now - chance.randrange(35 * DAY_S) for _ in range(12)} | {now - 3 * DAY_S, now})
    )
    seen: set[Any] = set()
    for known in (False, True):
        for level, by in [(level, "place") for level in (*catalog.levels, *catalog.overlays)] + [
            (catalog.levels[1], "responsibility"),
            ("unit", "responsibility"),
        ]:
            seen |= compare(connection, catalog, Film(level, None, by, steps, None, known))
    town = catalog.areas[1, catalog.levels[1]][0].code
    if len(catalog.levels) > 2:
        compare(connection, catalog, Film(catalog.levels[2], town, "place", steps, None))
    assert len(seen) > 3


def test_the_rule_over_arrays_is_the_rule() -> None:
    chance = np.random.default_rng(8)
    for role in ("city", "town", "fine"):
        for coverage in (True, False):
            sums = chance.integers(0, 40, (4000, 8, len(MEASURES)))
            sums[:, [3, 7]] = chance.integers(0, 12, (4000, 2, len(MEASURES)))
            sums[chance.random(4000) < 0.3, 4:] //= 3
            sums[chance.random((4000, 8, len(MEASURES))) < 0.3] = 0
            sky = skies(sums[:, :4], sums[:, 4:], DEFAULT_WEATHER, role, coverage)
            for row, code in zip(sums.tolist(), sky.tolist(), strict=True):
                verdict = judge(row[:4], row[4:], DEFAULT_WEATHER, role, coverage)
                if code == NONE:
                    assert row[0][0] == 0
                else:
                    assert CODES[code] == verdict.weather
            assert set(sky.tolist()) >= {0, 1, 2, 3}


def test_what_turned_between_two_instants_is_what_the_numbers_moved_by(connection: Connection) -> None:
    pack = read_pack(TOY)
    load_pack(connection, pack)
    city = open_city(connection, pack.config.code)
    live(connection, city)
    catalog = load_catalog(connection, pack.config.code)
    now = int(time.time())
    turned = 0
    for days in (20, 8, 2, 1):
        since, at = (datetime.fromtimestamp(now - back * DAY_S, UTC) for back in (days, days - 1))
        for looked in (False, True):
            film = Film("town", None, "place", (since, at), None, not looked)
            totals = playback(connection, catalog, film)["parts"][0]["totals"]
            shown = looked and catalog.shown_at(since)
            n = {s: count_issues(connection, Filter(city.city_id, s, at, since, looked=shown)) for s in MOVED}
            for name, state in (("overdue", "overdue"), ("long_overdue", "long")):
                before, after = totals[name][0]
                assert after - before == n[f"turned_{state}"] - n[f"left_{state}"], (name, days, looked)
            turned += sum(n.values())
    assert turned > 10


def test_what_lies_ahead_is_listed_as_counted(connection: Connection) -> None:
    pack = read_pack(TOY)
    load_pack(connection, pack)
    city = open_city(connection, pack.config.code)
    at = datetime.now(UTC).replace(microsecond=0)
    now_us = int(at.timestamp()) * 1_000_000
    for batch in told(life(pack, 6, 150, now_us), [now_us] * 3):
        take_in(connection, city, batch)
    days = ahead(connection, city.city_id, city.top_id, at, 7, pack.config.timezone)
    for day in days:
        chosen = Filter(city.city_id, "ahead", at, day["from"], until=day["to"])
        assert count_issues(connection, chosen) == day["falls_due"], day
    assert sum(day["falls_due"] for day in days) > 0


def test_more_than_is_replayed_at_once_is_refused_with_a_remedy(connection: Connection) -> None:
    load_pack(connection, read_pack(TOY))
    catalog = load_catalog(connection, None)
    start = datetime(2020, 1, 1, tzinfo=UTC)
    steps = tuple(start + timedelta(hours=k) for k in range(800))
    with pytest.raises(TooMuch, match="750"):
        playback(connection, catalog, Film("town", None, "place", steps, None))
