"""What every page of the desk stands in: the bar, the queues beside the list, the keys, what the last move brought."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import request
from sqlalchemy import Connection, select

from weathermap.issue.workflow import CATEGORY, INTO, MOVES, PARTS, STATES, TASK, TO, UNIT, UNTIL
from weathermap.people.accounts import Account
from weathermap.people.bounds import bound_to
from weathermap.people.permissions import may
from weathermap.people.roles import ROLES
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from web.auth import signed_in
from web.context import context
from web.desk.asking import address
from web.desk.queues import meter, other_queues, own_queues
from web.desk.time import Clock
from web.desk.words import words
from web.pages.account import language
from web.snap.asking import takes_snaps

PAGE, MOST = 50, 500  # rows of a list
ALONE = {UNTIL, UNIT, INTO, PARTS, TO, TASK, CATEGORY}  # what a move needs that is given on the issue's page
KEYS = {
    "check_pass": "p",
    "check_fail": "r",
    "feed_back": "f",
    "dispatch": "d",
    "reject": "n",
    "urge": "u",
    "order": "o",
}


def frame_of(account: Account, catalog: Catalog) -> dict[str, Any]:
    """What a page with a list shows around it."""
    return {
        **bar_of(account, catalog),
        "queues": [("mine", own_queues(account)), ("all", other_queues(account))],
        "bulk": [m for m in MOVES.values() if m.roles & set(account.roles) and not ALONE & set(m.needs)],
        "asked": request.args.get("q", "").strip(),
        "meter": meter,
        "address": address,
        "said": said(),
        "STATES": STATES,
        "keys": KEYS,
        "decides": may(account.roles, "decide"),
        "reports": may(account.roles, "report"),
        "snaps": takes_snaps(catalog) and may(account.roles, "snaps"),
    }


def catalog_of(connection: Connection, account: Account) -> Catalog:
    """The city that an account works for."""
    code = connection.execute(select(t.city.c.code).where(t.city.c.city_id == account.city_id)).scalar()
    return context().catalog(connection, code)


def bar_of(account: Account, catalog: Catalog) -> dict[str, Any]:
    """What the bar above every page of the desk shows."""
    which = 1 if language() == "en" else 0
    unit = next((place for place in catalog.units if place.id == account.unit_id), None)
    held = [place for place in (unit, bound_to(catalog, account)) if place is not None]
    return {
        "city": (catalog.name_en if which else catalog.name) or catalog.name,
        "demo": catalog.demo is not None,
        "who": f"{account.name} · {' '.join(ROLES[role][which] for role in account.roles)}",
        "of": " · ".join((place.name_en if which else place.name) or place.name for place in held),
        "csrf": signed_in().csrf,
    }


def clock_of(catalog: Catalog, now_us: int) -> Clock:
    """As seen at an instant, µs."""
    return Clock(catalog.timezone, language(), datetime.fromtimestamp(now_us // 1_000_000, UTC))


def shown_most() -> int:
    """How many rows the address asks for."""
    return min(MOST, max(PAGE, request.args.get("show", PAGE, int)))


def said() -> dict[str, Any]:
    """What the last move brought, from the address."""
    move = MOVES.get(request.args.get("moved", ""))
    n = request.args.get("n", 0, int)
    name = (move.en if language() == "en" else move.zh) if move else ""
    return {"done": words(language()).done(n, name) if move and n else "", "refused": request.args.get("refused", "")}
