"""Reading a ledger file: encodings, delimiters, quoting, lines, and what is no table."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.read import decoding, delimited, open_ledger
from weathermap.errors import LedgerError

CHINESE = "编号,类别,说明\n1,暴露垃圾,街边\n2,路灯,不亮\n"


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encodings_are_found(tmp_path: Path, encoding: str, found: str) -> None:
    ledger = open_ledger(write(tmp_path / "a.csv", CHINESE.encode(encoding)))
    assert ledger.encoding == found
    assert list(ledger.columns) == ["编号", "类别", "说明"]
    assert ledger.columns["类别"].tolist() == ["暴露垃圾", "路灯"]


def test_other_encodings_are_not_taken_for_chinese(tmp_path: Path) -> None:
    western = write(tmp_path / "a.csv", "key,type,note\n1,Müll,Straße\n2,Café,déjà vu – 5 €\n".encode("cp1252"))
    assert open_ledger(western).columns["note"].tolist() == ["Straße", "déjà vu – 5 €"]
    assert open_ledger(western).encoding == "cp1252"
    island = write(tmp_path / "b.csv", "編號,類別\n1,暴露垃圾\n2,路燈不亮\n".encode("big5"))
    assert (open_ledger(island).encoding, open_ledger(island).names) == ("big5", ("編號", "類別"))
    cyrillic = write(tmp_path / "c.csv", "key,type\n1,мусор\n".encode("cp1251"))
    with pytest.raises(LedgerError, match=r"c\.csv:2.*neither UTF-8 nor GB18030"):
        open_ledger(cyrillic)
    assert open_ledger(cyrillic, encoding="cp1251").columns["type"].tolist() == ["мусор"]


@pytest.mark.parametrize("encoding", ["no-such-code", "ascii"])
def test_a_declared_encoding_must_fit(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(LedgerError, match=encoding):
        open_ledger(write(tmp_path / "a.csv", CHINESE.encode()), encoding=encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    text = CHINESE.replace(",", delimiter)
    ledger = open_ledger(write(tmp_path / "a.csv", text.encode()))
    assert ledger.delimiter == delimiter
    assert ledger.columns["说明"].tolist() == ["街边", "不亮"]


def test_a_comma_inside_values_does_not_win_over_the_delimiter(tmp_path: Path) -> None:
    text = "key;position;type\n1;39,3;a\n2;39,4;b\n"
    assert open_ledger(write(tmp_path / "a.csv", text.encode())).columns["position"].tolist() == ["39,3", "39,4"]


def test_lines_count_over_quoted_line_ends_and_empty_rows(tmp_path: Path) -> None:
    text = 'key,note,type\n1,"two\nlines, and a comma",a\n\n2,"say ""no""",b\n,,\n3, c ,d\n'
    ledger = open_ledger(write(tmp_path / "a.csv", text.encode()))
    assert ledger.lines.tolist() == [2, 5, 7]
    assert ledger.columns["note"].tolist() == ["two\nlines, and a comma", 'say "no"', "c"]


def test_windows_line_ends(tmp_path: Path) -> None:
    ledger = open_ledger(write(tmp_path / "a.csv", CHINESE.replace("\n", "\r\n").encode()))
    assert ledger.lines.tolist() == [2, 3]
    assert ledger.columns["说明"].tolist() == ["街边", "不亮"]


def test_every_value_stays_text(tmp_path: Path) -> None:
    ledger = open_ledger(write(tmp_path / "a.csv", b"key,code,none\n007,1e5,NA\n"))
    assert ledger.row(0) == ["007", "1e5", "NA"]


def test_gzip(tmp_path: Path) -> None:
    assert len(open_ledger(write(tmp_path / "a.csv.gz", gzip.compress(CHINESE.encode())))) == 2
    with pytest.raises(LedgerError, match="cannot be unpacked"):
        open_ledger(write(tmp_path / "b.csv.gz", gzip.compress(CHINESE.encode())[:-9]))
    with pytest.raises(LedgerError, match="cannot be unpacked"):
        open_ledger(write(tmp_path / "c.csv.gz", CHINESE.encode()))


def test_short_rows_are_filled_and_crowded_rows_are_told(tmp_path: Path) -> None:
    ledger = open_ledger(write(tmp_path / "a.csv", b"key,type,note\n1,a\n2,b,c,,\n3,a,b,c\n"))
    assert ledger.columns["note"].tolist() == ["", "c", "b"]
    assert ledger.crowded == {2: ["3", "a", "b", "c"]}
    assert ledger.row(2) == ["3", "a", "b", "c"]


