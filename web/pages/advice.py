"""What is odd about an issue's photos, for who checks it: fetched beside its page, which need not wait for it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template
from sqlalchemy import select

from weathermap.errors import UnknownName
from weathermap.evidence.advice import Doubt, doubts_of
from weathermap.evidence.reused import Known
from weathermap.people.bounds import check_moved
from weathermap.settings import Settings
from weathermap.store import tables as t
from web.auth import signed_in
from web.context import context
from web.desk.frame import catalog_of
from web.pages.account import language

advice_pages = Blueprint("advice_pages", __name__, url_prefix="/desk")
WORDS = {
    "far": ("拍摄地点离问题 {m} 米", "Taken {m} m from the issue"),
    "old": ("拍于 {at}，早于上报 30 天以上", "Taken {at}, more than 30 days before the report"),
    "early": ("拍于 {at}，早于上报", "Taken {at}, before the report"),
    "same": ("与整改前的照片是同一张", "The same picture as before the work"),
    "used": ("与 {n} 的照片是同一张", "The same picture as on {n}"),
}
HEAD = ("照片可信度提示", "About these photos")
CLEAR = (
    "看过 {n} 张照片：地点、时间、是否用过，没有发现可疑之处。",
    "{n} photos looked at for place, time and use before: nothing odd.",
)
HINT = ("只是提示，由核查人判断。", "A hint; the checker decides.")


@advice_pages.get("/issue/<number>/advice")
def advice(number: str) -> Response:
    """A part of the issue's page. Raises UnknownName."""
    account, at = signed_in().account, 1 if language() == "en" else 0
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
    lines = [(one, _said(one, at)) for one in doubts]
    said = {"head": HEAD[at], "hint": HINT[at], "clear": CLEAR[at].format(n=seen), "lang": ("zh", "en")[at]}
    return Response(render_template("desk/advice.html", lines=lines, seen=seen, **said))


def _said(one: Doubt, at: int) -> str:
    when = f"{one.when:%Y-%m-%d %H:%M}" if one.when else ""
    return WORDS[one.what][at].format(m=f"{one.metres:,.0f}", at=when, n=one.number)
