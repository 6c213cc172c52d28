"""What `make bench-load` measures against: the plain path of an import, and the usual ways to write rows."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
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


def plain_load(engine: Engine, pack: Pack, ledger: Path) -> tuple[dict[str, float], dict[str, str | None]]:
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
        issues, kinds = _issues(pack, frame, at, end, points)
        events = _events(issues)
        issues["hash"] = events.groupby("issue_id")["hash"].last().to_numpy()
    with engine.begin() as connection:
        for name in ("issue", "issue_event"):  # the same columns and indexes, not divided into partitions
            connection.execute(text(f"CREATE TABLE plain_{name} (LIKE {name} INCLUDING ALL)"))
    with stage("to_postgis of indexed issues"), engine.begin() as connection:
        issues.to_postgis("plain_issue", connection, if_exists="append", chunksize=50_000)
    with stage("to_sql by COPY of events"), engine.begin() as connection:
        events.to_sql("plain_issue_event", connection, if_exists="append", index=False, chunksize=50_000, method=_copy)
    with stage("GROUP BY"), engine.begin() as connection:
        for number, kind in enumerate(kinds):
            connection.execute(
                text(
                    f"CREATE TABLE by_{number} AS SELECT {kind} AS kind, date_trunc('day', at) AS day, move, count(*)"
                    " FROM plain_issue_event JOIN plain_issue USING (issue_id) GROUP BY 1, 2, 3"
                )
            )
    engine.dispose()
    cells = points[pack.config.levels[-1]].astype(object)
    return took, dict(zip(frame["编号"], cells.where(cells.notna(), None), strict=True))


def _issues(
    pack: Pack, frame: pd.DataFrame, at: pd.Series, end: pd.Series, points: geopandas.GeoDataFrame
) -> tuple[geopandas.GeoDataFrame, list[str]]:
    """The columns of `issue`, dated and routed by one simple rule each; and what to group by."""
    n, levels = len(frame), pack.config.levels[1:]
    state = frame["状态"].map({"已办结": "rectified", "作废": "void", "办理中": "handling"})
    closed = state == "rectified"
    place = {level: points[level].map({code: i for i, code in enumerate(pack.areas[level].codes)}) for level in levels}
    town, community, cell = (place[level].fillna(-1).astype(int) for level in levels)
    columns = {
        "issue_id": np.arange(n), "city_id": 1, "number": frame["编号"], "source_id": 1,
        "category_id": frame["类别"].map({c.name: i for i, c in enumerate(pack.categories)}), "state": state,
        "seq": np.where(closed, 4, np.where(state == "void", 3, 2)), "last_at": end.fillna(at), "reported_at": at,
        "notified_at": at, "deadline": at + DEADLINE, "long_at": at + 3 * DEADLINE, "fed_back_at": end.where(closed),
        "rectified_at": end.where(closed), "extended": False, "unit_id": town, "person_id": town, "area_id": cell,
        "places": [f"{{0,{a},{b},{c}}}" for a, b, c in zip(town, community, cell, strict=True)],
        "position": "located", "address": frame["地址"], "flag": "-", "review": False,
        "receipt": [f'{{"area": "{code}", "rule": "town"}}' for code in points[levels[-1]]],
    }  # fmt: skip
    holders = ["1", *(f"places[{k}]" for k in range(2, 5)), "unit_id"]
    slices = [f"ARRAY[{of}, {which}]" for of in ("1", "places[2]", "unit_id") for which in ("category_id", "source_id")]
    return geopandas.GeoDataFrame(columns, geometry=points.geometry).rename_geometry("geom"), [*holders, *slices]


def _events(issues: geopandas.GeoDataFrame) -> pd.DataFrame:
    """The columns of `issue_event`, chained: report and dispatch, then feedback and check, or void."""
    closed, void = issues["state"] == "rectified", issues["state"] == "void"
    parts = [
        ("report", 1, issues["reported_at"], closed | True),
        ("dispatch", 2, issues["notified_at"], closed | True),
        ("feed_back", 3, issues["last_at"], closed),
        ("check_pass", 4, issues["last_at"], closed),
        ("void", 3, issues["last_at"], void),
    ]
    frames = [
        pd.DataFrame({"issue_id": issues["issue_id"][rows], "seq": seq, "city_id": 1, "at": at[rows], "move": move,
                      "actor": 0, "data": [f'{{"number":"{number}"}}' for number in issues["number"][rows]]})
        for move, seq, at, rows in parts
    ]  # fmt: skip
    events = pd.concat(frames).sort_values(["issue_id", "seq"], ignore_index=True)
    before, seals = "", []
    for issue, seq, data in zip(events["issue_id"], events["seq"], events["data"], strict=True):
        before = sha256(f"{before if seq > 1 else ''}{issue}{seq}{data}".encode()).hexdigest()
        seals.append(f"\\x{before}")
    return events.assign(hash=seals)


def _copy(table: object, connection: Connection, keys: list[str], rows: Iterator[tuple[object, ...]]) -> None:
    """The way of pandas' manual to insert by COPY."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    buffer.seek(0)
    names = ", ".join(keys)
    connection.connection.cursor().copy_expert(f"COPY {table.name} ({names}) FROM STDIN WITH CSV", buffer)  # type: ignore[attr-defined]
