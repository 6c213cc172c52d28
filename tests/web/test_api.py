"""The API on a filled store: every number equals its list, the parts equal the whole, errors have remedies."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from tests.web.conftest import PLAIN, TOY

COUNTED = (
    "notified", "rectified", "open", "overdue", "due", "on_time", "late", "long_overdue", "suspended", "extended",
    "ordered", "listed",
)  # fmt: skip


def get(client: FlaskClient, path: str, **args: str) -> dict[str, Any]:
    found = client.get(path, query_string=args)
    assert found.status_code == 200, found.text
    return found.get_json()


def moment(days: int) -> str:
    """An instant so many days ago, not on the hour."""
    then = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days, minutes=17)
    return then.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("days", [0, 1, 9, 25])
@pytest.mark.parametrize(
    ("city", "level"), [(TOY, "town"), (TOY, "community"), (TOY, "zone"), (PLAIN, "district"), (PLAIN, "beat")]
)
def test_every_number_is_the_length_of_its_list(client: FlaskClient, city: str, level: str, days: int) -> None:
    at = moment(days)
    board = get(client, "/api/v1/weather", city=city, level=level, at=at)
    rows = [(board["totals"], None), *((area, f"{level}:{area['code']}") for area in board["areas"])]
    for row, area in rows:
        for name in COUNTED:
            args = {"city": city, "state": name, "at": at, "limit": "500"} | ({"area": area} if area else {})
            found = get(client, "/api/v1/issues", **args)
            assert found["total"] == row[name] == len(found["issues"]), (area, name)


@pytest.mark.parametrize("city", [TOY, PLAIN])
def test_parts_and_unlocated_are_the_whole(client: FlaskClient, city: str) -> None:
    found = get(client, "/api/v1/weather", city=city)
    assert found["totals"]["notified"] == sum(a["notified"] for a in found["areas"]) + found["totals"]["unlocated"]
    assert found["totals"]["unlocated"] > 0
    listed = get(client, "/api/v1/issues", city=city, state="unlocated")
    assert listed["total"] == found["totals"]["unlocated"]


def test_units_add_up_to_what_was_handed_over(client: FlaskClient) -> None:
    units = get(client, "/api/v1/weather", city=TOY, by="responsibility", level="unit")
    towns = get(client, "/api/v1/weather", city=TOY, by="responsibility", level="town")
    assert {unit["kind"] for unit in units["areas"]} >= {"town", "bureau"}
    by_unit = {unit["unit"]: unit for unit in units["areas"]}
    for town in towns["areas"]:
        assert town["notified"] == by_unit[town["unit"]]["notified"]
        listed = get(client, "/api/v1/issues", city=TOY, state="overdue", unit=town["unit"])
        assert listed["total"] == town["overdue"]


def test_a_window_counts_what_happened_in_it(client: FlaskClient) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    window = {"from": (now - timedelta(days=10)).isoformat(), "to": now.isoformat()}
    found = get(client, "/api/v1/weather", city=TOY, **window)
    before = get(client, "/api/v1/weather", city=TOY, at=(now - timedelta(days=10, seconds=1)).isoformat())
    after = get(client, "/api/v1/weather", city=TOY, at=now.isoformat())
    for name in ("notified", "rectified", "due", "on_time"):
        assert found["totals"][name] == after["totals"][name] - before["totals"][name]


def test_a_film_is_packed_and_asked_again_by_its_content(client: FlaskClient) -> None:
    plain = client.get("/api/v1/playback", query_string={"city": TOY, "to": "2026-11-01", "from": "2026-10-20"})
    packed = client.get(
        "/api/v1/playback",
        query_string={"city": TOY, "to": "2026-11-01", "from": "2026-10-20"},
        headers={"Accept-Encoding": "gzip"},
    )
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.data) < len(plain.data)
    assert json.loads(gzip.decompress(packed.data)) == plain.get_json()
    assert plain.get_json()["at"][0] == "2026-10-20T00:00:00Z" and len(plain.get_json()["at"]) == 13
    again = client.get(
        "/api/v1/playback",
        query_string={"city": TOY, "to": "2026-11-01", "from": "2026-10-20"},
        headers={"If-None-Match": plain.headers["ETag"]},
    )
    assert again.status_code == 304 and not again.data
    for query, said in (
        ({"step": "week"}, "day, hour"),
        ({"as": "seen"}, "looked"),
        ({"from": "2026-11-03", "to": "2026-11-01"}, "Exchange"),
        ({"from": "2020-01-01"}, "fewer days"),
    ):
        refused = client.get("/api/v1/playback", query_string={"city": TOY, **query})
        assert refused.status_code == 400 and said in refused.get_json()["remedy"], query


def test_pages_join_to_the_whole_list(client: FlaskClient) -> None:
    for state in ("notified", "open"):
        numbers, after = [], ""
        while True:
            page = get(client, "/api/v1/issues", city=TOY, state=state, limit="7", after=after)
            numbers += [issue["number"] for issue in page["issues"]]
            after = page["next"] or ""
            if not after:
                break
        assert len(numbers) == len(set(numbers)) == page["total"]


def test_orders_say_what_came_of_them(client: FlaskClient) -> None:
    found = get(client, "/api/v1/orders", city=TOY, limit="500")
    assert found["total"] == sum(found["counts"].values()) == len(found["orders"]) > 20
    assert sum(n > 0 for n in found["counts"].values()) >= 4
    for state, n in found["counts"].items():
        part = get(client, "/api/v1/orders", city=TOY, state=state, limit="500")
        assert (part["total"], [order["state"] for order in part["orders"]]) == (n, [state] * n)
    current = get(client, "/api/v1/orders", city=TOY, state="current", limit="500")
    terms = [order["until"] or "9" for order in current["orders"]]
    assert terms == sorted(terms)
    first = current["orders"][0]
    story = get(client, f"/api/v1/issues/{first['number']}")
    event = next(event for event in story["events"] if event["seq"] == first["seq"])
    assert (event["move"], event["at"], event["data"]["note"]) == (first["kind"], first["at"], first["text"])
    town = get(client, "/api/v1/weather", city=TOY)["areas"][0]
    inside = get(client, "/api/v1/orders", city=TOY, state="current", area=f"town:{town['code']}")
    assert 0 < inside["total"] < current["total"]
    assert get(client, "/api/v1/orders", city=TOY, kind="urge")["total"] > 0


def test_an_issue_shows_its_events_and_receipt(client: FlaskClient) -> None:
    number = get(client, "/api/v1/issues", city=TOY, state="to_check")["issues"][0]["number"]
    found = get(client, f"/api/v1/issues/{number}")
    assert [event["seq"] for event in found["events"]] == list(range(1, len(found["events"]) + 1))
    custody = found["custody"]
    assert custody[0]["from"] == next(event["at"] for event in found["events"] if event["move"] == "dispatch")
    assert all(one["to"] == other["from"] for one, other in pairwise(custody))
    assert {share["holder"] for share in custody} >= {"unit", "check"}
    assert found["events"][0]["move"] == "report" and found["receipt"]["version"] == 1


def test_why_names_the_gate_its_issues_and_what_would_turn_it(client: FlaskClient) -> None:
    for area in get(client, "/api/v1/weather", city=TOY)["areas"]:
        found = get(client, "/api/v1/why", city=TOY, level="town", code=area["code"])
        assert found["why"]["sentence"]["zh"] and found["why"]["sentence"]["en"]
        assert (found["why"]["turn"] is None) == (found["weather"] == "sunny")
        assert found["issues"]["overdue"]["total"] == area["overdue"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/weather?city=nowhere", 404, "990101"),
        ("/api/v1/weather", 404, "Which city"),
        (f"/api/v1/weather?city={TOY}&level=planet", 404, "town"),
        (f"/api/v1/weather?city={TOY}&at=yesterday", 400, "2026-11-23"),
        (f"/api/v1/weather?city={TOY}&on=2026-13-01", 400, "2026-11-23"),
        (f"/api/v1/weather?city={TOY}&at=0001-01-01", 400, "1970"),
        (f"/api/v1/weather?city={TOY}&at=2026-01-01&on=2026-01-01", 400, "exclude"),
        (f"/api/v1/weather?city={TOY}&from=2026-02-01&to=2026-01-01", 400, "after"),
        (f"/api/v1/weather?city={TOY}&by=colour", 404, "responsibility"),
        (f"/api/v1/weather?city={TOY}&level=cell&parent=1", 404, "codes"),
        (f"/api/v1/issues?city={TOY}&state=gone", 404, "overdue"),
        (f"/api/v1/issues?city={TOY}&limit=0", 400, "500"),
        (f"/api/v1/issues?city={TOY}&after=x", 400, "next"),
        (f"/api/v1/issues?city={TOY}&area=990101001", 400, "LEVEL:CODE"),
        (f"/api/v1/issues?city={TOY}&unit=none", 404, "unit"),
        (f"/api/v1/orders?city={TOY}&state=gone", 404, "in_term"),
        (f"/api/v1/orders?city={TOY}&kind=wish", 404, "urge"),
        (f"/api/v1/orders?city={TOY}&after=1_2", 400, "next"),
        ("/api/v1/issues/0", 404, "Numbers"),
        (f"/tiles/{TOY}/9/town/1/1/1.mvt", 404, "version"),
        (f"/tiles/{TOY}/1/town/30/1/1.mvt", 404, "zoom"),
        ("/api/v1/nothing", 404, ""),
    ],
)
def test_a_bad_question_is_answered_with_its_remedy(client: FlaskClient, path: str, status: int, said: str) -> None:
    found = client.get(path)
    assert found.status_code == status
    assert found.mimetype == "application/problem+json"
    body = found.get_json()
    assert body["status"] == status and said in body["detail"] + body.get("remedy", "")


def test_past_days_are_answered_by_date(client: FlaskClient) -> None:
    day = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    assert get(client, "/api/v1/weather", city=TOY, on=day)["at"] == f"{day}T00:00:00Z"  # 08:00 in the city


def test_the_api_describes_itself(client: FlaskClient) -> None:
    document = get(client, "/api/v1/openapi.json")
    validate(document)
    assert "/api/v1/weather" in document["paths"]
    sent = document["paths"]["/api/v1/street/visits"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert sent["properties"]["observed"]["items"]["properties"]["result"]["enum"] == ["pass", "fail", "na"]


def test_health(client: FlaskClient) -> None:
    assert get(client, "/healthz")["status"] == "ok"
    assert get(client, "/readyz")["cities"] == 2
