"""The desk: each role's queues, an issue with all that is known of it, and the moves that this person may make now."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from markupsafe import Markup

from weathermap.issue.checks import REASONS, visit_reasons
from weathermap.issue.drawing import lines, svg
from weathermap.issue.hands import open_moves
from weathermap.issue.waiting import count_of, counts_of, page_of
from weathermap.issue.workflow import NOTE, STATES, TASK, UNIT, UNTIL
from weathermap.judge.proposals import count_proposals
from weathermap.judge.unit_orders import orders_of
from weathermap.people.bounds import narrowed
from weathermap.people.permissions import may
from weathermap.people.reporters import reporter_of
from weathermap.work.backlog import suspended_of
from web.auth import signed_in
from web.bounds import check_issue
from web.context import context
from web.desk.asking import FILTERS, address, after_of, options_of, queue_of, waiting_of
from web.desk.beside import beside
from web.desk.finding import neighbours, search_page
from web.desk.frame import KEYS, bar_of, catalog_of, clock_of, frame_of, said, shown_most
from web.desk.lines import lines_of
from web.desk.queues import QUEUES, REQUESTED, grouped, other_queues, own_queues
from web.desk.story import story_of
from web.desk.time import Clock
from web.pages.account import language, page

desk_pages = Blueprint("desk_pages", __name__, url_prefix="/desk")
CHOOSING = {"split", "recategorise"}  # moves that choose a category


@desk_pages.get("")
def queue() -> Response:
    """A queue, or with ?q= what holds these words; ?queue= another, ?area= ?category= ?unit= ?source= narrow both.

    ?show= how many rows, ?after= the next page.
    """
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        asked = request.args.get("q", "").strip()
        if asked:
            return search_page(connection, account, catalog, asked)
        choices, chosen = context().choices(connection, catalog), queue_of(account)
        waiting = waiting_of(catalog, choices, account, chosen)
        after, clock = after_of(), clock_of(catalog, waiting.now_us)
        places, total = page_of(connection, waiting, shown_most(), after)
        ids = [issue_id for _, issue_id in places]
        lines = lines_of(connection, choices, account, ids, language(), chosen.state in REQUESTED)
        return page(
            "queue",
            **frame_of(account, catalog),
            queue=chosen,
            groups=grouped(lines, clock.now, clock.midnight),
            total=count_of(connection, waiting) if total is None else total,
            shown=len(lines),
            clock=clock,
            first=after is None,
            further=f"{places[-1][0]}_{places[-1][1]}" if len(places) == shown_most() else "",
            options=options_of(catalog, choices, account),
            filters={name: request.args.get(name, "") for name in FILTERS},
        )


@desk_pages.get("/counts")
def counts() -> Response:
    """How many wait in each queue: asked for by the page once it stands, so that it need not wait for them."""
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        queues = (*own_queues(account), *other_queues(account))
        states = {queue.state for queue in queues}
        within = narrowed(catalog, account, None)
        held = counts_of(connection, catalog.city_id, time.time_ns() // 1_000, account.unit_id, states, within)
        found = {queue.code: held[queue.state][1 if queue.own else 0] for queue in queues}
        if may(account.roles, "decide"):
            found["proposals"] = count_proposals(connection, context().city(connection, catalog), account)
        found["orders"] = orders_of(connection, account)
    return page("counts", found=found, alert={queue.code for queue in QUEUES.values() if queue.alert})


@desk_pages.get("/issue/<number>")
def issue(number: str) -> Response:
    """One issue."""
    account = signed_in().account
    lang = language()
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        city, choices = context().city(connection, catalog), context().choices(connection, catalog)
        clock = Clock(catalog.timezone, lang, datetime.now(UTC))
        told = story_of(connection, city, catalog, number, clock, lang)
        check_issue(catalog, told.issue.places, number)
        moves = open_moves(account, told.issue.state, told.issue.unit_id, told.handler, told.requested)
        most = list(KEYS)  # what is done most stands first
        moves.sort(key=lambda move: most.index(move.name) if move.name in KEYS else len(most))
        check = (
            visit_reasons(connection, [told.issue.issue_id])[told.issue.issue_id]
            if told.issue.state == "to_check"
            else None
        )
        waiting = (
            suspended_of(connection, catalog.city_id, city.pack.config.backlog_days)
            if told.issue.state == "suspended"
            else []
        )
        around = beside(connection, account, told.issue, moves, lang)
        before, after = neighbours(connection, catalog, account, told.issue)
        return page(
            "issue",
            **bar_of(account, catalog),
            told=told,
            beside=around,
            check=check,
            check_reasons=REASONS,
            back_at=next((row.back_at for row in waiting if row.issue_id == told.issue.issue_id), None),
            options=options_of(catalog, choices, account)
            if any(move.name in ("split", "recategorise") for move in moves)
            else {},
            moves=[move for move in moves if TASK not in move.needs],
            person=account.person_id,
            clock=clock,
            STATES=STATES,
            queue=queue_of(account),
            before=before,
            after=after,
            back=address(None),
            said=said(),
            needs=(NOTE, UNTIL, UNIT),
            units=[(unit.code, unit.name_en if lang == "en" and unit.name_en else unit.name) for unit in catalog.units],
            keys=KEYS,
            address=address,
            done=request.args.get("did", ""),
            callable=may(account.roles, "reporters") and reporter_of(connection, told.issue.issue_id) is not None,
        )


@desk_pages.get("/help")
def explain() -> Response:
    """The states and moves of an issue, from the table that the program obeys."""
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
    lang = language()
    return page("help", **bar_of(account, catalog), chart=Markup(svg(lang)), lines=lines(lang), address=address)
