"""Rows of a queue stand under what burns, each group once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from web.desk.queues import URGENCIES, grouped
from web.desk.words import words

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
MIDNIGHT, HOUR = NOW + timedelta(hours=14), timedelta(hours=1)


def row(deadline: timedelta | None, fed_back: timedelta | None = None) -> SimpleNamespace:
    """A row due, and fed back, so long after now."""
    at = [None if after is None else NOW + after for after in (deadline, fed_back)]
    return SimpleNamespace(deadline=at[0], fed_back_at=at[1])


def test_each_group_stands_once_and_the_most_urgent_first() -> None:
    late, in_time = row(-2 * HOUR, -HOUR), row(-2 * HOUR, -3 * HOUR)
    open_late, soon, today, later, none = row(-HOUR), row(HOUR / 2), row(5 * HOUR), row(99 * HOUR), row(None)
    found = grouped([late, in_time, open_late, soon, today, later, none], NOW, MIDNIGHT)
    assert [group.code for group in found] == list(URGENCIES)
    assert [group.rows for group in found] == [[open_late], [soon], [today], [later], [late], [in_time], [none]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_group_has_a_word(lang: str) -> None:
    assert all(getattr(words(lang), code) for code in URGENCIES)
