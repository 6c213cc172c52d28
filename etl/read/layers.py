"""Geographic files (GeoJSON, GeoPackage, Shapefile also zipped) → pieces of rows, read as a stream."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from etl.read.archive import check_archive
from etl.read.encodings import fitting
from etl.read.geometry import NOTE, with_positions
from etl.read.ledger import ROWS, Ledger, Piece, X, Y, digest
from weathermap.errors import LedgerError

GEOJSON = (".geojson", ".json")
INSIDE = (".shp", ".gpkg", *GEOJSON)  # of an archive
WHOLE = "Is the file whole? Fetch or export it again."
REMEDIES = {
    ".shp": "Is it whole, and with its companions beside it (.dbf, .shx, .prj)?",
    ".zip": "Is it whole, and with all parts of the shapefile in it (.shp, .dbf, .shx, .prj)?",
} | dict.fromkeys(GEOJSON, "Is it GeoJSON (a FeatureCollection), and whole? Of other JSON make a CSV.")
SAMPLE = 1 << 18  # bytes of a shapefile's table that decide on its encoding


def open_layer(path: Path, encoding: str = "", layer: str = "") -> Ledger:
    """One layer of a geographic file: that named, else the one with the most features. Raises LedgerError."""
    suffix = path.suffix.lower()
    source = str(path)
    if suffix == ".zip":
        check_archive(path)
        source = _inside(path)
    encoding = encoding or _dbf_encoding(path)
    asked: dict[str, Any] = {"encoding": encoding or None} | ({"DATE_AS_STRING": "YES"} if suffix in GEOJSON else {})
    try:
        layer, notes = _choose(path, source, layer)
        info = pyogrio.read_info(source, layer=layer, **asked)
    except (DataSourceError, DataLayerError, OSError, UnicodeDecodeError) as error:
        why = str(error).replace(source, path.name).partition("; It might help")[0].rstrip(".")
        raise LedgerError(f"{path} cannot be opened: {why}.", REMEDIES.get(suffix, WHOLE)) from error
    names = tuple(info["fields"])
    if info["geometry_type"]:
        names, notes = (*names, X, Y), [*notes, NOTE]
    return Ledger(
        file=path,
        names=names,
        pieces=lambda: _pieces(path, source, layer, names, max(info["features"], 1), asked),
        sha256=digest(*_files(path)),
        encoding=suffix.removeprefix("."),
        notes=tuple(notes),
        typed=True,
        crs=info["crs"] or "",
    )


def _inside(path: Path) -> str:
    """Where in a zip archive the data lie, as GDAL names it: the archive itself, or the one folder that holds them."""
    with zipfile.ZipFile(path) as archive:
        members = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
    if not any(_holds_data(name) for name in members):
        raise LedgerError(f"{path} holds no geographic file.", f"Kinds that are read in it: {', '.join(INSIDE)}.")
    if len(members) == 1 or not any("/" in name for name in members):
        return str(path)
    whole = f"/vsizip/{path.resolve()}"  # names as GDAL reads them, which may not be UTF-8
    files = [name.removeprefix(f"{whole}/") for name in pyogrio.vsi_listtree(whole)]
    folders = sorted({name.rpartition("/")[0] for name in files if _holds_data(name)})
    if len(folders) > 1:
        inside = ", ".join(folder or "." for folder in folders)
        raise LedgerError(f"{path} holds data in several folders: {inside}.", "Unpack it and import one file of it.")
    return f"{whole}/{folders[0]}"


def _holds_data(name: str) -> bool:
    return name.lower().endswith(INSIDE) and not name.startswith("__MACOSX/")


def _choose(path: Path, source: str, wanted: str) -> tuple[str, list[str]]:
    layers = [str(name) for name, _ in pyogrio.list_layers(source)]
    if wanted:
        if wanted not in layers:
            raise LedgerError(f"{path} has no layer {wanted!r}.", f"Its layers: {', '.join(layers)}.")
        return wanted, [f"layer {wanted!r}"]
    sizes = {layer: pyogrio.read_info(source, layer=layer, force_feature_count=True)["features"] for layer in layers}
    filled = [layer for layer, size in sizes.items() if size > 0]
    if not filled:
        raise LedgerError(f"{path} has no layer with features.", "Export the ledger again.")
    chosen = max(filled, key=sizes.__getitem__)
    others = [layer for layer in filled if layer != chosen]
    more = f", the largest; others: {', '.join(others)} (--layer takes one)" if others else ""
    return chosen, [f"layer {chosen!r}{more}"]


def _pieces(
    path: Path, source: str, layer: str, names: tuple[str, ...], total: int, asked: dict[str, Any]
) -> Iterator[Piece]:
    done = 0
    try:
        with pyogrio.open_arrow(source, layer=layer, batch_size=ROWS, use_pyarrow=True, **asked) as (info, reader):
            geometry = (info["geometry_name"] or "wkb_geometry") if X in names else ""
            for batch in reader:
                if len(batch):
                    table = with_positions(pa.Table.from_batches([batch]), geometry).select(list(names))
                    lines = np.arange(done + 1, done + len(table) + 1, dtype=np.int64)
                    done += len(table)
                    yield Piece(table, lines, share=min(done / total, 1.0))
    except (DataSourceError, DataLayerError, OSError, pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise LedgerError(f"{path}: after feature {done:,}: {error}.", "Fetch or export the file again.") from error


def _files(path: Path) -> list[Path]:
    """The file, and what makes a shapefile."""
    beside = [path.with_suffix(suffix) for suffix in (".dbf", ".prj", ".cpg")] if path.suffix.lower() == ".shp" else []
    return [path, *(file for file in beside if file.is_file())]


def _dbf_encoding(path: Path) -> str:
    """The encoding of a shapefile that does not say it (no .cpg), '' for one that does; also of a zipped one."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            inside = {Path(name).suffix.lower(): name for name in archive.namelist()}
            if ".cpg" in inside or ".dbf" not in inside:
                return ""
            with archive.open(inside[".dbf"]) as file:
                return _unsaid(file.read(SAMPLE))
    table = path.with_suffix(".dbf")
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").is_file() or not table.is_file():
        return ""
    with table.open("rb") as plain:
        return _unsaid(plain.read(SAMPLE))


def _unsaid(table: bytes) -> str:
    """The encoding that fits a .dbf's values, '' when the table names it or is ASCII."""
    if len(table) < 32 or table[29] or table.isascii():  # byte 29: the language that the table names
        return ""
    words = b"\n".join(word for word in table[32:].replace(b"\0", b" ").split() if not word.isascii())
    try:
        words.decode()
        return "utf-8"
    except UnicodeDecodeError:
        return fitting(words)
