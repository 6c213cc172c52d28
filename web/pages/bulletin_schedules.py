"""Bulletins that the worker drafts by itself: kept and taken away on /bulletins."""

from __future__ import annotations

from datetime import time

from flask import Blueprint, Response, redirect, request

from etl.bulletin.drafting import SCHEDULED
from etl.bulletin.kinds import kind_of
from weathermap.people.access_log import note
from weathermap.work.schedules import add_schedule, remove_schedule
from web.auth import signed_in
from web.context import context
from web.pages.account import language
from web.pages.desk import catalog_of
from web.problems import BadQuery

bulletin_schedules = Blueprint("bulletin_schedules", __name__, url_prefix="/bulletins/schedules")


@bulletin_schedules.post("")
def keep() -> Response:
    """Have a kind of bulletin drafted again and again, with this account's rights."""
    account, zh = signed_in().account, language() == "zh"
    kind = kind_of(request.form.get("kind", ""))
    if kind.code not in SCHEDULED:
        raise BadQuery(f"A bulletin of kind {kind.code!r} is written by hand.", f"Schedules: {', '.join(SCHEDULED)}.")
    try:
        clock = time.fromisoformat(request.form.get("clock", "08:30"))
    except ValueError as error:
        raise BadQuery("The time of day cannot be read.", "Write it as 08:30.") from error
    rhythm = request.form.get("rhythm", "mon")
    asked = {"kind": kind.code, "show": bool(request.form.get("show"))}
    with context().begin() as connection:
        city = catalog_of(connection, account).city_id
        title = kind.zh if zh else kind.en
        add_schedule(connection, city, account.account_id, "bulletin", title, asked, rhythm, clock)
        note(
            connection,
            account,
            "schedule kept",
            f"bulletin {kind.code} {rhythm} {clock:%H:%M}",
            request.remote_addr or "",
        )
    return _back()


@bulletin_schedules.post("/<int:number>/delete")
def remove(number: int) -> Response:
    """Take a schedule of one's own away; what it drafted stays."""
    account = signed_in().account
    with context().begin() as connection:
        remove_schedule(connection, number, account.account_id)
    return _back()


def _back() -> Response:
    return redirect("/bulletins" + ("?lang=en" if language() == "en" else ""), 303)  # type: ignore[return-value]
