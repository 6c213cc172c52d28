"""A ledger's rows through a mapping: what they state, what is decided, what is rejected and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from etl.codes import slug
from etl.mapping import read_mapping
from etl.moves import new_lives, new_reports
from etl.read import open_ledger
from etl.statements import UNREAD, Reading, read_statements
from tests.small_ledger import MAPPING, make_city, row, write_ledger
from weathermap.city.pack import Pack
from weathermap.city.reading import read_pack
from weathermap.errors import LedgerError
from weathermap.issue.batch import NONE
from weathermap.issue.lives import moves_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Read = Callable[..., Reading]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The small city, read once."""
    return read_pack(make_city(tmp_path_factory.mktemp("plain") / "city"))


@pytest.fixture
def read(tmp_path: Path, plain: Pack) -> Read:
    """`read(rows, mapping=…)`: the reading of a ledger of `rows` in the small city; `tables` change its pack."""

    def reading(rows: list[list[str]], mapping: str = MAPPING, encoding: str = "utf-8", **tables: str) -> Reading:
        pack = read_pack(make_city(tmp_path / "city", **tables)) if tables else plain
        (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
        ledger = write_ledger(tmp_path / "ledger.csv", rows, encoding)
        return read_statements(open_ledger(ledger), read_mapping(tmp_path / "mapping.toml"), pack, NOW)

    return reading


def utc(us: int) -> str:
    return "" if us == NONE else str(np.datetime64(int(us), "us").astype("datetime64[m]"))


# -- what rows state ---------------------------------------------------------------------------------------------------


def test_an_ordinary_row_is_understood(read: Read) -> None:
    found = read([row("A1"), row("A2", 类别="路灯", 上报时间="2026/05/02 09:30", 片区="2")])
    rows = found.statements
    assert rows.key.tolist() == ["A1", "A2"]
    assert rows.category.tolist() == ["litter", "lamp"]
    assert [utc(us) for us in rows.reported_at] == ["2026-05-01T00:00", "2026-05-02T01:30"]
    assert utc(rows.deadline[0]) == "2026-05-03T00:00"
    assert rows.state.tolist() == ["open", "open"]
    assert rows.lon.tolist() == [118.62, 118.62]
    assert rows.flag.tolist() == ["", ""]
    assert not found.rejected and not found.remarks


def test_gb18030_reads_the_same(read: Read) -> None:
    assert read([row("A1")], encoding="gb18030").statements.category.tolist() == ["litter"]


def test_moves_follow_the_state(read: Read) -> None:
    rows = read(
        [
            row("open"),
            row("closed", 状态="已办结", 办结时间="2026-05-02 08:00"),
            row("void", 状态="作废", 办结时间="2026-05-02 09:00"),
            row("waiting", 状态="待派遣"),
        ]
    ).statements
    moves = moves_of(new_reports(rows, "hotline"), new_lives(rows))
    said = list(zip(moves.source_key.tolist(), moves.move.tolist(), map(utc, moves.at.tolist()), strict=True))
    assert said == [
        ("open", "dispatch", "2026-05-01T00:00"),
        ("closed", "dispatch", "2026-05-01T00:00"),
        ("closed", "feed_back", "2026-05-02T00:00"),
        ("closed", "check_pass", "2026-05-02T00:00"),
        ("void", "dispatch", "2026-05-01T00:00"),
        ("void", "void", "2026-05-02T01:00"),
    ]


def test_closing_before_opening_is_kept_and_flagged(read: Read) -> None:
    early = {"状态": "已办结", "办结时间": "2026-04-30 08:00"}
    rows = read([row("early", **early), row("nowhere", **early, 经度="118.60", 纬度="24.70")]).statements
    reports = new_reports(rows, "hotline")
    moves = moves_of(reports, new_lives(rows))
    assert reports.closed_early.tolist() == [True, True]
    assert reports.flag.tolist() == ["", "default"]  # the position's, kept beside
    assert {utc(at) for at in moves.at} == {"2026-05-01T00:00"}
    assert "the source says 2026-04-30T00:00:00Z" in moves.note.tolist()


def test_contradictions_are_decided_and_told(read: Read) -> None:
    found = read(
        [
            row("reopened", 办结时间="2026-05-02 08:00"),
            row("timeless", 状态="已办结"),
            row("strange", 状态="挂起?", 办结时间="2026-05-02 08:00"),
            row("later", 状态="已办结", 办结时间="2027-01-01 08:00"),
        ]
    )
    assert found.statements.state.tolist() == ["open", "open", "closed", "open"]
    assert found.statements.closed_at.tolist()[:2] == [NONE, NONE]
    assert "closing time ignored: 2026-05-02T00:00:00Z" in found.statements.note[0]
    assert any("'挂起?' is not in the mapping" in remark for remark in found.remarks)
    assert found.remarks["closing time in the future ignored"] == 1
    assert found.remarks["status says closed, no time says when: kept open"] == 2


def test_doubtful_times_of_a_change_of_clocks_are_noted(read: Read, tmp_path: Path) -> None:
    city = make_city(tmp_path / "other")
    text = (city / "city.toml").read_text(encoding="utf-8").replace("Asia/Shanghai", "America/New_York")
    (city / "city.toml").write_text(text, encoding="utf-8")
    twice, never = row("twice", 上报时间="2025-11-02 01:30"), row("never", 上报时间="2026-03-08 02:30")
    ledger = write_ledger(tmp_path / "clocks.csv", [twice, never])
    rows = read_statements(open_ledger(ledger), read_mapping(city / "mapping.toml"), read_pack(city), NOW).statements
    assert [utc(us) for us in rows.reported_at] == ["2025-11-02T05:30", "2026-03-08T07:30"]
    assert "happened twice" in rows.note[0]
    assert "never happened" in rows.note[1]


def test_a_format_with_a_zone_needs_no_city(read: Read) -> None:
    mapping = MAPPING.replace('"%Y-%m-%d %H:%M"', '"%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M"')
    rows = read([row("A", 上报时间="2026-05-01T08:00-0400"), row("B")], mapping).statements
    assert [utc(us) for us in rows.reported_at] == ["2026-05-01T12:00", "2026-05-01T00:00"]


def test_far_deadlines_and_unreadable_other_times_do_not_reject(read: Read) -> None:
    found = read([row("A", 期限="9999-12-31 23:59"), row("B", 期限="soon")])
    assert found.statements.deadline.tolist() == [NONE, NONE]
    assert found.remarks["deadline more than 100 years ahead ignored"] == 1
    assert found.remarks["deadline time unreadable"] == 1
    assert not found.rejected


# -- positions ---------------------------------------------------------------------------------------------------------


def test_bad_positions_never_reject(read: Read) -> None:
    found = read(
        [
            row("swapped", 经度="24.72", 纬度="118.62"),
            row("default", 经度="118.60", 纬度="24.70"),
            row("island", 经度="0", 纬度="0"),
            row("empty", 经度="", 纬度=""),
            row("words", 经度="东边", 纬度="24.72"),
            row("space", 经度="999", 纬度="999"),
            row("outside", 经度="119.5", 纬度="24.72"),
        ]
    )
    rows = found.statements
    flags = dict(zip(rows.key.tolist(), rows.flag.tolist(), strict=True))
    assert flags == {
        "swapped": "swapped",
        "default": "default",
        "island": "default",
        "empty": "missing",
        "words": "missing",
        "space": "missing",
        "outside": "",
    }
    assert not found.rejected
    assert found.remarks == {UNREAD: 2}
    notes = dict(zip(rows.key.tolist(), rows.note.tolist(), strict=True))
    assert notes["swapped"] == "position 24.72, 118.62 not used: swapped"
    assert notes["empty"] == ""


def test_swapped_is_found_where_both_orders_are_possible_degrees(read: Read, tmp_path: Path) -> None:
    """In a city at 24 N 118 E a swap leaves the Earth; in projected metres it does not."""
    mapping = MAPPING.replace('纬度"\n', '纬度"\ncrs = "EPSG:4549"\n').replace("[[118.60, 24.70]]", "[]")
    good, other = ("362000", "2735000"), ("2735000", "362000")
    rows = read(
        [row("good", 经度=good[0], 纬度=good[1]), row("swap", 经度=other[0], 纬度=other[1])], mapping
    ).statements
    assert rows.flag.tolist() == ["", "swapped"]
    assert rows.lon[0] == pytest.approx(118.636, abs=0.001)
    assert rows.lat[0] == pytest.approx(24.713, abs=0.001)


def test_default_points_are_found_by_their_number(read: Read) -> None:
    spread = [row(f"s{i}", 经度=f"118.6{i:03d}1", 纬度="24.72001") for i in range(100)]
    heap = [row(f"h{i}", 经度="118.63333", 纬度="24.73333") for i in range(25)]
    coarse = [row(f"c{i}", 经度="118.64", 纬度="24.7") for i in range(3)]
    found = read(spread + heap + coarse)
    assert found.statements.flag.tolist() == [""] * 100 + ["default"] * 28
    assert any("118.63333, 24.73333" in remark and n == 25 for remark, n in found.remarks.items())
    keep = MAPPING.replace("default_points", "real_points = [[118.63333, 24.73333], [118.64, 24.7]]\ndefault_points")
    assert read(spread + heap + coarse, keep).statements.flag.tolist() == [""] * 128


def test_a_ledger_written_coarsely_throughout_keeps_its_positions(read: Read) -> None:
    rows = read([row(f"{i}", 经度="118.64", 纬度="24.7") for i in range(6)]).statements
    assert set(rows.flag.tolist()) == {""}


# -- what is rejected --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"编号": ""}, "编号", "the key is empty"),
        ({"编号": "x" * 201}, "编号", "longer than 200"),
        ({"编号": "3.50581E+17"}, "编号", "'3.50581E+17' was a longer number"),
        ({"上报时间": ""}, "上报时间", "is empty"),
        ({"上报时间": "2026-02-30 08:00"}, "上报时间", "'2026-02-30 08:00' is no time of the form"),
        ({"上报时间": "yesterday"}, "上报时间", "is no time"),
        ({"上报时间": "1899-12-31 00:00"}, "上报时间", "impossible: before 1970-01-01"),
        ({"上报时间": "2062-05-01 08:00"}, "上报时间", "lies in the future"),
        ({"类别": ""}, "类别", "the category is empty"),
        ({"类别": "暴露拉圾"}, "类别", "'暴露拉圾' is unknown; nearest: 暴露垃圾"),
    ],
)
def test_only_key_time_and_category_reject(read: Read, changes: dict[str, str], field: str, says: str) -> None:
    found = read([row("good"), row("bad", **changes)])
    assert found.statements.key.tolist() == ["good"]
    (rejection,) = found.rejected
    assert (rejection.line, rejection.field) == (3, field)
    assert says in rejection.reason
    assert rejection.values == row("bad", **changes)
    assert not read([row("good"), row("bad", **{"状态": "挂起?"} | changes)]).remarks, (
        "nothing is decided of such a row"
    )


