"""The kinds of values that keys of `city.toml` take. Each reader returns the value, or raises Wrong saying why not."""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from pyproj import CRS
from pyproj.exceptions import CRSError

_LEVEL = re.compile(r"[a-z][a-z0-9_]{0,30}")
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")


class Wrong(ValueError):
    """A value that a key cannot take; the message says what is wrong with it."""


def text(value: Any) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise Wrong("is no text")
    return value


def named(value: Any) -> str:
    """A text that says something."""
    if not text(value).strip():
        raise Wrong("is empty")
    return text(value)


def truth(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Wrong("is neither true nor false")
    return value


def switch(value: Any) -> bool:
    """ "on" or "off"."""
    if value not in ("on", "off"):
        raise Wrong('is neither "on" nor "off"')
    return bool(value == "on")


def timezone(value: Any) -> str:
    """An IANA time zone."""
    try:
        ZoneInfo(named(value))
    except (KeyError, OSError, ValueError) as error:
        raise Wrong("is no IANA time zone") from error
    return str(value)


def crs(value: Any) -> str:
    """Any coordinate system that PROJ knows."""
    try:
        CRS.from_user_input(named(value))
    except CRSError as error:
        raise Wrong("is no coordinate system") from error
    return str(value)


def metric_crs(value: Any) -> str:
    """A projected coordinate system in metres."""
    system = CRS.from_user_input(crs(value))
    if not system.is_projected or any(axis.unit_name != "metre" for axis in system.axis_info):
        raise Wrong("is not a projected coordinate system in metres")
    return str(value)


def levels(value: Any) -> tuple[str, ...]:
    """A list of level names."""
    if not isinstance(value, list) or not all(isinstance(name, str) and _LEVEL.fullmatch(name) for name in value):
        raise Wrong("is no list of names such as town (small letters, digits, _)")
    return tuple(value)


def codes(value: Any) -> tuple[str, ...]:
    """A list of codes."""
    if not isinstance(value, list) or not all(isinstance(code, str) and code.strip() for code in value):
        raise Wrong("is no list of codes")
    return tuple(value)


def chain(value: Any) -> tuple[str, ...]:
    """A list of level names that is not empty."""
    if not levels(value):
        raise Wrong("is empty")
    return levels(value)


def pair(value: Any) -> tuple[str, str]:
    """A Chinese and an English text."""
    if not isinstance(value, list) or len(value) != 2:
        raise Wrong('is no pair ["中文", "English"]')
    return text(value[0]), text(value[1])


def day(value: Any) -> date:
    """A date."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Wrong("is no date like 2026-01-01 (without quotation marks)")
    return value


def calendar(value: Any) -> str:
    """The name of a calendar."""
    if value not in ("CN", ""):
        raise Wrong('is neither "CN" nor ""')
    return str(value)


def hours(value: Any) -> tuple[tuple[int, int], ...]:
    """Office spans of a day → minutes of the day."""
    try:
        spans = tuple((minute_of(start), minute_of(end)) for start, end in value)
    except (TypeError, ValueError) as error:
        raise Wrong('is no list of times such as [["08:00", "12:00"], ["14:00", "18:00"]]') from error
    moments = [minute for span in spans for minute in span]
    if not spans or any(a >= b for a, b in pairwise(moments)):
        raise Wrong("does not run forward through one day")
    return spans


def minute_of(value: Any) -> int:
    """Minute of the day of a text like 08:00; raises ValueError."""
    found = _CLOCK.fullmatch(value)
    minute = int(found[1]) * 60 + int(found[2]) if found else 1441
    if minute > 1440:
        raise ValueError(value)
    return minute


def share(value: Any) -> float:
    """A part of one, 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise Wrong("is no number from 0 to 1")
    return float(value)


def days(value: Any) -> int:
    """A whole number of days, one or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Wrong("is no whole number of days")
    return value


def tolerance(value: Any) -> float:
    """Square metres, zero or more."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Wrong("is no number of square metres")
    return float(value)
