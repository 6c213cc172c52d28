"""/desk/report: what somebody told the office by telephone or at the counter, written down: where, what, who."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Blueprint, Response, current_app, jsonify, redirect, request
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from weathermap.errors import WeathermapError
from weathermap.people.access_log import note
from weathermap.people.bounds import bound_to
from weathermap.settings import Settings
from weathermap.snap.near import issues_near, place_of
from weathermap.store.catalog import Catalog
from weathermap.store.registry import City
from weathermap.store.sql import query
from weathermap.visit.calls import take_call
from weathermap.visit.recording import numbers_of
from weathermap.visit.shots import loose_shots
from web.auth import signed_in
from web.context import context
from web.desk.asking import address
from web.desk.call_form import found_places, photos_of_form, read_call
from web.desk.call_words import call_words
from web.desk.frame import bar_of, catalog_of
from web.desk.time import Clock
from web.desk.visit_form import keep_all
from web.pages.account import language, page
from web.snap.asking import position_asked
from web.snap.sketch import FARTHEST_M, NEAREST_M, Window, sketch

report_pages = Blueprint("report_pages", __name__, url_prefix="/desk/report")
NEAR_M, MOST = 120.0, 5  # whoever calls says where it is by a house, not by a pin
LARGEST = 200_000_000  # bytes of a form


@report_pages.get("")
def form() -> Response:
    """An empty form; ?stored= the number of what was written down last."""
    return _form()


@report_pages.post("")
def send() -> Response:
    """Store it. What cannot be stored says why; what was written stays, and photos that came are kept."""
    account = signed_in().account
    request.max_content_length = LARGEST
    settings: Settings = current_app.extensions["weathermap_settings"]
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        city = context().city(connection, catalog)
    try:
        photos = photos_of_form()
        with context().begin() as connection:
            keep_all(connection, settings, account, photos)
        call = read_call(photos)
        with context().connect_primary() as connection:
            again = numbers_of(connection, city, [call.found.key])
            near = [] if again else _asked_about(connection, catalog, call.found.lon, call.found.lat)
        if near and not call.found.known:
            return _form(near=near, status=409)
        with context().begin() as connection:
            done = take_call(connection, settings, city, account, call)
            number = done.numbers[call.found.key]
            if not done.again:
                note(connection, account, "report", number, request.remote_addr or "")
    except WeathermapError as error:
        return _form(error=error.said(language()), status=400)
    told = {"stored": number, "joined": "1" if call.found.known else "", "lang": "en" if language() == "en" else ""}
    return redirect(f"/desk/report?{urlencode({k: v for k, v in told.items() if v})}", 303)  # type: ignore[return-value]


def _asked_about(connection: Connection, catalog: Catalog, lon: float | None, lat: float | None) -> list[Any]:
    """What is known around, if the form does not say that somebody has looked at all of it."""
    if lon is None or lat is None:
        return []
    rows = _known(connection, catalog, lon, lat)
    seen = set(request.form.get("seen", "").split())
    return rows if any(row.number not in seen for row in rows) else []


def _known(connection: Connection, catalog: Catalog, lon: float, lat: float) -> list[Any]:
    """Of what is around, what this account may add to."""
    own = bound_to(catalog, signed_in().account)
    rows = issues_near(connection, catalog.city_id, lon, lat, NEAR_M, MOST)
    return [row for row in rows if own is None or own.id in row.places]


def _form(error: str = "", status: int = 200, near: list[Any] | None = None) -> Response:
    account, lang = signed_in().account, language()
    given = request.form
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        choices = context().choices(connection, catalog)
        city = context().city(connection, catalog)
        extent = connection.execute(query("city_extent"), {"city_id": catalog.city_id}).one()
        mine = {row.key: bytes(row.sha256).hex() for row in loose_shots(connection, account)} if given else {}
    clock = Clock(catalog.timezone, lang, datetime.now(UTC))
    kinds = {source.code: source.kind for source in city.pack.sources}
    told = [one for one in choices.sources.values() if kinds.get(one.code) not in (None, "snapshot", "round")]
    told.sort(key=lambda one: kinds[one.code] != "hotline")
    return page(
        "report",
        status,
        **bar_of(account, catalog),
        v=call_words(lang),
        key=given.get("key") or str(uuid4()),
        given=given,
        sources=[(one.code, one.named(lang)) for one in told],
        categories=[(one.code, one.named(lang)) for one in choices.categories.values() if not one.retired],
        bbox=[extent.west, extent.south, extent.east, extent.north],
        near=[_near(row, clock) for row in near or []],
        seen=" ".join(row.number for row in near) if near else given.get("seen", ""),
        kept=[(key, mine[key]) for key in dict.fromkeys([*given.getlist("shot"), *_sent()]) if key in mine],
        error=error,
        stored=request.args.get("stored", ""),
        joined=request.args.get("joined", ""),
        done="form-report" if request.args.get("stored") else "",
        address=address,
        other=address({"lang": "en" if lang == "zh" else ""}, "/desk/report"),
        note=(catalog.config["schematic_note"] if catalog.config["schematic"] else ("", ""))[lang == "en"],
    )


def _sent() -> list[str]:
    """Keys of the photos that came with this form and could be used."""
    try:
        return [key for key, _ in photos_of_form()] if request.files else []
    except WeathermapError:
        return []


@report_pages.get("/near")
def near() -> Response:
    """Where ?lon= ?lat= lies, in words, and what is known around it."""
    spot, account, lang = position_asked(), signed_in().account, language()
    if spot is None:
        raise NotFound("No position was given.")
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        places = place_of(context().city(connection, catalog), catalog, *spot)
        rows = _known(connection, catalog, *spot)
    clock, which = Clock(catalog.timezone, lang, datetime.now(UTC)), lang == "en"
    name = (", " if which else " ").join((p.name_en if which else p.name) or p.name for p in places)
    return jsonify({"inside": bool(places), "place": name, "near": [_near(row, clock) for row in rows]})


def _near(row: Any, clock: Clock) -> dict[str, Any]:
    v, english = call_words(clock.lang), clock.lang == "en"
    return {
        "number": row.number,
        "name": (row.name_en if english else row.name) or row.name,
        "text": v.near_line(clock.at(row.reported_at), v.states[row.state], round(row.metres)),
        "photo": f"/desk/photo/{row.photo}/thumb" if row.photo else "",
    }


@report_pages.get("/places")
def places() -> Response:
    """Declared points, and areas, whose name, code or address holds the words of ?q=."""
    account = signed_in().account
    with context().connect_primary() as connection:
        city: City = context().city(connection, catalog_of(connection, account))
    return jsonify({"places": found_places(city, request.args.get("q", ""), language())})


@report_pages.get("/map")
def small_map() -> Response:
    """The map around ?lon= ?lat=, ?reach= metres from its middle to its edges, as SVG."""
    account, spot, reach = signed_in().account, position_asked(), request.args.get("reach", 400.0, float)
    if spot is None or not NEAREST_M <= reach <= FARTHEST_M or abs(spot[1]) > 85:
        raise NotFound("No position was given.")
    with context().connect_primary() as connection:
        drawn = sketch(connection, catalog_of(connection, account), Window(*spot, reach), language())
    return Response(drawn, mimetype="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"})
