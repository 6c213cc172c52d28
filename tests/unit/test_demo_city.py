"""The demo year of the project's own city: the article's figures, its seasons, and the weather that it ends in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from etl.demo.year import Year, demo_year
from weathermap.city.calendar import local_days
from weathermap.city.chain import ancestors
from weathermap.city.reading import read_pack
from weathermap.duty.deadlines import deadlines
from weathermap.issue.batch import NONE
from weathermap.issue.book import Book
from weathermap.issue.workflow import NEW, OPEN, step
from weathermap.tally.measures import MEASURES, Flow, M
from weathermap.visit.visits import cover
from weathermap.weather.rule import DEFAULT_WEATHER, HOLD_S, LOOKBACKS, Verdict, judge, overdue_of

PACK = Path(__file__).parents[2] / "gis_data" / "shishi"
ZONE = ZoneInfo("Asia/Shanghai")
END = int(datetime(2026, 11, 23, 8, tzinfo=ZONE).timestamp())
US, DAY_S = 1_000_000, 86_400

Table = tuple[np.ndarray, np.ndarray]  # seconds; sums of all measures after so many deltas


@pytest.fixture(scope="module")
def book() -> Book:
    return Book.from_pack(read_pack(PACK))


@pytest.fixture(scope="module")
def year(book: Book) -> Year:
    return demo_year(book, 2026, END)


@pytest.fixture(scope="module")
def rows(year: Year) -> Mapping[tuple[str, str], list[int]]:
    """Rows of each issue's moves, in order of time."""
    moves, found = year.batch.moves, defaultdict(list)
    for row in np.argsort(moves.at, kind="stable").tolist():
        found[moves.source[row], moves.source_key[row]].append(row)
    return found


@pytest.fixture(scope="module")
def final(year: Year, rows: Mapping[tuple[str, str], list[int]]) -> dict[tuple[str, str], str]:
    """The last state of each issue; raises IllegalMove for a life that the workflow does not allow."""
    moves, found = year.batch.moves.move.tolist(), {}
    for key in zip(year.batch.reports.source.tolist(), year.batch.reports.source_key.tolist(), strict=True):
        found[key] = step(NEW, "report")
        for row in rows.get(key, ()):
            found[key] = step(found[key], moves[row])
    return found


def test_the_articles_figures_are_exact(final: Mapping[tuple[str, str], str]) -> None:
    states = Counter(final.values())
    still = sum(states[name] for name in OPEN)
    assert (states["rectified"], states["rectified"] + still, still) == (40_990, 41_516, 526)
    by_source = Counter((source, state) for (source, _), state in final.items())
    assert by_source["snapshot", "rectified"] == 344
    assert by_source["snapshot", "rejected"] > 20
    assert {state: n for (source, state), n in by_source.items() if source == "round"} == {"rectified": 89}
    assert states["void"] > 100 and states["rejected"] > 100


def test_every_special_work_has_issues(book: Book, year: Year) -> None:
    special = {category.code: category.special for category in book.pack.categories}
    counts = Counter(special[code] for code in year.batch.reports.category)
    assert len(book.pack.specials) == 10
    assert min(counts[entry.code] for entry in book.pack.specials) > 400


def test_seasons_show(book: Book, year: Year) -> None:
    names = {category.code: category.name for category in book.pack.categories}
    days = local_days(year.batch.reports.reported_at, "Asia/Shanghai")
    dated = [datetime.fromordinal(day) for day in days.tolist()]
    named = list(zip([names[code] for code in year.batch.reports.category], dated, strict=True))
    months = Counter((name, day.month) for name, day in named)
    barbecue, water, litter = "露天烧烤", "道路积水", "暴露垃圾"
    assert sum(months[barbecue, m] for m in (6, 7, 8)) > 3 * sum(months[barbecue, m] for m in (12, 1, 2))
    assert sum(months[water, m] for m in (7, 8, 9)) > 2 * sum(months[water, m] for m in (12, 1, 2))
    festive = Counter(name == litter for name, day in named if datetime(2026, 1, 25) <= day < datetime(2026, 2, 15))
    april = Counter(name == litter for name, day in named if day.month == 4)
    assert festive[True] / festive.total() > 1.5 * april[True] / april.total()
    weekdays = Counter(day.weekday() for day in dated)
    assert max(weekdays[5], weekdays[6]) < 0.6 * min(weekdays[d] for d in range(5))
    assert all(n > 0 for n in Counter((day.year, day.month) for day in dated).values())


