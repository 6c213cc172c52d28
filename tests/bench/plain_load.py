"""What `make bench-load` measures against: the plain path of an import, and the usual ways to write rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg2.extras import execute_values
from sqlalchemy import Connection, Engine, MetaData, Table, text

from weathermap.city.pack import Pack
from weathermap.store.binary import copy_table

FEW = 20_000  # rows of slow peers
DEADLINE = pd.Timedelta(days=5)
Ways = dict[str, tuple[int, Callable[[Connection], object]]]


def all_ways(engine: Engine, table: pa.Table, folder: Path) -> Ways:
    """Name → (rows, how they are written into the table `spot`)."""
    file = folder / "ready.pgcopy"
    encoder = ArrowToPostgresBinaryEncoder(table.schema)
    batches = (encoder.write_batch(batch) for batch in table.to_batches())
    file.write_bytes(b"".join([encoder.write_header(), *batches, encoder.finish()]))
    few = table.slice(0, FEW)
    frame = frame_of(table)
    return {
        "COPY of a ready file (limit)": (
            len(table), lambda c: c.execute(text(f"COPY spot FROM '{file}' (FORMAT binary)"))
        ),
        "ours: Arrow, encoded meanwhile": (len(table), lambda c: copy_table(c, "spot", table)),
        "ADBC": (len(table), lambda c: _adbc(engine, table)),
        "geopandas.to_postgis": (len(table), lambda c: frame.to_postgis("spot", c, if_exists="append")),
        "psycopg2 execute_values": (FEW, lambda c: _execute_values(c, few)),
        "SQLAlchemy insert": (FEW, lambda c: _insert(c, few)),
    }  # fmt: skip


def frame_of(table: pa.Table) -> geopandas.GeoDataFrame:
    """The rows as a GeoDataFrame."""
    points = geopandas.GeoSeries(shapely.from_wkb(table["geom"].to_pylist()), crs="EPSG:4326")
    plain = table.drop_columns(["geom"]).to_pandas(types_mapper={pa.int32(): pd.Int32Dtype()}.get)
    return geopandas.GeoDataFrame(plain, geometry=points).rename_geometry("geom")


def _adbc(engine: Engine, table: pa.Table) -> None:
    from adbc_driver_postgresql import dbapi

    with engine.connect() as ours:
        parameters = ours.connection.dbapi_connection.get_dsn_parameters()  # type: ignore[union-attr]
    uri = f"postgresql:///{parameters['dbname']}?host={parameters['host']}&user={parameters['user']}"
    with dbapi.connect(uri) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("spot", table, mode="append")
        connection.commit()


def _rows(table: pa.Table) -> list[dict[str, object]]:
    rows = table.to_pylist()
    for row in rows:
        row["geom"] = row["geom"].hex()
    return rows


def _execute_values(connection: Connection, table: pa.Table) -> None:
    rows = [tuple(row.values()) for row in _rows(table)]
    execute_values(connection.connection.cursor(), "INSERT INTO spot VALUES %s", rows, page_size=1000)


def _insert(connection: Connection, table: pa.Table) -> None:
    spot = Table("spot", MetaData(), autoload_with=connection)
    rows = _rows(table)
    for row in rows:
        row["geom"] = f"SRID=4326;{shapely.from_wkb(row['geom']).wkt}"
    connection.execute(spot.insert(), rows)


def plain_load(engine: Engine, pack: Pack, ledger: Path) -> tuple[dict[str, float], dict[str, str]]:
    """Seconds of each stage, and the cell of each key."""
    took: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        took[name] = time.perf_counter() - started

    with stage("read_csv"):
        frame = pd.read_csv(ledger, dtype=str, keep_default_na=False)
        at = pd.to_datetime(frame["上报时间"]).dt.tz_localize("Asia/Shanghai")
        end = pd.to_datetime(frame["办结时间"].replace("", None)).dt.tz_localize("Asia/Shanghai")
        lon, lat = frame["经度"].astype(float), frame["纬度"].astype(float)
    with stage("three-level sjoin"):
        points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lon, lat, crs="EPSG:4326"))
        for level in pack.config.levels[1:]:
            areas = pack.areas[level]
            polygons = geopandas.GeoDataFrame({level: areas.codes}, geometry=list(areas.geoms), crs="EPSG:4326")
            joined = points[["geometry"]].sjoin(polygons, how="left", predicate="intersects")
            points[level] = joined.sort_values(level)[level].groupby(level=0).first()
    with stage("rows"):
        state = frame["状态"].map({"已办结": "rectified", "作废": "void", "办理中": "handling"})
        closed = state == "rectified"
        issues = geopandas.GeoDataFrame(
            {
                "issue_id": np.arange(len(frame)),
                "number": frame["编号"],
                "category": frame["类别"],
                "state": state,
                "reported_at": at,
                "notified_at": at,
                "deadline": at + DEADLINE,
                "rectified_at": end.where(closed),
                "last_at": end.fillna(at),
                "unit": "T" + points[pack.config.levels[1]].astype(str),
                **{level: points[level] for level in pack.config.levels[1:]},
                "address": frame["地址"],
            },
            geometry=points.geometry,
        )
        events = _events(issues, closed, state == "void")
    with engine.begin() as connection:
        connection.execute(text(_DDL.format(levels=" text, ".join(pack.config.levels[1:]) + " text")))
    with stage("to_postgis of indexed issues"), engine.begin() as connection:
        issues.to_postgis("plain_issue", connection, if_exists="append", chunksize=50_000)
    with stage("to_postgis of events"), engine.begin() as connection:
        events.to_postgis("plain_event", connection, if_exists="append", chunksize=50_000)
    with stage("GROUP BY"), engine.begin() as connection:
        for level in pack.config.levels[1:]:
            connection.execute(
                text(
                    f"CREATE TABLE by_{level} AS SELECT {level}, date_trunc('day', at) AS day, move, count(*)"
                    f" FROM plain_event JOIN plain_issue USING (issue_id) GROUP BY 1, 2, 3"
                )
            )
    engine.dispose()
    return took, dict(zip(frame["编号"], points[pack.config.levels[-1]], strict=True))


def _events(issues: geopandas.GeoDataFrame, closed: pd.Series[bool], void: pd.Series[bool]) -> geopandas.GeoDataFrame:
    """As many as ours: report and dispatch, then feedback and check, or void."""
    parts = [
        ("report", 1, issues["reported_at"], slice(None)),
        ("dispatch", 2, issues["notified_at"], slice(None)),
        ("feed_back", 3, issues["last_at"], closed),
        ("check_pass", 4, issues["last_at"], closed),
        ("void", 3, issues["last_at"], void),
    ]
    frames = [
        pd.DataFrame(
            {
                "issue_id": issues["issue_id"][rows],
                "seq": seq,
                "at": at[rows],
                "move": move,
                "data": issues["number"][rows],
            }
        )
        for move, seq, at, rows in parts
    ]
    events = pd.concat(frames)
    return geopandas.GeoDataFrame(events, geometry=issues.geometry.loc[events.index], crs=issues.crs)


_DDL = """
CREATE TABLE plain_issue (issue_id bigint PRIMARY KEY, number text, category text, state text, reported_at timestamptz,
    notified_at timestamptz, deadline timestamptz, rectified_at timestamptz, last_at timestamptz, unit text, {levels},
    address text, geometry geometry(Point, 4326));
CREATE UNIQUE INDEX ON plain_issue (number); CREATE INDEX ON plain_issue (unit, issue_id);
CREATE INDEX ON plain_issue (last_at, reported_at); CREATE INDEX ON plain_issue (notified_at, issue_id);
CREATE INDEX ON plain_issue (deadline); CREATE INDEX ON plain_issue (rectified_at) WHERE state = 'rectified';
CREATE INDEX ON plain_issue USING gin ((ARRAY[town, community, cell]));
CREATE TABLE plain_event (issue_id bigint, seq int, at timestamptz, move text, data text,
    geometry geometry(Point, 4326), PRIMARY KEY (issue_id, seq));
"""
