"""/desk/proposals: the ladder's next steps, decided by whom the pack names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, request

from weathermap.errors import WeathermapError
from weathermap.issue.given import Wish
from weathermap.issue.workflow import MOVES, UNTIL
from weathermap.judge.proposals import count_proposals, dismiss_proposal, proposals, take_proposal
from weathermap.people.access_log import note
from weathermap.settings import Settings
from web.auth import signed_in
from web.context import context
from web.desk.asking import address
from web.desk.time import Clock, until_of
from web.desk.watch_words import watch_words
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of

proposal_pages = Blueprint("proposal_pages", __name__, url_prefix="/desk/proposals")
SHOWN = 50


@proposal_pages.get("")
def waiting() -> Response:
    """Those that wait for this account."""
    account = signed_in().account
    v = watch_words(language())
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        city = context().city(connection, catalog)
        now = datetime.now(UTC)
        steps = {step.code: step for step in city.pack.ladder}
        return page(
            "proposals",
            **bar_of(account, catalog),
            v=v,
            rows=proposals(connection, city, account, SHOWN),
            total=count_proposals(connection, city, account),
            steps=steps,
            MOVES=MOVES,
            needs_until=UNTIL,
            terms={code: (now + timedelta(days=step.days or 3)).date() for code, step in steps.items()},
            clock=Clock(catalog.timezone, language(), now),
            address=address,
            done={"taken": v.taken, "dismissed": v.dismissed}.get(request.args.get("did", ""), ""),
            refused=request.args.get("refused", ""),
        )


@proposal_pages.post("")
def decide() -> Response:
    """Take a proposal, which makes its move as this person's own, or dismiss it with a reason."""
    found = signed_in()
    form, account = request.form, found.account
    settings: Settings = current_app.extensions["weathermap_settings"]
    taken = form.get("decision") == "take"
    number, step, words = form.get("number", ""), form.get("step", ""), form.get("note", "")
    try:
        with context().begin() as connection:
            catalog = catalog_of(connection, account)
            city = context().city(connection, catalog)
            if taken:
                seq = int(form.get("seq", "")) if form.get("seq", "").isdecimal() else -1
                until = until_of(form.get("until", ""), catalog.timezone)
                take_proposal(connection, settings, city, account, step, Wish(number, seq, "", words, until))
            else:
                dismiss_proposal(connection, city, account, step, number, words)
            what = f"proposal {step} {'taken' if taken else 'dismissed'}"
            note(connection, account, what, number, request.remote_addr or "")
        told = {"did": "taken" if taken else "dismissed"}
    except WeathermapError as error:
        told = {"refused": f"{number}: {error.said(language())}"}
    if language() == "en":
        told["lang"] = "en"
    return redirect(f"/desk/proposals?{urlencode(told)}", 303)  # type: ignore[return-value]
