"""Making moves from the desk: each issue is answered, and what could not be done says why."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, request
from sqlalchemy import Connection

from weathermap.errors import PhotoRefused, Refused, WeathermapError
from weathermap.issue.given import Part, Wish
from weathermap.issue.hands import Answer, make_moves
from weathermap.issue.tasks import pass_on, send_back, take_back
from weathermap.people.access_log import note
from weathermap.people.accounts import Account
from weathermap.settings import Settings
from weathermap.store.registry import City
from web.auth import signed_in
from web.context import context
from web.desk.photos import sent_photos
from web.desk.qr import link_of, picture_of
from web.desk.time import until_of
from web.pages.account import language, page
from web.pages.desk import bar_of, catalog_of

move_pages = Blueprint("move_pages", __name__, url_prefix="/desk")
MOST = 500


@move_pages.post("/moves")
def make() -> Response:
    """Make a move on the issues chosen; each is answered, and what could not be done says why."""
    found = signed_in()
    move = request.form.get("move", "")
    pairs = [entry.rpartition("@") for entry in request.form.getlist("issue")]
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, found.account)
        city = context().city(connection, catalog)
    try:
        photos = sent_photos()
    except PhotoRefused as error:  # nothing is moved without its evidence; what was written stays in the form
        return _answer(move, [], [Answer(Wish(pair[0], -1, move), error) for pair in pairs[:1]])
    form = request.form
    wishes = [
        Wish(
            number=number,
            seq=_number(seq, -1),
            move=move,
            note=form.get("note", ""),
            until=until_of(form.get("until", ""), catalog.timezone),
            unit=form.get("unit", ""),
            photos=photos,
            into=form.get("into", "").strip(),
            parts=_parts(),
            evidence=_number(form.get("evidence", ""), 0),
            category=form.get("category", ""),
            by="photo" if form.get("by") == "photo" else "",
        )
        for number, _, seq in pairs[:MOST]
    ]
    secret = ""
    with context().begin() as connection:
        answers, secret = _made(connection, city, found.account, wishes, move)
        done = [answer for answer in answers if answer.error is None]
        for answer in done:
            note(connection, found.account, answer.wish.move, answer.wish.number, request.remote_addr or "")
    if secret:
        link = link_of(secret)
        given = {"to": form.get("to", "").strip(), "until": form.get("until", ""), "number": done[0].wish.number}
        bar = bar_of(found.account, catalog)
        told = {"link": link, "picture": picture_of(link), "back": _target(), "done": f"form-{move}", "address": link}
        return page("task_made", **bar, **given, **told)
    return _answer(move, done, [answer for answer in answers if answer.error is not None])


def _made(
    connection: Connection, city: City, account: Account, wishes: list[Wish], move: str
) -> tuple[list[Answer], str]:
    """What came of each, and the secret of a task's link where one was passed on."""
    settings: Settings = current_app.extensions["weathermap_settings"]
    if not wishes:
        return [], ""
    task = _number(request.form.get("task", ""), 0)
    alone = Refused("A task belongs to one issue.", "Do it on that issue's page.", "二次派遣逐件办理，请在问题页面办。")
    rest = [Answer(wish, alone) for wish in wishes[1:]]
    if move == "pass_on":
        answer, secret = pass_on(connection, settings, city, account, wishes[0], request.form.get("to", ""))
        return [answer, *rest], secret
    if move in ("take_back", "send_back"):
        act = take_back if move == "take_back" else send_back
        return [act(connection, settings, city, account, wishes[0], task), *rest], ""
    return make_moves(connection, settings, city, account, wishes), ""


def _parts() -> tuple[Part, ...]:
    """The parts that a form names: rows without a unit are left out."""
    form = request.form
    rows = zip(form.getlist("part_category"), form.getlist("part_unit"), form.getlist("part_note"), strict=False)
    return tuple(Part(category, unit, text) for category, unit, text in rows if unit)


def _target() -> str:
    target = request.form.get("back", "/desk")
    return target if target.startswith("/desk") else "/desk"


def _answer(move: str, done: list[Answer], refused: list[Answer]) -> Response:
    """Back to where it was asked, with what came of it in the address."""
    target, lang = _target(), language()
    told: dict[str, object] = {"moved": move, "n": len(done)} if done else {}
    if done and "/issue/" in target:
        told["did"] = f"form-{move}"
    if refused:
        told["refused"] = " ".join(_why(one, lang) for one in refused[:5])
    separator = "&" if "?" in target else "?"
    return _to(f"{target}{separator}{urlencode(told)}" if told else target)


def _why(one: Answer, lang: str) -> str:
    error: WeathermapError | None = one.error
    text = error.said(lang) if error else ""
    return text if one.wish.number in text else f"{one.wish.number}: {text}"


def _number(text: str, other: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else other


def _to(target: str) -> Response:
    return redirect(target, 303)  # type: ignore[return-value]
