"""/desk/inbox: what somebody should know, each leading to its issue or order."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, request

from weathermap.judge.ladder import step_names
from weathermap.notice.inbox import inbox, mark_read, unread
from weathermap.notice.kinds import KINDS
from web.auth import session, signed_in
from web.context import context
from web.desk.asking import address
from web.desk.time import Clock
from web.desk.watch_words import watch_words
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of

inbox_pages = Blueprint("inbox_pages", __name__, url_prefix="/desk/inbox")
PAGE = 50


@inbox_pages.get("")
def notices() -> Response:
    """The newest first; ?before= the page after that notice."""
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        entries = inbox(connection, account, PAGE, request.args.get("before", None, int))
        return page(
            "inbox",
            **bar_of(account, catalog),
            v=watch_words(language()),
            entries=entries,
            n=unread(connection, account),
            kinds=KINDS,
            steps=step_names(context().city(connection, catalog).pack.ladder, language()),
            clock=Clock(catalog.timezone, language(), datetime.now(UTC)),
            older=entries[-1].told.notice_id if len(entries) == PAGE else None,
            address=address,
        )


@inbox_pages.get("/<int:notice>")
def opened(notice: int) -> Response:
    """Marks one as read and goes on to what it tells of."""
    account = signed_in().account
    with context().begin() as connection:
        mark_read(connection, account, [notice])
    target = request.args.get("to", "/desk/inbox")
    fine = target.startswith(("/desk/", "/bulletins/")) and "//" not in target and "\\" not in target
    return redirect(target if fine else "/desk/inbox", 303)  # type: ignore[return-value]


@inbox_pages.post("/read")
def read() -> Response:
    """Marks those named, or all, as read."""
    account = signed_in().account
    named = [int(text) for text in request.form.getlist("notice") if text.isdecimal()]
    with context().begin() as connection:
        mark_read(connection, account, named or None)
    return redirect(address({"lang": language() if language() == "en" else ""}, "/desk/inbox"), 303)  # type: ignore[return-value]


def unread_now() -> int:
    """How many notices whoever asks has not read; for the bar of every page of the desk."""
    found = session()
    if found is None or found.account.city_id is None:
        return 0
    with context().connect_primary() as connection:
        return unread(connection, found.account)
