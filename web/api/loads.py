"""GET /api/v1/loads: what was imported; GET /api/v1/loads/<load>/rejected.csv: the rows that were not stored."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify, request

from etl.loads import Load, list_loads, load_name, rejected_csv
from web.api.query import iso
from web.context import context

loads_api = Blueprint("loads_api", __name__, url_prefix="/api/v1")


@loads_api.get("/loads")
def loads() -> Response:
    """The newest hundred imports: rows read = stored + rejected + duplicates, and why rows were not stored."""
    with context().connect() as connection:
        catalog = context().catalog(connection, request.args.get("city") or None)
        return jsonify({"loads": [load_row(load) for load in list_loads(connection, catalog.city_id)]})


def load_row(load: Load) -> dict[str, object]:
    """A load, as the API gives it."""
    return {
        "load": load.load_id,
        "name": load.name,
        "loaded_at": iso(load.loaded_at),
        **{name: getattr(load, name) for name in ("read", "stored", "rejected", "duplicates")},
        "reasons": [{"field": field, "reason": reason, "rows": rows} for field, reason, rows in load.reasons],
        "rejected_rows": f"/api/v1/loads/{load.load_id}/rejected.csv" if load.reasons else None,
    }


@loads_api.get("/loads/<load>/rejected.csv")
def rejected(load: str) -> Response:
    """The rows of a load that were not stored, as a file: line, field, reason in words, and the row as it was."""
    held = context()
    with held.connect() as connection:
        city_id = held.catalog(connection, request.args.get("city") or None).city_id
        name = load_name(connection, city_id, load)
    number = int(load)

    def written() -> Iterator[bytes]:
        with held.connect() as reading:
            yield from rejected_csv(reading, number)

    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") or "load"
    headers = {
        "Content-Disposition": f'attachment; filename="rejected-{number}-{plain}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(written(), mimetype="text/csv", headers=headers)
