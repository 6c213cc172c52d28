"""An itemised term: its stretches add up to the office time, and each says why it counts or not."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weathermap.city.calendar import Calendar
from weathermap.city.reading import read_pack
from weathermap.duty.trace import counted, trace

PACK = read_pack(Path(__file__).parents[1] / "packs" / "toy")
CALENDAR = Calendar.from_config(PACK.config, PACK.holidays)
HOUR = 3_600_000_000
START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


def us(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=ZoneInfo(PACK.config.timezone)).timestamp()) * 1_000_000  # type: ignore[misc,arg-type]


@settings(deadline=None)
@given(st.integers(0, 300 * 24 * HOUR), st.integers(0, 90 * 24 * HOUR))
def test_the_stretches_add_up(after: int, length: int) -> None:
    start = START + after
    found = trace(CALENDAR, start, start + length)
    assert sum(s.worked for s in found) == counted(CALENDAR, start, start + length)
    assert all(a.last.toordinal() + 1 == b.first.toordinal() for a, b in itertools.pairwise(found))
    assert all(not s.worked for s in found if s.free)


@settings(deadline=None)
@given(st.integers(0, 30 * 24 * HOUR), st.integers(1, 9 * 24 * HOUR), st.integers(0, 9 * 24 * HOUR), st.booleans())
def test_a_suspension_is_taken_out(after: int, length: int, more: int, always: bool) -> None:
    start, gap = START, (START + after, START + after + length)
    end = gap[1] + more
    found = trace(CALENDAR, start, end, [gap], always)
    parts = [counted(CALENDAR, a, b, (), always) for a, b in ((start, gap[0]), (gap[1], end))]
    assert sum(s.worked for s in found) == counted(CALENDAR, start, end, [gap], always) == sum(parts)
    if always:
        assert sum(parts) == end - start - length  # clock hours run day and night
        assert not any(s.free for s in found)
    assert any(s.stopped for s in found) == (sum(parts) < counted(CALENDAR, start, end, (), always))


def test_a_weekend_between_two_workdays_stands_apart() -> None:
    found = trace(CALENDAR, us(2026, 11, 20, 17), us(2026, 11, 23, 9))  # Friday to Monday
    assert [(s.first, s.last, s.worked // HOUR, s.free) for s in found] == [
        (date(2026, 11, 20), date(2026, 11, 20), 1, False),
        (date(2026, 11, 21), date(2026, 11, 22), 0, True),
        (date(2026, 11, 23), date(2026, 11, 23), 1, False),
    ]


def test_a_term_of_years_is_not_itemised() -> None:
    with pytest.raises(ValueError, match="401 days"):
        trace(CALENDAR, START, START + 400 * 24 * HOUR)
