"""/desk/coverage: who must still go where this month, and in which order; /desk/visits/new: the form of a visit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import numpy as np
from flask import Blueprint, Response, current_app, redirect, request

from weathermap.errors import UnknownName, WeathermapError
from weathermap.people.permissions import may
from weathermap.settings import Settings
from weathermap.store.registry import City
from weathermap.visit.ledger import coverage_ledger, keepers, month_bounds
from weathermap.visit.recording import record_visit
from weathermap.visit.sightings import KINDS, Meanwhile
from weathermap.visit.takealong import month_of
from weathermap.visit.walking import distances, walking_order
from web.auth import signed_in
from web.context import context
from web.desk.time import Clock
from web.desk.visit_form import keep_all, read_form
from web.desk.visit_words import visit_words
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of

visits_pages = Blueprint("visits_pages", __name__, url_prefix="/desk")
MOST = 300  # rows of the ledger at once
FOUND = 30  # points offered by name
NARROWING = ("patrol", "person", "area", "missing", "walk")


@visits_pages.get("/coverage")
def coverage() -> Response:
    """The coverage ledger, narrowed by the address: patrol, person, area, missing=1, walk=1 (in walking order)."""
    account, lang = signed_in().account, language()
    asked = {name: request.args[name] for name in NARROWING if request.args.get(name)}
    now = datetime.now(UTC)
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        version = catalog.versions[-1][0]
        area = asked.get("area", "")
        place = catalog.place(version, *area.split(":", 1)) if ":" in area else None
        bounds = month_bounds(now, catalog.timezone)
        within = place.id if place else None
        everything = coverage_ledger(connection, catalog.city_id, bounds, area_id=within)
        rows = [row for row in everything if _wanted(row, asked)]
        city = context().city(connection, catalog)
        town = catalog.levels[min(1, len(catalog.levels) - 1)]
        towns = catalog.areas[version, town]
    walked = 0.0
    if "walk" in asked and rows:
        rows = [row for row in rows if not row.months[-1]]
        rows, walked = _walk(rows)
    which = "name_en" if lang == "en" else "name"
    return page(
        "coverage",
        **bar_of(account, catalog),
        v=visit_words(lang),
        rows=rows[:MOST],
        total=len(rows),
        groups=keepers(everything),
        bounds=bounds,
        asked=asked,
        walked=walked,
        towns=[(f"{town}:{one.code}", getattr(one, which) or one.name) for one in towns],
        kinds={kind.code: getattr(kind, which) or kind.name for kind in city.pack.point_kinds},
        named=lambda row: getattr(row, which) or row.name,
        clock=Clock(catalog.timezone, lang, now),
        to=_address,
        other=_address(asked, lang="en" if lang == "zh" else ""),
        stored=request.args.get("stored", None, int),
        walks=may(account.roles, "street"),
    )


def _wanted(row: Any, asked: dict[str, str]) -> bool:
    if "patrol" in asked and row.patrol != asked["patrol"]:
        return False
    if "person" in asked and row.person != asked["person"]:
        return False
    return "missing" not in asked or not row.months[-1]


def _walk(rows: list[Any]) -> tuple[list[Any], float]:
    """The rows in walking order, and how long the walk is, km as the crow flies."""
    order = walking_order([row.lon for row in rows], [row.lat for row in rows], begins=False)
    found = [rows[at] for at in order]
    metres = distances(np.array([row.lon for row in found]), np.array([row.lat for row in found]))
    return found, float(np.diagonal(metres, 1).sum()) / 1000


def _address(asked: dict[str, str], base: str = "/desk/coverage", lang: str | None = None, **changes: str) -> str:
    """The page with other parameters; '' takes one out."""
    spoken = ("en" if language() == "en" else "") if lang is None else lang
    parts = {name: value for name, value in {**asked, **changes, "lang": spoken}.items() if value}
    return f"{base}?{urlencode(parts)}" if parts else base


@visits_pages.get("/visits/new")
def new_visit() -> Response:
    """The form of a visit of ?point=, on ?round= if it belongs to one."""
    return _form("", {})


@visits_pages.post("/visits/new")
def store_visit() -> Response:
    """Store it; what cannot be stored says why, and what was written stays."""
    account = signed_in().account
    request.max_content_length = 200_000_000
    settings: Settings = current_app.extensions["weathermap_settings"]
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        city = context().city(connection, catalog)
    try:
        standards = _standards(city, request.form.get("point", ""))
        visited, photos = read_form(standards, catalog.timezone)
        with context().begin() as connection:
            keep_all(connection, settings, account, photos)
            recorded = record_visit(connection, city, account, visited)
    except Meanwhile as error:
        return _form("", {"seen": error.seen, "last": error.last})
    except WeathermapError as error:
        return _form(error.said(language()), {})
    lang = {"lang": "en"} if language() == "en" else {}
    if visited.round_id:
        return redirect(f"/desk/rounds/{visited.round_id}?{urlencode(lang)}", 303)  # type: ignore[return-value]
    told = {"stored": str(len(recorded.numbers)), **lang}
    return redirect(f"/desk/coverage?{urlencode(told)}", 303)  # type: ignore[return-value]


def _holds(point: Any, words: str) -> bool:
    """Whether a point's name, code or address holds all of these words."""
    text = f"{point.name} {point.name_en} {point.code} {point.address}".lower()
    return all(word in text for word in words.lower().split())


def _standards(city: City, code: str) -> tuple[Any, ...]:
    at = city.book.points.get(code, -1)
    if at < 0:
        raise UnknownName(
            f"There is no declared point {code!r}.", "Take a code of the list of points.", f"没有点位 {code}。"
        )
    return tuple(one for one in city.pack.standards if one.point_kind == city.pack.points[at].kind)


def _form(problem: str, more: dict[str, Any]) -> Response:
    """The form; `more`: what came meanwhile."""
    account, lang = signed_in().account, language()
    code = request.values.get("point", "").strip()
    which = "name_en" if lang == "en" else "name"
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        city = context().city(connection, catalog)
        first = code.partition(" ")[0]  # a choice of the list is code and name
        code = first if first in city.book.points else code
        at = city.book.points.get(code, -1)
        now = next((row for row in month_of(connection, city)[1] if row.code == code), None) if at >= 0 else None
    pack = city.pack
    found = [one for one in pack.points if at < 0 and code and _holds(one, code)]
    if code and at < 0 and not found:
        problem = problem or visit_words(lang).no_point(code)
    return page(
        "visit",
        status=409 if more else 400 if problem else 200,
        **bar_of(account, catalog),
        v=visit_words(lang),
        point=pack.points[at] if at >= 0 else None,
        points=[(one.code, getattr(one, which) or one.name) for one in pack.points] if at < 0 else [],
        found=found[:FOUND],
        asked=code,
        standards=_standards(city, code) if at >= 0 else (),
        categories=[(one.code, getattr(one, which) or one.name) for one in pack.categories],
        opened=now.open if now else [],
        last=more.get("last") or request.form.get("last") or (now.last if now else "") or "",
        seen=more.get("seen", []),
        kinds={name: pair[1 if lang == "en" else 0] for name, pair in KINDS.items() if name != "round"},
        key=request.form.get("key") or str(uuid4()),
        round=request.values.get("round", ""),
        named=lambda one: getattr(one, which) or one.name,
        given=request.form,
        problem=problem,
        other=_address(
            {"point": code, "round": request.values.get("round", "")}, "/desk/visits/new", "en" if lang == "zh" else ""
        ),
    )
