"""A file → its ledger, by the ending of its name. Each reader is imported when one of its files is opened."""

from __future__ import annotations

from pathlib import Path

from etl.read.ledger import Ledger
from weathermap.errors import LedgerError

TEXTS = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
LAYERS = (".geojson", ".json", ".gpkg", ".shp", ".zip")
PARQUET = (".parquet", ".geoparquet")


def open_ledger(path: Path, encoding: str = "", delimiter: str = "", sheet: str = "") -> Ledger:
    """The ledger in `path`, by its suffix; '' = found. `sheet`: of a workbook, or the layer of a geographic file.

    Raises LedgerError for what cannot be read as a table.
    """
    if not path.is_file():
        raise LedgerError(f"{path} cannot be read: there is no such file.", "Check the path.")
    suffix = path.suffix.lower()
    if suffix in TEXTS or (suffix == ".gz" and Path(path.stem).suffix.lower() in TEXTS):
        from etl.read.delimited import open_delimited

        return open_delimited(path, encoding, delimiter)
    if suffix in WORKBOOKS:
        from etl.read.workbook import open_workbook

        return open_workbook(path, sheet)
    if suffix in LAYERS:
        from etl.read.layers import open_layer

        return open_layer(path, encoding, sheet)
    if suffix in PARQUET:
        from etl.read.parquet import open_parquet

        return open_parquet(path)
    raise LedgerError(
        f"{path}: this kind of file cannot be read.",
        f"Kinds that can: {', '.join((*TEXTS, *WORKBOOKS, *LAYERS, *PARQUET))}; texts also as .gz.",
    )
