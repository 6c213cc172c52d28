"""A made-up ledger of any size for a city: a year of issues inside it, 97 % of them closed. For benchmarks only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import shapely
from numpy.typing import NDArray

from weathermap.city.pack import Pack

YEAR_S, START = 365 * 86_400, np.datetime64("2025-11-01T00:00:00", "s")
AT_ONCE = 500_000
MAPPING = """
source = "hotline"
key = "编号"
address = "地址"

[category]
column = "类别"
new = "reject"

[position]
lon = "经度"
lat = "纬度"

[times]
formats = ["%Y-%m-%d %H:%M:%S"]
reported_at = "上报时间"
closed_at = "办结时间"

[status]
column = "状态"
states = { "待派遣" = "reported", "办理中" = "open", "已办结" = "closed", "作废" = "void" }
"""


def write_ledger(path: Path, pack: Pack, n: int, seed: int = 1, until: np.datetime64 | None = None) -> Path:
    """`n` rows of key, category, times, state, position, address, caller's channel, as CSV in UTF-8.

    `until`: the year ends then, and what is under way (2 %, a twentieth of it not dispatched) was mostly reported in
    its last days, as in an office that works its issues off.
    """
    chance = np.random.default_rng(seed)
    city = shapely.union_all(pack.areas[pack.config.levels[0]].geoms)
    writer: pacsv.CSVWriter | None = None
    for first in range(0, n, AT_ONCE):
        table = _rows(chance, pack, city, first, min(AT_ONCE, n - first), until)
        writer = writer or pacsv.CSVWriter(path, table.schema, write_options=pacsv.WriteOptions(quoting_style="none"))
        writer.write_table(table)
    assert writer is not None
    writer.close()
    return path


def _rows(
    chance: np.random.Generator, pack: Pack, city: shapely.Geometry, first: int, n: int, until: np.datetime64 | None
) -> pa.Table:
    lon, lat = _inside(chance, city, n)
    start = START if until is None else until - np.timedelta64(YEAR_S, "s")
    reported = start + (chance.random(n) * YEAR_S).astype("timedelta64[s]")
    closed = reported + (chance.exponential(3 * 86_400, n)).astype("timedelta64[s]")
    case = chance.random(n)
    state = np.where(case < 0.97, "已办结", np.where(case < 0.985, "作废", "办理中"))
    if until is not None:
        state = np.where(
            case < 0.965, "已办结", np.where(case < 0.98, "作废", np.where(case < 0.999, "办理中", "待派遣"))
        )
        fresh = (case >= 0.98) & (chance.random(n) < 0.85)
        ago = np.minimum(chance.exponential(3 * 86_400, n), YEAR_S - 1).astype("timedelta64[s]")
        reported = np.where(fresh, until - ago, reported)
        closed = np.minimum(reported + (chance.exponential(3 * 86_400, n)).astype("timedelta64[s]"), until)
    names = np.array([category.name for category in pack.categories])
    street, number = chance.integers(0, 900, n), chance.integers(1, 400, n)
    return pa.table(
        {
            "编号": pa.array([f"R{k:09d}" for k in range(first, first + n)]),
            "类别": names[chance.integers(0, len(names), n)],
            "上报时间": _written(reported),
            "办结时间": pa.array(np.where(np.isin(state, ["已办结", "作废"]), _written(closed), "")),
            "状态": state,
            "经度": np.char.mod("%.6f", lon),
            "纬度": np.char.mod("%.6f", lat),
            "地址": pa.array([f"第{a}路{b}号" for a, b in zip(street.tolist(), number.tolist(), strict=True)]),
            "渠道": np.array(["电话", "网络", "小程序"])[chance.integers(0, 3, n)],
        }
    )


def _written(at: NDArray[np.datetime64]) -> NDArray[np.str_]:
    return np.char.replace(np.datetime_as_string(at), "T", " ")


def _inside(chance: np.random.Generator, city: shapely.Geometry, n: int) -> tuple[NDArray[np.float64], ...]:
    shapely.prepare(city)
    west, south, east, north = city.bounds
    lon, lat = np.empty(0), np.empty(0)
    while len(lon) < n:
        x, y = west + chance.random(2 * n) * (east - west), south + chance.random(2 * n) * (north - south)
        within = shapely.contains_xy(city, x, y)
        lon, lat = np.append(lon, x[within]), np.append(lat, y[within])
    return lon[:n], lat[:n]
