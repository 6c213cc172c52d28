"""GET /desk/issue/<number>/file.pdf: the file of one case, as its page tells it at this instant."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, request, send_file
from sqlalchemy import Connection, select

from etl.export.case_file import case_file
from weathermap.evidence.photos import copy_of
from weathermap.issue.workflow import STATES
from weathermap.people.access_log import note
from weathermap.settings import Settings
from weathermap.store import tables as t
from web.auth import signed_in
from web.bounds import check_issue
from web.context import context
from web.desk.story import Story, story_of
from web.desk.time import Clock
from web.desk.words import words
from web.pages.account import language
from web.pages.desk import catalog_of

case_pages = Blueprint("case_pages", __name__, url_prefix="/desk")
SHOWN = 8  # photos of each side


@case_pages.get("/issue/<number>/file.pdf")
def file(number: str) -> Response:
    """One issue as PDF."""
    account, lang = signed_in().account, language()
    settings: Settings = current_app.extensions["weathermap_settings"]
    with context().connect_primary() as connection:
        catalog = catalog_of(connection, account)
        city = context().city(connection, catalog)
        clock = Clock(catalog.timezone, lang, datetime.now(UTC))
        told = story_of(connection, city, catalog, number, clock, lang)
        demo = {"zh": "演示数据，非实际情况", "en": "demo data, not real events"}[lang] if catalog.demo else ""
        check_issue(catalog, told.issue.places, number)
        data = told_of(told, clock, lang) | {"demo": demo, "seal": _seal(connection, told, lang)}
    photos = [copy_of(settings, bytes.fromhex(photo.digest), "shown") for _, photo in _photos(told, lang)]
    made = case_file(data, str(told.map or ""), photos)
    with context().begin() as connection:
        note(connection, account, "case file", number, request.remote_addr or "")
    name = f"{number}_{'案卷' if lang == 'zh' else 'case-file'}.pdf"
    answer = send_file(io.BytesIO(made), "application/pdf", download_name=name, max_age=None)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _photos(told: Story, lang: str) -> list[tuple[str, Any]]:
    w = words(lang)
    sides = ((w.before_photo, told.before), (w.after_photo, told.after))
    return [(name, photo) for name, photos in sides for photo in photos[:SHOWN]]


def told_of(told: Story, clock: Clock, lang: str) -> dict[str, Any]:
    """The story as the template is given it."""
    w, zh, term = words(lang), lang == "zh", told.term
    trace = []
    for s in term.stretches:
        spans = "".join(f" {clock.clock(low)}–{clock.clock(high)}" for low, high in s.spans)
        days = clock.day(s.first) + (f" – {clock.day(s.last)}" if s.last != s.first else "")
        worked = clock.office(s.worked) if s.worked else w.not_counted
        trace.append([f"{days}{spans}{' *' if s.provisional else ''}", worked, bool(s.worked)])
    state = STATES[told.issue.state][not zh]
    return {
        "lang": lang,
        "number": told.issue.number,
        "title": f"{told.category}{'，' if zh else ', '}{state if zh else state.lower()}",
        "place": told.place,
        "stamp": f"{'数据时刻' if zh else 'As of'} {clock.now:%Y-%m-%d %H:%M:%S}",
        "words": {
            name: getattr(w, name)
            for name in ("fixes", "place", "no_place", "receipt", "trace", "story", "custody", "photos")
        },
        "fixes": [list(fix) for fix in told.fixes],
        "receipt": told.receipt,
        "photos": [[name, photo.what] for name, photo in _photos(told, lang)],
        "trace": trace,
        "trace_sum": f"{w.used} {clock.office(term.used)} / {clock.office(term.allowed)}" if trace else "",
        "held": [[part.name, clock.office(part.worked)] for part in term.sums if part.worked],
        "steps": [[s.at, s.name, " ".join(word for word in (s.who, s.note) if word)] for s in reversed(told.steps)],
    }


def _seal(connection: Connection, told: Story, lang: str) -> str:
    """The head of the issue's chain, by which the file can be held against the store."""
    e = t.issue_event.c
    chosen = select(e.seq, e.hash).where(e.issue_id == told.issue.issue_id).order_by(e.seq.desc()).limit(1)
    row = connection.execute(chosen).one()
    chain = bytes(row.hash).hex()
    return f"事件链第 {row.seq} 环：{chain}" if lang == "zh" else f"Event chain, link {row.seq}: {chain}"
