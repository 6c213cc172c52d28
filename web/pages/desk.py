"""The desk: each role's queues, an issue with all that is known of it, and the moves that this person may make now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, redirect, request
from sqlalchemy import Connection, select

from weathermap.issue.checks import REASONS, visit_reasons
from weathermap.issue.hands import open_moves
from weathermap.issue.listing import list_issues
from weathermap.issue.workflow import INTO, MOVES, NOTE, PARTS, STATES, TASK, TO, UNIT, UNTIL
from weathermap.judge.proposals import count_proposals
from weathermap.judge.unit_orders import orders_of
from weathermap.people.accounts import Account
from weathermap.people.permissions import may
from weathermap.people.roles import ROLES
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from weathermap.weather.total import total_of
from weathermap.work.backlog import suspended_of
from web.auth import signed_in
from web.context import context
from web.desk.asking import FILTERS, address, filter_of, options_of, queue_of
from web.desk.beside import beside
from web.desk.queues import QUEUES, REQUESTED, grouped, meter, other_queues, own_queues
from web.desk.story import story_of
from web.desk.time import Clock
from web.desk.words import words
from web.pages.account import language, page

desk_pages = Blueprint("desk_pages", __name__, url_prefix="/desk")
PAGE, MOST = 50, 500
ALONE = {UNTIL, UNIT, INTO, PARTS, TO, TASK}  # what a move needs that is given on the issue's page


@desk_pages.get("")
def queue() -> Response:
    """A queue; ?queue= another, ?area= ?category= ?unit= ?source= narrow it, ?show= how many rows."""
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        number = request.args.get("q", "").strip()
        if number:
            found = _by_number(connection, catalog, number)
            if found:
                return _to(found)
        chosen = queue_of(account)
        asked = filter_of(catalog, account, chosen)
        show = min(MOST, max(PAGE, request.args.get("show", PAGE, int)))
        rows = list_issues(connection, asked, show, None)
        clock = Clock(catalog.timezone, language(), asked.at)
        return page(
            "queue",
            **bar_of(account, catalog),
            queue=chosen,
            queues=[("mine", own_queues(account)), ("all", other_queues(account))],
            groups=grouped(rows, asked.at, clock.midnight),
            moves_of=lambda row: bulk_moves(account, row, chosen.state in REQUESTED),
            bulk=[m for m in MOVES.values() if m.roles & set(account.roles) and not ALONE & set(m.needs)],
            total=total_of(connection, catalog, asked),
            shown=len(rows),
            clock=clock,
            meter=meter,
            number=number,
            options=options_of(connection, catalog),
            filters={name: request.args.get(name, "") for name in FILTERS},
            address=address,
            said=_said(),
            STATES=STATES,
            account=account,
            decides=may(account.roles, "decide"),
            keys=KEYS,
        )


@desk_pages.get("/counts")
def counts() -> Response:
    """How many wait in each queue: asked for by the page once it stands, so that it need not wait for them."""
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        found = {
            queue.code: total_of(connection, catalog, filter_of(catalog, account, queue, bare=True))
            for queue in (*own_queues(account), *other_queues(account))
        }
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
        city = context().city(connection, catalog)
        clock = Clock(catalog.timezone, lang, datetime.now(UTC))
        told = story_of(connection, city, catalog, number, clock, lang)
        moves = open_moves(account, told.issue.state, told.issue.unit_id, told.handler, told.requested)
        moves.sort(key=lambda move: move.name not in KEYS)  # what is done most stands first
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
        options = options_of(connection, catalog) if any(move.name == "split" for move in moves) else {}
        before, after = _neighbours(connection, catalog, account, number)
        return page(
            "issue",
            **bar_of(account, catalog),
            told=told,
            beside=around,
            check=check,
            check_reasons=REASONS,
            back_at=next((row.back_at for row in waiting if row.issue_id == told.issue.issue_id), None),
            options=options,
            moves=[move for move in moves if TASK not in move.needs],
            person=account.person_id,
            clock=clock,
            STATES=STATES,
            queue=queue_of(account),
            before=before,
            after=after,
            back=address(None),
            said=_said(),
            needs=(NOTE, UNTIL, UNIT),
            units=[(unit.code, unit.name_en if lang == "en" and unit.name_en else unit.name) for unit in catalog.units],
            keys=KEYS,
            address=address,
            done=request.args.get("did", ""),
        )


KEYS = {
    "check_pass": "p",
    "check_fail": "r",
    "feed_back": "f",
    "dispatch": "d",
    "reject": "n",
    "urge": "u",
    "order": "o",
}


def _said() -> dict[str, Any]:
    """What the last move brought, from the address."""
    move = MOVES.get(request.args.get("moved", ""))
    n = request.args.get("n", 0, int)
    name = (move.en if language() == "en" else move.zh) if move else ""
    return {"done": words(language()).done(n, name) if move and n else "", "refused": request.args.get("refused", "")}


def bulk_moves(account: Account, row: Any, requested: bool) -> str:
    """The moves that this row's issue takes from this account; who fed it back is looked at when it is made."""
    return " ".join(move.name for move in open_moves(account, row.state, row.unit_id, 0, requested))


def catalog_of(connection: Connection, account: Account) -> Catalog:
    """The city that an account works for."""
    code = connection.execute(select(t.city.c.code).where(t.city.c.city_id == account.city_id)).scalar()
    return context().catalog(connection, code)


def bar_of(account: Account, catalog: Catalog) -> dict[str, Any]:
    """What the bar above every page of the desk shows."""
    which = 1 if language() == "en" else 0
    unit = next((place for place in catalog.units if place.id == account.unit_id), None)
    return {
        "city": (catalog.name_en if which else catalog.name) or catalog.name,
        "demo": catalog.demo is not None,
        "who": f"{account.name} · {' '.join(ROLES[role][which] for role in account.roles)}",
        "of": unit and ((unit.name_en if which else unit.name) or unit.name),
        "csrf": signed_in().csrf,
    }


def _by_number(connection: Connection, catalog: Catalog, text: str) -> str | None:
    """The page of the issue with this number."""
    found = connection.execute(
        select(t.issue.c.number).where(t.issue.c.city_id == catalog.city_id, t.issue.c.number == text)
    ).scalar()
    return address(None, f"/desk/issue/{found}") if found else None


def _neighbours(connection: Connection, catalog: Catalog, account: Account, number: str) -> tuple[str, str]:
    """Pages of the issues before and after in the queue that this one was opened from; '' at its ends."""
    if "queue" not in request.args:
        return "", ""
    numbers = [r.number for r in list_issues(connection, filter_of(catalog, account, queue_of(account)), MOST, None)]
    if number not in numbers:
        return "", ""
    at = numbers.index(number)
    before, after = numbers[at - 1] if at else "", numbers[at + 1] if at + 1 < len(numbers) else ""
    return tuple(address(None, f"/desk/issue/{n}") if n else "" for n in (before, after))  # type: ignore[return-value]


def _to(target: str) -> Response:
    return redirect(target, 303)  # type: ignore[return-value]
