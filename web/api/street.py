"""/api/v1/street: what a phone takes along, and what it sends; everything sent twice is stored once."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from weathermap.evidence.photos import LARGEST, develop_photo, read_patches
from weathermap.people.accounts import Account
from weathermap.settings import Settings
from weathermap.store.registry import City
from weathermap.visit.recording import Recorded, person_of, record_issue, record_visit
from weathermap.visit.shots import Told, keep_shot, known_shot, loose_shots
from weathermap.visit.sightings import Elsewhere, Meanwhile, Missing
from weathermap.visit.takealong import still_to_go, take_along
from weathermap.visit.walking import walking_order
from web.api.query import iso
from web.api.street_forms import degrees, found_of, instant, visited_of
from web.auth import signed_in
from web.context import context
from web.pages.desk import catalog_of
from web.problems import BadQuery

street_api = Blueprint("street_api", __name__, url_prefix="/api/v1/street")
LONGEST_BODY = 1_000_000  # bytes of JSON


@street_api.get("")
def take_along_all() -> Response:
    """All that a phone needs to work without signal: checklists, own points, who was last where, proposed units."""
    found = signed_in()
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, found.account)
        city = context().city(connection, catalog)
        person_of(city, found.account)
        return jsonify({"me": _me(found.account, found.csrf), **take_along(connection, city, found.account)})


@street_api.get("/walk")
def walk() -> Response:
    """The own points that wait for this month's visit, in walking order; from ?lon= and ?lat= on, if given."""
    account, city = _who()
    lon, lat = degrees(request.args.get("lon"), "lon", 180), degrees(request.args.get("lat"), "lat", 90)
    with context().connect_primary() as connection:
        points = still_to_go(connection, city, account)
    here = [] if lon is None or lat is None else [("", lon, lat)]
    spots = [*here, *points]
    order = walking_order([x for _, x, _ in spots], [y for _, _, y in spots], begins=bool(here))
    return jsonify({"points": [spots[at][0] for at in order if spots[at][0]]})


@street_api.get("/me")
def who_am_i() -> Response:
    """Who is signed in, and the word that what is sent must repeat (X-CSRF-Token)."""
    found = signed_in()
    return jsonify(_me(found.account, found.csrf))


def _me(account: Account, csrf: str) -> dict[str, Any]:
    return {"account": account.account_id, "name": account.name, "csrf": csrf}


@street_api.post("/photos")
def send_photo() -> Response:
    """One photo under the phone's own id: key, photo, at (its clock), lon, lat, covers ([[x, y, w, h], …])."""
    account = signed_in().account
    request.max_content_length = LARGEST + 100_000
    form, file = request.form, request.files.get("photo")
    told = Told(
        _key(form.get("key", "")),
        instant(form.get("at"), "at"),
        degrees(form.get("lon"), "lon", 180),
        degrees(form.get("lat"), "lat", 90),
    )
    if file is None:
        raise BadQuery("No photo was sent.", "Send it as the part `photo` of a multipart form.")
    settings: Settings = current_app.extensions["weathermap_settings"]
    with context().connect_primary() as connection:
        again = known_shot(connection, account, told.key) is not None
    made = develop_photo(file.stream, file.filename or told.key, read_patches(form.get("covers", "")))
    with context().begin() as connection:
        keep_shot(connection, settings, account, told, made)
    return jsonify({"key": told.key, "again": again, "sha256": made.sha256.hex()})


@street_api.get("/photos")
def loose_photos() -> Response:
    """What was shot and not sorted yet."""
    with context().connect_primary() as connection:
        rows = loose_shots(connection, signed_in().account)
    return jsonify({"photos": [{"key": r.key, "sha256": r.sha256.hex(), "at": iso(r.told_at)} for r in rows]})


@street_api.post("/visits")
def send_visit() -> Response:
    """One visit with its observations and the issues that its fails make."""
    visited = visited_of(_body())
    account, city = _who()
    try:
        with context().begin() as connection:
            return _stored(record_visit(connection, city, account, visited))
    except Meanwhile as error:
        return _conflict(error, "meanwhile", visits=error.seen, last=error.last)
    except Missing as error:
        return _conflict(error, "missing", photos=error.keys)
    except Elsewhere as error:
        return _conflict(error, "elsewhere")


@street_api.post("/issues")
def send_issue() -> Response:
    """One issue found on the way, outside a visit: {issue: {…}, point}."""
    body = _body()
    given = body if isinstance(body, dict) else {}
    found, point = found_of(given.get("issue")), str(given.get("point") or "")
    account, city = _who()
    try:
        with context().begin() as connection:
            return _stored(record_issue(connection, city, account, found, point))
    except Missing as error:
        return _conflict(error, "missing", photos=error.keys)


def _body() -> object:
    request.max_content_length = LONGEST_BODY
    try:
        return json.loads(request.get_data())
    except ValueError as error:
        raise BadQuery("The body is no JSON.", "Send it as the OpenAPI description shows it.") from error


def _key(text: str) -> str:
    if not 8 <= len(text) <= 64 or not text.isprintable():
        raise BadQuery(f"key={text[:40]!r} is no id.", "An id is a UUID that the sender makes.")
    return text


def _who() -> tuple[Account, City]:
    account = signed_in().account
    with context().connect_primary() as connection:
        return account, context().city(connection, catalog_of(connection, account))


def _stored(recorded: Recorded) -> Response:
    return jsonify({"again": recorded.again, "issues": dict(recorded.numbers)})


def _conflict(error: Missing | Meanwhile | Elsewhere, kind: str, **more: object) -> Response:
    """409, with what the phone shows."""
    body = {"title": "Changed meanwhile", "status": 409, "detail": error.what, "remedy": error.remedy, "conflict": kind}
    answer = jsonify({**body, "zh": error.zh, **more})
    answer.status_code = 409
    answer.mimetype = "application/problem+json"
    return answer
