"""Competition ranking: equal rates share a place, the next one counts them all."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from weathermap.judge.ranking import month_start, places_of


def test_equal_rates_share_a_place() -> None:
    rates = [Fraction(9, 10), Fraction(18, 20), Fraction(1, 2), Fraction(19, 20)]
    assert places_of(rates) == [2, 2, 4, 1]


@given(st.lists(st.fractions(0, 1, max_denominator=20), max_size=12))
def test_a_place_is_one_more_than_the_number_of_better_ones(rates: list[Fraction]) -> None:
    for rate, place in zip(rates, places_of(rates), strict=True):
        assert place == 1 + len([other for other in rates if other > rate])


def test_the_month_before_january_is_december() -> None:
    at = datetime(2026, 1, 15, tzinfo=UTC)
    assert month_start(at, "Asia/Shanghai", back=1).isoformat() == "2025-12-01T00:00:00+08:00"
