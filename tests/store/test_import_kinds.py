"""Imports of other files than CSV and of shifted coordinates, at once and chunk by chunk: nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xlsxwriter
from click.testing import CliRunner
from sqlalchemy import text

from etl.importing import run_import
from etl.large.importing import Sizes
from etl.read import open_ledger
from tests.small_ledger import EAST, MAPPING, WEST, make_city
from weathermap.city.offset import gcj02
from weathermap.cli import main
from weathermap.errors import LedgerError
from weathermap.issue.receipt import find_receipt
from weathermap.issue.receipt_words import sentences
from weathermap.settings import Settings
from weathermap.store.db import open_store

N = 200
SIZES = {"at once": Sizes(), "in chunks": Sizes(large=20, chunk=70)}
DAY = datetime(2026, 5, 1, 8)


def spots() -> tuple[np.ndarray, np.ndarray]:
    """True positions; half of them within 200 m of the border of the two districts."""
    rng = np.random.default_rng(7)
    lon = np.where(np.arange(N) % 2, rng.uniform(WEST[0], EAST[2], N), WEST[2] + rng.uniform(-0.002, 0.002, N))
    return lon, rng.uniform(WEST[1] + 0.01, WEST[3] - 0.01, N)


def shifted() -> tuple[np.ndarray, np.ndarray]:
    """The same in GCJ-02, as a ledger has them."""
    x, y = gcj02(*spots())
    return np.round(x, 7), np.round(y, 7)


def workbook(path: Path) -> Path:
    """An office's sheet in GCJ-02: a title, real dates, numbers, a formula that was never computed, a total."""
    (lon, _), (x, y) = spots(), shifted()
    book = xlsxwriter.Workbook(path)
    sheet, date = book.add_worksheet("五月"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.merge_range(0, 0, 0, 6, "五月台账")
    sheet.write_row(1, 0, ["编号", "类别", "上报时间", "经度", "纬度", "片区", "地址"])
    for i in range(N):
        sheet.write_row(i + 2, 0, [1000 + i, "路灯"])
        sheet.write_datetime(i + 2, 2, DAY + timedelta(hours=i), date)
        sheet.write_row(i + 2, 3, [x[i], y[i], 1 if lon[i] < WEST[2] else 2, f"{i}号"])
    sheet.write_formula(N + 2, 0, "=A3+1", None, "")
    sheet.write_row(N + 2, 1, ["路灯"])
    sheet.write_row(N + 3, 0, ["合计", N])
    book.close()
    return path


def mapping(tmp_path: Path, crs: str) -> Path:
    said = MAPPING[: MAPPING.index("[status]")] + MAPPING[MAPPING.index("[published") :]
    said = said.replace('closed_at = "办结时间"\ndeadline = "期限"\n', "")
    said = said.replace('lat = "纬度"', f'lat = "纬度"\ncrs = "{crs}"')
    (tmp_path / "mapping.toml").write_text(said, encoding="utf-8")
    return tmp_path / "mapping.toml"


@pytest.mark.parametrize("way", SIZES)
def test_an_office_workbook_in_shifted_degrees(clone: Callable[..., Settings], tmp_path: Path, way: str) -> None:
    settings, file = clone(), workbook(tmp_path / "五月.xlsx")
    city = make_city(tmp_path / "city")
    given = {"mapping": mapping(tmp_path, "GCJ-02"), "rejected": tmp_path / "left.xlsx", "sizes": SIZES[way]}
    outcome = run_import(settings, file, city, {}, **given)
    assert (outcome.read, outcome.stored, outcome.rejected, outcome.duplicates) == (N + 2, N, 2, 0)
    assert outcome.positions == {"located": N}
    [district] = outcome.agreements
    assert (district.rows, district.exact) == (N, N)
    left = open_ledger(tmp_path / "left.xlsx")
    assert left.columns["reason"].tolist() == ["the cell holds a formula without a value", "a total, no record"]
    assert left.columns["line"].tolist() == [str(N + 3), str(N + 4)]
    lon, lat = spots()
    engine = open_store(settings)
    with engine.connect() as connection:
        asked = "SELECT ST_X(geom), ST_Y(geom), receipt ->> 'written' FROM issue JOIN issue_key USING (issue_id) "
        found = connection.execute(text(f"{asked} ORDER BY source_key")).all()
        receipt = find_receipt(connection, "1000")
    engine.dispose()
    assert np.abs(np.array([row[0] for row in found]) - lon).max() < 1e-7
    assert np.abs(np.array([row[1] for row in found]) - lat).max() < 1e-7
    x, y = shifted()
    assert [row[2] for row in found] == [f"{float(a)!r}, {float(b)!r} (GCJ-02)" for a, b in zip(x, y, strict=True)]
    assert f"来源原文坐标：{receipt.written}。" in sentences(receipt, "zh")
    again = run_import(settings, file, city, {}, **given)
    assert (again.stored, again.duplicates) == (0, N)


@pytest.mark.parametrize("way", SIZES)
def test_shifted_degrees_that_do_not_say_so_are_refused(
    clone: Callable[..., Settings], tmp_path: Path, way: str
) -> None:
    settings, file, city = clone(), workbook(tmp_path / "五月.xlsx"), make_city(tmp_path / "city")
    wrong = mapping(tmp_path, "EPSG:4326")
    with pytest.raises(LedgerError, match=r'100 % in the district that they name.*crs = "GCJ-02"'):
        run_import(settings, file, city, {}, mapping=wrong, sizes=SIZES[way])
    engine = open_store(settings)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM issue")).scalar() == 0
    engine.dispose()
    wrong.write_text(wrong.read_text("utf-8").replace('crs = "EPSG:4326"', "sure = true"), encoding="utf-8")
    assert run_import(settings, file, city, {}, mapping=wrong, sizes=SIZES[way]).stored == N


def test_a_geopackage_in_a_projected_system(clone: Callable[..., Settings], tmp_path: Path) -> None:
    lon, lat = spots()
    columns = {"编号": [str(i) for i in range(N)], "类别": ["路灯"] * N, "时间": [DAY] * N}
    frame = gpd.GeoDataFrame(columns, geometry=shapely.points(lon, lat), crs=4326).to_crs(4549)
    frame.to_file(tmp_path / "a.gpkg", layer="台账")
    said = 'source = "hotline"\nkey = "编号"\n[category]\ncolumn = "类别"\n'
    said += '[times]\nformats = ["excel"]\nreported_at = "时间"\n'
    (tmp_path / "m.toml").write_text(f'{said}[position]\nlon = "geometry x"\nlat = "geometry y"\n', encoding="utf-8")
    settings = clone()
    outcome = run_import(settings, tmp_path / "a.gpkg", make_city(tmp_path / "city"), {}, mapping=tmp_path / "m.toml")
    assert (outcome.stored, outcome.positions) == (N, {"located": N})
    engine = open_store(settings)
    with engine.connect() as connection:
        receipt = find_receipt(connection, "3")
    engine.dispose()
    assert receipt.written.endswith("(EPSG:4549)")
    assert receipt.lon == pytest.approx(lon[3], abs=1e-8)


def test_the_command_guesses_shows_and_writes(tmp_path: Path) -> None:
    file, city = workbook(tmp_path / "五月.xlsx"), make_city(tmp_path / "city")
    asked = ["import", str(file), "--city", str(city), "--guess"]
    shown = CliRunner().invoke(main, asked)
    assert shown.exit_code == 0
    assert 'crs = "GCJ-02"  # sure: 100 % lie in the city' in shown.output
    written = CliRunner().invoke(main, [*asked, str(tmp_path / "guessed.toml")])
    assert "--dry-run" in written.output
    assert 'key = "编号"' in (tmp_path / "guessed.toml").read_text("utf-8")
    assert CliRunner().invoke(main, [*asked, str(tmp_path / "guessed.toml")]).exit_code == 1
