"""Declared points over HTTP: their numbers are the tallies' and the lists', filters narrow both alike."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import PLAIN, TOY
from tests.web.test_api import get, moment


def rows_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(found["fields"], row, strict=True)) for row in found["points"]]


@pytest.mark.parametrize("days", [0, 1, 12, 29])
def test_points_declared_visited_and_their_issues_are_those_of_tallies_and_lists(
    client: FlaskClient, days: int
) -> None:
    at = moment(days)
    for level in ("city", "town", "community", "zone"):
        for area in get(client, "/api/v1/weather", city=TOY, level=level, at=at)["areas"]:
            found = get(client, "/api/v1/points", city=TOY, at=at, area=f"{level}:{area['code']}")
            assert (found["total"], found["visited"]) == (area["declared"], area["covered"]), (level, area["code"])
    for unit in get(client, "/api/v1/weather", city=TOY, level="unit", by="responsibility", at=at)["areas"]:
        found = get(client, "/api/v1/points", city=TOY, at=at, unit=unit["code"])
        assert (found["total"], found["visited"]) == (unit["declared"], unit["covered"]), unit["code"]
    whole = get(client, "/api/v1/points", city=TOY, at=at)
    assert whole["open"] > 0 or days > 0
    for point in rows_of(whole):
        for state in ("open", "overdue"):
            listed = get(client, "/api/v1/issues", city=TOY, state=state, point=point["code"], at=at)
            assert listed["total"] == point[state], (point["code"], state)


def test_filters_together_find_what_the_whole_list_shows(client: FlaskClient) -> None:
    at = moment(3)
    whole = get(client, "/api/v1/points", city=TOY, at=at)
    everyone = rows_of(whole)
    levels, seen = whole["levels"], set()
    areas = {f"{level}:{p['areas'][levels.index(level)]}" for level in ("town", "community") for p in everyone}
    choices = product(
        ["", *{p["kind"] for p in everyone}],
        ["", *sorted(areas)[:4]],
        ["", "yes", "no"],
        ["", "open", "overdue"],
    )
    for kind, area, visited, state in choices:
        found = get(client, "/api/v1/points", city=TOY, at=at, kind=kind, area=area, visited=visited, state=state)
        level, _, code = area.partition(":")
        expected = [
            p
            for p in everyone
            if (not kind or p["kind"] == kind)
            and (not area or p["areas"][levels.index(level)] == code)
            and (not visited or p["visited"] == (visited == "yes"))
            and (not state or p[state] > 0)
        ]
        assert rows_of(found) == expected
        assert found["total"] == len(expected) and found["open"] == sum(p["open"] for p in expected)
        assert {entry["code"] for entry in found["kinds"]} == {p["kind"] for p in expected}
        seen.add(len(expected))
    assert len(seen) > 3


def test_an_unchanged_city_answers_that_nothing_changed(client: FlaskClient) -> None:
    first = client.get(f"/api/v1/points?city={TOY}", headers={"Accept-Encoding": "gzip"})
    again = client.get(f"/api/v1/points?city={TOY}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Content-Encoding"] == "gzip"
    other = client.get(f"/api/v1/points?city={PLAIN}", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200 and other.get_json()["points"] == []


def test_one_point_shows_its_standards_keeper_visits_and_issues(client: FlaskClient) -> None:
    at = moment(0)
    for listed in rows_of(get(client, "/api/v1/points", city=TOY, at=at)):
        found = get(client, f"/api/v1/points/{listed['code']}", city=TOY, at=at)
        assert {name: found[name] for name in ("name", "areas", "last_visit", "visited", "open")} == {
            name: listed[name] for name in ("name", "areas", "last_visit", "visited", "open")
        }
        assert found["kind"]["code"] == listed["kind"]
        assert found["issues"]["total"] == listed["open"] == len(found["issues"]["first"])
        assert [visit["at"][:19] for visit in found["visits"][:1]] == [
            at_[:19] for at_ in [listed["last_visit"]] if at_
        ]
    market = get(client, "/api/v1/points/PT01", city=TOY)
    assert [entry["code"] for entry in market["standards"]] == ["S01", "S02"]
    assert market["unit"]["code"] == "T001" and market["unit"]["head"]
    assert "phone" not in client.get(f"/api/v1/points/PT01?city={TOY}").text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("points?area=990101001", 400, "LEVEL:CODE"),
        ("points?visited=perhaps", 400, "visited=yes"),
        ("points?state=gone", 404, "overdue"),
        ("points?unit=none", 404, "unit"),
        ("points/none?", 404, "codes"),
    ],
)
def test_a_bad_question_about_points_has_its_remedy(client: FlaskClient, path: str, status: int, said: str) -> None:
    found = client.get(f"/api/v1/{path}&city={TOY}")
    assert found.status_code == status and found.mimetype == "application/problem+json"
    assert said in found.get_json()["detail"] + found.get_json()["remedy"]
