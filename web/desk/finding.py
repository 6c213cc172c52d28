"""Finding issues on the desk: by number, by a source's key, by words; and the neighbours of one in its queue."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, redirect, request
from sqlalchemy import Connection, select

from weathermap.issue.searching import Found, find_key, find_words
from weathermap.issue.waiting import BURNS, Waiting, near_of, rows_of
from weathermap.people.accounts import Account
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from web.context import context
from web.desk.asking import FILTERS, address, options_of, queue_of, waiting_of
from web.desk.frame import clock_of, frame_of, shown_most
from web.desk.lines import lines_of
from web.desk.queues import QUEUES, grouped
from web.pages.account import language, page

SHORT_NUMBER = re.compile(r"\d{8}-\d{6}")  # a number without its city, as the lists show it
LAST = 9_000_000_000_000_000  # key of what has no term, as waiting_page.sql has it


def search_page(connection: Connection, account: Account, catalog: Catalog, asked: str) -> Response:
    """What holds the words asked for: first what is under way, by what burns, then what is closed, the newest first."""
    number = _by_number(connection, catalog, asked) or find_key(connection, catalog.city_id, asked)
    if number:
        return redirect(address({"q": ""}, f"/desk/issue/{number}"), 303)  # type: ignore[return-value]
    choices, lang = context().choices(connection, catalog), language()
    waiting = waiting_of(catalog, choices, account, QUEUES["open"])
    words = choices.words(asked)
    found = find_words(connection, waiting, words, shown_most()) if words else Found()
    clock = clock_of(catalog, waiting.now_us)
    open_ = lines_of(connection, choices, account, found.open, lang, False)
    return page(
        "search",
        **frame_of(account, catalog),
        queue=None,
        found=found,
        too_short=not words,
        groups=grouped(open_, clock.now, clock.midnight),
        closed=lines_of(connection, choices, account, found.closed, lang, False),
        clock=clock,
        options=options_of(catalog, choices, account),
        filters={name: request.args.get(name, "") for name in FILTERS},
        more=found.more or len(found.open) < found.open_total,
        shown=shown_most(),
    )


def neighbours(connection: Connection, catalog: Catalog, account: Account, issue: Any) -> tuple[str, str]:
    """Pages of the issues before and after this one in the queue that it was opened from; '' at its ends."""
    if "queue" not in request.args:
        return "", ""
    choices = context().choices(connection, catalog)
    waiting = waiting_of(catalog, choices, account, queue_of(account))
    place = _key(waiting, issue), issue.issue_id
    ids = near_of(connection, waiting, place)
    numbers = {row.issue_id: row.number for row in rows_of(connection, [each for each in ids if each])}
    before, after = (address(None, f"/desk/issue/{numbers[each]}") if each else "" for each in ids)
    return before, after


def _key(waiting: Waiting, issue: Any) -> int:
    by = {"reported": issue.reported_at, "suspended": issue.suspended_at, "deadline": issue.deadline}
    at = by[BURNS[waiting.state]]
    return LAST if at is None else int(at.timestamp()) * 1_000_000 + at.microsecond


def _by_number(connection: Connection, catalog: Catalog, asked: str) -> str | None:
    whole = f"{catalog.code}-{asked}" if SHORT_NUMBER.fullmatch(asked) else asked
    i = t.issue.c
    return connection.execute(select(i.number).where(i.city_id == catalog.city_id, i.number == whole)).scalar()
