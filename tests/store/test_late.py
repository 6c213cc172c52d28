"""As it looked: numbers, lists and judgement of a past instant as they were then, whatever was recorded later."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from tests.store.random_life import life
from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Batch
from weathermap.issue.intake import take_in
from weathermap.issue.listing import STATES, Filter, count_issues
from weathermap.store.catalog import load_catalog
from weathermap.store.cities import load_pack
from weathermap.store.registry import City, open_city
from weathermap.tally.fold import fold_once
from weathermap.tally.verify import verify_city
from weathermap.weather.board import Asked, board

TOY = Path(__file__).parents[1] / "packs" / "toy"
DAY_S = 86_400
COUNTED = ("ordered", "listed", "overdue", "long_overdue", "red_overdue", "suspended", "open", "rectified", "notified")


@pytest.fixture
def toy(connection: Connection) -> City:
    pack = read_pack(TOY)
    load_pack(connection, pack)
    return open_city(connection, pack.config.code)


def told(parts: list[Batch], lasts_us: Sequence[int]) -> Iterator[Batch]:
    """What of each batch had happened by its instant. A life ends with the first thing that had not: it never comes."""
    ended: set[str] = set()
    for part, last_us in zip(parts, lasts_us, strict=True):
        reports, moves = part.reports, part.moves
        known = reports.reported_at <= last_us
        ended.update(reports.source_key[~known])
        kept = []
        for at, key in zip(moves.at, moves.source_key, strict=True):
            if at > last_us:
                ended.add(key)
            kept.append(key not in ended)
        yield Batch(reports.take(known), moves.take(np.array(kept, dtype=bool)))


def at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def shown(connection: Connection, second: int, known: bool) -> Any:
    catalog = load_catalog(connection, None)
    found = [
        board(connection, catalog, Asked(level, None, "place", at(second), None, known))
        for level in ("town", "community", "zone")
    ]
    return [(each["version"], each["totals"], each["areas"]) for each in found]


def lists(connection: Connection, second: int, looked: bool) -> dict[str, int]:
    city_id = load_catalog(connection, None).city_id
    return {s: count_issues(connection, Filter(city_id, s, at(second), looked=looked)) for s in STATES}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_instant_looks_as_it_looked_when_it_was_now(connection: Connection, toy: City, seed: int) -> None:
    """Nightly imports, each with what happened since and with what was forgotten: weeks late, moves and visits too."""
    chance = random.Random(seed)
    now = int(time.time()) - 3_600
    nights = [now - days * DAY_S + chance.randrange(3_600) for days in (9, 7, 4, 2)]
    parts = life(toy.pack, seed, 60, now * 1_000_000)
    keys = np.unique(parts[0].reports.source_key)
    forgotten = set(chance.sample(keys.tolist(), 20))
    seen: dict[int, tuple[Any, dict[str, int]]] = {}
    reported_yet: set[str] = set()
    taken: set[tuple[int, int]] = set()
    for k, night in enumerate(nights):
        reports = parts[0].reports.take(
            np.array(
                [
                    (key not in forgotten or k == 3) and reported <= night * 1_000_000 and key not in reported_yet
                    for key, reported in zip(
                        parts[0].reports.source_key, parts[0].reports.reported_at.tolist(), strict=True
                    )
                ],
                dtype=bool,
            )
        )
        reported_yet.update(reports.source_key)
        moves = []
        for part_no, part in enumerate(parts[: k + 1]):
            chosen = [
                key in reported_yet and (part_no, row) not in taken and when <= night * 1_000_000
                for row, (key, when) in enumerate(zip(part.moves.source_key, part.moves.at.tolist(), strict=True))
            ]
            some = part.moves.take(np.array(chosen, dtype=bool))
            taken |= {(part_no, int(row)) for row in np.flatnonzero(chosen)}
            moves.append(some)
        together = moves[0]
        for some in moves[1:]:
            names = [name for name, column in vars(some).items() if column is not None]
            together = type(some)(
                **{name: np.concatenate([getattr(together, name), getattr(some, name)]) for name in names}
            )
        visits = parts[min(k, 2)].visits
        assert visits is not None
        visits = visits.take(visits.start <= night * 1_000_000)
        take_in(connection, toy, Batch(reports, together, visits), night * 1_000_000 + 123)
        if k % 2:
            fold_once(connection)
        end = nights[k + 1] if k + 1 < len(nights) else now
        for second in [night, end - 1, *(chance.randrange(night, end) for _ in range(4))]:
            seen[second] = shown(connection, second, known=True), lists(connection, second, looked=False)
    changed = 0
    for second, (looked, listed) in seen.items():
        again = shown(connection, second, known=False)
        assert again == looked, at(second)
        assert lists(connection, second, looked=True) == listed, at(second)
        totals = again[0][1]
        assert {name: listed[name] for name in COUNTED} == {name: totals[name] for name in COUNTED}, at(second)
        changed += shown(connection, second, known=True) != looked
    assert changed > 5  # what came late did change what is known of those days
    assert verify_city(connection, toy.pack.config.code) == []
    last = "recorded_at = (SELECT max(recorded_at) FROM event_late) AND measure = 0 AND n > 0"
    assert connection.execute(text(f"DELETE FROM tally_late WHERE {last}")).rowcount
    assert [line.split(":")[0] for line in verify_city(connection, toy.pack.config.code)] == ["990101 late"]


def test_first_load_and_demo_are_known_at_their_own_times(connection: Connection, toy: City) -> None:
    now = time.time_ns() // 1_000
    first, second, third = told(life(toy.pack, 7, 40, now), [now] * 3)
    take_in(connection, toy, first)  # the first load: whatever it holds, no wall was there before
    assert connection.execute(text("SELECT count(*) FROM tally_late")).scalar_one() == 0
    take_in(connection, toy, second, NONE)  # a demo goes on
    assert connection.execute(text("SELECT count(*) FROM tally_late")).scalar_one() == 0
    take_in(connection, toy, third, now + 2_000_000)
    assert connection.execute(text("SELECT count(*) FROM tally_late")).scalar_one() > 0
    long_ago = now // 1_000_000 - 3 * DAY_S  # before it was live: as known
    assert shown(connection, long_ago, False) == shown(connection, long_ago, True)


def other(pack: Pack, **change: Any) -> Pack:
    """The pack with another configuration or other tables, as a pack of its own."""
    config = {name: change.pop(name) for name in list(change) if hasattr(pack.config, name)}
    return replace(pack, config=replace(pack.config, **config), sha256="0" * 64, **change)


def live(connection: Connection, city: City) -> int:
    """Lives up to a day ago, the city live since three days. Returns an instant of yesterday."""
    now = int(time.time())
    lasts = [(now - days * DAY_S) * 1_000_000 for days in (3, 2, 1)]
    for last, part in zip(lasts, told(life(city.pack, 4, 80, now * 1_000_000), lasts), strict=True):
        take_in(connection, city, part, last)
    return now - DAY_S + 3_600


def test_other_thresholds_leave_a_past_day_as_it_was_judged(connection: Connection, toy: City) -> None:
    second = live(connection, toy)
    before = shown(connection, second, False)
    weather = {"flow": [0.999, 0.998, 0.997], "stock": [0.0001, 0.0002, 0.0003], "sample": 1}
    load_pack(connection, other(toy.pack, weather=weather))
    assert shown(connection, second, False) == before
    today = shown(connection, second, True)
    assert today != before
    assert today[0][1]["open"] == before[0][1]["open"]


def test_fewer_points_leave_a_past_day_as_it_was_visited(connection: Connection, toy: City) -> None:
    second = live(connection, toy)
    before = shown(connection, second, False)
    load_pack(connection, other(toy.pack, points=toy.pack.points[:2]))
    assert shown(connection, second, True)[0][1]["declared"] == 2 < before[0][1]["declared"]
    assert shown(connection, second, False) == before


def test_other_borders_leave_a_past_day_in_its_own(connection: Connection, toy: City) -> None:
    second = live(connection, toy)
    catalog = load_catalog(connection, None)
    before = shown(connection, second, False)
    areas = dict(toy.pack.areas)
    finest = toy.pack.config.levels[-1]
    cells = list(areas[finest].geoms)
    cells[0] = shapely.transform(cells[0], lambda xy: xy + 1e-7)
    areas[finest] = replace(areas[finest], geoms=np.array(cells, dtype=object))
    load_pack(connection, other(toy.pack, areas=areas, boundary_sha256="1" * 64))
    assert shown(connection, second, False) == before
    assert shown(connection, second, True)[0][0] == 2
    for row in before[0][2] + before[1][2]:  # the lists of that day's areas are as long as their numbers
        area_id = catalog.place(1, row["level"], row["code"]).id
        for state in COUNTED:
            chosen = Filter(
                catalog.city_id, state, at(second), None, area_id, looked=True, borders=(1, catalog.levels[0], finest)
            )
            assert count_issues(connection, chosen) == row[state], (row["code"], state)
