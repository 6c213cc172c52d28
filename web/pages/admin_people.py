"""/admin/people: the security administrator's page: who may sign in, as what, for which unit."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, request
from sqlalchemy import Connection, select

from weathermap.amend.history import ACCOUNT, changes_of, differing
from weathermap.errors import WeathermapError
from weathermap.people.accounts import Account, find_account, list_accounts
from weathermap.people.binding import Bound, bind
from weathermap.people.managing import change, create, reset, set_access
from weathermap.people.roles import ROLES
from weathermap.settings import Settings
from weathermap.store import people_tables as p
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from web.auth import signed_in
from web.context import context
from web.desk.admin_bar import admin_bar, city_asked, link, plain_clock
from web.pages.account import language, page

people_pages = Blueprint("people_pages", __name__, url_prefix="/admin/people")
HERE = "/admin/people"


@people_pages.get("")
def everyone() -> Response:
    """All accounts; ?find= narrows them."""
    with context().connect_primary() as connection:
        catalog = city_asked(connection)
        accounts, wanted = list_accounts(connection), request.args.get("find", "").strip().lower()
        units = _names(connection, t.unit, "unit_id")
        unset = set(connection.execute(select(p.account.c.login).where(p.account.c.password.is_(None))).scalars())
        history = changes_of(connection, [ACCOUNT], most=20)
    found = [
        entry
        for entry in accounts
        if wanted in f"{entry.login} {entry.name} {' '.join(entry.roles)} {units.get(entry.unit_id, '')}".lower()
    ]
    return page(
        "admin_people",
        **admin_bar(signed_in().account, catalog, HERE),
        accounts=found,
        total=len(accounts),
        units=units,
        unset=unset,
        find=request.args.get("find", ""),
        history=history,
        differing=differing,
        clock=plain_clock(catalog),
        ROLES=ROLES,
        saved=request.args.get("saved", ""),
    )


@people_pages.get("/account")
def account() -> Response:
    """One account to change, ?login=; without one a new account."""
    return _form(request.args.get("login", ""))


@people_pages.post("/account")
def manage() -> Response:
    """Make or change an account, let it in or not, or give it a new link."""
    form, by, address = request.form, signed_in().account, request.remote_addr or ""
    login, do = form.get("login", ""), form.get("do", "")
    try:
        with context().begin() as connection:
            secret = ""
            if do == "create":
                secret = create(connection, by, login, form.get("name", ""), *_chosen(connection), address)
            elif do == "reset":
                secret = reset(connection, by, login, address)
            elif do in ("disable", "enable"):
                set_access(connection, by, login, do == "disable", address)
            else:
                change(connection, by, login, form.get("name", ""), *_chosen(connection), address)
    except WeathermapError as error:
        return _form("" if do == "create" else login, error.said(language()), 400)
    return _form(login, secret=secret) if secret else _to(link(HERE, saved=login))


def _chosen(connection: Connection) -> tuple[list[str], Bound]:
    form = request.form
    roles = form.getlist("role")
    return roles, bind(
        connection, roles, form.get("city") or None, form.get("unit"), form.get("person"), form.get("area")
    )


def _form(login: str, error: str = "", status: int = 200, secret: str = "") -> Response:
    with context().connect_primary() as connection:
        catalog = city_asked(connection)
        found = find_account(connection, login) if login else None
        history = changes_of(connection, [ACCOUNT], login) if found else []
        units, people = _offered(connection, catalog)
        held = _held(connection, found)
    return page(
        "admin_account",
        status,
        **admin_bar(signed_in().account, catalog, HERE),
        account=found,
        held=held,
        given=request.form if error else None,
        units=units,
        people=people,
        areas=_areas(catalog),
        history=history,
        differing=differing,
        clock=plain_clock(catalog),
        ROLES=ROLES,
        error=error,
        secret=_address(secret) if secret else "",
    )


def _held(connection: Connection, account: Account | None) -> tuple[str, str]:
    """Codes of the unit and the person that an account is bound to."""
    if account is None:
        return "", ""
    unit = connection.execute(select(t.unit.c.code).where(t.unit.c.unit_id == account.unit_id)).scalar()
    person = connection.execute(select(t.person.c.code).where(t.person.c.person_id == account.person_id)).scalar()
    return unit or "", person or ""


def _offered(connection: Connection, catalog: Catalog | None) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    if catalog is None:
        return [], []
    u, q = t.unit.c, t.person.c
    units = connection.execute(select(u.code, u.name).where(u.city_id == catalog.city_id, ~u.retired).order_by(u.code))
    people = select(q.code, q.name, q.title, u.name.label("unit")).outerjoin(t.unit, u.unit_id == q.unit_id)
    asked = people.where(q.city_id == catalog.city_id, ~q.retired).order_by(q.code)
    named = [(row.code, f"{row.name} · {row.unit or ''} {row.title}") for row in connection.execute(asked)]
    return [(row.code, f"{row.code} {row.name}") for row in units], named


def _areas(catalog: Catalog | None) -> list[tuple[str, str]]:
    """What an account may be bound to: (LEVEL:CODE, name) of the areas between the city and its finest level."""
    if catalog is None:
        return []
    newest, which = catalog.versions[-1][0], "name_en" if language() == "en" else "name"
    levels = catalog.levels[1:-1] or catalog.levels[1:]
    return [
        (f"{level}:{place.code}", getattr(place, which) or place.name)
        for level in levels
        for place in catalog.areas[newest, level]
    ]


def _names(connection: Connection, table: object, key: str) -> dict[int | None, str]:
    columns = table.c  # type: ignore[attr-defined]
    return {row[0]: row[1] for row in connection.execute(select(columns[key], columns.name))}


def _address(secret: str) -> str:
    settings: Settings = current_app.extensions["weathermap_settings"]
    scheme = "https" if settings.https or request.is_secure else "http"
    return f"{scheme}://{request.host}/begin/{secret}"


def _to(target: str) -> Response:
    return redirect(target, 303)  # type: ignore[return-value]
