"""The page of a task that was passed on: what, where, by when; it takes a photo and a few words, from any phone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy import Connection, select

from weathermap.errors import PhotoRefused, Refused, TaskOver, TooOften, UnknownName
from weathermap.evidence.photos import photos_of
from weathermap.issue.tasks import Task, answer_task, opened
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from web.context import context
from web.desk.photos import picture, sent_photos
from web.desk.story import story_of
from web.desk.time import Clock
from web.limit import Limit
from web.pages.account import language, page

task_pages = Blueprint("task_pages", __name__, url_prefix="/task")
MOST = 3  # photos of an answer
LARGEST = 80_000_000  # bytes of an answer
unknown, sent = Limit(20, 60.0), Limit(20, 600.0)  # links that never were, by address; answers, by link


@task_pages.get("/<secret>")
def show(secret: str) -> Response:
    """The task, or what became of it."""
    with context().begin() as connection:
        return _page(connection, _opened(connection, secret), secret)


@task_pages.post("/<secret>")
def answer(secret: str) -> Response:
    """Take the answer. What cannot be taken says why, and what was written stays."""
    request.max_content_length = LARGEST
    with context().begin() as connection:
        task = _opened(connection, secret)
        catalog = _catalog(connection, task)
        city = context().city(connection, catalog)
    if sent.full(secret):
        raise TooOften("Too many answers by this link.", "Wait ten minutes.", "此链接提交过于频繁，请十分钟后再试。")
    sent.mark(secret)
    settings: Settings = current_app.extensions["weathermap_settings"]
    kind, words = request.form.get("answer", ""), request.form.get("words", "")
    try:
        photos = sent_photos(MOST) if task.state == "open" else ()
        with context().begin() as connection:
            task = answer_task(connection, settings, city, secret, kind, words, photos)
    except (PhotoRefused, Refused) as error:
        with context().begin() as connection:
            return _page(connection, _opened(connection, secret), secret, error.said(language()), words, 400)
    except TaskOver:
        pass  # sent twice, or taken back meanwhile: the page says which
    with context().begin() as connection:
        return _page(connection, _opened(connection, secret), secret)


@task_pages.get("/<secret>/photo/<digest>/<which>")
def photo(secret: str, digest: str, which: str) -> Response:
    """A photo of this task's issue, as it is shown."""
    with context().begin() as connection:
        task = _opened(connection, secret)
        known = {row.sha256.hex() for row in photos_of(connection, task.issue.issue_id)}
    if digest not in known or task.state not in ("open", "answered"):
        raise UnknownName(f"There is no photo {digest} here.", "Load the task anew.")
    return picture(digest, which)


def _opened(connection: Connection, secret: str) -> Task:
    address = request.remote_addr or ""
    if unknown.full(address):
        raise TooOften("Too many links that do not exist.", "Wait a minute.", "尝试过于频繁，请稍候一分钟。")
    try:
        return opened(connection, secret)
    except UnknownName:
        unknown.mark(address)
        raise


def _catalog(connection: Connection, task: Task) -> Catalog:
    code = connection.execute(select(t.city.c.code).where(t.city.c.city_id == task.link.city_id)).scalar_one()
    return context().catalog(connection, code)


def _page(
    connection: Connection, task: Task, secret: str, error: str = "", words: str = "", status: int = 200
) -> Response:
    """What the task is while it is open, else what to do."""
    lang = language()
    catalog = _catalog(connection, task)
    clock = Clock(catalog.timezone, lang, datetime.now(UTC))
    unit = next((place for place in catalog.units if place.id == task.link.unit_id), None)
    given: dict[str, Any] = {
        "city": (catalog.name_en if lang == "en" else catalog.name) or catalog.name,
        "unit": unit and ((unit.name_en if lang == "en" else unit.name) or unit.name),
        "other": f"/task/{secret}?lang={'zh' if lang == 'en' else 'en'}",
        "demo": catalog.demo is not None,
    }
    if task.state == "open":
        city = context().city(connection, catalog)
        given["told"] = story_of(connection, city, catalog, task.issue.number, clock, lang)
        given["instruction"] = _instruction(connection, task)
    answer = page(
        "task",
        status,
        task=task,
        link=task.link,
        secret=secret,
        clock=clock,
        error=error,
        words=words,
        most=MOST,
        **given,
    )
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _instruction(connection: Connection, task: Task) -> str:
    e = t.issue_event.c
    asked = select(e.data).where(e.issue_id == task.link.issue_id, e.seq == task.link.seq)
    return str(json.loads(connection.execute(asked).scalar_one()).get("note", ""))
