"""Terms counted slowly, minute by minute, from the notices and the rule alone: what the calendar is held against.

It imports nothing of the program and no package of holidays. `python -m tests.calendar_cases.slow` writes cases.csv.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

HERE = Path(__file__).parent
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
Spans = tuple[tuple[int, int], ...]  # minutes of the day at which the office opens and closes
OFFICES: dict[str, Spans] = {
    "08:00-12:00 14:00-18:00": ((480, 720), (840, 1080)),
    "08:30-12:00 14:30-17:30": ((510, 720), (870, 1050)),
    "09:00-17:00": ((540, 1020),),
}


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a CSV file beside this one; lines that begin with # are remarks."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def days_of(text: str) -> Iterator[date]:
    """Days of `2026-01-01..2026-01-03 2026-01-05`."""
    for span in text.split():
        first, _, last = span.partition("..")
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last or first):
            yield day
            day += DAY


OFF = {day for row in rows("statutory.csv") for day in days_of(row["off"])}
WORKED = {day for row in rows("statutory.csv") for day in days_of(row["worked"])}


def workday(day: date) -> bool:
    return day in WORKED or (day.weekday() < 5 and day not in OFF)


def at_work(moment: datetime, spans: Spans) -> bool:
    minute = moment.hour * 60 + moment.minute
    return workday(moment.date()) and any(opens <= minute < closes for opens, closes in spans)


def end_of(start: datetime, kind: str, amount: int, spans: Spans) -> datetime:
    """When a term of so many minutes (clock, work) or workdays is over."""
    moment = start
    if kind == "clock":
        return start + amount * MINUTE
    if kind == "work":
        while amount:
            amount -= at_work(moment, spans)
            moment += MINUTE
        return moment
    while not at_work(moment, spans):
        moment += MINUTE
    while amount:
        moment += DAY
        amount -= workday(moment.date())
    return moment


def minutes_between(start: datetime, end: datetime, spans: Spans) -> int:
    """Office minutes from one moment to another."""
    count, moment = 0, start
    while moment < end:
        count += at_work(moment, spans)
        moment += MINUTE
    return count


@dataclass(frozen=True)
class Case:
    """`end` is when the term is over; `worked` the office minutes from start to end."""

    office: str
    start: datetime
    kind: str  # clock | work | workdays
    amount: int  # minutes, or days
    why: str

    def written(self) -> list[object]:
        spans = OFFICES[self.office]
        end = end_of(self.start, self.kind, self.amount, spans)
        return [
            self.office, f"{self.start:%Y-%m-%dT%H:%M}", self.kind, self.amount, f"{end:%Y-%m-%dT%H:%M}",
            minutes_between(self.start, end, spans), self.why,
        ]  # fmt: skip


def cases() -> Iterator[Case]:
    """Terms into, out of and inside every stretch of days off, and across every day worked instead."""
    offices = list(OFFICES)
    for k, row in enumerate(rows("statutory.csv")):
        free, office, name = list(days_of(row["off"])), offices[k % 3], f"{row['year']} {row['festival']}"
        eve = datetime.combine(free[0] - DAY, time(16, 45))
        yield Case(office, eve, "work", (60, 240, 600)[k % 3], f"{name}: from the eve")
        yield Case(office, eve.replace(hour=10, minute=20), "workdays", 1 + k % 5, f"{name}: days across it")
        if k % 2:
            inside = datetime.combine(free[-1], time((3, 12, 23)[k % 3], 30))
            yield Case(office, inside, ("workdays", "work", "clock")[k % 3], (2, 95, 1500)[k % 3], f"{name}: inside")
        for day in days_of(row["worked"]):
            yield Case(
                office, datetime.combine(day, time(9, 15)), "work", 500, f"{name}: begun on {day}, worked instead"
            )
    for start in (datetime(2026, 2, 27, 18), datetime(2026, 11, 21, 12), datetime(2025, 1, 25, 7, 59)):
        for office in offices:
            yield Case(office, start, "workdays", 3, "begun out of hours")
            yield Case(office, start, "work", 1, "one minute")
            yield Case(office, start, "clock", 90, "clock hours take no notice")


def write() -> None:
    with (HERE / "cases.csv").open("w", encoding="utf-8", newline="") as file:
        file.write("# Written by tests/calendar_cases/slow.py from statutory.csv, minute by minute. City time.\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["office", "start", "kind", "amount", "end", "worked", "why"])
        writer.writerows(case.written() for case in cases())


if __name__ == "__main__":
    write()
