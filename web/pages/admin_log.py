"""/admin/log and /admin/changes: what the audit administrator reads: who did and saw what, and what was changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection, Row, Select, select

from etl.export.csv_file import inert
from weathermap.amend.amendment import AMENDED
from weathermap.amend.history import ACCOUNT, changes_of, differing
from weathermap.people.access_log import note
from weathermap.store.catalog import Catalog
from weathermap.store.people_tables import access_log
from web.auth import signed_in
from web.context import Context, context
from web.desk.admin_bar import admin_bar, city_asked, plain_clock
from web.pages.account import page

log_pages = Blueprint("log_pages", __name__, url_prefix="/admin")
PAGE, BATCH = 200, 5_000
FILTERS = ("login", "what", "target", "from", "to")


@log_pages.get("/log")
def log() -> Response:
    """The access log, the newest first; ?before= an entry's number goes further back."""
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = city_asked(connection)
        rows = list(connection.execute(_asked(catalog, request.args.get("before", 0, int)).limit(PAGE)))
    return page(
        "admin_log",
        **admin_bar(account, catalog, "/admin/log"),
        rows=rows,
        more=str(rows[-1].access_id) if len(rows) == PAGE else "",
        filters={name: request.args.get(name, "") for name in FILTERS},
        clock=plain_clock(catalog),
    )


@log_pages.get("/log.csv")
def download() -> Response:
    """All entries that the filters leave, as CSV; that it was taken is an entry itself."""
    with context().begin() as connection:
        catalog = city_asked(connection)
        note(
            connection,
            signed_in().account,
            "download log",
            request.query_string.decode()[:200],
            request.remote_addr or "",
        )
    name = "access-log.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(_lines(_asked(catalog, 0), context()), mimetype="text/csv; charset=utf-8", headers=headers)


@log_pages.get("/changes")
def changes() -> Response:
    """What administrators changed, the newest first."""
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = city_asked(connection)
        history = changes_of(connection, [*AMENDED, ACCOUNT])
    bar = admin_bar(account, catalog, "/admin/changes")
    return page("admin_changes", **bar, history=history, differing=differing, clock=plain_clock(catalog))


def _asked(catalog: Catalog | None, before: int) -> Select[Any]:
    a = access_log.c
    asked = select(access_log).order_by(a.access_id.desc())
    for name in ("login", "what", "target"):
        if request.args.get(name):
            asked = asked.where(a[name].contains(request.args[name].strip(), autoescape=True))
    zone = plain_clock(catalog).zone
    for name, shift in (("from", 0), ("to", 1)):
        day = _day(request.args.get(name, ""))
        if day is not None:
            edge = plain_clock(catalog).now.replace(
                year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0, tzinfo=zone
            ) + timedelta(days=shift)
            asked = asked.where(a.at < edge if shift else a.at >= edge)
    return asked.where(a.access_id < before) if before else asked


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year <= 2099 else None


def _lines(asked: Select[Any], held: Context) -> Iterator[str]:
    """In pieces, each asked for by itself: a log of years does not lie in memory."""
    yield "\ufeff" + _csv([("at", "login", "what", "target", "address")])
    last: int | None = None
    while True:
        with held.connect_primary() as connection:
            rows = _piece(connection, asked, last)
        if not rows:
            return
        yield _csv((r.at.isoformat(), r.login, r.what, r.target, r.address) for r in rows)
        last = rows[-1].access_id


def _piece(connection: Connection, asked: Select[Any], last: int | None) -> list[Row[Any]]:
    wanted = asked if last is None else asked.where(access_log.c.access_id < last)
    return list(connection.execute(wanted.limit(BATCH)))


def _csv(rows: Any) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([inert(value) for value in row] for row in rows)
    return out.getvalue()