def test_checks_come_soon_and_some_fail(year: Year, rows: Mapping[tuple[str, str], list[int]], book: Book) -> None:
    moves, fed, checked = year.batch.moves, [], []
    for own in rows.values():
        for before, after in pairwise(own):
            if moves.move[before] == "feed_back":
                fed.append(before)
                checked.append(after)
    waited = book.calendar.work_between(moves.at[fed], moves.at[checked]) / 60 / US
    assert np.mean((waited >= 29) & (waited <= 121)) > 0.75
    assert np.mean(moves.move[checked] == "check_fail") == pytest.approx(0.04, abs=0.01)


def test_a_few_spots_are_hot(book: Book, year: Year) -> None:
    area = book.locator.locate(year.batch.reports.lon, year.batch.reports.lat)
    per_cell = np.sort(np.bincount(area[area >= 0], minlength=len(book.pack.finest)))[::-1]
    assert per_cell[: len(per_cell) // 50].sum() > 0.4 * per_cell.sum()
    assert (per_cell > 0).sum() > 3_000


@pytest.fixture(scope="module")
def tables(book: Book, year: Year, rows: Mapping[tuple[str, str], list[int]]) -> dict[tuple[str, int], Table]:
    """Running sums of all measures by (level, row), counted from the moves by the tally's own flows."""
    deltas = defaultdict(list)
    above = ancestors(book.pack)
    reports, moves = year.batch.reports, year.batch.moves
    keys = list(zip(reports.source.tolist(), reports.source_key.tolist(), strict=True))
    category = dict(zip(keys, reports.category.tolist(), strict=True))
    dispatched = np.flatnonzero(moves.move == "dispatch")
    of = np.array([category[moves.source[r], moves.source_key[r]] for r in dispatched.tolist()], dtype=object)
    until = np.where(moves.until == NONE, 0, moves.until // US)
    until[dispatched] = deadlines(book.calendar, book.limits, of, moves.at[dispatched]) // US
    red = {entry.code for entry in book.pack.categories if entry.red_line}
    moved, at, until = moves.move.tolist(), (moves.at // US).tolist(), until.tolist()
    for key, area in zip(keys, book.locator.locate(reports.lon, reports.lat).tolist(), strict=True):
        flow = Flow(category[key] in red)
        for row in rows.get(key, ()):
            flow.apply(moved[row], at[row], until[row] or None)
        for level, column in (("town", 1), ("community", 2)):
            deltas[level, int(above[area, column]) if area >= 0 else -1] += flow.deltas
    assert year.batch.visits is not None
    visits = defaultdict(list)
    for point, start in zip(year.batch.visits.point, (year.batch.visits.start // US).tolist(), strict=True):
        visits[point].append(start)
    points = book.pack.points
    where = book.locator.locate(np.array([p.lon for p in points]), np.array([p.lat for p in points]))
    for point, area in zip(points, where.tolist(), strict=True):
        posted = [*cover(visits[point.code], [], 0), (0, M["declared"], 1)]
        deltas["town", int(above[area, 1])] += posted
        deltas["community", int(above[area, 2])] += posted
    return {place: running(np.array(found)) for place, found in deltas.items()}


def running(deltas: np.ndarray) -> Table:
    deltas = deltas[np.argsort(deltas[:, 0], kind="stable")]
    single = np.zeros((len(deltas) + 1, len(MEASURES)), dtype=np.int64)
    single[np.arange(len(deltas)) + 1, deltas[:, 1]] = deltas[:, 2]
    return deltas[:, 0], np.cumsum(single, axis=0)


def sums(table: Table, at: int) -> list[list[int]]:
    return [table[1][np.searchsorted(table[0], at - back, side="right")].tolist() for back in LOOKBACKS]


def weather(tables: Mapping[tuple[str, int], Table], level: str, row: int, at: int) -> Verdict:
    table = tables[level, row]
    role = "town" if level == "town" else "fine"
    return judge(sums(table, at), sums(table, at - HOLD_S), DEFAULT_WEATHER, role, True)


def towns(tables: Mapping[tuple[str, int], Table], at: int) -> list[Verdict]:
    return [weather(tables, level, row, at) for level, row in tables if level == "town" and row >= 0]


def total(tables: Mapping[tuple[str, int], Table], at: int) -> list[int]:
    return np.sum([sums(table, at)[0] for (level, _), table in tables.items() if level == "town"], axis=0).tolist()


def test_the_year_ends_in_every_weather(tables: Mapping[tuple[str, int], Table]) -> None:
    shown = Counter(verdict.weather for verdict in towns(tables, END))
    assert shown["rain"] == 1
    assert 1 <= shown["overcast"] <= 2 and shown["sunny"] >= 2 and shown["cloudy"] >= 3
    now = total(tables, END)
    assert 65 <= overdue_of(now) <= 85
    assert now[M["red_overdue"]] == 1 and 2 <= now[M["long_overdue"]] <= 6
    assert 0.88 <= now[M["on_time"]] / now[M["due"]] <= 0.93


def test_the_next_day_is_no_cliff(tables: Mapping[tuple[str, int], Table]) -> None:
    later = total(tables, END + DAY_S)
    assert overdue_of(later) < 120
    assert Counter(verdict.weather for verdict in towns(tables, END + DAY_S))["rain"] <= 2


def test_nearly_all_points_are_visited_and_one_town_too_seldom(tables: Mapping[tuple[str, int], Table]) -> None:
    shares = [verdict.of("coverage") for verdict in towns(tables, END)]
    found = sorted(gate.value for gate in shares if gate is not None and gate.value is not None)
    assert 0.5 < found[0] < 0.8 < found[1]
    communities = [row for level, row in tables if level == "community" and row >= 0]
    unvisited = sum(weather(tables, "community", row, END).weather == "unvisited" for row in communities)
    assert 2 <= unvisited <= 15


def test_the_weather_changes_through_the_year(tables: Mapping[tuple[str, int], Table]) -> None:
    seen: dict[int, Counter[str | None]] = defaultdict(Counter)
    for week in range(300):
        for row, verdict in enumerate(towns(tables, END - week * DAY_S)):
            seen[row][verdict.weather] += 1
    assert all(len(counts) >= 3 for counts in seen.values())
    assert sum(counts["rain"] > 0 for counts in seen.values()) >= len(seen) - 2
    everything = sum(seen.values(), Counter())
    assert everything["sunny"] + everything["cloudy"] > 0.7 * everything.total()


def test_leaders_order_on_eighteen_inspections_and_see_what_came_of_it(
    year: Year, rows: Mapping[tuple[str, str], list[int]]
) -> None:
    moves = year.batch.moves
    given = np.flatnonzero(np.isin(moves.move, ("order", "list_publicly")))
    days = set(local_days(moves.at[given], "Asia/Shanghai").tolist())
    assert len(days) == 18 and 36 <= len(given) <= 60
    assert all(moves.note[row] and moves.actor[row] and moves.until[row] > moves.at[row] for row in given.tolist())
    outcomes: Counter[str] = Counter()
    for row in given.tolist():
        own = [other for other in rows[moves.source[row], moves.source_key[row]] if moves.at[other] > moves.at[row]]
        passed = next((other for other in own if moves.move[other] == "check_pass"), None)
        if passed is None:
            fed = bool(own) and moves.move[own[-1]] == "feed_back"
            outcomes["to_check" if fed else "overdue" if moves.until[row] < END * US else "open"] += 1
        else:
            fed_at = max(moves.at[o] for o in own if moves.move[o] == "feed_back" and moves.at[o] <= moves.at[passed])
            outcomes["in_term" if fed_at <= moves.until[row] else "late"] += 1
    assert (outcomes["overdue"], outcomes["open"], outcomes["to_check"]) == (1, 1, 1)
    assert 0.03 < outcomes["late"] / len(given) < 0.3
    urged = Counter(moves.note[moves.move == "urge"].tolist())
    assert len(urged) == 2 and min(urged.values()) > 300


def test_every_problem_has_the_standard_it_is_judged_by() -> None:
    pack = read_pack(PACK)
    judged = {duty.category for duty in pack.duties if duty.standard}
    assert [one.code for one in pack.categories if one.code not in judged and not one.standard] == []
    assert [one.code for one in pack.categories if bool(one.standard) != bool(one.standard_en)] == []
