"""A proposed mapping: right where the ledger speaks, marked where it does not, and good for an import as it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from etl.guess.names import plain, state_of
from etl.guess.proposal import propose, write_proposal
from etl.guess.times import formats_of
from etl.mapping import fitted, read_mapping
from etl.read import open_ledger
from etl.rules import ColumnMapping
from etl.statements import read_statements
from tests.small_ledger import EAST, WEST, make_city, row, write_ledger
from tests.unit.test_read_kinds import office_workbook
from weathermap.city.offset import gcj02
from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack
from weathermap.errors import LedgerError

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Guess = Callable[[Path], tuple[list[str], ColumnMapping]]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return read_pack(make_city(tmp_path_factory.mktemp("guess") / "city"))


@pytest.fixture
def guess(tmp_path: Path, pack: Pack) -> Guess:
    """`guess(file)`: the proposed lines, and the mapping that they are."""

    def guessing(file: Path) -> tuple[list[str], ColumnMapping]:
        lines = list(propose(open_ledger(file), pack))
        write_proposal(lines, tmp_path / "proposed.toml")
        return lines, read_mapping(tmp_path / "proposed.toml")

    return guessing


def rows(n: int = 300) -> list[list[str]]:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(WEST[0], EAST[2], n), rng.uniform(WEST[1], WEST[3], n)
    x, y = gcj02(lon, lat)
    state = [{"状态": "办理中"}, {"状态": "已办结", "办结时间": "2026/05/02 8:30"}, {"状态": "挂起"}]
    return [
        row(
            f"K{i}",
            类别=("暴露垃圾", "路灯")[i % 2],
            经度=f"{x[i]:.6f}",
            纬度=f"{y[i]:.6f}",
            片区="1" if lon[i] < WEST[2] else "2",
            **state[i % 3],
        )
        for i in range(n)
    ]


@pytest.mark.parametrize("seed", [0, 1])
def test_positions_that_speak_for_no_system_are_not_called_shifted(tmp_path: Path, guess: Guess, seed: int) -> None:
    rng = np.random.default_rng(seed)  # around the city too: by chance another system has a few more inside
    x, y = rng.uniform(WEST[0] - 0.01, EAST[2] + 0.01, 200), rng.uniform(WEST[1] - 0.01, WEST[3] + 0.01, 200)
    given = [row(f"k{i}", 经度=f"{x[i]:.6f}", 纬度=f"{y[i]:.6f}", 片区="") for i in range(200)]
    lines, mapping = guess(write_ledger(tmp_path / "a.csv", given))
    assert mapping.position is not None
    assert mapping.position.crs == "EPSG:4326"
    assert any(line.startswith('crs = "EPSG:4326"  # UNSURE') for line in lines)


def test_a_whole_ledger(tmp_path: Path, pack: Pack, guess: Guess) -> None:
    file = write_ledger(tmp_path / "a.csv", rows())
    lines, mapping = guess(file)
    assert (mapping.source, mapping.key, mapping.address) == ("hotline", "编号", "地址")
    assert (mapping.category.column, mapping.category.new) == ("类别", "reject")
    assert mapping.times.formats == ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")
    assert (mapping.times.reported_at, mapping.times.closed_at, mapping.times.deadline) == (
        "上报时间",
        "办结时间",
        "期限",
    )
    assert mapping.position is not None
    assert (mapping.position.lon, mapping.position.lat, mapping.position.crs) == ("经度", "纬度", "GCJ-02")
    assert mapping.status is not None
    assert mapping.status.states == {"办理中": "open", "已办结": "closed", "挂起": "open"}
    rule = mapping.published["district"]
    assert (rule.column, rule.code_format) == ("片区", "{:02d}")
    [unsure] = [line for line in lines if "# UNSURE" in line]
    assert unsure.startswith('"挂起" = "open"')
    ledger = open_ledger(file)
    reading = read_statements(ledger, fitted(mapping, ledger), pack, NOW)
    assert (len(reading.statements), reading.rejected) == (300, [])
    with pytest.raises(LedgerError, match="is there already"):
        write_proposal(lines, tmp_path / "proposed.toml")


def test_an_office_workbook(tmp_path: Path, pack: Pack) -> None:
    lines = list(propose(open_ledger(office_workbook(tmp_path / "a.xlsx")), pack))
    told = {line.partition(" = ")[0]: line for line in lines}
    assert told["lon"].startswith('lon = "位置/经度"')
    assert told["lat"].startswith('lat = "位置/纬度"')
    assert told["reported_at"].startswith('reported_at = "上报时间"')
    assert '"excel"' in told["formats"]


def test_what_is_not_there_is_said(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "a.csv").write_text("甲,乙\n1,x\n1,y\n", encoding="utf-8")
    lines = list(propose(open_ledger(tmp_path / "a.csv"), pack))
    assert [line.partition(" = ")[0] for line in lines if "# NOT FOUND" in line] == ["key", "column", "reported_at"]
    write_proposal(lines, tmp_path / "m.toml")
    with pytest.raises(LedgerError, match="key is missing"):
        read_mapping(tmp_path / "m.toml")


def test_days_and_months_that_could_change_places_are_unsure() -> None:
    both = np.array(["03/04/2026 10:00", "05/06/2026 11:00"], dtype=object)
    formats, share, rivals = formats_of(both)
    assert (len(formats), share, len(rivals)) == (1, 1.0, 1)
    assert formats_of(np.array([*both, "25/12/2026 09:00"], dtype=object)) == (("%d/%m/%Y %H:%M",), 1.0, ())


@pytest.mark.parametrize(
    ("name", "same"), [("CASE_ENQUIRY_ID", "case enquiry id"), ("SRRecordID", "sr record id"), ("位置/经 度", "经 度")]
)
def test_names_are_compared_without_their_marks(name: str, same: str) -> None:
    assert plain(name) == same


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("已办结", "closed"),
        ("未办结", "open"),
        ("Closed (Duplicate)", "void"),
        ("待派遣", "reported"),
        ("In Progress", "open"),
        ("?", ""),
    ],
)
def test_words_of_states(value: str, state: str) -> None:
    assert state_of(value) == state