def test_a_header_alone_is_a_ledger_without_rows(tmp_path: Path) -> None:
    ledger = open_ledger(write(tmp_path / "a.csv", b"key,type,note\n"))
    assert len(ledger) == 0
    assert list(ledger.columns) == ["key", "type", "note"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xef\xbb\xbf \r\n\n", "is empty"),
        ("a.csv", b"PK\x03\x04\x14\x00", "Excel workbook"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        ("a.csv", b"%PDF-1.7\n", "PDF"),
        ("a.csv", b"<html><body>Sign in", "web page"),
        ("a.csv", b'{"type": "FeatureCollection"}', "JSON"),
        ("a.csv", b"just a sentence\nand another\n", "no table"),
        ("a.csv", b"a,b\n1,2\n\0\0\0\x01", ":3: the file holds NUL"),
        ("a.csv", b'a,b\n1,2\n3,"never closed\n4,5\n', ":3: a quotation mark"),
        ("a.csv", b"a,b,a\n1,2,3\n", "there twice: a"),
        ("a.xyz", b"a,b\n1,2\n", "cannot be read"),
    ],
)
def test_what_is_no_ledger(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    with pytest.raises(LedgerError) as caught:
        open_ledger(write(tmp_path / name, content))
    assert says in caught.value.what
    assert caught.value.remedy


# -- office ledgers ----------------------------------------------------------------------------------------------------


def test_titles_levels_totals_and_headers_of_further_pages(tmp_path: Path) -> None:
    text = (
        "2026年城市管理问题台账,,,,\n编制单位:城管局,,,,\n编号,位置,,时间,\n,经度,纬度,上报,办结\n"
        "1,118.6,24.7,2026-05-01,\n编号,位置/经度,位置/纬度,时间/上报,时间/办结\n2,118.6,24.7,2026-05-02,\n合 计,2,,,\n"
    )
    ledger = open_ledger(write(tmp_path / "a.csv", text.encode()))
    assert ledger.names == ("编号", "位置/经度", "位置/纬度", "时间/上报", "时间/办结")
    assert ledger.lines.tolist() == [5, 6, 7, 8]
    assert {row: faults[0].reason for row, faults in ledger.faults.items()} == {
        1: "the header once more, no record",
        3: "a total, no record",
    }
    assert [note.split(":")[0] for note in ledger.notes] == [
        "line 1 is a title, not the header",
        "line 2 is a title, not the header",
        "the header has two levels, lines 3 and 4",
    ]


def test_an_unnamed_column_makes_no_second_level(tmp_path: Path) -> None:
    assert open_ledger(write(tmp_path / "a.csv", b"key,,type\nA1,x,\n2,y,b\n")).names == ("key", "column 2", "type")
    assert open_ledger(write(tmp_path / "b.csv", b"key,type,\nA1,a,x\n")).names == ("key", "type", "column 3")


# -- pieces ------------------------------------------------------------------------------------------------------------


def test_batches_are_exact_and_hold_what_the_whole_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "BLOCK", 64)
    rows = "".join(f'{i},"a {i}",{"x" * (i % 7)}\n' for i in range(100))
    crowded = '100,a,b,c\n101,"two\nlines",\n\n'
    ledger = open_ledger(write(tmp_path / "a.csv", f"key,type,note\n{rows}{crowded}{rows}合计,200,\n".encode()))
    for size in (7, 64, 1_000):
        pieces = list(ledger.batches(size))
        assert [len(piece) for piece in pieces[:-1]] == [size] * (203 // size if 203 % size else 203 // size - 1)
        assert np.concatenate([piece.lines for piece in pieces]).tolist() == ledger.lines.tolist()
        for name in ledger.names:
            values = [value for piece in pieces for value in piece.table[name].to_pylist()]
            assert values == ledger.columns[name].tolist()
        first = np.cumsum([0, *map(len, pieces)])
        assert {int(first[i]) + row for i, piece in enumerate(pieces) for row in piece.crowded} == {100}
        assert {int(first[i]) + row for i, piece in enumerate(pieces) for row in piece.faults} == {202}
        assert [piece.share for piece in pieces] == sorted(piece.share for piece in pieces)
    assert ledger.lines[[99, 100, 101, 102]].tolist() == [101, 102, 103, 106]


@given(
    text=st.text(alphabet='a1é,"\n\r \u3000', max_size=60),
    block=st.integers(3, 40),
    end=st.sampled_from(["\n", "\r\n"]),
)
@example(text='1","\n"', block=3, end="\n")
@settings(max_examples=400, deadline=None)
def test_both_readers_give_the_same(text: str, block: int, end: str) -> None:
    def read() -> object:
        try:
            ledger = open_ledger(path)
            return [column.tolist() for column in ledger.columns.values()], ledger.lines.tolist(), ledger.crowded
        except LedgerError as error:
            return str(error)

    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(decoding, "BLOCK", block)
        path = write(Path(folder) / "a.csv", f"key,type{end}1,2{end}{text}{end}3,4".encode())
        mixed = read()
        patch.setattr(delimited, "_plain", lambda *_: None)
        assert read() == mixed


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"gone\.csv cannot be read"):
        open_ledger(tmp_path / "gone.csv")


def test_missing_columns_name_those_there_and_the_nearest(tmp_path: Path) -> None:
    ledger = open_ledger(write(tmp_path / "a.csv", b"Latitude,Longitude,Key\n1,2,3\n"))
    ledger.need(["Key", "Latitude"])
    with pytest.raises(LedgerError) as caught:
        ledger.need(["Key", "latitud", "Weather"])
    assert "'latitud' (nearest: Latitude" in caught.value.what
    assert "'Weather'" in caught.value.what
    assert "'Key'" not in caught.value.what
    assert "Latitude, Longitude, Key" in caught.value.remedy
