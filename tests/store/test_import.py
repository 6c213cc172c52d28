"""`weathermap import` against real PostGIS: what it stores, that it reconciles, and that twice changes nothing."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from etl.importing import IMPORT_LOCK, run_import
from etl.outcome import Outcome
from tests.small_ledger import MAPPING, make_city, row, write_ledger
from weathermap.cli import main
from weathermap.errors import LedgerError, PackError, StoreError
from weathermap.settings import Settings
from weathermap.store.db import open_store

ROOT = Path(__file__).parents[2]
BALTIMORE = ROOT / "../shared/data/baltimore_2018"
CLOSED = {"状态": "已办结", "办结时间": "2026-05-02 08:00"}
TABLES = (
    "city",
    "pack_version",
    "issue",
    "issue_event",
    "issue_key",
    "issue_published",
    "load",
    "quarantine",
    "tally_delta",
)
Import = Callable[..., Outcome]


@pytest.fixture
def store(fresh: Settings) -> Iterator[Engine]:
    """An engine on this test's own database."""
    engine = open_store(fresh)
    yield engine
    engine.dispose()


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return make_city(tmp_path / "city")


@pytest.fixture
def take(fresh: Settings, tmp_path: Path, city: Path) -> Import:
    """`take(rows, …)` imports a ledger of `rows` into the small city."""

    def importing(rows: list[list[str]], encoding: str = "utf-8", **more: Any) -> Outcome:
        return run_import(fresh, write_ledger(tmp_path / "ledger.csv", rows, encoding), city, {}, **more)

    return importing


def ask(store: Engine, question: str, **values: object) -> list[tuple[Any, ...]]:
    with store.connect() as connection:
        return [tuple(found) for found in connection.execute(text(question), values)]


def counts(store: Engine) -> dict[str, int]:
    return {table: ask(store, f'SELECT count(*) FROM "{table}"')[0][0] for table in TABLES}


def moves(store: Engine, key: str) -> list[str]:
    question = (
        "SELECT e.move FROM issue_event e JOIN issue_key k USING (issue_id) WHERE k.source_key = :key ORDER BY e.seq"
    )
    return [move for (move,) in ask(store, question, key=key)]


# -- what is stored ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_ledger_becomes_issues(take: Import, store: Engine, encoding: str) -> None:
    outcome = take([row("A"), row("B", **CLOSED, 类别="路灯", 经度="118.67", 片区="2")], encoding)
    assert (outcome.read, outcome.stored, outcome.rejected, outcome.duplicates) == (2, 2, 0, 0)
    found = ask(
        store,
        """SELECT k.source_key, c.code, i.state, a.code, u.code, i.address, p.level, p.code
           FROM issue i JOIN issue_key k USING (issue_id) JOIN category c USING (category_id)
           JOIN area a USING (area_id) JOIN unit u ON u.unit_id = i.unit_id
           JOIN issue_published p USING (issue_id) ORDER BY 1""",
    )
    assert found == [
        ("A", "litter", "handling", "01", "clean", "一号路", "district", "01"),
        ("B", "lamp", "rectified", "02", "clean", "一号路", "district", "02"),
    ]
    assert moves(store, "B") == ["report", "dispatch", "feed_back", "check_pass"]
    assert [(a.level, a.rows, a.exact, a.near) for a in outcome.agreements] == [("district", 2, 2, 2)]


def test_positions_that_cannot_be_used_are_stored_unlocated(take: Import, store: Engine) -> None:
    outcome = take(
        [
            row("located"),
            row("swapped", 经度="24.72", 纬度="118.62"),
            row("default", 经度="118.60", 纬度="24.70"),
            row("missing", 经度="", 纬度=""),
            row("outside", 经度="119.5"),
        ]
    )
    assert outcome.stored == 5
    assert outcome.positions == {"located": 1, "swapped": 1, "default": 1, "missing": 1, "outside": 1}
    question = "SELECT k.source_key, i.position, i.area_id IS NULL FROM issue i JOIN issue_key k USING (issue_id)"
    assert {(key, position) for key, position, _ in ask(store, question)} == {
        (name, name) for name in ("located", "swapped", "default", "missing", "outside")
    }
    assert sum(unlocated for *_, unlocated in ask(store, question)) == 4


def test_the_written_position_of_an_unusable_one_is_kept(take: Import, store: Engine) -> None:
    take([row("A", 经度="24.72", 纬度="118.62")])
    ((data,),) = ask(store, "SELECT data FROM issue_event WHERE move = 'dispatch'")
    assert json.loads(data)["note"] == "position 24.72, 118.62 not used: swapped"


def test_closing_before_opening_is_stored_and_flagged(take: Import, store: Engine) -> None:
    early = {"状态": "已办结", "办结时间": "2026-04-30 08:00"}
    take([row("A", **early), row("B", **early, 经度="24.72", 纬度="118.62"), row("C")])
    assert ask(
        store, "SELECT flag, position, area_id IS NULL, reported_at = rectified_at FROM issue ORDER BY 1, 2"
    ) == [
        ("", "located", False, None),
        ("closed_early", "located", False, True),
        ("closed_early", "swapped", True, True),
    ]


