"""/desk/photos: photos that phones sent and that belong to nothing yet, sorted into issues and visits or set aside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Blueprint, Response, redirect, request
from sqlalchemy import Connection

from weathermap.errors import Refused, UnknownName, WeathermapError
from weathermap.people.access_log import note
from weathermap.people.accounts import Account
from weathermap.store.registry import City
from weathermap.visit.recording import record_issue
from weathermap.visit.shots import shots_of
from weathermap.visit.sightings import MOST, NOTE, Found
from weathermap.visit.unsorted import (
    OFFICE,
    OFFICE_AFTER,
    into_visit,
    nearest_point,
    put_aside,
    recent_visits,
    take_over,
    unsorted_shots,
)
from web.auth import signed_in
from web.context import context
from web.desk.asking import address
from web.desk.frame import bar_of, catalog_of
from web.desk.time import Clock
from web.desk.visit_words import visit_words
from web.pages.account import language, page

unsorted_pages = Blueprint("unsorted_pages", __name__, url_prefix="/desk/photos")
CLOSE_M = 300.0  # within which a point is proposed


@unsorted_pages.get("")
def photos() -> Response:
    """The photos; ?aside=1: those that were set aside."""
    return _page("", 200)


@unsorted_pages.post("")
def sort() -> Response:
    """Make one issue of those chosen, put them into a visit, set them aside or take them back."""
    account, v = signed_in().account, visit_words(language())
    keys, act = list(dict.fromkeys(request.form.getlist("shot")))[:MOST], request.form.get("act", "")
    if not keys:
        return _page(v.chosen_none, 400)
    number = ""
    try:
        with context().connect_primary() as connection:
            city = context().city(connection, catalog_of(connection, account))
        with context().begin() as connection:
            if act in ("aside", "back"):
                put_aside(connection, account, keys, act == "aside")
            else:
                _taken_over(connection, account, keys)
                if act == "visit":
                    into_visit(connection, account, request.form.get("visit", 0, int), keys)
                else:
                    number = _as_issue(connection, city, account, keys)
    except WeathermapError as error:
        return _page(error.said(language()), 400)
    told = {"n": len(keys), "number": number, "aside": "1" if act == "back" else ""}
    told |= {"lang": "en" if language() == "en" else ""}
    return redirect(f"/desk/photos?{urlencode({k: v for k, v in told.items() if v})}", 303)  # type: ignore[return-value]


def _taken_over(connection: Connection, account: Account, keys: list[str]) -> None:
    """Others' photos become one's own; the access log keeps whose they were."""
    for key, whose in take_over(connection, account, keys):
        note(connection, account, "photo taken over", f"{key} of account {whose}", request.remote_addr or "")


def _as_issue(connection: Connection, city: City, account: Account, keys: list[str]) -> str:
    """One issue with these photos, at the point named or where the first was shot. Returns its number."""
    form = request.form
    point, category = form.get("point", "").strip().split(" ")[0], form.get("category", "")
    if point and point not in city.book.points:
        raise UnknownName(f"There is no declared point {point!r}.", "Take a code of the list.")
    shots = shots_of(connection, account, keys)
    placed = next((shots[key] for key in keys if shots[key].lon is not None), None)
    if not point and placed is None:
        raise Refused("None of these photos says where it was shot.", "Name a point.", "照片都没有定位，请填点位编号。")
    lon, lat = (None, None) if point or placed is None else (placed.lon, placed.lat)
    found = Found(form.get("key", ""), category, form.get("note", "").strip()[:NOTE], lon, lat, photos=tuple(keys))
    recorded = record_issue(connection, city, account, found, point)
    return next(iter(recorded.numbers.values()), "")


def _page(problem: str, status: int) -> Response:
    account, lang = signed_in().account, language()
    aside = request.values.get("aside") == "1"
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        city = context().city(connection, catalog)
        rows = unsorted_shots(connection, account, aside)
        visits = recent_visits(connection, account) if rows and not aside else []
    which = "name_en" if lang == "en" else "name"
    clock = Clock(catalog.timezone, lang, datetime.now(UTC))
    return page(
        "unsorted",
        status=status,
        **bar_of(account, catalog),
        v=visit_words(lang),
        shots=[_shown(row, city, account, clock, which) for row in rows],
        visits=[
            (row.visit_id, f"{clock.at(row.started_at)} {getattr(row, which) or row.name} · {row.by or '–'}")
            for row in visits
        ],
        categories=[(one.code, getattr(one, which) or one.name) for one in city.pack.categories],
        points=[(one.code, getattr(one, which) or one.name) for one in city.pack.points],
        days=0 if OFFICE.isdisjoint(account.roles) else OFFICE_AFTER.days,
        aside=aside,
        key=request.form.get("key") or str(uuid4()),
        given=request.form,
        chosen=set(request.form.getlist("shot")),
        problem=problem,
        n=request.args.get("n", 0, int),
        number=request.args.get("number", ""),
        address=address,
        other=address({"lang": "en" if lang == "zh" else "", "n": "", "number": ""}, "/desk/photos"),
    )


def _shown(row: Any, city: City, account: Account, clock: Clock, which: str) -> dict[str, Any]:
    near = nearest_point(city.pack, row.lon, row.lat)
    point = city.pack.points[near[0]] if near and near[1] <= CLOSE_M else None
    return {
        "key": row.key,
        "digest": bytes(row.sha256).hex(),
        "at": clock.at(row.told_at or row.received_at),
        "by": "" if row.account_id == account.account_id else row.by,
        "placed": row.lon is not None,
        "near": f"{getattr(point, which) or point.name} · {near[1]:.0f} m" if point and near else "",
        "point": point.code if point else "",
    }
