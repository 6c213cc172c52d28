"""What a desk page was asked for, from its address: the queue, the filters, and the address of another view."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Connection, select

from weathermap.errors import UnknownName
from weathermap.issue.listing import Filter
from weathermap.people.accounts import Account
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from web.desk.queues import QUEUES, Queue, own_queues
from web.pages.account import language

FILTERS = ("area", "category", "unit", "source")


def filter_of(catalog: Catalog, account: Account, chosen: Queue, bare: bool = False) -> Filter:
    """The list that a queue is, narrowed by the address unless `bare`. Raises UnknownName."""
    args = {} if bare else {name: request.args.get(name) or None for name in FILTERS}
    version = catalog.versions[-1][0]
    area = catalog.place(version, *args["area"].split(":", 1)).id if args.get("area") and ":" in args["area"] else None
    unit = catalog.place(version, "unit", args["unit"]).id if args.get("unit") else None
    return Filter(
        city_id=catalog.city_id,
        state=chosen.state,
        at=datetime.now(UTC).replace(microsecond=0),
        area_id=area,
        unit_id=account.unit_id if chosen.own else unit,
        category=args.get("category"),
        source=args.get("source"),
    )


def address(changes: dict[str, str] | None, base: str = "/desk") -> str:
    """This page's address with other parameters; None takes it as it is. What was said last is left out."""
    kept = {k: v for k, v in request.args.items() if k in ("queue", "lang", "show", *FILTERS)}
    parts = {k: v for k, v in {**kept, **(changes or {})}.items() if v}
    return f"{base}?{urlencode(parts)}" if parts else base


def queue_of(account: Account) -> Queue:
    code = request.args.get("queue", "")
    if code and code not in QUEUES:
        raise UnknownName(f"queue={code!r} is not known.", f"Queues: {', '.join(QUEUES)}.")
    return QUEUES[code] if code else own_queues(account)[0]


def options_of(connection: Connection, catalog: Catalog) -> dict[str, list[tuple[str, str]]]:
    which = language() == "en"

    def named(row: Any) -> str:
        return row.name_en if which and row.name_en else row.name

    level = catalog.levels[min(1, len(catalog.levels) - 1)]
    c, s = t.category.c, t.source.c
    categories = connection.execute(
        select(c.code, c.name, c.name_en).where(c.city_id == catalog.city_id, ~c.retired).order_by(c.code)
    )
    sources = connection.execute(
        select(s.code, s.name, s.name_en).where(s.city_id == catalog.city_id, ~s.retired).order_by(s.source_id)
    )
    return {
        "area": [(f"{level}:{p.code}", named(p)) for p in catalog.areas[catalog.versions[-1][0], level]],
        "category": [(row.code, named(row)) for row in categories],
        "unit": [(unit.code, named(unit)) for unit in catalog.units],
        "source": [(row.code, named(row)) for row in sources],
    }
