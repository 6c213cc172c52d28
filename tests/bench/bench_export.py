"""make bench-export: a million issues from the store into XLSX, CSV, GeoParquet, GeoPackage and FlatGeobuf.

Beside us pandas and geopandas with the fastest that they document: reading over Arrow (ADBC), XlsxWriter in constant
memory, pyexcelerate, pyogrio with `use_arrow`. Each way runs in a process of its own, from the store to the finished
file, in rounds by turns; rows/s of the median round and the process's peak memory. Every file is read back and holds
every issue. `ratio`: ours to the best peer, of the format where we gain least. BENCH_ROWS, BENCH_ROUNDS: the size;
BENCH_FORMATS: some of them alone.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from etl.demo.run import run_demo
from etl.export.issues.exporting import export_issues
from etl.export.issues.files import SHEET
from etl.export.issues.stream import FIELDS, statement_of
from etl.export.tick import silent
from tests.bench.database import bench_cluster, new_database
from weathermap.issue.listing import Filter
from weathermap.settings import read_settings
from weathermap.store.catalog import load_catalog
from weathermap.store.db import connect_engine, open_store

ROOT = Path(__file__).parents[2]
ROWS, ROUNDS = int(os.environ.get("BENCH_ROWS", "1000000")), int(os.environ.get("BENCH_ROUNDS", "3"))
HEADS = [field.zh for field in FIELDS]
MEMORY_MB = 500
WAYS = {
    "csv": ("ours", "pandas", "pyarrow"),
    "geoparquet": ("ours", "geopandas"),
    "gpkg": ("ours", "geopandas"),
    "fgb": ("ours", "geopandas"),
    "xlsx": ("ours", "pandas", "pyexcelerate"),
}
NAMES = "SELECT attname FROM pg_attribute WHERE attrelid = CAST('issue' AS regclass) AND attnum > 0 ORDER BY attnum"
SLOW = ("xlsx",)  # one round


def ours(url: str, kind: str, path: Path, at: datetime) -> None:
    with connect_engine(url, pool=1).connect() as connection:
        catalog = load_catalog(connection, None)
        export_issues(connection, url, catalog, Filter(catalog.city_id, None, at), kind, path, "zh", ROWS, silent)


def frame_of(url: str, at: datetime) -> Any:
    import pandas as pd
    from adbc_driver_postgresql import dbapi

    with connect_engine(url, pool=1).connect() as connection:
        catalog = load_catalog(connection, None)
        statement = statement_of(connection, Filter(catalog.city_id, None, at))
    with dbapi.connect(url) as session:
        session.cursor().execute(f"SET timezone = '{catalog.timezone}'")
        return pd.read_sql(statement, session, dtype_backend="pyarrow").set_axis(HEADS, axis=1)


def pandas_way(url: str, kind: str, path: Path, at: datetime) -> None:
    import pandas as pd

    frame = frame_of(url, at)
    if kind == "csv":
        frame.to_csv(path, index=False, encoding="utf-8-sig")
        return
    with pd.ExcelWriter(path, "xlsxwriter", engine_kwargs={"options": {"constant_memory": True}}) as book:
        for n, first in enumerate(range(0, len(frame), SHEET)):
            frame.iloc[first : first + SHEET].to_excel(book, sheet_name=f"s{n}", index=False)


def pyarrow_way(url: str, _kind: str, path: Path, at: datetime) -> None:
    import pyarrow as pa
    import pyarrow.csv

    pyarrow.csv.write_csv(pa.Table.from_pandas(frame_of(url, at), preserve_index=False), path)


def pyexcelerate_way(url: str, _kind: str, path: Path, at: datetime) -> None:
    from pyexcelerate import Workbook

    frame, book = frame_of(url, at).astype(object), Workbook()
    for n, first in enumerate(range(0, len(frame), SHEET)):
        piece = frame.iloc[first : first + SHEET]
        book.new_sheet(f"s{n}", data=[HEADS, *piece.where(piece.notna(), None).values.tolist()])
    book.save(str(path))


def geopandas_way(url: str, kind: str, path: Path, at: datetime) -> None:
    import geopandas

    frame = frame_of(url, at)
    shapes = geopandas.points_from_xy(frame.pop("经度").astype(float), frame.pop("纬度").astype(float))
    drawn = geopandas.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326")
    if kind == "geoparquet":
        drawn.to_parquet(path, compression="zstd", index=False)
        return
    drawn = drawn.set_geometry(drawn.geometry.where(~drawn.geometry.is_empty, None))
    more = {"driver": "GPKG"} if kind == "gpkg" else {"driver": "FlatGeobuf", "SPATIAL_INDEX": "NO"}
    drawn.to_file(path, engine="pyogrio", use_arrow=True, **more)


DO: dict[str, Callable[[str, str, Path, datetime], None]] = {
    "ours": ours,
    "pandas": pandas_way,
    "pyarrow": pyarrow_way,
    "pyexcelerate": pyexcelerate_way,
    "geopandas": geopandas_way,
}


def read_back(kind: str, path: Path) -> int:
    """How many issues a file holds."""
    if kind == "csv":
        with path.open("rb") as file:
            return sum(not line.startswith(b'"# ') for line in file) - 1
    if kind == "geoparquet":
        import pyarrow.parquet as pq

        return int(pq.ParquetFile(path).metadata.num_rows)
    if kind == "xlsx":
        import python_calamine

        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = [name for name in book.sheet_names if name != "说明"]
        return sum(book.get_sheet_by_name(name).height - 1 for name in sheets)
    import pyogrio

    return int(pyogrio.read_info(path, layer=0, force_feature_count=True)["features"])


def one(url: str, kind: str, way: str, at: datetime) -> tuple[float, int]:
    """Seconds and peak memory (MB) of one way, in a process of its own; its file is checked."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder) / f"issues.{ {'geoparquet': 'parquet'}.get(kind, kind) }"
        words = [sys.executable, "-m", "tests.bench.bench_export", url, kind, way, str(path), at.isoformat()]
        done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, env=os.environ)
        assert done.returncode == 0, done.stderr[-2000:]
        assert read_back(kind, path) == ROWS, (kind, way, read_back(kind, path))
        said = json.loads(done.stdout.splitlines()[-1])
        return said["seconds"], said["memory"]