def test_the_first_import_loads_the_city_and_a_failing_one_leaves_nothing(take: Import, store: Engine) -> None:
    with pytest.raises(LedgerError):
        take([row("A")], mapping=Path("no-such-mapping.toml"))
    assert set(counts(store).values()) == {0}
    take([row("A")])
    assert counts(store)["city"] == 1


def test_a_pack_with_a_fault_is_not_loaded(take: Import, store: Engine, city: Path) -> None:
    (city / "categories.csv").unlink()
    with pytest.raises(PackError):
        take([row("A")])
    assert set(counts(store).values()) == {0}


def test_new_categories_join_the_pack(take: Import, store: Engine, city: Path) -> None:
    (city / "mapping.toml").write_text(MAPPING.replace('new = "reject"', 'new = "add"'), encoding="utf-8")
    for _ in range(2):
        outcome = take([row("A"), row("B", 类别="共享 单车")])
    assert outcome.duplicates == 2
    assert ask(store, "SELECT code, name, kind FROM category WHERE code NOT IN ('litter', 'lamp')") == [
        ("共享-单车", "共享 单车", "service")
    ]
    assert counts(store)["pack_version"] == 2


# -- sums reconcile ----------------------------------------------------------------------------------------------------


def test_rejected_rows_are_kept_with_line_and_reason(take: Import, store: Engine, tmp_path: Path) -> None:
    rows = [
        row("A"),
        row("", 地址="无号"),
        row("C", 上报时间="2026-02-30 08:00"),
        row("D", 类别="?"),
        row("A", 地址="别处"),
    ]
    outcome = take(rows, rejected=tmp_path / "rejected.csv")
    assert (outcome.read, outcome.stored, outcome.rejected, outcome.duplicates) == (5, 1, 3, 1)
    kept = ask(store, "SELECT line, field, reason, row FROM quarantine ORDER BY line")
    assert [(line, field) for line, field, *_ in kept] == [(3, "编号"), (4, "上报时间"), (5, "类别"), (6, "duplicate")]
    assert json.loads(kept[0][3])["地址"] == "无号"
    assert ask(store, "SELECT name, read, stored, rejected, duplicates FROM load") == [("ledger.csv", 5, 1, 3, 1)]
    with (tmp_path / "rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    assert [(entry["line"], entry["reason"]) for entry in written] == [
        (str(line), reason) for line, _, reason, _ in kept
    ]
    assert written[1]["上报时间"] == "2026-02-30 08:00"


def test_a_dry_run_says_the_same_and_stores_nothing(take: Import, store: Engine, tmp_path: Path) -> None:
    rows = [row("A"), row("B", 类别="?")]
    dry = take(rows, dry_run=True, rejected=tmp_path / "rejected.csv")
    assert set(counts(store).values()) == {0}
    assert (tmp_path / "rejected.csv").exists()
    wet = take(rows)
    assert (dry.read, dry.stored, dry.rejected) == (wet.read, wet.stored, wet.rejected) == (2, 1, 1)


