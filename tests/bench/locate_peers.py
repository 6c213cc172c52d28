"""Others that find the area of points, each from tables of its own that are ready before it is timed.

Every peer answers with pairs (point, area), both row numbers; what ties to do with is left to the caller, unpaid.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_spatial
import geopandas
import numpy as np
import polars_st
import psycopg2
import pyarrow
import sedonadb
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pairs = tuple[Ints, Ints]
THREADS = 2


class Peer(ABC):
    """`name` says how many threads it uses."""

    name: str
    filling_s = 0.0  # seconds that taking a point needs, where that is what takes long

    @abstractmethod
    def take_areas(self, level: str, shapes: NDArray[np.object_]) -> None: ...

    @abstractmethod
    def take_points(self, points: geopandas.GeoDataFrame) -> None: ...

    @abstractmethod
    def join(self, level: str) -> Pairs: ...


class GeoPandas(Peer):
    name = "geopandas.sjoin (1 thread)"

    def __init__(self) -> None:
        self.areas: dict[str, geopandas.GeoDataFrame] = {}

    def take_areas(self, level: str, shapes: NDArray[np.object_]) -> None:
        self.areas[level] = geopandas.GeoDataFrame(geometry=shapes)

    def take_points(self, points: geopandas.GeoDataFrame) -> None:
        self.points = points[["geometry"]]

    def join(self, level: str) -> Pairs:
        found = geopandas.sjoin(self.points, self.areas[level], predicate="intersects")
        return found.index.to_numpy(), found["index_right"].to_numpy()


class BulkTree(Peer):
    """A tree of the points, asked with all polygons; half of the points each in two threads."""

    name = "shapely STRtree, polygons into points"

    def __init__(self) -> None:
        self.areas: dict[str, NDArray[np.object_]] = {}

    def take_areas(self, level: str, shapes: NDArray[np.object_]) -> None:
        self.areas[level] = shapes

    def take_points(self, points: geopandas.GeoDataFrame) -> None:
        self.points = points.geometry.to_numpy()

    def join(self, level: str) -> Pairs:
        bounds = np.linspace(0, len(self.points), THREADS + 1).astype(int)

        def half(start: int, end: int) -> Pairs:
            area, point = shapely.STRtree(self.points[start:end]).query(self.areas[level], predicate="intersects")
            return point + start, area

        with ThreadPoolExecutor(THREADS) as pool:
            parts = list(pool.map(half, bounds[:-1], bounds[1:]))
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


class Sedona(Peer):
    name = "SedonaDB"

    def __init__(self) -> None:
        self.session = sedonadb.connect()

    def take_areas(self, level: str, shapes: NDArray[np.object_]) -> None:
        frame = geopandas.GeoDataFrame({"area": np.arange(len(shapes))}, geometry=shapes)
        self.session.create_data_frame(frame).to_memtable().to_view(level, overwrite=True)

    def take_points(self, points: geopandas.GeoDataFrame) -> None:
        self.session.create_data_frame(points).to_memtable().to_view("points", overwrite=True)

    def join(self, level: str) -> Pairs:
        found = self.session.sql(
            f"SELECT points.point, a.area FROM points JOIN {level} AS a ON ST_Intersects(a.geometry, points.geometry)"
        )
        table = pyarrow.table(found)
        return table["point"].to_numpy(), table["area"].to_numpy()


class PolarsST(Peer):
    name = "polars-st"

    def __init__(self) -> None:
        self.areas: dict[str, Any] = {}

    def take_areas(self, level: str, shapes: NDArray[np.object_]) -> None:
        frame = geopandas.GeoDataFrame({"area": np.arange(len(shapes))}, geometry=shapes)
        self.areas[level] = polars_st.from_geopandas(frame)

    def take_points(self, points: geopandas.GeoDataFrame) -> None:
        self.points: Any = polars_st.from_geopandas(points)

    def join(self, level: str) -> Pairs:
        found = self.points.st.sjoin(self.areas[level], on="geometry", how="inner", predicate="intersects")
        return found["point"].to_numpy(), found["area"].to_numpy()


class DuckDB(Peer):
    name = "DuckDB spatial"

    def __init__(self) -> None:
        self.session = duckdb.connect()
        extension = next(Path(next(iter(duckdb_extension_spatial.__path__))).rglob("spatial.duckdb_extension"))
        self.session.execute(f"LOAD '{extension}'")
        self.session.execute(f"SET threads = {THREADS}")

    def take_areas(self, level: str, shapes: NDArray[np.object_]) -> None:
        wkb = pyarrow.array(shapely.to_wkb(shapes).tolist(), pyarrow.binary())
        self.session.register("given", pyarrow.table({"area": np.arange(len(shapes)), "wkb": wkb}))
        self.session.execute(f"CREATE OR REPLACE TABLE {level} AS SELECT area, ST_GeomFromWKB(wkb) AS geom FROM given")

    def take_points(self, points: geopandas.GeoDataFrame) -> None:
        xy = shapely.get_coordinates(points.geometry.to_numpy())
        self.session.register("given", pyarrow.table({"point": np.arange(len(xy)), "x": xy[:, 0], "y": xy[:, 1]}))
        self.session.execute("CREATE OR REPLACE TABLE points AS SELECT point, ST_Point(x, y) AS geom FROM given")

    def join(self, level: str) -> Pairs:
        query = f"SELECT point, area FROM points JOIN {level} AS a ON ST_Intersects(a.geom, points.geom)"
        table = self.session.execute(query).to_arrow_table()
        return table["point"].to_numpy(), table["area"].to_numpy()


class PostGIS(Peer):
    """Two processes; both tables indexed, clustered by what is asked for, analyzed; the answer as binary COPY."""

    name = "PostGIS ST_Covers"
    filling_s = 2e-5
    ROW = np.dtype([("columns", ">i2"), ("a", ">i4"), ("point", ">i4"), ("b", ">i4"), ("area", ">i4")])

    def __init__(self, url: str) -> None:
        self.session = psycopg2.connect(url)
        self.session.autocommit = True
        with closing(self.session.cursor()) as cursor:
            for setting in (f"max_parallel_workers_per_gather = {THREADS - 1}", "parallel_setup_cost = 0",
                            "work_mem = '256MB'", "jit = off"):  # fmt: skip
                cursor.execute(f"SET {setting}")

    def take_areas(self, level: str, shapes: NDArray[np.object_]) -> None:
        self._fill(level, "area", shapes)

    def take_points(self, points: geopandas.GeoDataFrame) -> None:
        self._fill("points", "point", points.geometry.to_numpy())

    def _fill(self, table: str, key: str, shapes: NDArray[np.object_]) -> None:
        with closing(self.session.cursor()) as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({key} int, geom geometry)")
            for start in range(0, len(shapes), 200_000):
                wkb = shapely.to_wkb(shapes[start : start + 200_000], hex=True)
                lines = "".join(f"{start + i}\t{shape}\n" for i, shape in enumerate(wkb.tolist()))
                cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(lines))
            cursor.execute(f"CREATE INDEX ON {table} USING gist (geom)")
            cursor.execute(f"VACUUM ANALYZE {table}")

    def join(self, level: str) -> Pairs:
        answer = io.BytesIO()
        query = f"SELECT point, area FROM {level} AS a JOIN points AS p ON ST_Covers(a.geom, p.geom)"
        with closing(self.session.cursor()) as cursor:
            cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", answer)
        rows = np.frombuffer(answer.getbuffer()[19:-2], dtype=self.ROW)
        return rows["point"].astype(np.int64), rows["area"].astype(np.int64)
