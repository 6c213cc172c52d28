"""/admin: where administrators begin, and the system administrator's tables: list, change, look first, then do it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, request

from weathermap.amend.amendment import AMENDED, DATED, Amendment, Draft, draft
from weathermap.amend.applying import apply
from weathermap.amend.history import changes_of, differing
from weathermap.amend.looking import CALENDAR, ROUTES, TERMS, relimited, rerouted
from weathermap.city.rows import Row, rows_of
from weathermap.city.schema import TABLES, Column
from weathermap.errors import UnknownName, WeathermapError
from weathermap.issue.redate import looked_at
from weathermap.store.registry import City
from web.auth import signed_in
from web.context import context
from web.desk.admin_bar import admin_bar, city_asked, link, tabs
from web.desk.admin_calendar import unknown_years
from web.desk.admin_fields import fields_of
from web.desk.admin_words import in_columns
from web.desk.time import Clock
from web.pages.account import language, page

admin_pages = Blueprint("admin_pages", __name__, url_prefix="/admin")
SHOWN = 500
EFFECTS = ("rerouted", "relimited", "redated")


@admin_pages.get("")
def start() -> Response:
    """The first of this administrator's pages."""
    return _to(link(tabs(signed_in().account)[0][0]))


@admin_pages.get("/tables/<table>")
def rows(table: str) -> Response:
    """A table of the city's pack; ?find= narrows it."""
    account = signed_in().account
    _check(table)
    with context().connect_primary() as connection:
        catalog = city_asked(connection)
        assert catalog is not None
        city = context().city(connection, catalog)
        history = changes_of(connection, [table], most=20)
        unknown = unknown_years(connection, city) if table in CALENDAR else []
    every, wanted = rows_of(city.pack.files, table), request.args.get("find", "").strip().lower()
    found = [row for row in every if wanted in " ".join(row.values()).lower()]
    return page(
        "admin_table",
        **admin_bar(account, catalog, f"/admin/tables/{table}"),
        table=table,
        columns=[column.name for column in TABLES[table].columns],
        key=TABLES[table].key,
        rows=found[:SHOWN],
        total=len(every),
        found=len(found),
        find=request.args.get("find", ""),
        history=history,
        differing=differing,
        clock=_clock(city),
        said=_said(),
        unknown=unknown,
        recount=table in CALENDAR,
    )


@admin_pages.get("/tables/<table>/row")
def row(table: str) -> Response:
    """One row to change, ?key=; without one a new row."""
    _check(table)
    key = request.args.get("key", "")
    with context().connect_primary() as connection:
        catalog = city_asked(connection)
        assert catalog is not None
        city = context().city(connection, catalog)
        known = {entry[TABLES[table].key]: entry for entry in rows_of(city.pack.files, table)}
        if key and key not in known:
            raise UnknownName(f"There is no row {key!r}.", "Somebody may have taken it out: load the list.")
        history = changes_of(connection, [table], key) if key else []
    since = _today(city).isoformat() if table == DATED else ""
    return _form(city, table, key, known.get(key, {}), since, history=history)


@admin_pages.post("/tables/<table>/row")
def amend(table: str) -> Response:
    """Look what a change does; with `do=apply` make it."""
    _check(table)
    form, account = request.form, signed_in().account
    ends = form.get("do") in ("end", "apply-end")
    values = (
        None if ends else {column.name: form.get(column.name, _unchosen(column)) for column in TABLES[table].columns}
    )
    key, since = form.get("key", ""), form.get("since", "")
    with context().connect_primary() as connection:
        catalog = city_asked(connection)
        assert catalog is not None
        city = context().city(connection, catalog)
    known = {entry[TABLES[table].key]: entry for entry in rows_of(city.pack.files, table)}
    shown = known.get(key, {}) if values is None else values
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError:
        return _form(city, table, key, shown, "", error=f"{since!r} is no date.", status=400)
    wanted = Amendment(table, key, values, day)
    try:
        if form.get("do", "").startswith("apply"):
            if form.get("version") != str(city.pack_version):
                return _look(city, wanted, shown, since, 409)
            with context().begin() as connection:
                done = apply(connection, city, wanted, account, form.get("hand_over") == "1", request.remote_addr or "")
            told = {"applied": done.pack_version, "moved": done.moved, "redated": done.redated}
            target = link(f"/admin/tables/{table}", **{name: str(n) for name, n in told.items() if n})
            return _to(target)
        return _look(city, wanted, shown, since, 200)
    except WeathermapError as error:
        return _form(city, table, key, shown, since, error=in_columns(error.said(language()), language()), status=400)


def _look(city: City, wanted: Amendment, shown: Row, since: str, status: int) -> Response:
    """The form with what it would do, and the button that does it."""
    made = draft(city.pack, wanted, _today(city))
    told: dict[str, Any] = {"made": made, "ends": wanted.values is None}
    if made.pack is not None:
        told |= _effect(city, wanted, made)
    return _form(city, wanted.table, wanted.key, shown, since, status=status, **told)


def _effect(city: City, wanted: Amendment, made: Draft) -> dict[str, Any]:
    assert made.pack is not None
    told: dict[str, Any] = {}
    with context().trial() as connection:
        if wanted.table in ROUTES:
            day = max(_today(city), wanted.since or date.min)
            told["rerouted"], told["day"] = rerouted(connection, city, made.pack, day), day
        if wanted.table in TERMS:
            told["relimited"] = relimited(connection, city.pack, made.pack)
        if wanted.table in CALENDAR:
            told["redated"] = looked_at(connection, city, made.pack)
    return told


def _form(
    city: City, table: str, key: str, values: Row, since: str, error: str = "", status: int = 200, **told: Any
) -> Response:
    with context().connect_primary() as connection:
        catalog = city_asked(connection)
        return page(
            "admin_row",
            status,
            told_fault=lambda fault: in_columns(
                (fault.zh if language() == "zh" else "") or f"{fault.what} {fault.remedy}", language()
            ),
            **admin_bar(signed_in().account, catalog, f"/admin/tables/{table}"),
            table=table,
            key=key,
            fields=fields_of(city.pack, table, values, language(), bool(key)),
            values=values,
            dated=table == DATED,
            since=since,
            error=error,
            version=city.pack_version,
            clock=_clock(city),
            differing=differing,
            **{"history": [], "made": None, "ends": False, "day": None} | dict.fromkeys(EFFECTS) | told,
        )


def _unchosen(column: Column) -> str:
    """What a form says that does not name a column: a box that is not ticked is sent by nobody."""
    return "0" if column.kind == "flag" and column.needed else ""


def _check(table: str) -> None:
    if table not in AMENDED:
        raise UnknownName(f"The table {table!r} is not changed here.", f"Tables: {', '.join(AMENDED)}.")


def _today(city: City) -> date:
    return datetime.now(ZoneInfo(city.pack.config.timezone)).date()


def _clock(city: City) -> Clock:
    zone = city.pack.config.timezone
    return Clock(zone, language(), datetime.now(ZoneInfo(zone)))


def _said() -> tuple[int, int, int] | None:
    version, moved, redated = (request.args.get(name, 0, int) for name in ("applied", "moved", "redated"))
    return (version, moved, redated) if version else None


def _to(target: str) -> Response:
    return redirect(target, 303)  # type: ignore[return-value]
