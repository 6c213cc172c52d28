"""/admin/calendar: open deadlines counted anew by the calendar that holds now, after a look at which would move."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from weathermap.issue.redate import looked_at, redate
from weathermap.people.access_log import note
from web.auth import signed_in
from web.context import context
from web.desk.admin_bar import admin_bar, city_asked, link, plain_clock
from web.pages.account import page

calendar_pages = Blueprint("calendar_pages", __name__, url_prefix="/admin/calendar")
HERE = "/admin/tables/holidays"  # the tab that it belongs to


@calendar_pages.get("")
def look() -> Response:
    """What would move."""
    with context().connect_primary() as connection:
        catalog = city_asked(connection)
        assert catalog is not None
        city = context().city(connection, catalog)
        found = looked_at(connection, city, city.pack)
    return page(
        "admin_calendar",
        **admin_bar(signed_in().account, catalog, HERE),
        redated=found,
        clock=plain_clock(catalog),
        said=request.args.get("redated", None, int),
    )


@calendar_pages.post("")
def recount() -> Response:
    """Move it."""
    account = signed_in().account
    with context().begin() as connection:
        catalog = city_asked(connection)
        assert catalog is not None
        found = redate(connection, catalog.code)
        note(connection, account, "recount deadlines", f"{found.moved}", request.remote_addr or "")
    return redirect(link("/admin/calendar", redated=str(found.moved)), 303)  # type: ignore[return-value]
