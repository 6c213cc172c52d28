"""Large ledgers (here: of some dozen rows, with the bounds lowered): stored as small ones are, and safe to kill."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from etl.importing import run_import
from etl.large import storing
from etl.large.importing import Sizes
from etl.outcome import Outcome
from tests.small_ledger import make_city, row, write_ledger
from weathermap.errors import StoreError
from weathermap.progress import followed
from weathermap.settings import Settings
from weathermap.store.cities import load_directory
from weathermap.store.db import open_store
from weathermap.tally import post
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_store
from weathermap.work.jobs import Cancelled

SMALL = Sizes(large=20, chunk=7)
# What two stores must agree on, whatever ids they gave.
SAME = {
    "issues": """SELECT k.source_key, number, state, seq, last_at, reported_at, notified_at, deadline, long_at, red_at,
        fed_back_at, rectified_at, unit_id, person_id, area_id, places, geom, position, address, flag, review, receipt
        FROM issue JOIN issue_key AS k USING (issue_id) ORDER BY 1""",
    "events": """SELECT k.source_key, seq, at, move, actor, data FROM issue_event JOIN issue_key AS k USING (issue_id)
        ORDER BY 1, 2""",
    "published": "SELECT k.source_key, level, p.code FROM issue_published AS p JOIN issue_key AS k USING (issue_id)"
    " ORDER BY 1, 2",
    "sums": "SELECT * FROM tally_prefix ORDER BY subject_id, bucket",
    "ahead": "SELECT subjects, entries FROM tally_delta ORDER BY 1, 2",
    "loads": "SELECT name, sha256, read, stored, rejected, duplicates FROM load ORDER BY load_id",
    "quarantine": "SELECT line, field, reason, row FROM quarantine ORDER BY load_id, line, field",
    "days": "SELECT * FROM issue_number_day ORDER BY 2",
    "late": "SELECT k.source_key, seq, at FROM event_late JOIN issue_key AS k USING (issue_id) ORDER BY 1, 2",
    "late sums": "SELECT at, subjects, measure, n FROM tally_late ORDER BY 1, 2, 3, 4",
    "left": "SELECT relname FROM pg_class WHERE relname ~ '^(tally|issue_key|issue_pub|quarantine|event_late).*_load_'",
    "unfinished": "SELECT * FROM large_load",
}


@pytest.fixture(autouse=True)
def _merge_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "MANY", 1)  # as a large load does


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return make_city(tmp_path / "city")


@pytest.fixture
def stores(clone: Callable[..., Settings]) -> Iterator[list[tuple[Settings, Engine]]]:
    """Two stores: one takes ledgers as small ones, one as large ones."""
    found = [(settings, open_store(settings)) for settings in (clone(), clone())]
    yield found
    for _, engine in found:
        engine.dispose()


def ledger_rows(seed: int, n: int, later: bool = False) -> list[list[str]]:
    """Ordinary and odd rows; `later`: of the same issues, since when something may have happened."""
    chance = random.Random(seed)
    found = []
    for k in range(n):
        odd = {
            0: {"类别": "?"}, 1: {"上报时间": "never"}, 2: {"经度": ""}, 3: {"经度": "119.5"}, 4: {"编号": ""},
            5: {"经度": "24.72", "纬度": "118.62"}, 6: {"地址": 'a "quoted" \\ one'}, 7: {"编号": "key 3"},
            8: {"经度": "118.60", "纬度": "24.70"}, 9: {"期限": "2039-01-01 08:00"}, 10: {"片区": "2"},
        }.get(chance.randrange(16), {})  # fmt: skip
        state = chance.choice(["办理中", "已办结", "作废", "待派遣", "已办结"])
        ended = f"2026-05-{chance.randrange(1, 28):02d} 09:00" if state in ("已办结", "作废") else ""
        if later and chance.random() < 0.5:
            state, ended = "已办结", "2026-06-02 10:00"
        lon, lat = f"118.{chance.randrange(60001, 69999)}", f"24.{chance.randrange(70001, 74999)}"
        values = {
            "经度": lon,
            "纬度": lat,
            "状态": state,
            "办结时间": ended,
            "上报时间": f"2026-05-{k % 20 + 1:02d} 08:00",
            **odd,
        }
        found.append(row(values.pop("编号", f"key {k}"), **values))
    return found


def both(stores: list[tuple[Settings, Engine]], ledger: Path, city: Path, **more: Any) -> tuple[Outcome, Outcome]:
    (small, _), (large, _) = stores
    return run_import(small, ledger, city, {}, **more), run_import(large, ledger, city, {}, sizes=SMALL, **more)


def rows(engine: Engine, question: str) -> list[str]:
    with engine.connect() as connection:
        return [str(found) for found in connection.execute(text(f"SELECT CAST(t AS text) FROM ({question}) AS t"))]


def assert_same(stores: list[tuple[Settings, Engine]]) -> None:
    for name, question in SAME.items():
        small, large = (rows(engine, question) for _, engine in stores)
        assert small == large, name
    for _, engine in stores:
        assert verify_store(engine) == []


def said(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name, value in vars(outcome).items() if name != "load_id"}


def test_a_large_ledger_is_stored_as_a_small_one(
    stores: list[tuple[Settings, Engine]], city: Path, tmp_path: Path
) -> None:
    ledger = write_ledger(tmp_path / "a.csv", ledger_rows(1, 60))
    files = [tmp_path / "small.csv", tmp_path / "large.csv"]
    ways = list(zip((settings for settings, _ in stores), (Sizes(), SMALL), strict=True))
    dry = [run_import(settings, ledger, city, {}, dry_run=True, sizes=sizes) for settings, sizes in ways]
    assert said(dry[0]) == said(dry[1])
    found = [
        run_import(settings, ledger, city, {}, rejected=file, sizes=sizes)
        for (settings, sizes), file in zip(ways, files, strict=True)
    ]
    assert said(found[0]) == said(found[1])
    assert files[0].read_text() == files[1].read_text()
    assert_same(stores)
    assert rows(stores[1][1], "SELECT count(*) FROM issue_live") == ["('(0)',)"]  # in a partition of their own
    again = both(stores, ledger, city)
    assert said(again[0]) == said(again[1]) and not again[1].stored
    assert_same(stores)


def test_whoever_follows_it_stops_it_and_it_goes_on(
    stores: list[tuple[Settings, Engine]], city: Path, tmp_path: Path
) -> None:
    ledger, (settings, engine) = write_ledger(tmp_path / "a.csv", ledger_rows(9, 60)), stores[1]

    class Patience:
        done, total, least = 0, 0, 15

        def of(self, total: int) -> None:
            self.done, self.total = 0, total

        def __call__(self, done: int) -> None:
            self.done += done
            if self.done >= self.least:
                raise Cancelled("It was told to stop.")

    patience = Patience()
    with followed(patience), pytest.raises(Cancelled):
        run_import(settings, ledger, city, {}, sizes=SMALL)
    assert 15 <= patience.done < 60 == patience.total
    assert verify_store(engine) == [] and rows(engine, "SELECT count(*) FROM issue") == ["('(0)',)"]
    patience.least = 10_000
    with followed(patience):
        outcome = run_import(settings, ledger, city, {}, sizes=SMALL)
    assert patience.done == 60 and rows(engine, "SELECT count(*) FROM issue") == [f"('({outcome.stored})',)"]
    assert verify_store(engine) == [] and rows(engine, SAME["unfinished"]) == rows(engine, SAME["left"]) == []


def test_newer_exports_go_on(stores: list[tuple[Settings, Engine]], city: Path, tmp_path: Path) -> None:
    both(stores, write_ledger(tmp_path / "a.csv", ledger_rows(2, 40)), city)
    for _, engine in stores:
        with engine.begin() as connection:  # not within the second in which it went live
            connection.execute(text("UPDATE city SET live_since = live_since - interval '1 hour'"))
    for name, seed, n in (("b.csv", 2, 44), ("c.csv", 3, 90)):  # little is new; much is new
        found = both(stores, write_ledger(tmp_path / name, ledger_rows(seed, n, later=True)), city)
        assert said(found[0]) == said(found[1]) and found[1].updated
        for _, engine in stores:
            while fold(engine):
                pass
        assert_same(stores)
    assert len(rows(stores[1][1], "SELECT relname FROM pg_class WHERE relname ~ '^issue_load_[0-9]+$'")) == 2


def test_what_another_pack_decided_is_thrown_away(
    fresh: Settings, city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, engine = write_ledger(tmp_path / "a.csv", ledger_rows(4, 50)), open_store(fresh)

    def breaks_off(*_: object) -> None:
        raise StoreError("The lights went out.")

    with monkeypatch.context() as patched, pytest.raises(StoreError, match="lights"):
        patched.setattr(storing, "finish_load", breaks_off)
        run_import(fresh, ledger, city, {}, sizes=SMALL)
    assert rows(engine, "SELECT load_no FROM large_load") == ["('(1)',)"]
    with (city / "categories.csv").open("a", encoding="utf-8") as file:
        file.write("bins,垃圾桶,Bins,component,,0\n")
    load_directory(engine, city, {})
    outcome = run_import(fresh, ledger, city, {}, sizes=SMALL)
    assert rows(engine, "SELECT count(*) FROM issue") == [f"('({outcome.stored})',)"]
    assert verify_store(engine) == [] and rows(engine, SAME["unfinished"]) == rows(engine, SAME["left"]) == []
    assert rows(engine, "SELECT relname FROM pg_class WHERE relname = 'issue_load_1'") == []
    engine.dispose()
