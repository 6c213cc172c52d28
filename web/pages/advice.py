"""What is odd about an issue's photos, for who checks it: fetched beside its page, which need not wait for it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request
from sqlalchemy import select

from weathermap.errors import UnknownName
from weathermap.evidence.advice import doubts_of
from weathermap.evidence.reused import Known
from weathermap.people.bounds import check_moved
from weathermap.settings import Settings
from weathermap.store import tables as t
from web.auth import signed_in
from web.context import context
from web.desk.frame import catalog_of
from web.desk.marks import Mark, doubt_mark, scene_marks
from web.pages.account import language

advice_pages = Blueprint("advice_pages", __name__, url_prefix="/desk")
HEAD = ("照片可信度提示", "About these photos")
CLEAR = (
    "看过 {n} 张照片的地点、时间、是否用过：没有可疑之处。",
    "{n} photos looked at for place, time and use before: nothing odd.",
)
ORDER = ("same", "early", "far", "old", "used")  # the weightiest first
SHORT = 4  # lines beside a pair
REST = ("另有 {n} 条提示，见问题页", "{n} more hints on the issue's page")
HINT = ("只是提示，由核查人判断。", "A hint; the checker decides.")


@advice_pages.get("/issue/<number>/advice")
def advice(number: str) -> Response:
    """A part of the issue's page; with ?short of the page that puts photos side by side. Raises UnknownName."""
    account, lang = signed_in().account, language()
    at = 1 if lang == "en" else 0
    settings: Settings = current_app.extensions["weathermap_settings"]
    known: Known = current_app.extensions.setdefault("weathermap_prints", Known())
    i = t.issue.c
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        asked = select(i.issue_id, i.places).where(i.number == number, i.city_id == catalog.city_id)
        row = connection.execute(asked).first()
        if row is None:
            raise UnknownName(f"There is no issue {number}.", "Numbers are written CITY-YYYYMMDD-NNNNNN.")
        check_moved(context().city(connection, catalog), account, row.places, number)
        seen, doubts = doubts_of(connection, settings, known, row.issue_id, catalog.timezone)
        doubts.sort(key=lambda one: ORDER.index(one.what))
        marks = [doubt_mark(one, lang) for one in doubts]
        short = "short" in request.args  # beside the pair, which has told of the scene
        if not short:
            marks = [*scene_marks(connection, row.issue_id, lang), *marks]
        elif len(marks) > SHORT:
            rest = Mark(REST[at].format(n=len(marks) - SHORT + 1), "quiet", number=number)
            marks = [*marks[: SHORT - 1], rest]
    said = {"head": HEAD[at], "hint": HINT[at], "clear": CLEAR[at].format(n=seen), "lang": lang, "short": short}
    return Response(render_template("desk/advice.html", marks=marks, seen=seen, doubted=bool(doubts), **said))
