"""The spatial index of a GeoPackage's layer of points, packed at once instead of grown point by point.

Sort-Tile-Recursive packing (Leutenegger, Lopez, Edgington: STR, 1997): points sorted by x into strips, each strip by
y, every `CELLS` neighbours a node; levels above take nodes in that order. Written into the tables behind SQLite's
R-tree module (sqlite.org/rtree.html, "Shadow tables": a node is depth, number of cells, then id and float32 bounds of
each, big-endian), which takes a third of the time that GDAL's own way needs. What GeoPackage asks for beside it
(triggers, the row of gpkg_extensions) is copied from an empty layer that GDAL made.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

CELLS = 51  # of a node: most that SQLite puts into a page of 4096 bytes
PIECE = 1 << 15  # rows at once
CELL = np.dtype([("id", ">i8"), ("low_x", ">f4"), ("high_x", ">f4"), ("low_y", ">f4"), ("high_y", ">f4")])
NODE = np.dtype([("depth", ">u2"), ("count", ">u2"), ("cells", CELL, CELLS)])
COLUMN = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"
MADE = "SELECT sql FROM sqlite_master WHERE name = ? AND type = 'table'"
TRIGGERS = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, length(?1)) = ?1"


def add_index(path: Path, empty: Path, layer: str, x: np.ndarray, y: np.ndarray) -> None:
    """Index row k + 1 of `layer` at (x[k], y[k]), NaN where it has no position; `empty`: a file with the same layer and
    GDAL's index, without rows."""
    with closing(sqlite3.connect(path)) as book, closing(sqlite3.connect(empty)) as pattern:
        (column,) = pattern.execute(COLUMN, (layer,)).fetchone()
        name = f"rtree_{layer}_{column}"
        book.execute("PRAGMA synchronous = OFF")  # the file takes its place only when it is whole
        book.execute("PRAGMA journal_mode = OFF")
        book.execute("BEGIN")
        held = {known for (known,) in book.execute("SELECT name FROM sqlite_master")}
        for made in (name, "gpkg_extensions"):
            if made not in held:
                book.execute(*pattern.execute(MADE, (made,)).fetchone())
        said = pattern.execute("SELECT * FROM gpkg_extensions").fetchall()
        book.executemany(f"INSERT INTO gpkg_extensions VALUES ({', '.join('?' * len(said[0]))})", said)
        _fill(book, name, _boxes(x, y))
        for (trigger,) in pattern.execute(TRIGGERS, (name,)):
            book.execute(trigger)
        book.execute("COMMIT")


def _boxes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A cell for each row that has a position, in the order of tiles."""
    placed = np.flatnonzero(~np.isnan(x))
    cells = np.zeros(len(placed), dtype=CELL)
    cells["id"] = placed + 1
    for axis, values in (("x", x[placed]), ("y", y[placed])):
        cells[f"low_{axis}"], cells[f"high_{axis}"] = _outward(values)
    return cells[_by_tiles(cells)]


def _outward(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The float32 at or below each value and the one at or above it: a box that holds the point."""
    near = values.astype(np.float32)
    low = np.where(near > values, np.nextafter(near, np.float32(-np.inf)), near)
    return low, np.where(near < values, np.nextafter(near, np.float32(np.inf)), near)


def _fill(book: sqlite3.Connection, name: str, cells: np.ndarray) -> None:
    """The nodes of all levels, which leaf holds each row, and which node each node."""
    book.execute(f'DELETE FROM "{name}_node"')
    depth, free, rows = 0, 2, True  # node 1 is the root
    while True:
        count = max(-(-len(cells) // CELLS), 1)
        numbers = np.arange(free, free + count) if count > 1 else np.ones(1, dtype=np.int64)
        free += count
        if len(cells):
            holder = np.repeat(numbers, CELLS)[: len(cells)]
            insert = f'INSERT INTO "{name}_{"rowid" if rows else "parent"}" VALUES (?, ?)'
            order = np.argsort(cells["id"])
            for first in range(0, len(order), PIECE):
                some = order[first : first + PIECE]
                book.executemany(insert, zip(cells["id"][some].tolist(), holder[some].tolist(), strict=True))
        nodes = _nodes(cells, count, depth if count == 1 else 0)
        blobs = ((number, node.tobytes()) for number, node in zip(numbers.tolist(), nodes, strict=True))
        book.executemany(f'INSERT INTO "{name}_node" VALUES (?, ?)', blobs)
        if count == 1:
            return
        cells, depth, rows = _around(cells, numbers), depth + 1, False


def _by_tiles(cells: np.ndarray) -> np.ndarray:
    """The order of cells in which each `CELLS` neighbours lie near one another."""
    leaves = -(-len(cells) // CELLS)
    strip = int(np.ceil(np.sqrt(leaves))) * CELLS
    by_x = np.argsort(cells["low_x"].astype(np.float32), kind="stable")
    y = cells["low_y"].astype(np.float32)[by_x]
    return by_x[np.lexsort((y, np.arange(len(cells)) // max(strip, 1)))]


def _nodes(cells: np.ndarray, count: int, depth: int) -> np.ndarray:
    filled = np.zeros(count * CELLS, dtype=CELL)
    filled[: len(cells)] = cells
    nodes = np.zeros(count, dtype=NODE)
    nodes["depth"], nodes["count"] = depth, CELLS
    nodes["count"][-1] = len(cells) - (count - 1) * CELLS
    nodes["cells"] = filled.reshape(count, CELLS)
    return nodes


def _around(cells: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """One cell for each node: the box around what it holds."""
    found = np.zeros(len(numbers), dtype=CELL)
    found["id"] = numbers
    first = np.arange(0, len(cells), CELLS)
    for axis in "xy":
        for end, least in (("low", np.minimum), ("high", np.maximum)):
            field = f"{end}_{axis}"
            found[field] = least.reduceat(cells[field].astype(np.float32), first)
    return found
