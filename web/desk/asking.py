"""What a desk page was asked for, from its address: the queue, the filters, and the address of another view."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import request

from weathermap.errors import UnknownName
from weathermap.issue.listing import Filter
from weathermap.issue.waiting import Place, Waiting
from weathermap.people.accounts import Account
from weathermap.people.bounds import bound_to, narrowed
from weathermap.store.catalog import Catalog
from web.desk.choices import Choices
from web.desk.queues import QUEUES, Queue, own_queues
from web.pages.account import language

FILTERS = ("area", "category", "unit", "source")
KEPT = ("queue", "q", "lang", "show", *FILTERS)


def waiting_of(catalog: Catalog, choices: Choices, account: Account, chosen: Queue) -> Waiting:
    """The queue as it stands now, narrowed by the address. Raises UnknownName."""
    args = {name: request.args.get(name, "") for name in FILTERS}
    version = catalog.versions[-1][0]
    unit = catalog.place(version, "unit", args["unit"]).id if args["unit"] else None
    area = catalog.place(version, *args["area"].split(":", 1)) if ":" in args["area"] else None
    return Waiting(
        city_id=catalog.city_id,
        state=chosen.state,
        now_us=time.time_ns() // 1_000,
        area_id=narrowed(catalog, account, area),
        unit_id=account.unit_id if chosen.own else unit,
        category_id=choices.id_of("categories", args["category"]) if args["category"] else None,
        source_id=choices.id_of("sources", args["source"]) if args["source"] else None,
    )


def filter_of(catalog: Catalog, account: Account, chosen: Queue, bare: bool = False) -> Filter:
    """The list that a queue is, narrowed by the address unless `bare`. Raises UnknownName."""
    args = {} if bare else {name: request.args.get(name) or None for name in FILTERS}
    version = catalog.versions[-1][0]
    area = catalog.place(version, *args["area"].split(":", 1)) if args.get("area") and ":" in args["area"] else None
    unit = catalog.place(version, "unit", args["unit"]).id if args.get("unit") else None
    return Filter(
        city_id=catalog.city_id,
        state=chosen.state,
        at=datetime.now(UTC).replace(microsecond=0),
        area_id=narrowed(catalog, account, area),
        unit_id=account.unit_id if chosen.own else unit,
        category=args.get("category"),
        source=args.get("source"),
    )


def after_of() -> Place | None:
    """`?after=KEY_ID`: the last row of the page before."""
    key, _, issue_id = request.args.get("after", "").partition("_")
    try:
        return int(key), int(issue_id)
    except ValueError:
        return None


def address(changes: dict[str, str] | None, base: str = "/desk") -> str:
    """This page's address with other parameters; None takes it as it is. What was said last is left out."""
    kept = {k: v for k, v in request.args.items() if k in KEPT}
    parts = {k: v for k, v in {**kept, **(changes or {})}.items() if v}
    return f"{base}?{urlencode(parts)}" if parts else base


def queue_of(account: Account) -> Queue:
    code = request.args.get("queue", "")
    if code and code not in QUEUES:
        raise UnknownName(f"queue={code!r} is not known.", f"Queues: {', '.join(QUEUES)}.")
    return QUEUES[code] if code else own_queues(account)[0]


def options_of(catalog: Catalog, choices: Choices, account: Account) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers: (code, words)."""
    lang, level = language(), catalog.levels[min(1, len(catalog.levels) - 1)]
    own = bound_to(catalog, account)
    towns = [town for town in catalog.areas[catalog.versions[-1][0], level] if own is None or own.id in town.path]
    return {
        "area": [(f"{level}:{town.code}", choices.places[town.id].named(lang)) for town in towns],
        "category": [(one.code, one.named(lang)) for one in choices.categories.values() if not one.retired],
        "unit": [(one.code, one.named(lang)) for one in choices.units.values()],
        "source": [(one.code, one.named(lang)) for one in choices.sources.values() if not one.retired],
    }
