"""The desk's form of a visit, into what the core takes."""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from flask import request
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage

from weathermap.city.pack import Standard
from weathermap.evidence.photos import Developed, develop_photo
from weathermap.people.accounts import Account
from weathermap.settings import Settings
from weathermap.visit.shots import Told, keep_shot
from weathermap.visit.sightings import RESULTS, Found, Observed, Visited
from web.problems import BadQuery

Photo = tuple[str, Developed]


def sent(field: str) -> list[Photo]:
    """The photos of a field, each under an id that follows from the form and its content. Raises PhotoRefused."""
    return [_photo(file) for file in request.files.getlist(field) if file.filename]


def _photo(file: FileStorage) -> Photo:
    made = develop_photo(file.stream, file.filename or "")
    return str(uuid5(NAMESPACE_URL, f"{request.form.get('key', '')} {made.sha256.hex()}")), made


def read_form(standards: tuple[Standard, ...], timezone: str) -> tuple[Visited, list[Photo]]:
    """The visit, and its photos. Raises PhotoRefused, BadQuery."""
    form = request.form
    photos = sent("photo")
    kept = [*photos]
    observed = []
    for standard in standards:
        result = form.get(f"result-{standard.code}", "")
        if result not in RESULTS:
            continue
        shown = sent(f"photo-{standard.code}") if result == "fail" else []
        kept += shown
        found = _found(standard, tuple(key for key, _ in shown)) if result == "fail" else None
        observed.append(Observed(standard.code, standard.edition, result, found=found))
    visited = Visited(
        key=form.get("key", ""),
        kind="round" if form.get("round") else form.get("kind", "patrol"),
        point=form.get("point", ""),
        start=_time("start", timezone),
        end=_time("end", timezone),
        observed=tuple(observed),
        note=form.get("note", "").strip(),
        photos=tuple(key for key, _ in photos),
        last=form.get("last", ""),
        round_id=form.get("round", None, int) or None,
    )
    return visited, kept


def _found(standard: Standard, photos: tuple[str, ...]) -> Found:
    form, code = request.form, standard.code
    return Found(
        key=str(uuid5(NAMESPACE_URL, f"{form.get('key', '')} {code}")),
        category=form.get(f"category-{code}", "") or standard.category,
        note=form.get(f"note-{code}", "").strip(),
        photos=photos,
        known=form.get(f"known-{code}", ""),
    )


def _time(name: str, timezone: str) -> datetime | None:
    text = request.form.get(name, "")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)) if text else None
    except ValueError as error:
        raise BadQuery(f"{name}={text!r} is no time.", "Choose it in the field.") from error


def keep_all(connection: Connection, settings: Settings, account: Account, photos: list[Photo]) -> None:
    """Store the photos of a form."""
    for key, made in photos:
        keep_shot(connection, settings, account, Told(key, None, None, None), made)
