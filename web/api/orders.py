"""GET /api/v1/orders: what leaders ordered and what came of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from weathermap.issue.orders import OUTCOMES, After, OrderFilter, count_orders, list_orders
from weathermap.issue.workflow import MOVES
from weathermap.store.catalog import Catalog
from weathermap.weather.board import period_start
from web.api.query import iso, moment, number, window_start
from web.context import context
from web.problems import BadQuery

orders_api = Blueprint("orders_api", __name__, url_prefix="/api/v1")
PAGE, MOST = 50, 500


@orders_api.get("/orders")
def orders() -> Response:
    """What was ordered in a window and what came of it, page by page; `counts` by outcome, `total` their sum."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        chosen = _filter(args, catalog)
        limit = number(args, "limit", PAGE, 1, MOST)
        levels = [level for level in catalog.levels if catalog.role(level) is not None]
        found = list_orders(connection, chosen, limit, _after(args.get("after")), levels)
        rows = [row._mapping for row in found]
        counts = count_orders(connection, chosen)
        last = rows[-1] if len(rows) == limit else None
        return jsonify(
            {
                "orders": [order_row(row) for row in rows],
                "counts": counts,
                "total": sum(counts.values()),
                "at": iso(chosen.at),
                "next": None if last is None else f"{last['key']}_{last['issue_id']}_{last['seq']}",
            }
        )


def _filter(args: dict[str, str], catalog: Catalog) -> OrderFilter:
    at = moment(args, catalog.timezone)
    version = catalog.version_at(at)
    area = args.get("area")
    if area and ":" not in area:
        raise BadQuery(f"area={area!r} names no level.", f"Write LEVEL:CODE, e.g. {catalog.levels[-1]}:{area}.")
    return OrderFilter(
        city_id=catalog.city_id,
        at=at,
        state=args.get("state") or None,
        kind=args.get("kind") or "order",
        since=window_start(args, catalog.timezone, at) or period_start(catalog),
        area_id=catalog.place(version, *area.split(":", 1)).id if area else None,
        unit_id=catalog.place(version, "unit", args["unit"]).id if args.get("unit") else None,
    )


def _after(text: str | None) -> After | None:
    if not text:
        return None
    try:
        key, issue, seq = (int(part) for part in text.split("_"))
    except ValueError as error:
        raise BadQuery(f"after={text!r} is no key of this list.", "Take `next` of the page before.") from error
    return key, issue, seq


def order_row(row: Any) -> dict[str, Any]:
    """One order, as the API gives it. Who ordered is told by office, never by name."""

    def named(name: str) -> dict[str, Any] | None:
        if row[name] is None:
            return None
        return {"code": row[name], "name": row[f"{name}_name"], "name_en": row[f"{name}_name_en"]}

    zh, en = OUTCOMES[row["outcome"]]
    return {
        "number": row["number"],
        "order": row["order_id"],
        "seq": row["seq"],
        "kind": row["move"],
        "kind_name": {"zh": MOVES[row["move"]].zh, "en": MOVES[row["move"]].en},
        "text": row["text"] or "",
        "by": None if row["by_role"] is None else {"role": row["by_role"], "title": row["by_title"]},
        "state": row["outcome"],
        "state_name": {"zh": zh, "en": en},
        "category": named("category"),
        "unit": named("unit"),
        "area": None if row["area"] is None else {**(named("area") or {}), "level": row["area_level"]},
        "place": None if row["place"] is None else {**(named("place") or {}), "level": row["place_level"]},
        **{name: iso(row[name]) for name in ("at", "until", "fed_back_at", "passed_at")},
        **{name: row[name] for name in ("address", "lon", "lat")},
    }
