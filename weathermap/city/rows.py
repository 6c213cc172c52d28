"""One row of a pack's table put in, changed or taken out: the file's other rows, columns and their order stay."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from weathermap.city.schema import TABLES

Row = dict[str, str]  # column → text, '' for none
Files = Mapping[str, bytes]  # name in the pack → content


def rows_of(files: Files, table: str) -> list[Row]:
    """The rows of a table as texts, with every column of its schema."""
    columns = [column.name for column in TABLES[table].columns]
    return [{name: record.get(name, "") for name in columns} for record in _read(files, table)[1]]


def with_row(files: Files, table: str, key: str, values: Row | None) -> dict[str, bytes]:
    """`files` with the row of this key changed to `values`, added where there is none, taken out for None."""
    schema = TABLES[table]
    header, records = _read(files, table)
    at = next((k for k, record in enumerate(records) if record.get(schema.key) == key), len(records))
    if values is None:
        records[at : at + 1] = []
    else:
        known = [column.name for column in schema.columns]
        header += [name for name in known if name not in header and (values.get(name) or not header)]
        kept = records[at] if at < len(records) else {}
        records[at : at + 1] = [kept | {name: values.get(name, "").strip() for name in known}]
    out = io.StringIO()
    writer = csv.DictWriter(out, header, extrasaction="ignore", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return {**files, schema.file: out.getvalue().encode()}


def _read(files: Files, table: str) -> tuple[list[str], list[Row]]:
    """(header, records) of a table that was read without a fault before."""
    text = files.get(TABLES[table].file, b"").decode("utf-8-sig")
    records = [[value.strip() for value in record] for record in csv.reader(io.StringIO(text, newline=""))]
    records = [record for record in records if any(record)]
    header = records[0] if records else [column.name for column in TABLES[table].columns]
    return header, [dict(zip(header, record, strict=True)) for record in records[1:]]
