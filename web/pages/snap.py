"""Citizens report: a photo, where it is, a word if they like; no account, and no script needed to send."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request
from sqlalchemy import Connection, select
from werkzeug.exceptions import NotFound, TooManyRequests

from weathermap.errors import StoreError, UnknownName
from weathermap.issue.workflow import OPEN
from weathermap.settings import Settings
from weathermap.snap.near import issues_near, place_of
from weathermap.snap.reports import take_snap
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from weathermap.store.people_tables import photo
from weathermap.store.sql import query
from web.context import context
from web.desk.photos import picture
from web.desk.time import Clock
from web.pages.account import language
from web.pages.built import LANGUAGES, assets, policy
from web.snap.asking import Trouble, map_open, position_asked, read_form, snap_city
from web.snap.limits import client_address, limits
from web.snap.sketch import FARTHEST_M, NEAREST_M, Window, sketch
from web.snap.words import said_by_page, words

snap_pages = Blueprint("snap_pages", __name__, url_prefix="/snap")
# where a problem nearby stands, for who has not reported it
KNOWN = {
    "reported": ("已收到", "received"),
    "handling": ("处理中", "being dealt with"),
    "to_check": ("等复查", "being checked"),
    "suspended": ("暂缓", "put off"),
}
ENTRY = "src/snap/main.ts"


def snap_page(template: str, catalog: Catalog | None, status: int = 200, **given: object) -> Response:
    """A citizens' page. Its letters are the phone's own: web fonts would be heavier than all the rest."""
    lang = language()
    built = assets(ENTRY)
    html = render_template(
        f"snap/{template}.html",
        lang=lang,
        html_lang=LANGUAGES[lang],
        w=words(lang),
        styles=built["styles"][:-1],
        script=built["script"],
        preloads=built["preloads"],
        city=catalog and ((catalog.name_en if lang == "en" else catalog.name) or catalog.name),
        demo=catalog is not None and catalog.demo is not None,
        **given,
    )
    content = policy("").replace("form-action 'none'", "form-action 'self'")
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": content,
        "Referrer-Policy": "no-referrer",  # a private link is told to nobody
        "X-Robots-Tag": "noindex",
    }
    return Response(html, status, headers=headers)


@snap_pages.get("")
def form() -> Response:
    """The form; a page that says so where no city takes citizens' reports."""
    with context().connect() as connection:
        try:
            catalog = snap_city(connection, request.args.get("city") or None)
        except UnknownName:
            return snap_page("closed", None, 404)
        return form_page(connection, catalog)


def form_page(connection: Connection, catalog: Catalog, error: str = "", status: int = 200) -> Response:
    """The form, with what was written in it."""
    lang, c = language(), t.category.c
    chosen = list(catalog.config["snap_categories"])
    rows = connection.execute(select(t.category).where(c.city_id == catalog.city_id, c.code.in_(chosen))).all()
    kinds = sorted(rows, key=lambda row: chosen.index(row.code))
    extent = connection.execute(query("city_extent"), {"city_id": catalog.city_id}).one()
    note = catalog.config["schematic_note"] if catalog.config["schematic"] else ("", "")
    return snap_page(
        "form",
        catalog,
        status,
        code=catalog.code,
        kinds=[(row.code, (row.name_en if lang == "en" else row.name) or row.name) for row in kinds],
        client=request.form.get("client") or str(uuid4()),
        begun=request.form.get("begun") or int(time.time()),
        error=error,
        values=request.form,
        said=json.dumps(said_by_page(lang), ensure_ascii=False),
        map=map_open(catalog),
        bbox=json.dumps([extent.west, extent.south, extent.east, extent.north]),
        note=note[1 if lang == "en" else 0],
        review=catalog.config["review_number"],
        public=catalog.reviewed,
    )


