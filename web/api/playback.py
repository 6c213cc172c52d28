"""GET /api/v1/playback: days or hours as frames for the time line; GET /api/v1/ahead: what is known to fall due."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, request

from weathermap.store.catalog import Catalog
from weathermap.tally.ahead import ahead
from weathermap.weather.board import period_start
from weathermap.weather.playback import Film, playback
from web.api.figures import named, subject_of
from web.api.query import OFFICIAL, as_known, instant, iso, number, window_end
from web.context import context
from web.problems import BadQuery

playback_api = Blueprint("playback_api", __name__, url_prefix="/api/v1")
DAYS, MOST_AHEAD = 30, 28
STEPS = ("day", "hour")


@playback_api.get("/playback")
def frames() -> Response:
    """The weather and the numbers of a level's areas at 08:00 of every day (or at every full hour) of a window, as
    columns; each frame equals /api/v1/weather at its instant. Areas that count nothing throughout are left out where
    there is no weather."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        film = film_of(args, catalog)
        found = playback(connection, catalog, film)
    body = {
        "city": catalog.code,
        "level": film.level,
        "parent": film.parent,
        "by": film.by,
        "as": "known" if film.known else "looked",
        "step": args.get("step") or "day",
        "from": iso(film.since or period_start(catalog)),
        "at": [iso(at) for at in film.steps],
        **found,
    }
    return packed(body)


def film_of(args: dict[str, str], catalog: Catalog) -> Film:
    """The film of a request: `from` and `to` are its first and last day. Raises BadQuery."""
    step = args.get("step") or "day"
    if step not in STEPS:
        raise BadQuery(f"step={step!r} is not known.", f"Use one of: {', '.join(STEPS)}.")
    now = datetime.now(UTC).replace(microsecond=0)
    end = min(window_end(args["to"], catalog.timezone), now) if args.get("to") else now
    start = instant(args["from"], "from", catalog.timezone) if args.get("from") else end - timedelta(days=DAYS - 1)
    if start > end:
        raise BadQuery(f"from={args.get('from')!r} lies after the end of the window.", "Exchange from and to.")
    level = args.get("level") or catalog.levels[min(1, len(catalog.levels) - 1)]
    steps = days_of(start, end, catalog.timezone) if step == "day" else hours_of(start, end)
    return Film(level, args.get("parent") or None, args.get("by") or "place", steps, None, as_known(args))


def days_of(start: datetime, end: datetime, timezone: str) -> tuple[datetime, ...]:
    """08:00 of each city-local day from that of `start` on, up to `end`."""
    zone = ZoneInfo(timezone)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    found = (
        datetime.combine(first + timedelta(days=k), OFFICIAL, zone).astimezone(UTC)
        for k in range((last - first).days + 1)
    )
    return tuple(at for at in found if at <= end)


def hours_of(start: datetime, end: datetime) -> tuple[datetime, ...]:
    """Every full hour from `start` to `end`."""
    first = -int(-start.timestamp() // 3600)
    return tuple(datetime.fromtimestamp(hour * 3600, UTC) for hour in range(first, int(end.timestamp() // 3600) + 1))


def packed(body: dict[str, Any]) -> Response:
    """As JSON, compressed where the client takes it; its ETag is made of the content, so it is never stale."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    small = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if small:
        headers["Content-Encoding"] = "gzip"
        text = gzip.compress(text, 5, mtime=0)
    answer = Response(text, mimetype="application/json", headers=headers)
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]


@playback_api.get("/ahead")
def ahead_days() -> Response:
    """How many issues not fed back yet fall due in the rest of today and in each of the next days, as of now."""
    args = request.args.to_dict()
    with context().connect() as connection:
        catalog = context().catalog(connection, args.get("city") or None)
        at = datetime.now(UTC).replace(microsecond=0)
        subject = subject_of(args, catalog, at)
        wanted = number(args, "days", 7, 1, MOST_AHEAD)
        days = ahead(connection, catalog.city_id, subject.id, at, wanted, catalog.timezone)
        for day in days:
            day |= {"from": iso(day["from"]), "to": iso(day["to"])}
        return jsonify({**named(subject), "at": iso(at), "days": days, "total": sum(day["falls_due"] for day in days)})