def test_a_rejected_file_that_cannot_be_written_stores_nothing(take: Import, store: Engine, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be written"):
        take([row("")], rejected=tmp_path / "no-such-folder" / "rejected.csv")
    assert set(counts(store).values()) == {0}


# -- again -------------------------------------------------------------------------------------------------------------


def test_twice_changes_nothing(take: Import, store: Engine) -> None:
    rows = [row("A"), row("B", **CLOSED), row("C", 状态="作废"), row("D", 类别="?"), row("E", 状态="待派遣")]
    take(rows)
    before = counts(store)
    again = take(rows)
    assert (again.stored, again.rejected, again.duplicates) == (0, 1, 4)
    assert again.load_id is None
    assert counts(store) == before


def test_a_newer_export_appends_what_happened_since(take: Import, store: Engine) -> None:
    take([row("A"), row("B"), row("C", 状态="待派遣"), row("D")])
    later = [
        row("A", **CLOSED),
        row("B", 状态="作废", 办结时间="2026-05-03 08:00"),
        row("C", **CLOSED),
        row("D"),
        row("E"),
    ]
    outcome = take(later)
    assert (outcome.stored, outcome.updated, outcome.duplicates) == (4, 3, 1)
    assert moves(store, "A") == ["report", "dispatch", "feed_back", "check_pass"]
    assert moves(store, "B") == ["report", "dispatch", "void"]
    assert moves(store, "C") == ["report", "dispatch", "feed_back", "check_pass"]
    assert ask(store, "SELECT DISTINCT rectified_at = '2026-05-02 00:00Z' FROM issue WHERE state = 'rectified'") == [
        (True,)
    ]
    before = counts(store)
    assert take(later).stored == 0
    assert counts(store) == before


def test_an_older_export_does_not_undo_what_happened(take: Import, store: Engine) -> None:
    take([row("A", **CLOSED), row("B", 状态="作废")])
    before = counts(store)
    outcome = take([row("A"), row("B")])
    assert (outcome.stored, outcome.duplicates) == (0, 2)
    assert sum(outcome.remarks.values()) == 2
    after = counts(store)
    assert after["issue_event"] == before["issue_event"]


def test_reopened_and_closed_again_later(take: Import, store: Engine) -> None:
    take([row("A", **CLOSED)])
    later = [row("A", 状态="已办结", 办结时间="2026-05-09 08:00")]
    assert take(later).updated == 1
    assert moves(store, "A")[-3:] == ["reopen", "feed_back", "check_pass"]
    assert take(later).stored == 0


# -- together ----------------------------------------------------------------------------------------------------------


def test_two_imports_at_once_store_a_ledger_once(fresh: Settings, store: Engine, tmp_path: Path, city: Path) -> None:
    ledger = write_ledger(tmp_path / "ledger.csv", [row("A"), row("B", **CLOSED)])
    with ThreadPoolExecutor() as pool:
        outcomes = [found.result() for found in [pool.submit(run_import, fresh, ledger, city, {}) for _ in range(2)]]
    assert sorted(outcome.stored for outcome in outcomes) == [0, 2]
    assert counts(store)["issue"] == 2


def test_a_store_that_breaks_off_says_so_and_holds_nothing(take: Import, store: Engine) -> None:
    with store.connect() as blocker, ThreadPoolExecutor() as pool:
        blocker.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": IMPORT_LOCK})
        importing = pool.submit(take, [row("A")])
        here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"  # not another worker's
        waiting = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND {here}"
        while not (found := ask(store, waiting)):
            assert not importing.done()
        ask(store, "SELECT pg_terminate_backend(:pid)", pid=found[0][0])
        with pytest.raises(StoreError, match="broke off the import") as caught:
            importing.result()
    assert "Nothing was stored" in caught.value.remedy
    assert set(counts(store).values()) == {0}


# -- the command -------------------------------------------------------------------------------------------------------


def command(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> tuple[int, str]:
    monkeypatch.setenv("WEATHERMAP_DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("WEATHERMAP_DATA", str(settings.data_dir))
    result = CliRunner().invoke(main, ["import", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_reports_and_reconciles(
    fresh: Settings, city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = write_ledger(tmp_path / "ledger.csv", [row("A"), row("B", 经度=""), row("C", 类别="?")])
    code, said = command(fresh, monkeypatch, ledger, "--city", city)
    assert code == 0
    assert "ledger.csv: 3 rows read = 2 stored + 1 rejected + 0 duplicates." in said
    assert "Rejected: 1 – 类别: unknown category" in said
    assert "Not located: 1 – no coordinates" in said
    assert "district: computed = published on 100 % of 1 rows, 100 % within 15 m." in said
    assert "--rejected FILE" in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04", "Excel"),
        ("编号,类别\n1,2\n".encode(), "columns that the file has not"),
        (b"one\ntwo\n", "no table"),
    ],
)
def test_the_command_explains_what_is_no_ledger(
    fresh: Settings,
    store: Engine,
    city: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    says: str,
) -> None:
    ledger = tmp_path / "ledger.csv"
    ledger.write_bytes(content)
    code, said = command(fresh, monkeypatch, ledger, "--city", city)
    assert code == 1
    assert says in said
    assert "→" in said
    assert "Traceback" not in said
    assert set(counts(store).values()) == {0}


# -- a real city -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not BALTIMORE.is_dir(), reason="the real records of Baltimore are not on this machine")
def test_baltimore(fresh: Settings, store: Engine) -> None:
    """10,000 real requests, real districts: everything is accounted for, and the city's own districts are found."""
    areas = {
        "city": BALTIMORE / "baltimore_city_detailed.geojson",
        "council": BALTIMORE / "council_districts.geojson",
        "police": BALTIMORE / "police_districts.geojson",
        "neighborhood": BALTIMORE / "neighborhoods.geojson",
    }
    pack = ROOT / "gis_data/baltimore"
    outcome = run_import(fresh, BALTIMORE / "requests.csv.gz", pack, areas)
    assert (outcome.read, outcome.stored, outcome.rejected, outcome.duplicates) == (10_000, 10_000, 0, 0)
    assert outcome.positions == {"located": 8_330, "default": 892, "missing": 590, "outside": 188}
    agreement = {found.level: found for found in outcome.agreements}
    assert agreement["council"].exact / agreement["council"].rows >= 0.995
    for level, rows in (("council", 8_243), ("police", 8_331), ("neighborhood", 8_331)):
        assert agreement[level].rows == agreement[level].near == rows
        assert not agreement[level].unknown
    states = dict(ask(store, "SELECT state, count(*) FROM issue GROUP BY state"))
    assert states == {"rectified": 9_567, "void": 235, "handling": 198}


def test_no_machine_needs_the_real_records(tmp_path: Path) -> None:
    """The pack carries no records and no borders: those are given on the command line."""
    assert not [
        name for _, _, names in os.walk(ROOT / "gis_data/baltimore") for name in names if name.endswith((".gz", "json"))
    ]
