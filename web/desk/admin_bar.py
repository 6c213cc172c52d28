"""What all administrators' pages share: the city, the bar, and the tabs that this administrator has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import g, request
from sqlalchemy import Connection, select

from weathermap.amend.amendment import AMENDED
from weathermap.people.accounts import Account
from weathermap.people.permissions import may
from weathermap.people.roles import ROLES
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from web.auth import signed_in
from web.context import context
from web.desk.admin_words import admin_words, column_name, table_name
from web.desk.time import Clock
from web.desk.words import words
from web.pages.account import language


def city_asked(connection: Connection) -> Catalog | None:
    """The city of ?city=, else the store's first. None where there is none yet, of pages that need none.

    Raises UnknownName.
    """
    c, which = t.city.c, "name_en" if language() == "en" else "name"
    rows = connection.execute(select(c.code, c.name, c.name_en).order_by(c.city_id)).all()
    g.admin_cities = [(row.code, getattr(row, which) or row.name) for row in rows]
    code = request.values.get("city") or (rows[0].code if rows else None)
    if code is None and (request.endpoint or "").startswith(("people_pages", "log_pages")):
        return None
    return context().catalog(connection, code, fresh_s=0)  # what was just changed is looked at next


def admin_bar(account: Account, catalog: Catalog | None, here: str) -> dict[str, Any]:
    """What the bar above a page shows; `here`: the tab that it is."""
    which = 1 if language() == "en" else 0
    name = "" if catalog is None else (catalog.name_en if which else catalog.name) or catalog.name
    return {
        "city": name,
        "cities": [
            (name, link(here, city=code), catalog is not None and code == catalog.code)
            for code, name in g.get("admin_cities", ())
        ],
        "demo": catalog is not None and catalog.demo is not None,
        "who": f"{account.name} · {' '.join(ROLES[role][which] for role in account.roles)}",
        "of": None,
        "csrf": signed_in().csrf,
        "v": admin_words(language()),
        "tabs": tabs(account),
        "here": here,
        "column_name": column_name,
        "table_name": table_name,
        "link": link,
        "other": link(request.path, **{**request.args.to_dict(), "lang": words(language()).other_code}),
    }


def link(path: str, **more: str) -> str:
    """A page of the administrators', in the language and of the city of this one."""
    kept = {"city": request.values.get("city", ""), "lang": "en" if language() == "en" else ""}
    parts = {name: value for name, value in (kept | more).items() if value}
    return f"{path}?{urlencode(parts)}" if parts else path


def plain_clock(catalog: Catalog | None) -> Clock:
    """The city's clock; UTC while there is no city."""
    return Clock(catalog.timezone if catalog else "UTC", language(), datetime.now(UTC))


def tabs(account: Account) -> list[tuple[str, str]]:
    """(path, name) of each page of this administrator's."""
    v, lang = admin_words(language()), language()
    found = []
    if may(account.roles, "system"):
        found += [(f"/admin/tables/{table}", table_name(table, lang)) for table in AMENDED]
        found += [("/admin/channels", v.channels)]
    if may(account.roles, "people"):
        found += [("/admin/people", v.people)]
    if may(account.roles, "audit"):
        found += [("/admin/log", v.log), ("/admin/changes", v.changes)]
    return found
