"""/bulletins: write one, look at it, show it to those it names, answer them, publish it; every form of it as a file."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, redirect, request, send_file
from sqlalchemy import Connection

from etl.bulletin.drafting import SCHEDULED, write_draft
from etl.bulletin.kinds import KINDS, kind_of, window_of
from etl.bulletin.rendering import FORMS, render
from etl.bulletin.wording import worded
from weathermap.errors import Refused, UnknownName, WeathermapError
from weathermap.judge import bulletins as b
from weathermap.people.access_log import note
from weathermap.people.accounts import Account
from weathermap.people.permissions import may
from weathermap.people.roles import OF_A_UNIT
from weathermap.settings import Settings
from weathermap.store.catalog import Catalog
from weathermap.work.schedules import list_schedules
from web.auth import signed_in
from web.context import context
from web.desk.bulletin_words import bulletin_words
from web.desk.report_words import WEEKDAYS, rhythm_in
from web.desk.time import Clock
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of
from web.problems import BadQuery

bulletin_pages = Blueprint("bulletin_pages", __name__, url_prefix="/bulletins")
HEAD = ("title", "number", "recipients", "signer", "signed_on", "matter")
LONGEST = 500


@bulletin_pages.get("")
def bulletins() -> Response:
    """All bulletins that whoever is signed in may see, and the form for a new one."""
    account, lang = signed_in().account, language()
    now = datetime.now(UTC)
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        clock = Clock(catalog.timezone, lang, now)
        return page(
            "bulletins",
            **bar_of(account, catalog),
            v=bulletin_words(lang),
            rows=b.list_bulletins(connection, catalog.city_id, _only(account, catalog)),
            states={name: words[lang == "en"] for name, words in b.STATES.items()},
            kinds={kind.code: kind.en if lang == "en" else kind.zh for kind in KINDS.values()},
            writes=may(account.roles, "bulletins_write"),
            schedules=[s for s in list_schedules(connection, catalog.city_id, None) if s.kind == "bulletin"],
            scheduled=SCHEDULED,
            weekdays={name: words[lang == "en"] for name, words in WEEKDAYS.items()},
            rhythm_in=rhythm_in,
            mine=account.account_id,
            clock=clock,
            today=clock.now.date(),
        )


@bulletin_pages.post("")
def write() -> Response:
    """Read the facts now and keep a draft."""
    account = signed_in().account
    kind = kind_of(request.form.get("kind", ""))
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise BadQuery("The day cannot be read.", "Choose it in the form.") from error
    now = datetime.now(UTC)
    with context().begin() as connection:
        catalog = catalog_of(connection, account)
        since, at = window_of(kind.code, day, catalog.timezone, now)
        if at <= since:
            raise BadQuery(f"{day} has not begun yet.", "Choose a day that is over, or today.")
        head = _head() if request.form.get("title") else None
        number = write_draft(connection, account, catalog, kind.code, (since, at), now, head)
        note(connection, account, "bulletin written", f"{number} {kind.code} {day}", request.remote_addr or "")
    return _to(number)


def _head() -> dict[str, str]:
    found = {name: request.form.get(name, "").strip()[:LONGEST] for name in HEAD}
    try:
        date.fromisoformat(found["signed_on"])
    except ValueError as error:
        raise BadQuery("The date of the signature cannot be read.", "Choose it in the form.") from error
    return found


@bulletin_pages.get("/<int:number>")
def bulletin(number: int) -> Response:
    """One bulletin; those named see their part until it is published."""
    account, lang = signed_in().account, language()
    now = datetime.now(UTC)
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        row = _seen(connection, catalog, account, number)
        writes = may(account.roles, "bulletins_write")
        whole = writes or row.state == "published" or _only(account, catalog) is None
        unit = _unit(account, catalog)
        objections = b.objections_of(connection, number)
        facts = dict(row.facts)
        own = [entry for entry in facts["units"] if entry["code"] == unit]
        lists = [e | {"kind": g["kind"], "list": c} for g in facts["lists"] for c in ("red", "black") for e in g[c]]
        problem = _broken(row, objections) if whole else None
        return page(
            "bulletin",
            **bar_of(account, catalog),
            v=bulletin_words(lang),
            row=row,
            facts=facts,
            whole=whole,
            writes=writes,
            own=own,
            named=[entry for entry in lists if entry["unit"] == unit],
            issues=[entry for entry in facts["worst"] if own and entry["unit"] == own[0]["name"]],
            may_object=row.state == "shown" and unit in row.units and now <= row.open_until,
            objections=objections if whole else [entry for entry in objections if entry.unit == unit],
            unit_names={place.code: place.name for place in catalog.units},
            states={name: words[lang == "en"] for name, words in b.STATES.items()},
            head_names=HEAD,
            forms=FORMS,
            problem=problem,
            over=row.open_until is not None and now > row.open_until,
            clock=Clock(catalog.timezone, lang, now),
        )


def _broken(row: Any, objections: list[Any]) -> WeathermapError | None:
    """What is wrong with the templates, with the line; None: they can be set."""
    for form in ("docx", "png"):
        try:
            _made(row, objections, form)
        except WeathermapError as error:
            return error
    return None


@bulletin_pages.get("/<int:number>/<form>")
def file(number: int, form: str) -> Response:
    """A form of a bulletin as a file."""
    account = signed_in().account
    if form not in FORMS:
        raise UnknownName(f"{form!r} is no form of a bulletin.", f"Forms: {', '.join(FORMS)}.")
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        row = _seen(connection, catalog, account, number)
        if row.state != "published" and _only(account, catalog) is not None:
            raise Refused("It is not published yet.", "Until then you see the part that names your unit.")
        objections = b.objections_of(connection, number)
    made = _made(row, objections, form)
    with context().begin() as connection:
        note(connection, account, "export", f"bulletin {number} {form}", request.remote_addr or "")
    name = "".join(letter for letter in row.head["title"] if letter not in '\\/:*?"<>|')
    shown = bool(request.args.get("show"))
    answer = send_file(
        io.BytesIO(made), FORMS[form], as_attachment=not shown, download_name=f"{name}.{form}", max_age=None
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _made(row: Any, objections: list[Any], form: str) -> bytes:
    settings: Settings = current_app.extensions["weathermap_settings"]
    folder: Path = settings.data_dir / "templates"
    told = [{"unit": e.unit_name, "text": e.said, "answer": e.answer} for e in objections if e.answer]
    return render(form, worded(row.facts, row.head, told), row.picture, folder)


@bulletin_pages.post("/<int:number>/<step>")
def go_on(number: int, step: str) -> Response:
    """head, show, publish, withdraw; answer an objection."""
    account = signed_in().account
    now = datetime.now(UTC)
    with context().begin() as connection:
        catalog = catalog_of(connection, account)
        row = b.find_bulletin(connection, catalog.city_id, number)
        if step == "head":
            b.rewrite(connection, row, _head())
        elif step == "show":
            b.show(connection, row, account.person_id or 0, now)
        elif step == "answer":
            which = request.form.get("objection", 0, int)
            b.answer(connection, row, which, account, request.form.get("answer", ""), now)
        elif step == "publish":
            b.publish(connection, row, account, now)
        elif step == "withdraw":
            b.withdraw(connection, row)
        else:
            raise UnknownName(f"{step!r} is no step.", "Use the page's buttons.")
        note(connection, account, f"bulletin {step}", str(number), request.remote_addr or "")
    return _to(number)


@bulletin_pages.post("/<int:number>/objections")
def object_to(number: int) -> Response:
    """What a unit that is named says against it."""
    account = signed_in().account
    with context().begin() as connection:
        catalog = catalog_of(connection, account)
        row = b.find_bulletin(connection, catalog.city_id, number)
        b.object_to(connection, row, account, request.form.get("said", ""), datetime.now(UTC))
        note(connection, account, "bulletin objection", str(number), request.remote_addr or "")
    return _to(number)


def _unit(account: Account, catalog: Catalog) -> str:
    return next((place.code for place in catalog.units if place.id == account.unit_id), "")


def _only(account: Account, catalog: Catalog) -> str | None:
    """The unit whose part alone this account sees before publication; None: it sees all."""
    return _unit(account, catalog) if OF_A_UNIT & set(account.roles) else None


def _seen(connection: Connection, catalog: Catalog, account: Account, number: int) -> Any:
    """The bulletin, if this account may see it. Raises UnknownName."""
    row = b.find_bulletin(connection, catalog.city_id, number)
    unit = _only(account, catalog)
    if unit is not None and row.state != "published" and not (row.state == "shown" and unit in row.units):
        raise UnknownName(f"There is no bulletin {number}.", "See /bulletins.")
    return row


def _to(number: int) -> Response:
    lang = "?lang=en" if language() == "en" else ""
    return redirect(f"/bulletins/{number}{lang}", 303)  # type: ignore[return-value]
