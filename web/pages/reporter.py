"""/desk/issue/NUMBER/reporter: who reported an issue, to call back: shown to few, with a reason, once, and logged."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from sqlalchemy import Connection, select

from weathermap.errors import Refused, UnknownName
from weathermap.people.reporters import Reporter, reporter_of, reveal
from weathermap.settings import Settings
from weathermap.store import tables as t
from web.auth import signed_in
from web.bounds import check_issue
from web.context import context
from web.desk.admin_words import admin_words
from web.desk.asking import address
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of

reporter_pages = Blueprint("reporter_pages", __name__, url_prefix="/desk/issue/<number>/reporter")


@reporter_pages.get("")
def ask(number: str) -> Response:
    """The form that asks for the reason."""
    return _page(number)


@reporter_pages.post("")
def show(number: str) -> Response:
    """Telephone and name; the view is in the log before it is on the screen."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    reason = request.form.get("reason", "")
    try:
        with context().begin() as connection:
            held = _held(connection, number)
            if held is None:
                raise UnknownName(
                    f"Nobody left a telephone number with {number}.", "The reporter may have been erased."
                )
            shown = reveal(connection, settings, held, signed_in().account, reason, request.remote_addr or "")
    except Refused as error:
        return _page(number, error=f"{error.what} {error.remedy}", reason=reason, status=400)
    return _page(number, shown)


def _held(connection: Connection, number: str) -> int | None:
    """The reporter of an issue of this account's city. Raises UnknownName."""
    i = t.issue.c
    account = signed_in().account
    asked = select(i.issue_id, i.places).where(i.number == number, i.city_id == account.city_id)
    row = connection.execute(asked).first()
    if row is None:
        raise UnknownName(f"There is no issue {number}.", "Numbers are written CITY-YYYYMMDD-NNNNNN.")
    check_issue(catalog_of(connection, account), row.places, number)
    return reporter_of(connection, row.issue_id)


def _page(number: str, shown: Reporter | None = None, error: str = "", reason: str = "", status: int = 200) -> Response:
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        held = _held(connection, number)
    return page(
        "reporter",
        status,
        **bar_of(account, catalog),
        v=admin_words(language()),
        number=number,
        held=held is not None,
        shown=shown,
        error=error,
        reason=reason,
        address=address,
    )
