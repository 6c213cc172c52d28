"""The figures beside the map: each is the length of its list, parts add up, ranks are fair, changes official."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import PLAIN, TOY
from tests.web.test_api import get, moment

CITIES = [TOY, PLAIN]


def listed(client: FlaskClient, **args: str) -> int:
    return int(get(client, "/api/v1/issues", limit="1", **args)["total"])


def holders(client: FlaskClient, city: str) -> list[dict[str, str]]:
    """The city, its coarsest areas, and its units that were handed anything."""
    areas = get(client, "/api/v1/weather", city=city)
    units = get(client, "/api/v1/weather", city=city, by="responsibility", level="unit")["areas"]
    named = [{"area": f"{area['level']}:{area['code']}"} for area in areas["areas"]]
    return [{}, *named, *({"unit": unit["unit"]} for unit in units if unit["notified"])]


@pytest.mark.parametrize("of", ["source", "special", "category"])
@pytest.mark.parametrize("city", CITIES)
def test_every_part_is_the_length_of_its_list(client: FlaskClient, city: str, of: str) -> None:
    at = moment(2)
    counted = 0
    for holder in holders(client, city):
        for part in get(client, "/api/v1/breakdown", city=city, of=of, at=at, **holder)["parts"]:
            for name in ("notified", "rectified", "open", "overdue", "due", "on_time"):
                found = listed(client, city=city, state=name, at=at, **{of: part["code"]}, **holder)
                assert found == part[name], (holder, part["code"], name)
                counted += found
    assert counted or (of == "special" and city == PLAIN)  # that pack has no special works


@pytest.mark.parametrize("city", CITIES)
def test_sources_and_categories_add_up_to_the_whole(client: FlaskClient, city: str) -> None:
    window = {"from": moment(20), "at": moment(1)}
    for holder in holders(client, city):
        level = {"level": holder["area"].split(":")[0]} if "area" in holder else {}
        by = {"by": "responsibility", "level": "unit"} if "unit" in holder else {}
        board = get(client, "/api/v1/weather", city=city, **{"from": window["from"], "to": window["at"]}, **level, **by)
        code = holder.get("unit") or holder.get("area", ":").split(":")[1]
        whole = next((row for row in board["areas"] if row["code"] == code), board["totals"])
        for of in ("source", "category"):
            parts = get(client, "/api/v1/breakdown", city=city, of=of, **window, **holder)["parts"]
            for name in ("notified", "rectified", "due", "on_time", "open", "overdue"):
                assert sum(part[name] for part in parts) == whole[name], (holder, of, name)


@pytest.mark.parametrize("city", CITIES)
def test_the_days_of_a_trend_add_up_and_today_is_not_whole(client: FlaskClient, city: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    found = get(client, "/api/v1/trend", city=city, at=now.isoformat(), days="30")
    days = found["days"]
    assert [day["whole"] for day in days] == [True] * 29 + [False]
    assert days[-1]["to"] == found["at"] and len({day["day"] for day in days}) == 30
    window = get(client, "/api/v1/weather", city=city, **{"from": days[0]["from"], "to": days[-1]["to"]})["totals"]
    for name in ("notified", "rectified", "due", "on_time"):
        assert sum(day[name] for day in days) == window[name]
    assert window["notified"] > 0


def test_a_days_list_is_never_shorter_than_its_bar(client: FlaskClient) -> None:
    days = get(client, "/api/v1/trend", city=TOY, area=f"city:{TOY}", days="20")["days"]
    exact = 0
    for name in ("notified", "rectified"):
        lists = [listed(client, city=TOY, state=name, **{"from": d["from"], "at": d["to"]}) for d in days]
        assert all(length >= day[name] for length, day in zip(lists, days, strict=True))
        exact += sum(length == day[name] > 0 for length, day in zip(lists, days, strict=True))
    assert exact


@pytest.mark.parametrize("city", CITIES)
def test_units_are_ranked_among_their_kind_by_what_fell_due_this_month(client: FlaskClient, city: str) -> None:
    found = get(client, "/api/v1/ranking", city=city)
    start = datetime.fromisoformat(found["from"]).astimezone(ZoneInfo("Asia/Shanghai" if city == TOY else "UTC"))
    assert city != TOY or (start.day, start.hour) == (1, 0)
    month = {"by": "responsibility", "level": "unit", "from": found["from"], "to": found["at"]}
    units = {row["code"]: row for row in get(client, "/api/v1/weather", city=city, **month)["areas"]}
    shown = 0
    for kind in found["kinds"]:
        rates = [entry["rate"] for entry in kind["ranked"]]
        assert rates == sorted(rates, reverse=True)
        assert [entry["place"] for entry in kind["ranked"]] == [1 + sum(r > rate for r in rates) for rate in rates]
        for entry in [*kind["ranked"], *kind["small"]]:
            assert units[entry["unit"]]["kind"] == kind["kind"]
            assert (entry["due"], entry["on_time"]) == (units[entry["unit"]]["due"], units[entry["unit"]]["on_time"])
        assert all(entry["due"] >= found["sample"] for entry in kind["ranked"])
        assert all(0 < entry["due"] < found["sample"] for entry in kind["small"])
        shown += len(kind["ranked"]) + len(kind["small"]) + kind["without_due"]
    assert shown == len(units)


@pytest.mark.parametrize(("city", "level"), [(TOY, "town"), (TOY, "community"), (PLAIN, "district")])
def test_changes_are_those_between_two_boards(client: FlaskClient, city: str, level: str) -> None:
    seen = 0
    for days in range(0, 40, 3):
        found = get(client, "/api/v1/changes", city=city, level=level, at=moment(days))
        asked: dict[str, Any] = {"city": city, "level": level}
        then, now = (
            {row["code"]: row["weather"] for row in get(client, "/api/v1/weather", **asked, at=found[end])["areas"]}
            for end in ("from", "at")
        )
        expected = {
            code: (then[code], now[code]) for code in now if then[code] and now[code] and then[code] != now[code]
        }
        assert {row["code"]: (row["from"], row["to"]) for row in found["changes"]} == expected
        assert all(row["gate"] != "none" for row in found["changes"])
        seen += len(expected)
    assert seen


def test_since_when_is_eight_oclock_of_yesterday(client: FlaskClient) -> None:
    found = get(client, "/api/v1/changes", city=TOY, at="2026-11-23T03:00:00+08:00")
    assert datetime.fromisoformat(found["from"]) == datetime.fromisoformat("2026-11-22T08:00:00+08:00")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (f"breakdown?city={TOY}&of=weather", "of='weather'"),
        (f"breakdown?city={TOY}&area=community:%COMMUNITY%", "not counted by category"),
        (f"breakdown?city={TOY}&area=town", "names no level"),
        (f"trend?city={TOY}&days=0", "days='0'"),
        (f"trend?city={TOY}&area=town:990101001&unit=B01", "exclude"),
        (f"trend?city={TOY}&by=person", "by='person'"),
        (f"ranking?city={TOY}&by=place", "responsible"),
    ],
)
def test_what_cannot_be_asked_is_said_with_a_remedy(client: FlaskClient, path: str, named: str) -> None:
    community = get(client, "/api/v1/areas", city=TOY, level="community")["areas"][0]["code"]
    answer = client.get(f"/api/v1/{path.replace('%COMMUNITY%', community)}")
    assert 400 <= answer.status_code < 500 and answer.mimetype == "application/problem+json"
    assert named in answer.get_json()["detail"] and answer.get_json()["remedy"]


def test_a_month_begins_with_the_citys_own_first(client: FlaskClient) -> None:
    found = get(client, "/api/v1/ranking", city=TOY, at="2026-10-31T23:30:00+08:00")
    assert datetime.fromisoformat(found["from"]) == datetime.fromisoformat("2026-10-01T00:00:00+08:00")
    assert datetime.fromisoformat(found["last_to"]) - datetime.fromisoformat(found["last_from"]) == timedelta(
        days=30, seconds=-1
    )
