"""The kinds of bulletin: what each is called, and which days it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from weathermap.errors import UnknownName

OFFICIAL = time(8)


@dataclass(frozen=True)
class Kind:
    """`serial`: the word in the document's number. `annexes`: which tables follow the text."""

    code: str
    zh: str
    en: str
    serial: str
    annexes: tuple[str, ...]


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("daily", "每日通报", "Daily bulletin", "日报", ("towns",)),
        Kind(
            "weekly", "每周通报（红黑榜）", "Weekly bulletin (red and black list)", "周报", ("towns", "lists", "units")
        ),
        Kind(
            "monthly",
            "月度通报",
            "Monthly bulletin",
            "月报",
            ("towns", "lists", "units", "specials", "communities", "open", "each"),
        ),
        Kind("special", "专项行动通报", "Special action bulletin", "专项", ("towns", "specials", "units")),
        Kind("mock", "模拟测评通报", "Mock test bulletin", "测评", ("mock", "towns")),
        Kind("notice", "单项通报", "Notice on one matter", "通报", ("towns",)),
    )
}


def kind_of(code: str) -> Kind:
    """Raises UnknownName."""
    if code not in KINDS:
        raise UnknownName(f"kind={code!r} is no kind of bulletin.", f"Kinds: {', '.join(KINDS)}.")
    return KINDS[code]


def window_of(kind: str, day: date, timezone: str, now: datetime) -> tuple[datetime, datetime]:
    """First and last second of what a bulletin of a day tells: the day up to its 08:00, the week or month that `day`
    lies in, as far as it has gone by `now`."""
    zone = ZoneInfo(timezone)

    def at(on: date, clock: time = time()) -> datetime:
        return datetime.combine(on, clock, zone)

    second = timedelta(seconds=1)
    if kind == "weekly":
        first = day - timedelta(days=day.weekday())
        since, until = at(first), at(first + timedelta(days=7)) - second
    elif kind in ("daily", "notice"):
        since, until = at(day - timedelta(days=1), OFFICIAL), at(day, OFFICIAL) - second
    else:
        first = day.replace(day=1)
        since, until = at(first), at((first + timedelta(days=32)).replace(day=1)) - second
    return since, min(until, now.astimezone(zone).replace(microsecond=0))
