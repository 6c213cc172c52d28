"""Citizens' reports before the office: looked through, spam set aside and taken back."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, redirect, request

from weathermap.errors import WeathermapError
from weathermap.people.access_log import note
from weathermap.settings import Settings
from weathermap.snap.office import mark_spam, waiting
from web.auth import signed_in
from web.context import context
from web.desk.asking import address
from web.desk.frame import bar_of, catalog_of
from web.desk.snap_words import snap_words
from web.desk.time import Clock
from web.pages.account import language, page

snaps_page = Blueprint("snaps_page", __name__, url_prefix="/desk/snaps")


@snaps_page.get("")
def snaps() -> Response:
    """Those that wait, what may be mischief first; ?spam=1: those set aside."""
    return _list("", 200)


@snaps_page.post("")
def mark() -> Response:
    """Set a report aside as spam, or take it back."""
    account = signed_in().account
    settings: Settings = current_app.extensions["weathermap_settings"]
    snap_id, spam = request.form.get("snap", 0, int), request.form.get("spam") == "1"
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        city = context().city(connection, catalog)
    try:
        with context().begin() as connection:
            mark_spam(connection, settings, city, account, snap_id, spam)
            note(connection, account, "spam" if spam else "no spam", f"snap {snap_id}", request.remote_addr or "")
    except WeathermapError as error:
        return _list(f"{error.what} {error.remedy}", 409)
    back = "?spam=1" if request.form.get("list") == "1" else "?"
    lang = "&lang=en" if language() == "en" else ""
    return redirect(f"/desk/snaps{back}&{'undo' if spam else 'undone'}={snap_id}{lang}", 303)  # type: ignore[return-value]


def _list(error: str, status: int) -> Response:
    account, lang = signed_in().account, language()
    spam = (request.form.get("list") or request.args.get("spam")) == "1"
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        rows = waiting(connection, catalog.city_id, spam, account.area)
        other = len(waiting(connection, catalog.city_id, not spam, account.area))
    return page(
        "snaps",
        status,
        **bar_of(account, catalog),
        v=snap_words(lang),
        rows=rows,
        other=other,
        spam=spam,
        clock=Clock(catalog.timezone, lang, datetime.now(UTC)),
        undo=request.args.get("undo", 0, int),
        undone=request.args.get("undone", 0, int),
        error=error,
        address=address,
    )
