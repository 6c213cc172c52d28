"""Checking by photo at the desk: many at once, by keys; what is passed and what is not is sent together."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, request

from weathermap.issue.checks import PHOTO
from weathermap.issue.given import Wish
from weathermap.issue.hands import make_moves
from weathermap.issue.listing import list_issues
from weathermap.people.access_log import note
from weathermap.settings import Settings
from weathermap.weather.total import total_of
from web.auth import signed_in
from web.context import context
from web.desk.asking import address, filter_of
from web.desk.compare import pairs_of
from web.desk.queues import QUEUES
from web.desk.time import Clock
from web.desk.words import words
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of

check_pages = Blueprint("check_pages", __name__, url_prefix="/desk")
VERDICTS = {"pass": "check_pass", "fail": "check_fail"}
LOOKED = 200  # issues looked at for those that this account may check


@check_pages.get("/check")
def compare() -> Response:
    """Photos before and after, side by side; ?area= ?category= ?unit= ?source= narrow it."""
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        asked = filter_of(catalog, account, QUEUES["check_photo"])
        rows = list_issues(connection, asked, LOOKED, None)
        return page(
            "check",
            **bar_of(account, catalog),
            pairs=pairs_of(connection, account, rows, language()),
            total=total_of(connection, catalog, asked),
            clock=Clock(catalog.timezone, language(), asked.at),
            address=address,
            said={"done": request.args.get("said", ""), "refused": request.args.get("refused", "")},
            done="compare" if request.args.get("said") else "",
        )


@check_pages.post("/check")
def judge() -> Response:
    """Pass and fail what was marked; the others stay."""
    found, form, lang = signed_in(), request.form, language()
    settings: Settings = current_app.extensions["weathermap_settings"]
    wishes = []
    for entry in form.getlist("issue"):
        number, _, seq = entry.rpartition("@")
        verdict = VERDICTS.get(form.get(f"verdict-{number}", ""))
        if verdict and seq.isascii() and seq.isdecimal() and len(seq) < 10:
            wishes.append(Wish(number, int(seq), verdict, form.get(f"note-{number}", ""), by=PHOTO))
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, found.account)
        city = context().city(connection, catalog)
    with context().begin() as connection:
        answers = make_moves(connection, settings, city, found.account, wishes[:LOOKED]) if wishes else []
        for answer in answers:
            if answer.error is None:
                note(connection, found.account, answer.wish.move, answer.wish.number, request.remote_addr or "")
    done = [answer.wish.move for answer in answers if answer.error is None]
    told: dict[str, str] = {}
    if done:
        told["said"] = words(lang).judged(done.count("check_pass"), done.count("check_fail"))
    refused = [answer.error.said(lang) for answer in answers if answer.error is not None]
    if refused:
        told["refused"] = " ".join(refused[:5])
    target = address({}, "/desk/check")
    return redirect(f"{target}{'&' if '?' in target else '?'}{urlencode(told)}", 303)  # type: ignore[return-value]
