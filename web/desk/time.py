"""Times on the desk, in the city's zone and the reader's language."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from weathermap.issue.batch import NONE

WEEKDAYS = ("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Clock:
    """Writes instants for one city and language, as seen at `now`."""

    def __init__(self, timezone: str, lang: str, now: datetime) -> None:
        self.zone, self.lang, self.now = ZoneInfo(timezone), lang, now.astimezone(ZoneInfo(timezone))

    @property
    def midnight(self) -> datetime:
        """The end of today."""
        return (self.now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)

    def at(self, instant: datetime | None) -> str:
        """11-23 09:42 · 23 Nov 09:42; 今 16:00 · today 16:00; another year with it."""
        if instant is None:
            return "–"
        local = instant.astimezone(self.zone)
        if local.date() == self.now.date():
            return f"今 {local:%H:%M}" if self.lang == "zh" else f"today {local:%H:%M}"
        year = local.year != self.now.year
        if self.lang == "zh":
            return f"{local:%Y-%m-%d %H:%M}" if year else f"{local:%m-%d %H:%M}"
        return f"{local.day} {MONTHS[local.month - 1]} {f'{local.year} ' if year else ''}{local:%H:%M}"

    def day(self, day) -> str:  # type: ignore[no-untyped-def]
        """11-23 周一 · Mon 23 Nov."""
        if self.lang == "zh":
            return f"{day:%m-%d} 周{WEEKDAYS[0][day.weekday()]}"
        return f"{WEEKDAYS[1][day.weekday()]} {day.day} {MONTHS[day.month - 1]}"

    def span(self, length: timedelta) -> str:
        """余 9 分 · 9 min; 3 天 1 时 · 3 d 1 h: two units at most."""
        minutes = int(abs(length).total_seconds() // 60)
        parts = [(minutes // 1440, "天", "d"), (minutes % 1440 // 60, "时", "h"), (minutes % 60, "分", "min")]
        first = next((at for at, part in enumerate(parts) if part[0]), 2)
        shown = [part for part in parts[first : first + 2] if part[0]] or [parts[2]]
        if first == 0 and parts[0][0] >= 10:
            shown = parts[:1]
        return " ".join(f"{n} {zh if self.lang == 'zh' else en}" for n, zh, en in shown)

    def left(self, deadline: datetime | None, until: datetime | None = None) -> str:
        """余 9 分 · 9 min left, 超 3 天 · 3 d late; as of `until`, default now."""
        if deadline is None:
            return "–"
        rest = deadline - (until or self.now)
        late = rest.total_seconds() < 0
        if self.lang == "zh":
            return f"{'超' if late else '余'} {self.span(rest)}"
        return f"{self.span(rest)} {'late' if late else 'left'}"

    def office(self, us: int) -> str:
        """Office time: 5 时 40 分 · 5 h 40 min."""
        minutes = us // 60_000_000
        hours, rest = divmod(minutes, 60)
        if self.lang == "zh":
            return f"{hours} 时 {rest:02d} 分" if hours else f"{rest} 分"
        return f"{hours} h {rest:02d} min" if hours else f"{rest} min"

    def clock(self, us: int) -> str:
        """µs of the day as 09:42."""
        return f"{us // 3_600_000_000:02d}:{us // 60_000_000 % 60:02d}"


def until_of(text: str, timezone: str) -> int:
    """The end of office on a day of the city (a date), µs; NONE for nothing or for what is no date."""
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return NONE
    end = day.replace(hour=18, minute=0, second=0, microsecond=0, tzinfo=ZoneInfo(timezone))
    return int(end.timestamp()) * 1_000_000
