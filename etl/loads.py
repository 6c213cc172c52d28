"""What was imported: every load with the sum that reconciles, why rows were not stored, and those rows themselves."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from weathermap.errors import UnknownName
from weathermap.store import tables as t
from weathermap.store.sql import query

MANY = 20_000  # rows that are written at a time


@dataclass(frozen=True)
class Load:
    """One import: rows read = stored + rejected + duplicates."""

    load_id: int
    name: str  # of the file
    loaded_at: datetime
    read: int
    stored: int
    rejected: int
    duplicates: int
    reasons: tuple[tuple[str, str, int], ...]  # field, reason, rows; also of duplicates that say something else

    @property
    def kept_aside(self) -> int:
        """Rows in the quarantine: the rejected ones, and duplicates that differ from the row that was stored."""
        return sum(rows for _, _, rows in self.reasons)


def list_loads(connection: Connection, city_id: int, limit: int = 100) -> list[Load]:
    """The newest loads of a city, the newest first."""
    c = t.load.c
    rows = connection.execute(select(t.load).where(c.city_id == city_id).order_by(c.load_id.desc()).limit(limit)).all()
    reasons: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for found in connection.execute(query("load_reasons"), {"loads": [row.load_id for row in rows]}):
        reasons[found.load_id].append((found.field, found.reason, found.rows))
    names = ("load_id", "name", "loaded_at", "read", "stored", "rejected", "duplicates")
    return [Load(*(getattr(row, name) for name in names), tuple(reasons[row.load_id])) for row in rows]  # type: ignore[arg-type]


def load_name(connection: Connection, city_id: int, load: str) -> str:
    """The file's name of a load, by its number. Raises UnknownName."""
    number = int(load) if load.isascii() and load.isdigit() and len(load) < 10 else -1
    asked = select(t.load.c.name).where(t.load.c.city_id == city_id, t.load.c.load_id == number)
    found = connection.execute(asked).scalar()
    if found is None:
        raise UnknownName(f"There is no load {load} of this city.", "GET /api/v1/loads lists them.")
    return str(found)


def rejected_csv(connection: Connection, load_id: int) -> Iterator[bytes]:
    """The rows of a load that were not stored, as CSV (UTF-8 with a mark), piece by piece: line, field, reason, row."""
    q = t.quarantine.c
    asked = select(q.line, q.field, q.reason, q.row).where(q.load_id == load_id).order_by(q.line).limit(MANY)
    last, header = -1, None
    while header is None or last >= 0:
        rows = connection.execute(asked.where(q.line > last)).all()  # a row of the ledger is in it once
        told = [(row.line, row.field, row.reason, json.loads(row.row)) for row in rows]
        if header is None:
            header = max((list(values) for *_, values in told), key=len, default=[])
            yield b"\xef\xbb\xbf" + _lines([], header, True)
        yield _lines(told, header, False)
        last = rows[-1].line if len(rows) == MANY else -1


def _lines(rows: Sequence[tuple[int, str, str, dict[str, Any]]], header: Sequence[str], first: bool) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    if first:
        writer.writerow(["line", "field", "reason", *header])
    for line, field, reason, values in rows:
        beyond = [value for name, value in values.items() if name not in header]
        writer.writerow([line, field, reason, *(values.get(name, "") for name in header), *beyond])
    return out.getvalue().encode()
