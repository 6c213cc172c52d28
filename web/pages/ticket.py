"""A citizen's ticket: where it stands, photos before and after, and the question whether it was really fixed."""

from __future__ import annotations

import io
from typing import Any

import segno
from flask import Blueprint, Response, current_app, redirect, request
from sqlalchemy import Connection, Row

from weathermap.errors import IllegalMove, Refused, UnknownName
from weathermap.evidence.develop import SIZES
from weathermap.people.reporters import plain_phone
from weathermap.settings import Settings
from weathermap.snap.tickets import answer, find_by_phone, find_ticket
from web.context import context
from web.desk.photos import picture
from web.pages.account import language
from web.pages.snap import snap_page
from web.snap.asking import snap_city
from web.snap.limits import client_address, limits
from web.snap.telling import tell
from web.snap.words import said_by_page, words

ticket_pages = Blueprint("ticket_pages", __name__, url_prefix="/snap")


@ticket_pages.get("/t/<secret>")
def ticket(secret: str) -> Response:
    """The ticket of a private link."""
    return _ticket_page(secret)


@ticket_pages.post("/t/<secret>")
def say(secret: str) -> Response:
    """The citizen's answer; an unhappy one asks for reopening."""
    fixed = request.form.get("fixed", "")
    with context().connect_primary() as connection:
        try:
            found = find_ticket(connection, secret)
        except UnknownName:
            return _gone()
        city = context().city(connection, context().catalog(connection, found.city))
    try:
        with context().begin() as connection:
            if fixed not in ("yes", "no"):
                raise IllegalMove("Nothing was answered.")
            answer(connection, city, found, fixed == "yes", request.form.get("words", ""))
    except (IllegalMove, Refused) as error:
        return _ticket_page(secret, "t_long" if isinstance(error, Refused) else "t_answered", 409)
    return redirect(f"/snap/t/{secret}{'?lang=en' if language() == 'en' else ''}", 303)  # type: ignore[return-value]


def _ticket_page(secret: str, trouble: str = "", status: int = 200) -> Response:
    lang = language()
    w = words(lang)
    with context().connect_primary() as connection:
        try:
            found = find_ticket(connection, secret)
        except UnknownName:
            return _gone()
        catalog = context().catalog(connection, found.city)
        told = tell(connection, catalog, found, lang)
    return snap_page(
        "ticket",
        catalog,
        status,
        secret=secret,
        ticket=found,
        told=told,
        link=_link(secret),
        error=getattr(w, trouble) if trouble else "",
        refused=[f"{name} {getattr(w, f'p_{reason}')}" for name, reason in found.refused],
        said=said_by_page(lang),
    )


def _gone() -> Response:
    if limits().find.wait(client_address()):
        return snap_page("gone", None, 429)
    return snap_page("gone", None, 404)


def _link(secret: str) -> str:
    """The whole address of a private link, as the citizen's browser reached this server."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    root = request.host_url
    return f"{root.replace('http://', 'https://', 1) if settings.https else root}snap/t/{secret}"


@ticket_pages.get("/t/<secret>/code.png")
def code(secret: str) -> Response:
    """The link as a QR code."""
    with context().connect_primary() as connection:
        find_ticket(connection, secret)
    kept = io.BytesIO()
    segno.make(_link(secret), error="m", micro=False).save(kept, kind="png", scale=6, border=3)
    return Response(kept.getvalue(), mimetype="image/png", headers={"Cache-Control": "private, max-age=86400"})


@ticket_pages.get("/t/<secret>/photo/<digest>/<which>")
def ticket_photo(secret: str, digest: str, which: str) -> Response:
    """A photo that stands on this ticket, and no other."""
    with context().connect_primary() as connection:
        found = find_ticket(connection, secret)
        if which not in SIZES or not _on_ticket(connection, found, digest):
            raise UnknownName("There is no such photo on this ticket.", "Load the ticket again.")
    return picture(digest, which)


def _on_ticket(connection: Connection, found: Row[Any], digest: str) -> bool:
    told = tell(connection, context().catalog(connection, found.city), found, "zh")
    return digest in {one.digest for one in (*told.before, *told.after)}


@ticket_pages.get("/find")
def find_page() -> Response:
    """The form to find a ticket by telephone and word."""
    return _find_page()


@ticket_pages.post("/find")
def find() -> Response:
    """Lead to the tickets of a telephone number whose word is right. Tries are counted, for a number is no secret."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    phone, said = request.form.get("phone", ""), request.form.get("code", "").strip()
    try:
        number = plain_phone(phone)
    except Refused:
        return _find_page("t_phone", 400)
    wait = limits().find.wait(client_address()) or limits().find_phone.wait(number)
    if wait:
        return _find_page("t_busy", 429, max(1, round(wait / 60)))
    with context().begin() as connection:
        catalog = snap_city(connection, request.form.get("city") or None)
        secrets = find_by_phone(connection, settings, catalog.city_id, number, said)
        rows = [(secret, find_ticket(connection, secret)) for secret in secrets]
        found = [(secret, tell(connection, catalog, row, language()), row) for secret, row in rows]
    if not found:
        return _find_page("find_none", 404)
    return snap_page("found", catalog, found=found)


def _find_page(trouble: str = "", status: int = 200, minutes: int = 0) -> Response:
    error = getattr(words(language()), trouble).format(m=minutes) if trouble else ""
    with context().connect() as connection:
        try:
            catalog = snap_city(connection, request.args.get("city") or None)
        except UnknownName:
            return snap_page("closed", None, 404)
    return snap_page("find", catalog, status, error=error, values=request.form, code=catalog.code)