def child(url: str, kind: str, way: str, path: str, at: str) -> None:
    import geopandas  # noqa: F401 (what is imported is not timed)
    import pandas  # noqa: F401
    import pyogrio  # noqa: F401

    start = time.perf_counter()
    DO[way](url, kind, Path(path), datetime.fromisoformat(at))
    seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))  # kB
    print(json.dumps({"seconds": seconds, "memory": peak // 1000}))


def fill(url: str) -> None:
    """The demo year, its issues over and over until there are ROWS."""
    city = ROOT / "gis_data" / (ROOT / "gis_data" / "default.txt").read_text(encoding="utf-8").strip()
    settings = replace(read_settings({}), database_url=url, log_level="WARNING")
    run_demo(settings, city, 1, None, False, 1)
    engine = open_store(settings)
    with engine.begin() as connection:
        named = connection.execute(text(NAMES)).scalars()
        taken = {"issue_id": "issue_id + k * 10000000", "receipt": "'{}'", "number": "number || k"}
        columns = ", ".join(taken.get(name, name) for name in named)
        held = connection.execute(text("SELECT count(*) FROM issue")).scalar_one()
        query = f"INSERT INTO issue SELECT {columns} FROM issue CROSS JOIN generate_series(1, :k) AS k LIMIT :n"
        connection.execute(text(query), {"k": ROWS // held + 1, "n": ROWS - held})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE issue"))
        assert connection.execute(text("SELECT count(*) FROM issue")).scalar_one() == ROWS
    engine.dispose()


def main() -> None:
    with bench_cluster() as cluster:
        url = new_database(cluster, "export")
        fill(url)
        at, ratios = datetime.now(UTC).replace(microsecond=0), {}
        for kind in os.environ.get("BENCH_FORMATS", " ".join(WAYS)).split():
            ways = WAYS[kind]
            taken: dict[str, list[tuple[float, int]]] = {way: [] for way in ways}
            for _ in range(1 if kind in SLOW else ROUNDS):
                for way in ways:
                    taken[way].append(one(url, kind, way, at))
            rates = {way: ROWS / statistics.median(s for s, _ in found) for way, found in taken.items()}
            for way in ways:
                memory = max(m for _, m in taken[way])
                print(f"{kind:11} {way:13} {rates[way]:10,.0f} rows/s   {memory:6,} MB", flush=True)
            assert max(m for _, m in taken["ours"]) <= MEMORY_MB, kind
            best = max(rate for way, rate in rates.items() if way != "ours")
            ratios[kind] = rates["ours"] / best
            print(f"{kind:11} ratio: {ratios[kind]:.2f}", flush=True)
    kind = min(ratios, key=lambda name: ratios[name])
    print(f"ratio: {ratios[kind]:.2f}  ({kind}, ours ÷ the best peer)")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(*sys.argv[1:])
    else:
        main()
