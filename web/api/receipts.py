"""GET /api/v1/issues/<number>/receipt: how an issue was decided; GET /api/v1/reviews: where that was a near thing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, select

from weathermap.issue.listing import list_issues
from weathermap.issue.receipt import find_issue, receipt_of
from weathermap.issue.receipt_words import sentences
from weathermap.store import tables as t
from weathermap.weather.total import total_of
from web.api.issues import MOST, PAGE, after_key, filter_of, issue_row
from web.api.query import iso, number
from web.bounds import check_issue, check_list
from web.context import context

receipts_api = Blueprint("receipts_api", __name__, url_prefix="/api/v1")


@receipts_api.get("/issues/<issue_number>/receipt")
def receipt(issue_number: str) -> Response:
    """An issue's receipt: boundary version, area, runner-up, duty and why it won, deadline; `text` says it in words."""
    with context().connect() as connection:
        row = find_issue(connection, issue_number, request.args.get("city") or None)
        catalog = context().catalog(connection, row.city)
        check_issue(catalog, row.places, issue_number)
        city = context().city(connection, catalog)
        found = receipt_of(connection, city, row)
    return jsonify({**found.facts(), "text": {lang: sentences(found, lang) for lang in ("zh", "en")}})


@receipts_api.get("/reviews")
def reviews() -> Response:
    """Issues whose position's error could change the unit, each with both candidates; settled on the desk."""
    args = {**request.args.to_dict(), "state": "review"}
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        chosen = filter_of(args, catalog)
        check_list(catalog, catalog.by_id.get(chosen.area_id or 0))
        limit = number(args, "limit", PAGE, 1, MOST)
        rows = list_issues(connection, chosen, limit, after_key(args.get("after")))
        last = rows[-1] if len(rows) == limit else None
        told = candidates(connection, [row.issue_id for row in rows])
        return jsonify(
            {
                "reviews": [{**issue_row(row._mapping), **told[row.issue_id]} for row in rows],
                "total": total_of(connection, catalog, chosen),
                "at": iso(chosen.at),
                "next": None if last is None else f"{last.key}_{last.tie}",
            }
        )


def candidates(connection: Connection, issues: list[int]) -> dict[int, dict[str, Any]]:
    """issue id → the area and unit that were decided and the runner-up's, with the distances in metres."""
    rows = connection.execute(select(t.issue.c.issue_id, t.issue.c.receipt).where(t.issue.c.issue_id.in_(issues)))
    return {
        row.issue_id: {
            "error_m": row.receipt["error_m"],
            "candidates": [
                {"area": row.receipt["area"], "unit": row.receipt["unit"], "distance_m": 0.0},
                row.receipt["runner_up"],
            ],
        }
        for row in rows
    }
