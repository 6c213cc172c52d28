"""/desk/rounds: citizens' rounds: who goes, where, what was found, what became of it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, redirect, request

from weathermap.errors import Refused, UnknownName, WeathermapError
from weathermap.issue.workflow import STATES
from weathermap.people.permissions import may
from weathermap.visit.rounds import (
    MEMBER_KINDS,
    POINTS,
    Round,
    change_round,
    follow_up,
    keep_round,
    list_rounds,
    members_of,
    points_of,
)
from web.auth import signed_in
from web.context import context
from web.desk.time import Clock
from web.desk.visit_words import visit_words
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of

rounds_pages = Blueprint("rounds_pages", __name__, url_prefix="/desk/rounds")


@rounds_pages.get("")
def rounds() -> Response:
    """All rounds, and the form of a new one."""
    return _list("", 200)


@rounds_pages.post("")
def create() -> Response:
    """Store a new round; what cannot be stored says why, and what was written stays."""
    account = signed_in().account
    try:
        with context().connect_primary() as connection:
            city = context().city(connection, catalog_of(connection, account))
        with context().begin() as connection:
            round_id = keep_round(connection, city, account, _given())
    except WeathermapError as error:
        return _list(error.said(language()), 400)
    return _to(f"/desk/rounds/{round_id}")


@rounds_pages.get("/<int:round_id>")
def one(round_id: int) -> Response:
    """A round: members, points with what was found there, follow-up."""
    return _one(round_id, "", 200)


@rounds_pages.post("/<int:round_id>")
def follow(round_id: int) -> Response:
    """Save what became of it; act=change: who goes and where. What cannot be stored says why."""
    account, form = signed_in().account, request.form
    with context().connect_primary() as connection:
        city = context().city(connection, catalog_of(connection, account))
    try:
        with context().begin() as connection:
            if form.get("act") == "change":
                change_round(connection, city, round_id, _given())
            else:
                follow_up(connection, city, round_id, form.get("follow_up", "").strip())
    except (Refused, UnknownName) as error:
        return _one(round_id, error.said(language()), 400)
    return _to(f"/desk/rounds/{round_id}?saved=1")


def _one(round_id: int, problem: str, status: int) -> Response:
    account, lang = signed_in().account, language()
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        found = next(iter(list_rounds(connection, catalog.city_id, round_id)), None)
        if found is None:
            raise UnknownName(f"There is no round {round_id}.", "Open it from the list.")
        members, points = members_of(connection, round_id), points_of(connection, round_id)
    stored = {"name": found.name, "held_on": found.held_on, "points": "\n".join(row.code for row in points)}
    return page(
        "round",
        status=status,
        **_common(account, catalog),
        round=found,
        members=members,
        points=points,
        given=request.form if "name" in request.form else stored,
        people=_people([(row.name, row.kind) for row in members]),
        state=lambda code: STATES[code][1 if lang == "en" else 0],
        saved="saved" in request.args,
        problem=problem,
        walks=may(account.roles, "street"),
    )


def _given() -> Round:
    """The round of the form. Raises Refused."""
    form = request.form
    try:
        held_on = date.fromisoformat(form.get("held_on", ""))
    except ValueError as error:
        raise Refused("The day is missing.", "Choose it in the field.", "请选择日期。") from error
    given = zip(form.getlist("member"), form.getlist("kind"), strict=False)
    members = [(name.strip(), kind) for name, kind in given if name.strip()]
    return Round(
        key=form.get("key", "")[:64],
        name=form.get("name", "").strip(),
        held_on=held_on,
        members=tuple(members),
        points=tuple(re.split(r"[\s,，、]+", form.get("points", "").strip())) if form.get("points", "").strip() else (),
    )


def _common(account: Any, catalog: Any) -> dict[str, Any]:
    lang = language()
    which = "name_en" if lang == "en" else "name"
    return {
        **bar_of(account, catalog),
        "v": visit_words(lang),
        "clock": Clock(catalog.timezone, lang, datetime.now(UTC)),
        "kinds": {code: pair[1 if lang == "en" else 0] for code, pair in MEMBER_KINDS.items()},
        "named": lambda row: getattr(row, which) or row.name,
        "other": f"{request.path}{'?lang=en' if lang == 'zh' else ''}",
        "code": catalog.code,
        "most": POINTS,
        "tail": "?lang=en" if lang == "en" else "",
    }


def _list(problem: str, status: int) -> Response:
    account = signed_in().account
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        found = list_rounds(connection, catalog.city_id)
    return page(
        "rounds",
        status=status,
        **_common(account, catalog),
        rounds=found,
        key=request.form.get("key") or str(uuid4()),
        given=request.form,
        people=_people([]),
        problem=problem,
    )


def _people(stored: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The members of the form as they were given, else those stored, else one empty row of each kind."""
    given = list(zip(request.form.getlist("member"), request.form.getlist("kind"), strict=False))
    return given or stored or [("", kind) for kind in MEMBER_KINDS]


def _to(target: str) -> Response:
    lang = f"{'&' if '?' in target else '?'}lang=en" if language() == "en" else ""
    return redirect(target + lang, 303)  # type: ignore[return-value]
