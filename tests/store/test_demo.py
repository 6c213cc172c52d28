"""The demo in a real store: filled once, topped up without a trace of the seam, live, and never over a real ledger."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, select

from etl.demo import run
from etl.demo.figures import Figures
from etl.demo.run import run_demo
from tests.store.random_life import life
from weathermap.errors import SettingError, StoreError
from weathermap.issue.intake import take_in
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.catalog import load_catalog
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold_once
from weathermap.tally.verify import verify_city
from weathermap.visit.rounds import list_rounds
from weathermap.weather.board import Asked, board

ROOT = Path(__file__).parents[2]
TOY = ROOT / "tests" / "packs" / "toy"
SMALL = Figures(notified=1_200, rectified=1_150, snapshots=20, found=9, rounds=4, overdue=9)
ZONE = ZoneInfo("Asia/Shanghai")


def issues(engine: Engine) -> list[tuple[object, ...]]:
    """Each issue as its events tell: what a seam would show in."""
    e = t.issue_event.c
    with engine.connect() as connection:
        rows = connection.execute(
            select(t.issue_key.c.source_key, e.seq, e.at, e.move)
            .join(t.issue_key, t.issue_key.c.issue_id == e.issue_id)
            .order_by(t.issue_key.c.source_key, e.seq)
        )
        return [tuple(row) for row in rows]


def no_difference(engine: Engine, code: str) -> bool:
    with engine.begin() as connection:
        while fold_once(connection):
            pass
        return verify_city(connection, code) == []


def test_a_restart_tops_up_and_leaves_earlier_days_alone(fresh: Settings) -> None:
    run_demo(fresh, TOY, 2026, "2026-11-16T08:00", False, 60, SMALL)
    engine = open_store(fresh)
    before = issues(engine)
    run_demo(fresh, TOY, 2026, "2026-11-16T08:00", False, 60, SMALL)
    assert issues(engine) == before
    for end in ("2026-11-17T11:00", "2026-11-20", "2026-12-24"):
        run_demo(fresh, TOY, 2026, end, False, 60, SMALL)
    after = issues(engine)
    assert set(before) <= set(after)
    seam = datetime(2026, 11, 16, 8, tzinfo=ZONE)
    assert all(row[2] >= seam for row in set(after) - set(before))
    assert len({row[0] for row in after}) - len({row[0] for row in before}) == pytest.approx(38 * 1_200 / 365, rel=0.3)
    with engine.connect() as connection:
        late = connection.execute(
            select(func.count()).select_from(t.issue).where(t.issue.c.state == "handling", t.issue.c.notified_at < seam)
        ).scalar_one()
        assert late == 0  # all that was open then has been handled since
        rounds = list_rounds(connection, open_city(connection, "990101").city_id)
        assert len(rounds) == len({row.held_on for row in rounds}) >= SMALL.rounds
        told = select(func.count()).select_from(t.issue.join(t.source, t.source.c.source_id == t.issue.c.source_id))
        told = told.where(t.source.c.kind == "round")
        assert 0 < sum(row.found for row in rounds) <= connection.execute(told).scalar_one()  # one a standard
        assert all(row.visited == row.points > 0 and row.members > 3 and row.follow_up for row in rounds)
        demo = connection.execute(select(t.city.c.demo)).scalar_one()
    assert demo == {"seed": 2026, "from": "2025-11-16T08:00:00+08:00", "to": "2026-12-24T08:00:00+08:00"}
    assert no_difference(engine, "990101")
    engine.dispose()


def test_the_board_shows_the_exact_figures_and_says_demo(fresh: Settings) -> None:
    run_demo(fresh, TOY, 2026, "2026-11-23", False, 60, SMALL)
    engine = open_store(fresh)
    with engine.connect() as connection:
        catalog = load_catalog(connection, "990101")
        shown = board(connection, catalog, Asked("town", None, "place", datetime(2026, 11, 23, 8, tzinfo=ZONE), None))
    totals = shown["totals"]
    assert (totals["notified"], totals["rectified"], totals["open"]) == (1_200, 1_150, 50)
    assert sum(area["notified"] for area in shown["areas"]) + totals["unlocated"] == 1_200
    assert catalog.demo and catalog.demo["seed"] == 2026
    engine.dispose()


def test_live_steps_commit_reports_and_rectified_issues(fresh: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [datetime(2026, 11, 23, 8, tzinfo=ZONE).timestamp()]

    def sleep(seconds: float) -> None:
        clock[0] += 20 * seconds
        if clock[0] > 1_000 + started:
            raise KeyboardInterrupt

    monkeypatch.setattr(run.time, "sleep", sleep)
    monkeypatch.setattr(run.time, "time", lambda: clock[0])
    started = clock[0]
    run_demo(fresh, TOY, 2026, "2026-11-23", False, 60, SMALL)
    engine = open_store(fresh)
    before = issues(engine)
    calls = iter(range(10_000))

    def busy(*arguments: object) -> object:
        if next(calls) == 3:
            raise StoreError("An issue was changed by someone else meanwhile.")
        return take_in(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "take_in", busy)
    run_demo(fresh, TOY, 2026, "2026-11-23", True, 1_000, SMALL)
    assert next(calls) == 25
    new = set(issues(engine)) - set(before)
    assert sum(row[3] == "report" for row in new) == pytest.approx(1_000 * 1_000 * 1_200 / 365 / 86_400, rel=0.3)
    known = {row[0] for row in before}
    assert sum(row[3] == "check_pass" and row[0] in known for row in new) > 5
    assert sum(row[3] == "check_pass" and row[0] not in known for row in new) > 5
    assert no_difference(engine, "990101")
    engine.dispose()


def test_a_real_ledger_is_never_mixed_with_a_demo(fresh: Settings) -> None:
    run_demo(fresh, TOY, 2026, "2026-11-23", False, 60, SMALL)
    with pytest.raises(SettingError, match="seed 2026, not 7"):
        run_demo(fresh, TOY, 7, "2026-11-24", False, 60, SMALL)
    engine = open_store(fresh)
    with engine.begin() as connection:
        connection.execute(t.city.update().values(demo=None))
    with pytest.raises(StoreError, match="not a demo's"):
        run_demo(fresh, TOY, 2026, "2026-11-24", False, 60, SMALL)
    engine.dispose()


def test_real_issues_beside_the_demos_are_left_alone(fresh: Settings) -> None:
    run_demo(fresh, TOY, 2026, "2026-11-23", False, 60, SMALL)
    engine = open_store(fresh)
    with engine.begin() as connection:
        city = open_city(connection, "990101")
        now = int(datetime(2026, 11, 23, 9, tzinfo=ZONE).timestamp() * 1e6)
        for batch in life(city.pack, 3, 20, now):
            take_in(connection, city, batch)
    before = issues(engine)
    others = {row[0] for row in before if not str(row[0])[:8].isdigit()}
    assert others
    run_demo(fresh, TOY, 2026, "2026-11-27", False, 60, SMALL)
    assert {row for row in issues(engine) if row[0] in others} == {row for row in before if row[0] in others}
    engine.dispose()


@pytest.mark.parametrize(
    ("end", "pace", "says"), [("tomorrow", 60, "is no date or time"), ("2026-11-23", 0, "pace of 0 is not possible")]
)
def test_an_end_or_pace_that_cannot_be_used_is_refused(fresh: Settings, end: str, pace: float, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        run_demo(fresh, TOY, 2026, end, False, pace, SMALL)
