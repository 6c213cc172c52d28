"""The bulletin's sentence says only what the numbers say."""

from __future__ import annotations

from typing import Any

from weathermap.weather.headline import headline


def area(name: str, weather: str | None) -> dict[str, Any]:
    return {"name": name, "name_en": name, "weather": weather, "badges": [], "overdue": 0, "open": 0, "code": name}


def test_no_rain_is_said_only_of_places_that_have_weather() -> None:
    city = area("C", "cloudy")
    assert headline(city, [area("a", "sunny"), area("b", "cloudy")], True)["zh"] == "全市多云。各处无雨。"
    assert headline(city, [area("a", None), area("b", None)], True)["zh"] == "全市多云。"
    assert headline(city, [area("a", None), area("b", None)], True)["en"] == "Cloudy."