@snap_pages.post("")
def send() -> Response:
    """Take it in and lead to its ticket. What cannot be taken says why, and nothing that was written is lost."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    with context().connect_primary() as connection:
        catalog = snap_city(connection, request.form.get("city") or None)
        city = context().city(connection, catalog)
        try:
            _check_rate()
            sent = read_form()
        except Trouble as trouble:
            return _refuse(connection, catalog, trouble)
    try:
        with context().begin() as connection:
            secret = take_snap(connection, settings, city, sent)
    except StoreError:
        with context().connect_primary() as connection:
            return _refuse(connection, catalog, Trouble("t_store", 503))
    target = f"/snap/t/{secret}{'?lang=en' if language() == 'en' else ''}"
    if _wants_json():
        return jsonify({"ticket": target})
    return redirect(target, 303)  # type: ignore[return-value]


def _check_rate() -> None:
    wait = limits().send.wait(client_address()) or limits().send_all.wait("")
    if wait:
        raise Trouble("t_busy", 429, (("m", max(1, round(wait / 60))),))


def _refuse(connection: Connection, catalog: Catalog, trouble: Trouble) -> Response:
    w = words(language())
    given: dict[str, Any] = dict(trouble.given)
    if "why" in given:
        given["why"] = "；".join(f"{name} {getattr(w, f'p_{reason}')}" for name, reason in given["why"])
    said = getattr(w, trouble.word).format(**given)
    if _wants_json():
        answer = jsonify({"error": said})
        answer.status_code = trouble.status
        return answer
    return form_page(connection, catalog, said, trouble.status)


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


@snap_pages.get("/near")
def near() -> Response:
    """Where ?lon= ?lat= lies, in words, and what is known around it."""
    _check_looks()
    lang, spot = language(), position_asked()
    if spot is None:
        raise NotFound("No position was given.")
    with context().connect() as connection:
        catalog = snap_city(connection, request.args.get("city") or None)
        city = context().city(connection, catalog)
        places = place_of(city, catalog, *spot)
        rows = issues_near(connection, catalog.city_id, *spot)
    clock, which = Clock(catalog.timezone, lang, datetime.now(UTC)), lang == "en"
    answer = jsonify(
        {
            "inside": bool(places),
            "place": (", " if which else " ").join((p.name_en if which else p.name) or p.name for p in places),
            "near": [
                {
                    "number": row.number,
                    "name": (row.name_en if which else row.name) or row.name,
                    "when": clock.at(row.reported_at),
                    "state": KNOWN[row.state][which],
                    "metres": round(row.metres),
                    "photo": f"/snap/photo/{row.photo}" if row.photo else "",
                }
                for row in rows
            ],
        }
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@snap_pages.get("/map")
def small_map() -> Response:
    """The map around ?lon= ?lat=, ?reach= metres from its middle to its edges, as SVG."""
    _check_looks()
    spot, reach = position_asked(), request.args.get("reach", 400.0, float)
    if spot is None or not NEAREST_M <= reach <= FARTHEST_M or abs(spot[1]) > 85:
        raise NotFound("No position was given.")
    with context().connect() as connection:
        catalog = snap_city(connection, request.args.get("city") or None)
        if not map_open(catalog):
            catalog.check_published()
        drawn = sketch(connection, catalog, Window(*spot, reach), language())
    return Response(drawn, mimetype="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"})


@snap_pages.get("/photo/<digest>")
def near_photo(digest: str) -> Response:
    """A small picture of a problem nearby that the office has taken up; no other photo is shown to everyone."""
    _check_looks()
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise NotFound("There is no such photo.")
    p, i = photo.c, t.issue.c
    filed = select(p.issue_id).join(t.issue, i.issue_id == p.issue_id)
    filed = filed.where(p.sha256 == bytes.fromhex(digest), p.seq == 1, i.state.in_(OPEN))
    with context().connect() as connection:
        if connection.execute(filed.limit(1)).first() is None:
            raise NotFound("There is no such photo.")
    return picture(digest, "thumb")


def _check_looks() -> None:
    if limits().look.wait(client_address()):
        raise TooManyRequests("Too many at once; try again in a minute.")
