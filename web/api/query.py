"""Reading a request's parameters: each is checked once, here, and named in the error when it will not do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from weathermap.store.catalog import Catalog, Place
from web.problems import BadQuery

OFFICIAL = time(8)  # the official colour of a day is that of 08:00
FIRST, LAST = 1970, 2200
WINDOWS = ("today", "yesterday", "this_week", "last_week", "this_month", "last_month")


def instant(text: str, name: str, zone: str) -> datetime:
    """An ISO instant; a naive one, and a bare date (its 00:00), take the city's zone. Raises BadQuery."""
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign in a URL arrives as a blank
    except ValueError as error:
        raise BadQuery(
            f"{name}={text!r} is no date or instant.", "Write 2026-11-23 or 2026-11-23T09:42:00+08:00."
        ) from error
    if not FIRST <= found.year <= LAST:
        raise BadQuery(f"{name}={text!r}: the year must lie between {FIRST} and {LAST}.", "Write e.g. 2026-11-23.")
    aware = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(UTC)


def as_known(args: Mapping[str, str]) -> bool:
    """`as`: looked (what was known then, as it was judged then) or known (as it is known today). Raises BadQuery."""
    if args.get("as", "looked") not in ("looked", "known"):
        raise BadQuery(f"as={args['as']!r} is not known.", "Use as=looked or as=known.")
    return args.get("as") == "known"


def moment(args: Mapping[str, str], zone: str) -> datetime:
    """The instant asked for: `at`, or 08:00 of `on`, or the end `to`, or now; whole seconds, UTC."""
    if args.get("at") and args.get("on"):
        raise BadQuery("at= and on= exclude each other.", "Use one of them.")
    if args.get("on"):
        try:
            day = date.fromisoformat(args["on"])
        except ValueError as error:
            raise BadQuery(f"on={args['on']!r} is no date.", "Write 2026-11-23.") from error
        found = datetime.combine(day, OFFICIAL, ZoneInfo(zone)).astimezone(UTC)
    elif args.get("at"):
        found = instant(args["at"], "at", zone)
    elif args.get("to"):
        found = window_end(args["to"], zone)
    else:
        found = datetime.now(UTC)
    return found.replace(microsecond=0)


def window_end(text: str, zone: str) -> datetime:
    """The last second of a window: of the whole day when `to` is a bare date."""
    end = instant(text, "to", zone)
    if len(text) == len("2026-11-23"):
        local = end.astimezone(ZoneInfo(zone))
        end = datetime.combine(local.date() + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
        end -= timedelta(seconds=1)
    return end


def window_start(args: Mapping[str, str], zone: str, at: datetime) -> datetime | None:
    """`from`, or None. Raises BadQuery when it lies after the end."""
    if not args.get("from"):
        return None
    start = instant(args["from"], "from", zone)
    if start > at:
        raise BadQuery(f"from={args['from']!r} lies after the end of the window.", "Exchange from and to.")
    return start


def windowed(args: Mapping[str, str], zone: str) -> dict[str, str]:
    """`window` (one of WINDOWS, as seen at `at` or now) written out as `from` and `at`; weeks begin on Monday.

    Raises BadQuery for a window that is none, or one beside `from`, `to` or `on`.
    """
    named = args.get("window")
    if not named:
        return dict(args)
    if named not in WINDOWS:
        raise BadQuery(f"window={named!r} is not known.", f"Use one of {', '.join(WINDOWS)}.")
    beside = next((name for name in ("from", "to", "on") if args.get(name)), None)
    if beside:
        raise BadQuery(f"window= and {beside}= exclude each other.", "Use one of them.")
    seen = moment(args, zone).astimezone(ZoneInfo(zone))
    this, unit = (named, "day") if named in ("today", "yesterday") else named.split("_")
    day = seen.date()
    first = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[unit]
    if this in ("yesterday", "last"):
        end = datetime.combine(first, time(), ZoneInfo(zone)) - timedelta(seconds=1)
        first = {"day": end.date(), "week": first - timedelta(days=7), "month": end.date().replace(day=1)}[unit]
    else:
        end = seen
    kept = {name: text for name, text in args.items() if name not in ("window", "at")}
    start = datetime.combine(first, time(), ZoneInfo(zone))
    return kept | {"from": start.isoformat(), "at": end.isoformat()}


def number(args: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """A whole number within limits. Raises BadQuery."""
    text = args.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise BadQuery(
            f"{name}={text!r} is not a whole number from {low} to {high}.", f"Leave {name} out for {default}."
        )
    return int(text)


def place_of(args: Mapping[str, str], catalog: Catalog, version: int) -> Place | None:
    """The place of `area=LEVEL:CODE`, or None. Raises BadQuery, UnknownName."""
    area = args.get("area")
    if not area:
        return None
    if ":" not in area:
        raise BadQuery(f"area={area!r} names no level.", f"Write LEVEL:CODE, e.g. {catalog.levels[-1]}:{area}.")
    return catalog.place(version, *area.split(":", 1))


def iso(at: datetime | None) -> str | None:
    """An instant as ISO 8601 in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
