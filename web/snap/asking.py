"""From a citizen's form to what is taken in: which city, where, which photos, and what is odd about it."""

from __future__ import annotations

import json
import math
import re
import time
from dataclasses import dataclass
from uuid import UUID, uuid4

from flask import request
from sqlalchemy import Connection, select

from weathermap.errors import PhotoRefused, Refused, UnknownName
from weathermap.evidence.photos import Developed, develop_photo, read_patches
from weathermap.people.reporters import plain_phone
from weathermap.snap.reports import CODE, WORDS, Sent
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from web.context import context

PHOTOS = 3
HASTE_S = 2.0  # nobody takes a photo and sends it in less
LINKS = re.compile(r"https?:|www\.", re.I)
FAR_M = 5_000.0  # a phone that knows no better than this does not know where it is


@dataclass(frozen=True)
class Trouble(Exception):
    """Why a form cannot be taken: the name of a word of web.snap.words, and what fills it."""

    word: str
    status: int = 400
    given: tuple[tuple[str, object], ...] = ()


def snap_city(connection: Connection, code: str | None) -> Catalog:
    """The city of a request, or the first that takes citizens' reports. Raises UnknownName where none does."""
    codes = [code] if code else connection.execute(select(t.city.c.code).order_by(t.city.c.city_id)).scalars().all()
    for known in codes:
        catalog = context().catalog(connection, known)
        if takes_snaps(catalog):
            return catalog
    raise UnknownName("No city here takes reports from citizens.", "See snap_categories in the pack's city.toml.")


def takes_snaps(catalog: Catalog) -> bool:
    """Whether a city's pack opens /snap."""
    return bool(catalog.config.get("snap_categories"))


def map_open(catalog: Catalog) -> bool:
    """Whether a map may be shown to anyone: with its review number (审图号), or where all is a demo."""
    return catalog.reviewed or catalog.demo is not None


def read_form() -> Sent:
    """What the form holds; photos that cannot be used are left out and named. Raises Trouble."""
    form = request.form
    words, phone, code = (form.get(name, "").strip() for name in ("words", "phone", "code"))
    if len(words) > WORDS:
        raise Trouble("t_long")
    if phone:
        try:
            plain_phone(phone)
        except Refused as error:
            raise Trouble("t_phone") from error
        if code and not CODE[0] <= len(code) <= CODE[1]:
            raise Trouble("t_code")
    photos, refused = _photos()
    follow = form.get("follow", "")[:60]
    if not photos and not words and not follow:
        raise Trouble("t_photos", given=(("why", refused),)) if refused else Trouble("t_nothing")
    lon, lat, error_m, place_from = _place(photos)
    return Sent(
        client=_client(form.get("client", "")),
        lon=lon,
        lat=lat,
        error_m=error_m,
        place_from=place_from,
        words=words,
        category=form.get("category", ""),
        follow=follow,
        photos=tuple(photos),
        refused=tuple(refused),
        phone=phone,
        code=code,
        suspect=_suspect(words),
    )


def _photos() -> tuple[list[Developed], list[tuple[str, str]]]:
    sent = [file for file in request.files.getlist("photo") if file.filename]
    good: list[Developed] = []
    refused = [((file.filename or "")[:80], "many") for file in sent[PHOTOS:]]
    for file, patches in zip(sent[:PHOTOS], _covers(), strict=False):
        try:
            good.append(develop_photo(file.stream, file.filename or "", read_patches(json.dumps(patches))))
        except PhotoRefused as error:  # the report survives
            refused.append(((file.filename or "")[:80], error.reason))
    return good, refused


def _covers() -> list[object]:
    """What is to be covered on each photo, in their order; nothing where the page says nothing. Raises Trouble."""
    text = request.form.get("covers", "")
    try:
        told = json.loads(text) if text else []
    except ValueError:
        told = None
    if not isinstance(told, list):
        raise Trouble("t_covers")
    return [*told, *[[]] * PHOTOS]


def _place(photos: list[Developed]) -> tuple[float | None, float | None, float, str]:
    """(longitude, latitude, error in metres, where it comes from): the form's, else what a photo says of itself."""
    form, unknown = request.form, float("nan")
    lon, lat = _number(form.get("lon", ""), 180), _number(form.get("lat", ""), 90)
    if lon is not None and lat is not None:
        place_from = form.get("place_from", "")
        error_m = _number(form.get("accuracy", ""), 1e6) if place_from == "phone" else None
        if error_m is not None and not 0 <= error_m <= FAR_M:
            return None, None, unknown, "none"
        return lon, lat, unknown if error_m is None else error_m, place_from if place_from in PLACED else "pin"
    for photo in photos:
        if "lon" in photo.head:
            return float(photo.head["lon"]), float(photo.head["lat"]), unknown, "photo"
    return None, None, unknown, "none"


PLACED = ("photo", "phone", "pin")


def _number(text: str, most: float) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) <= most else None


def position_asked() -> tuple[float, float] | None:
    """?lon= and ?lat= of a request, degrees; None for what is no position."""
    lon, lat = _number(request.args.get("lon", ""), 180), _number(request.args.get("lat", ""), 90)
    return None if lon is None or lat is None else (lon, lat)


def _client(text: str) -> UUID:
    """The id that the page made. One that is none gets a new one: sent twice, it is then kept twice, and not lost."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def _suspect(words: str) -> str:
    """'' or what makes it look like mischief: the trap filled in, sent faster than anyone types, links."""
    if request.form.get("website"):
        return "trap"
    if LINKS.search(words):
        return "links"
    begun = _number(request.form.get("begun", ""), 1e12)
    return "haste" if begun is not None and 0 <= time.time() - begun < HASTE_S else ""