def test_a_crowded_row_is_rejected_whole(read: Read) -> None:
    (rejection,) = read([[*row("A"), "extra"], row("B")]).rejected
    assert rejection.line == 2
    assert "the row has 11 values, the header 10" in rejection.reason
    assert rejection.values[-1] == "extra"


def test_a_category_without_a_limit_is_rejected_where_limits_exist(read: Read) -> None:
    found = read([row("A"), row("B", 类别="路灯")], limits="category,amount,kind\nlitter,1,workdays\n")
    assert found.statements.key.tolist() == ["A"]
    assert "no time limit" in found.rejected[0].reason


def test_new_categories_can_fall_into_another(read: Read) -> None:
    found = read([row("A", 类别="涂鸦")], MAPPING.replace('new = "reject"', 'new = "litter"'))
    assert found.statements.category.tolist() == ["litter"]


def test_two_rows_with_one_key_keep_the_later_state(read: Read) -> None:
    closed = row("A", 状态="已办结", 办结时间="2026-05-02 08:00")
    found = read([row("A"), closed, row("B"), row("B"), row("A", 地址="二号路")])
    assert list(zip(found.statements.key.tolist(), found.statements.state.tolist(), strict=True)) == [
        ("A", "closed"),
        ("B", "open"),
    ]
    assert found.repeats == 3
    assert [(entry.line, entry.field) for entry in found.repeated] == [(2, "duplicate"), (6, "duplicate")]
    assert "'A' is also on line 3" in found.repeated[0].reason


