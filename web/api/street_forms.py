"""What a phone sends, as JSON, into what the core takes: every value looked at, and named when it cannot be used."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from weathermap.visit.sightings import Found, Observed, Visited
from web.problems import BadQuery

Given = Mapping[str, Any]


def visited_of(body: object) -> Visited:
    """A visit. Raises BadQuery."""
    given = _object(body, "visit")
    return Visited(
        key=_text(given, "key", 64),
        kind=_text(given, "kind", 20) or "patrol",
        point=_text(given, "point", 60),
        start=instant(given.get("start"), "start"),
        end=instant(given.get("end"), "end"),
        observed=tuple(_observed(_object(one, "observed")) for one in _list(given, "observed")),
        note=_text(given, "note", 2_000),
        photos=_keys(given),
        last=None if given.get("last") is None else _text(given, "last", 200),
        round_id=_whole(given, "round"),
    )


def _observed(given: Given) -> Observed:
    found = given.get("issue")
    return Observed(
        standard=_text(given, "standard", 60),
        edition=_text(given, "edition", 60),
        result=_text(given, "result", 10),
        note=_text(given, "note", 2_000),
        photos=_keys(given),
        found=None if found is None else found_of(found),
    )


def found_of(body: object) -> Found:
    """A problem. Raises BadQuery."""
    given = _object(body, "issue")
    return Found(
        key=_text(given, "key", 64),
        category=_text(given, "category", 60),
        note=_text(given, "note", 2_000),
        lon=degrees(given.get("lon"), "lon", 180),
        lat=degrees(given.get("lat"), "lat", 90),
        error_m=degrees(given.get("accuracy"), "accuracy", 1e6),
        photos=_keys(given),
        known=_text(given, "known", 60),
    )


def instant(value: object, name: str) -> datetime | None:
    """An instant with its zone, as ISO 8601. Raises BadQuery."""
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadQuery(f"{name}={value!r} is no instant.", "Write it like 2026-11-25T08:30:00Z.") from error
    if found.tzinfo is None:
        raise BadQuery(f"{name}={value!r} has no zone.", "Write it like 2026-11-25T08:30:00Z.")
    return found


def degrees(value: object, name: str, most: float) -> float | None:
    """A number between −most and most. Raises BadQuery."""
    if value in (None, ""):
        return None
    try:
        found = float(str(value))
    except ValueError:
        found = math.nan
    if not abs(found) <= most:
        raise BadQuery(f"{name}={value!r} cannot be used.", f"A number of at most {most:g}.")
    return found


def _object(value: object, name: str) -> Given:
    if not isinstance(value, dict):
        raise BadQuery(f"{name} is no object.", "Send JSON as the OpenAPI description shows it.")
    return value


def _list(given: Given, name: str) -> Sequence[Any]:
    found = given.get(name) or []
    if not isinstance(found, list) or len(found) > 500:
        raise BadQuery(f"{name} is no list of at most 500.", "Send JSON as the OpenAPI description shows it.")
    return found


def _text(given: Given, name: str, most: int) -> str:
    found = given.get(name) or ""
    if not isinstance(found, str) or len(found) > most or "\x00" in found:
        raise BadQuery(f"{name} is no text of at most {most} characters.", "Shorten it.")
    return found.strip()


def _keys(given: Given) -> tuple[str, ...]:
    return tuple(_text({"photos": key}, "photos", 64) for key in _list(given, "photos"))


def _whole(given: Given, name: str) -> int | None:
    found = given.get(name)
    if found is not None and (isinstance(found, bool) or not isinstance(found, int) or not 0 < found < 2**31):
        raise BadQuery(f"{name}={found!r} is no id.", "Take it from the list.")
    return found
