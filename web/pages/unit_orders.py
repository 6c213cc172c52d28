"""/desk/orders: what commanders order of units and towns, publicly or not, what was answered, and what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from sqlalchemy import Connection

from weathermap.errors import UnknownName, WeathermapError
from weathermap.issue.batch import NONE
from weathermap.issue.listing import Filter
from weathermap.issue.orders import OUTCOMES, OrderFilter, list_orders
from weathermap.issue.workflow import MOVES as ISSUE_MOVES
from weathermap.judge.unit_orders import MOVES, give_order, move_order, order_moves, orders_told
from weathermap.people.access_log import note
from weathermap.people.accounts import Account
from weathermap.store.catalog import Catalog
from weathermap.weather.total import total_of
from web.auth import signed_in
from web.context import context
from web.desk.asking import address
from web.desk.time import Clock, until_of
from web.desk.watch_words import watch_words
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of

order_pages = Blueprint("order_pages", __name__, url_prefix="/desk/orders")
SHOWN, TERM_DAYS = 200, 3


@order_pages.get("")
@order_pages.get("/<int:order>")
def orders(order: int | None = None) -> Response:
    """All, or one; ?give=unit:CODE or LEVEL:CODE opens the form of a new one for a unit or an area."""
    account = signed_in().account
    v = watch_words(language())
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        now = datetime.now(UTC)
        rows = _rows(connection, catalog, now)
        units = [row for row in rows if row.order_id is not None and order in (None, row.order_id)]
        if order is not None and not units:
            raise UnknownName(f"There is no order {order}.", "See /desk/orders.")
        told = orders_told(connection, [row.order_id for row in units])
        can_give = account.person_id is not None and bool(MOVES["give"].roles & set(account.roles))
        return page(
            "orders",
            **bar_of(account, catalog),
            v=v,
            order=order,
            running=[row for row in units if row.outcome in ("overdue", "open", "to_check")],
            done=[row for row in units if row.outcome not in ("overdue", "open", "to_check")],
            issues=[row for row in rows if row.order_id is None and order is None],
            told=told,
            moves={
                row.order_id: order_moves(account, told[row.order_id][-1].move, _id_of(catalog, row.unit))
                for row in units
            },
            OUTCOMES=OUTCOMES,
            ORDER_MOVES=MOVES,
            kinds=[(code, ISSUE_MOVES[code]) for code in ("order", "list_publicly")],
            can_give=can_give,
            draft=_draft(connection, catalog, v) if can_give else None,
            units=[(unit.code, _named(unit)) for unit in catalog.units],
            places=_places(catalog),
            clock=Clock(catalog.timezone, language(), now),
            address=address,
            said={"given": v.given, "moved": v.moved}.get(request.args.get("did", ""), ""),
            refused=request.args.get("refused", ""),
        )


@order_pages.post("")
def give() -> Response:
    """Give one."""
    form, account = request.form, signed_in().account

    def act(connection: Connection) -> dict[str, str]:
        until = _instant(form.get("until", ""), connection, account)
        place, unit = form.get("place", ""), form.get("unit", "")
        made = give_order(connection, account, unit, form.get("note", ""), until, form.get("kind", "order"), place)
        note(connection, account, f"{form.get('kind', 'order')} of a unit", f"order {made}", request.remote_addr or "")
        return {"did": "given"}

    asked = f"unit:{form['unit']}" if form.get("unit") else form.get("place", "")
    return _done(act, "/desk/orders", {"give": asked})


@order_pages.post("/<int:order>/moves")
def move(order: int) -> Response:
    """Answer, return, close or withdraw one."""
    form, account = request.form, signed_in().account

    def act(connection: Connection) -> dict[str, str]:
        seq = int(form["seq"]) if form.get("seq", "").isdecimal() else -1
        until = _instant(form.get("until", ""), connection, account)
        move_order(connection, account, order, seq, form.get("move", ""), form.get("note", ""), until)
        note(connection, account, f"order {form.get('move')}", f"order {order}", request.remote_addr or "")
        return {"did": "moved"}

    return _done(act, f"/desk/orders/{order}", {})


def _done(act: Any, target: str, again: dict[str, str]) -> Response:
    try:
        with context().begin() as connection:
            told = act(connection)
    except WeathermapError as error:
        told = {**again, "refused": error.said(language())}
    if language() == "en":
        told["lang"] = "en"
    return redirect(f"{target}?{urlencode(told)}", 303)  # type: ignore[return-value]


def _rows(connection: Connection, catalog: Catalog, now: datetime) -> list[Any]:
    """What runs, by term, then what is done, newest first; on units and on issues."""
    levels = [level for level in catalog.levels if catalog.role(level) is not None]
    found: list[Any] = []
    for state in ("current", "done", "void"):
        chosen = OrderFilter(catalog.city_id, now, state)
        found += list_orders(connection, chosen, SHOWN, None, levels)
    return found


def _draft(connection: Connection, catalog: Catalog, v: Any) -> dict[str, Any]:
    """The form as it opens: for whom the address asks, worded by what is overdue there, in three days."""
    level, _, code = request.args.get("give", "").partition(":")
    version = catalog.versions[-1][0]
    unit = place = ""
    n = 0
    if code:
        found = catalog.place(version, level, code)
        chosen = {"unit_id": found.id} if level == "unit" else {"area_id": found.id}
        now = datetime.now(UTC).replace(microsecond=0)
        n = total_of(connection, catalog, Filter(catalog.city_id, "overdue", now, **chosen))  # type: ignore[arg-type]
        unit, place = (code, "") if level == "unit" else ("", f"{level}:{code}")
    day = (datetime.now(Clock(catalog.timezone, "zh", datetime.now(UTC)).zone) + timedelta(days=TERM_DAYS)).date()
    return {"open": bool(code), "unit": unit, "place": place, "text": v.draft(n), "until": day}


def _places(catalog: Catalog) -> list[tuple[str, str]]:
    level = catalog.levels[min(1, len(catalog.levels) - 1)]
    return [(f"{level}:{p.code}", _named(p)) for p in catalog.areas[catalog.versions[-1][0], level]]


def _named(place: Any) -> str:
    return str(place.name_en if language() == "en" and place.name_en else place.name)


def _id_of(catalog: Catalog, code: str) -> int:
    return next((unit.id for unit in catalog.units if unit.code == code), 0)


def _instant(text: str, connection: Connection, account: Account) -> datetime | None:
    us = until_of(text, catalog_of(connection, account).timezone)
    return None if us == NONE else datetime.fromtimestamp(us / 1_000_000, UTC)