def test_a_ledger_without_rows(read: Read) -> None:
    found = read([])
    assert len(found.statements) == 0
    assert not found.rejected and not found.repeats


def test_a_missing_column_names_the_nearest(read: Read) -> None:
    with pytest.raises(LedgerError) as caught:
        read([row("A")], MAPPING.replace('"办结时间"', '"办结时刻"'))
    assert "'办结时刻' (nearest: 办结时间" in caught.value.what
    assert "编号, 类别" in caught.value.remedy


# -- the mapping itself ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("source =", "sauce =", "sauce means nothing"),
        ("[status]", "[statuses]", "there is no table [statuses]"),
        ('key = "编号"', "", "key is missing"),
        ('key = "编号"', "key = 7", "key = 7 is of the wrong kind"),
        ('column = "类别"', "", "[category] column is missing"),
        ('"open"', '"opened"', "'opened' is no state"),
        ('"%Y-%m-%d %H:%M", ', '"%Y-%m", ', "'%Y-%m' gives no whole date"),
        ('"%Y-%m-%d %H:%M", ', '"%Q", ', "'%Q' gives no whole date"),
        ("[[118.60, 24.70]]", "[118.60, 24.70]", "no list of points"),
        ('lat = "纬度"', 'lat = "纬度"\ncrs = "EPSG:0"', "no coordinate system"),
        ("[category]", "[category", "is not TOML"),
        ('code_format = "{:02d}"', 'code_form = "{:02d}"', "[published.district] code_form means nothing"),
    ],
)
def test_a_wrong_mapping_says_where(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in MAPPING
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LedgerError) as caught:
        read_mapping(path)
    assert says in caught.value.what
    assert caught.value.remedy


def test_a_missing_mapping_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"mapping\.toml cannot be read"):
        read_mapping(tmp_path / "mapping.toml")


@pytest.mark.parametrize(
    ("name", "code"),
    [("SW-Dirty Alley", "SW-Dirty-Alley"), ("BGE-StLight(s) Out", "BGE-StLight-s-Out"), ("井盖 丢失", "井盖-丢失")],
)
def test_codes_made_of_names(name: str, code: str) -> None:
    assert slug(name) == code
