"""Reading a ledger file: encodings, delimiters, quoting, lines, and what is no table."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from etl.read import read_ledger
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
    ledger = read_ledger(write(tmp_path / "a.csv", CHINESE.encode(encoding)))
    assert ledger.encoding == found
    assert list(ledger.columns) == ["编号", "类别", "说明"]
    assert ledger.columns["类别"].tolist() == ["暴露垃圾", "路灯"]


def test_other_encodings_are_not_taken_for_chinese(tmp_path: Path) -> None:
    content = "key,type,note\n1,Müll,Straße\n2,Café,déjà vu\n".encode("cp1252")
    path = write(tmp_path / "a.csv", content)
    with pytest.raises(LedgerError, match=r"a\.csv:2.*neither UTF-8 nor GB18030"):
        read_ledger(path)
    assert read_ledger(path, encoding="cp1252").columns["type"].tolist() == ["Müll", "Café"]


@pytest.mark.parametrize("encoding", ["no-such-code", "ascii"])
def test_a_declared_encoding_must_fit(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(LedgerError, match=encoding):
        read_ledger(write(tmp_path / "a.csv", CHINESE.encode()), encoding=encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    text = CHINESE.replace(",", delimiter)
    ledger = read_ledger(write(tmp_path / "a.csv", text.encode()))
    assert ledger.delimiter == delimiter
    assert ledger.columns["说明"].tolist() == ["街边", "不亮"]


def test_a_comma_inside_values_does_not_win_over_the_delimiter(tmp_path: Path) -> None:
    text = "key;position;type\n1;39,3;a\n2;39,4;b\n"
    assert read_ledger(write(tmp_path / "a.csv", text.encode())).columns["position"].tolist() == ["39,3", "39,4"]


def test_lines_count_over_quoted_line_ends_and_empty_rows(tmp_path: Path) -> None:
    text = 'key,note,type\n1,"two\nlines, and a comma",a\n\n2,"say ""no""",b\n,,\n3, c ,d\n'
    ledger = read_ledger(write(tmp_path / "a.csv", text.encode()))
    assert ledger.lines.tolist() == [2, 5, 7]
    assert ledger.columns["note"].tolist() == ["two\nlines, and a comma", 'say "no"', "c"]


def test_windows_line_ends(tmp_path: Path) -> None:
    ledger = read_ledger(write(tmp_path / "a.csv", CHINESE.replace("\n", "\r\n").encode()))
    assert ledger.lines.tolist() == [2, 3]
    assert ledger.columns["说明"].tolist() == ["街边", "不亮"]


def test_every_value_stays_text(tmp_path: Path) -> None:
    ledger = read_ledger(write(tmp_path / "a.csv", b"key,code,none\n007,1e5,NA\n"))
    assert ledger.row(0) == ["007", "1e5", "NA"]


def test_gzip(tmp_path: Path) -> None:
    assert len(read_ledger(write(tmp_path / "a.csv.gz", gzip.compress(CHINESE.encode())))) == 2
    with pytest.raises(LedgerError, match="cannot be unpacked"):
        read_ledger(write(tmp_path / "b.csv.gz", gzip.compress(CHINESE.encode())[:-9]))
    with pytest.raises(LedgerError, match="cannot be unpacked"):
        read_ledger(write(tmp_path / "c.csv.gz", CHINESE.encode()))


def test_short_rows_are_filled_and_crowded_rows_are_told(tmp_path: Path) -> None:
    ledger = read_ledger(write(tmp_path / "a.csv", b"key,type,note\n1,a\n2,b,c,,\n3,a,b,c\n"))
    assert ledger.columns["note"].tolist() == ["", "c", "b"]
    assert ledger.crowded == {2: ["3", "a", "b", "c"]}
    assert ledger.row(2) == ["3", "a", "b", "c"]


def test_a_header_alone_is_a_ledger_without_rows(tmp_path: Path) -> None:
    ledger = read_ledger(write(tmp_path / "a.csv", b"key,type,note\n"))
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
        read_ledger(write(tmp_path / name, content))
    assert says in caught.value.what
    assert caught.value.remedy


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"gone\.csv cannot be read"):
        read_ledger(tmp_path / "gone.csv")


def test_missing_columns_name_those_there_and_the_nearest(tmp_path: Path) -> None:
    ledger = read_ledger(write(tmp_path / "a.csv", b"Latitude,Longitude,Key\n1,2,3\n"))
    ledger.need(["Key", "Latitude"])
    with pytest.raises(LedgerError) as caught:
        ledger.need(["Key", "latitud", "Weather"])
    assert "'latitud' (nearest: Latitude" in caught.value.what
    assert "'Weather'" in caught.value.what
    assert "'Key'" not in caught.value.what
    assert "Latitude, Longitude, Key" in caught.value.remedy
