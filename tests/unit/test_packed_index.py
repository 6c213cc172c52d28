"""The packed index of a GeoPackage: SQLite finds it sound, and GDAL finds by it just what lies in a box."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pytest

from etl.export.issues.files import Written, write_gpkg
from etl.export.tick import silent


@pytest.mark.parametrize("rows", [0, 1, 51, 52, 51 * 51 + 1, 7_000])
def test_sound_and_found(tmp_path: Path, rows: int) -> None:
    chance = np.random.default_rng(rows)
    lon, lat = chance.uniform(118.5, 118.8, rows), chance.uniform(24.6, 24.9, rows)
    held = chance.random(rows) > 0.1
    table = pa.table(
        {
            "number": [f"N{k}" for k in range(rows)],
            "lon": pa.array(lon, mask=~held),
            "lat": pa.array(np.where(held, lat, 1.0), pa.float64()),
        },
        schema=pa.schema([("number", pa.string()), ("lon", pa.float64()), ("lat", pa.float64())]),
    )
    path = tmp_path / "issues.gpkg"
    write_gpkg(table.to_reader(1_000), path, Written(rows, "zh", "t", [("数据时刻", "now")]), silent)
    with closing(sqlite3.connect(path)) as book:
        assert book.execute("SELECT rtreecheck('rtree_issues_geom')").fetchall() == [("ok",)]
        assert book.execute("SELECT count(*) FROM rtree_issues_geom").fetchone() == (held.sum(),)
        assert book.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    info = pyogrio.read_info(path, layer="issues")
    assert info["features"] == rows and info["capabilities"]["fast_spatial_filter"]
    box = (118.6, 24.7, 118.7, 24.75)
    _, found = pyogrio.read_arrow(path, layer="issues", bbox=box)
    inside = held & (lon >= box[0]) & (lon <= box[2]) & (lat >= box[1]) & (lat <= box[3])
    assert sorted(found["number"].to_pylist()) == sorted(f"N{k}" for k in np.flatnonzero(inside))
